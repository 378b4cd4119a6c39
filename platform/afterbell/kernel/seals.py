"""What a room says of its tables: which are sealed, which columns of them are loose, and why others are not sealed.

A seal is a digest of a row as a deed left it, kept in the audit log of its schema (afterbell.audit.seals). Each room lists
its tables in its own `seals.py`; settings.SEALS names these files.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Sealed:
    """One table whose rows are sealed, all columns but the loose ones.

    `label` is the model's, such as "finance.charge". `loose` gives for each column that changes without a decision why
    it does. `open_rows`: SQL about `t` that is true for rows that get their seal later, all of a set at once, because
    the moment of a single one would betray whose it is; whoever closes the set seals it (audit.actions.seal).
    """

    label: str
    loose: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    open_rows: str = ""
