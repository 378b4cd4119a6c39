"""What is wrong with the chain and the seals of the schema at hand, as codes, positions and keys: for pages, in words there.

`queries.broken_promises` says the same in sentences for a terminal.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple
from uuid import UUID

from afterbell.audit import queries
from afterbell.audit.chain import Anchor
from afterbell.audit.standing import Standing

MOST: Final = 20
"""Of one kind; who has to see more of a broken chain reads `afterbell verify`."""


class Finding(NamedTuple):
    """`code` is what was looked at and its flaw: chain_changed, anchor_cut, seal_stray; `row` a table and a key."""

    code: str
    position: int
    row: str = ""


def found(anchors: Sequence[Anchor]) -> Iterator[Finding]:
    """The first flaw of the chain, anchors that it does not go through, and rows that are not as they were sealed."""
    verdict = queries.verdict()
    if verdict.flaw is not None:
        yield Finding(f"chain_{verdict.flaw}", verdict.position)
    for anchor, flaw in islice(queries.flaws_at(anchors), MOST):
        yield Finding(f"anchor_{flaw}", anchor.position)
    yield from _of_seals()


def _of_seals() -> Iterator[Finding]:
    standing = Standing.here()
    if standing is None:
        yield Finding("seals", 0)
        return
    if standing.flaws:
        yield Finding("seals", standing.head.position)
    for label, some in standing.flawed_rows():
        for one in some[:MOST]:
            yield Finding(f"seal_{one.flaw}", one.position, f"{label} {UUID(bytes=one.key)}")
