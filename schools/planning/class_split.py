"""What may be said of a closed consultation class by class, so that no family's answer follows from it (S11, S34). Pure.

The page shows who has answered, and the office keyed the paper slips itself: only answers on the phone are a secret. So
small classes are one group, put together by how many have answered alone, never by what they said; and where any group
is of one mind, nothing is said of any: a gap would tell which. "No" and "not decided yet" are one figure, because with
three figures a gap tells more than with two. A test tries all small schools, with an attacker who knows these rules.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from afterbell.kernel.privacy import SMALL_GROUP

LEAST_GROUPS: Final = 2
"""One group is the school, whose totals stand above."""


@dataclass(frozen=True)
class Said:
    """Answers of one class, as it was at the close: on the phone and in all."""

    id: UUID
    phone: int
    phone_yes: int
    answers: int
    yes: int


@dataclass(frozen=True)
class Group:
    """What is shown of one class, or of some together."""

    ids: tuple[UUID, ...]
    answers: int
    yes: int

    @property
    def others(self) -> int:
        """No, and not decided yet."""
        return self.answers - self.yes


def shown(classes: Sequence[Said], least: int = SMALL_GROUP) -> list[Group]:
    """In the order of the classes, those of several last; empty where it would tell of somebody."""
    groups = _grouped(classes, least)
    if len(groups) < LEAST_GROUPS or any(_of_one_mind(group) for group in groups):
        return []
    return [
        Group(tuple(row.id for row in group), sum(r.answers for r in group), sum(r.yes for r in group))
        for group in groups
    ]


def _grouped(classes: Sequence[Said], least: int) -> list[list[Said]]:
    """Large classes alone, the others together with as many of the smallest large ones as it takes."""
    small = [row for row in classes if row.phone < least]
    large = [row for row in classes if row.phone >= least]
    while small and large and sum(row.phone for row in small) < least:
        small.append(large.pop(large.index(min(large, key=lambda row: (row.phone, row.id)))))
    return [[row] for row in large] + ([small] if small else [])


def _of_one_mind(group: Sequence[Said]) -> bool:
    return sum(row.phone_yes for row in group) in (0, sum(row.phone for row in group))
