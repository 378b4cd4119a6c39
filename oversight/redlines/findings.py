"""What a rule is, and what it finds: a level, a cause, numbers, and the words that these make."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.functional import Promise

from oversight.protection.decisions import CITY_K
from oversight.redlines.evidence import Evidence
from oversight.redlines.states import Level, RuleCode
from tenants.policies.documents import Policy

Text = str | Promise
Numbers = Mapping[str, Any]
"""JSON: whole numbers, texts, ISO dates, lists of codes, null."""
Figure = tuple[Text, str]
"""A label, and a value as it is to be read."""
HIDDEN: Final = "c"


@dataclass(frozen=True)
class Finding:
    """One cause for an alert."""

    rule: RuleCode
    level: Level
    cause: str
    weight: int
    numbers: Numbers
    signs: tuple[str, ...] = field(default=())
    """Which of the rule's signs; kept among the numbers."""

    @property
    def kept(self) -> dict[str, Any]:
        """The numbers as the alert keeps them."""
        return {**self.numbers, "signs": list(self.signs)} if self.signs else dict(self.numbers)


@dataclass(frozen=True)
class Rule:
    """A pure function with its explanation."""

    code: RuleCode
    clauses: tuple[str, ...]
    text: Text
    """What is looked for and why, in plain words."""
    formula: Text
    ends: Text
    """When the alert goes away."""
    page: str
    """Address of the dashboard that shows the same matter."""
    find: Callable[[Evidence], Iterable[Finding]]
    say: Callable[[Numbers], str]
    """One sentence with the numbers."""
    figures: Callable[[Numbers], list[Figure]]
    thresholds: Callable[[Policy], list[Figure]] = lambda _policy: []

    @property
    def name(self) -> str:
        return str(self.code.label)


def is_material(old_level: str, old_weight: int, old: Numbers, new: Finding) -> bool:
    """Whether a change deserves an event: another level, other signs, or half as much again (or a third less).

    So that an alert which grows by a little each day does not fill its own history.
    """
    if old_level != new.level or list(old.get("signs", ())) != list(new.signs):
        return True
    low, high = sorted((old_weight, new.weight))
    return low != high and 2 * high >= 3 * low


def is_worse(old_level: str, old_weight: int, old: Numbers, new: Finding) -> bool:
    """Whether it should be looked at again: a higher level, more signs, or half as much again."""
    if old_level != new.level:
        return new.level == Level.RED
    more_signs = len(new.signs) > len(old.get("signs", ()))
    return more_signs or (new.weight > old_weight and 2 * new.weight >= 3 * old_weight)


def count(number: int | None) -> str:
    """A count of children: 1 to 4 are hidden (k = 5), 0 is shown."""
    if number is None:
        return "x"
    return HIDDEN if 0 < number < CITY_K else f"{number:,}"
