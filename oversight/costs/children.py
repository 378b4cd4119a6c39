"""How many children take part, school by school, and what of it the city hides: for rows, totals and rates."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from afterbell.pages import values
from oversight.costs.queries import Fact
from oversight.protection.decisions import PARTICIPANTS, Decision

Hidden = Literal["c"]


@dataclass(frozen=True)
class Children:
    """Of all schools of a term that are known."""

    counts: Mapping[str, int] = field(default_factory=dict)
    decision: Decision | None = None
    """None for made-up schools, of which nothing is hidden."""

    def of(self, code: str) -> int | None:
        """None where it is not known or not shown."""
        return None if self.hides([code]) else self.counts.get(code)

    def hides(self, codes: Iterable[str]) -> bool:
        known = [code for code in codes if code in self.counts]
        return self.decision is not None and self.decision.hides(PARTICIPANTS, known)

    def total(self, codes: Sequence[str]) -> int | Hidden | None:
        """Over those that are known; the symbol where the sum is hidden."""
        known = [self.counts[code] for code in codes if code in self.counts]
        if self.hides(codes):
            return values.HIDDEN
        return sum(known) if known else None


def of_facts(facts: Iterable[Fact], decision: Decision | None) -> Children:
    return Children(
        {fact.code: fact.participants for fact in facts if fact.participants is not None}, decision
    )
