"""Reads the tariff that a charge was made by: its fee, and the limits of the rules that its run knew (S27, S36).

A run charges by the rules of its period's first day. Whatever is reckoned of the charge later (lessons cancelled, absences,
an exit, hours that are added) is reckoned by the same ones: a cap that came in the middle of the term binds the charges
that were made under it, and no others.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from django.db.models import prefetch_related_objects

from afterbell.kernel.money import Fen
from schools.finance import known_rules, rules
from schools.finance.charging import Tariff
from schools.finance.known_rules import Known
from schools.planning.models import Plan
from tenants.policies.documents import Policy


class Made(Protocol):
    """As much of a charge as is asked for."""

    @property
    def period(self) -> str: ...
    @property
    def fee_fen(self) -> int | None: ...
    @property
    def charged_at(self) -> datetime: ...


@dataclass
class Tariffs:
    """Of one plan's charges; thousands have the same few."""

    plan: Plan
    known: Known
    _found: dict[tuple[str, datetime, int | None, int], Tariff] = field(default_factory=dict)

    def of(self, charge: Made, grade: int) -> Tariff:
        """Of a child of this grade. A charge from before its fee was kept has the plan's."""
        key = (charge.period, charge.charged_at, charge.fee_fen, grade)
        if key not in self._found:
            plans = rules.tariff(
                self.plan, self._policy(charge.period, charge.charged_at), self.known.school, grade
            )
            own = plans if charge.fee_fen is None else replace(plans, fen=Fen(charge.fee_fen))
            self._found[key] = own
        return self._found[key]

    def of_now(self, period: str, grade: int) -> Tariff:
        """By which a run would charge the period now."""
        return rules.tariff(self.plan, self._policy(period, None), self.known.school, grade)

    def _policy(self, period: str, at: datetime | None) -> Policy:
        first = rules.billing(period, self.known.term(self.plan.term_code)).days.first
        return self.known.in_force(first, at)


def of_plan(plan: Plan) -> Tariffs:
    """Four queries, or three where the plan's fees were read."""
    prefetch_related_objects([plan], "fees")
    return Tariffs(plan, known_rules.read())
