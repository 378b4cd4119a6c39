"""Reads who holds a run of charges: what was paid for it, and what was reckoned on it since (S27)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet, Sum
from django.utils.translation import gettext

from schools.finance import again, gathering
from schools.finance.actions import added_hours, differences
from schools.finance.models import (
    AddedHours,
    Calculation,
    Charge,
    ChargeRun,
    Payment,
    Refund,
    RefundCause,
    Waiver,
)
from schools.finance.states import WaiverState

UNDONE: Final = (WaiverState.REFUSED, WaiverState.WITHDRAWN)


@dataclass(frozen=True)
class Holders:
    """Families that hold a run, by how: one can be among several."""

    paid: frozenset[UUID]
    calculated: frozenset[UUID]
    """An exit gave something since, or absences that reach beyond the run's own charges."""
    waived: frozenset[UUID]
    """A waiver waits or was granted: withdrawn it holds nothing."""
    with_added_hours: frozenset[UUID] = frozenset()
    """A later run added class hours to its charge: that run goes back first."""

    @property
    def count(self) -> int:
        return len(self.paid | self.calculated | self.waived | self.with_added_hours)

    @property
    def why(self) -> str:
        """缴费 2 户、减免 1 户."""
        parts = (
            (self.paid, gettext("缴费 %(n)s 户")),
            (self.calculated, gettext("缺勤或退出退费 %(n)s 户")),
            (self.waived, gettext("减免 %(n)s 户")),
            (self.with_added_hours, gettext("之后补收课时 %(n)s 户")),
        )
        return gettext("、").join(said % {"n": len(who)} for who, said in parts if who)


def holders(run: ChargeRun) -> Holders:
    """Who holds a run, by what they paid or what rests on it; the action looks again under the lock."""
    return _touched(run.term_code, [run])[run.pk]


def held(term_code: str, runs: Sequence[ChargeRun]) -> frozenset[UUID]:
    """Which of a term's runs somebody holds. A fixed number of queries."""
    return frozenset(pk for pk, touched in _touched(term_code, runs).items() if touched.count)


def _touched(term_code: str, runs: Sequence[ChargeRun]) -> dict[UUID, Holders]:
    """By run, families that paid after it what only it explains, or for whom somebody reckoned on it since.

    What follows a waiver (adjusting) is not looked at by itself: the waiver is. Absences of the run's own period are
    undone with it, and those of other periods have nothing to do with it; only where an absence goes over several
    periods one of them may have given of another one's charge.
    """
    charges: dict[UUID, dict[UUID, Charge]] = {run.pk: {} for run in runs}
    for charge in Charge.objects.filter(run__in=charges):
        if charge.run_id is not None:
            charges[charge.run_id][charge.agreement_id] = charge
    added = _added(charges)
    families = {pk for own in charges.values() for pk in own} | {pk for own in added.values() for pk in own}
    of_term = {"agreement__in": families}
    payments = list(Payment.objects.filter(**of_term).values_list("agreement_id", "recorded_at"))
    refunds = Exists(Refund.objects.filter(key=OuterRef("key")))
    made = Calculation.objects.filter(**of_term, undone_at=None).annotate(is_refunded=refunds)
    others = made.exclude(cause=RefundCause.ABSENCE).exclude(key__startswith=differences.AGAIN)
    fields = ("agreement_id", "at", "run_id", "credit_fen", "is_refunded")
    looked_at: list[tuple[Any, ...]] = list(others.values_list(*fields))
    absences = Calculation.objects.filter(**of_term, undone_at=None, cause=RefundCause.ABSENCE)
    absent = absences.values_list("agreement_id", "period")
    gave = {(pk, of): fen for pk, of, fen in absent.annotate(fen=Sum("credit_fen"))}
    waivers = Waiver.objects.filter(charge__run__in=charges).exclude(state__in=UNDONE)
    waived = set(waivers.values_list("charge__run_id", "charge__agreement_id"))
    standings, later = gathering.standings(term_code), added_hours.held(runs)
    resting = _resting_on(added, made)
    found = {}
    for run in runs:
        own = charges[run.pk]
        at_once = {pk for pk, _at, of, _fen, _refunded in looked_at if of == run.pk}
        reaching = {
            pk for pk, charge in own.items()
            if pk not in at_once and gave.get((pk, run.period), 0) != charge.credited_fen - again.off(charge)
        }  # fmt: skip
        exits = {
            pk for pk, at, of, fen, is_refunded in looked_at
            if at >= run.posted_at and pk in own and of != run.pk and (fen or is_refunded)
        }  # fmt: skip
        asked = {pk: _asked(charge) for pk, charge in own.items()}
        asked |= {pk: row.gross_fen - row.waived_fen for pk, row in added[run.pk].items()}
        since = {pk for pk, at in payments if at >= run.posted_at and pk in asked}
        reckoned, waived_since = resting.get(run.pk, (set(), set()))
        found[run.pk] = Holders(
            paid=frozenset(pk for pk in since if standings[pk].net_paid > standings[pk].due - asked[pk]),
            calculated=frozenset(exits | reaching | reckoned),
            waived=frozenset({pk for of, pk in waived if of == run.pk} | waived_since),
            with_added_hours=frozenset(later[run.pk]),
        )
    return found


def _added(runs: Collection[UUID]) -> dict[UUID, dict[UUID, AddedHours]]:
    """By run and agreement, class hours that it added to an earlier charge."""
    found: dict[UUID, dict[UUID, AddedHours]] = {pk: {} for pk in runs}
    for row in AddedHours.objects.filter(run__in=runs).select_related("run", "charge"):
        found[row.run_id][row.charge.agreement_id] = row
    return found


def _resting_on(
    added: Mapping[UUID, Mapping[UUID, AddedHours]], made: QuerySet[Any]
) -> dict[UUID, tuple[set[UUID], set[UUID]]]:
    """By run, families of what it added for whom something was given back or waived since. Asks only for these."""
    rows = [row for own in added.values() for row in own.values()]
    if not rows:
        return {}
    gave = made.exclude(key__startswith=differences.AGAIN).exclude(credit_fen=0, is_refunded=False)
    calculated = list(gave.values_list("agreement_id", "at"))
    of_charges = Waiver.objects.filter(charge__in=[row.charge_id for row in rows])
    asked = of_charges.exclude(state__in=UNDONE).values_list("charge_id", "requested_at", "decided_at")
    waived = [(pk, max(at for at in both if at is not None)) for pk, *both in asked]
    return {
        run: (
            {pk for pk, row in own.items() if any(of == pk and at >= row.run.posted_at for of, at in calculated)},
            {
                pk for pk, row in own.items()
                if any(of == row.charge_id and at >= row.run.posted_at for of, at in waived)
            },
        )
        for run, own in added.items()
    }  # fmt: skip


def _asked(charge: Charge) -> int:
    """What the family owes for it by now."""
    return charge.gross_fen - charge.waived_fen - charge.credited_fen
