"""Reads every family's end of term: what it paid, what held hours justify, its minutes. Feeds the settlement."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from afterbell.kernel.dates import Period
from afterbell.kernel.money import Fen
from schools.care import minutes
from schools.enrolment.models import Agreement
from schools.finance import charging, gathering, refunding, rules
from schools.finance.models import Calculation, Charge, Share
from schools.finance.settling import Family
from schools.finance.states import SettlementState
from schools.finance.timetable import Timetable, exited_on, timetable
from schools.planning.models import Plan
from tenants.models import Term
from tenants.policies.documents import SettlementKey


@dataclass(frozen=True)
class End:
    """One agreement at the end of the term."""

    agreement_id: UUID
    credit: Fen
    """Taken off its fees: planned hours that were not held, or an exit that nobody has computed yet."""
    family: Family


class Pupil(NamedTuple):
    """As much of an agreement as is asked for: the texts of thousands of them stay where they are."""

    pk: UUID
    state: str
    from_date: date
    until_date: date
    grade: int


class Bill(NamedTuple):
    """As much of a charge."""

    agreement_id: UUID
    period: str
    units: int
    gross_fen: int
    waived_fen: int


def ends(term: Term, key: SettlementKey, today: date, standings: dict[UUID, gathering.Standing]) -> list[End]:
    """Every family with an account in the term, by enrolment id. A fixed number of queries for each plan."""
    bills = _bills(term.code)
    done = _computed(term.code)
    final = _settled_before(term.code)
    found: list[End] = []
    for plan in Plan.objects.filter(term_code=term.code, agreements__isnull=False).distinct().order_by("pk"):
        pupils = _pupils(plan)
        open_ones = [pupil for pupil in pupils if pupil.pk not in final]
        taken_off = _credits(plan, open_ones, bills, done, term, today)
        attended = minutes.of_agreements(plan) if key == SettlementKey.ATTENDED_MINUTES else {}
        for pupil in pupils:
            standing = standings.get(pupil.pk)
            if standing is None:
                continue
            own = bills.get(pupil.pk, [])
            credit = Fen(max(0, min(taken_off.get(pupil.pk, 0), standing.due)))
            family = Family(
                net_paid=standing.net_paid,
                due=Fen(standing.due - credit),
                minutes=attended.get(pupil.pk, 0),
                gross=Fen(sum(bill.gross_fen for bill in own)),
                waived=Fen(sum(bill.waived_fen for bill in own)),
            )
            found.append(End(pupil.pk, credit, family))
    return sorted(found, key=lambda end: end.agreement_id)


def _pupils(plan: Plan) -> list[Pupil]:
    rows = Agreement.objects.filter(plan=plan).order_by("pk")
    fields = ("pk", "state", "from_date", "until_date", "pupil__school_class__grade")
    return [Pupil(*row) for row in rows.values_list(*fields)]


def _bills(term_code: str) -> dict[UUID, list[Bill]]:
    found: dict[UUID, list[Bill]] = defaultdict(list)
    rows = Charge.objects.filter(term_code=term_code, taken_back_at=None).order_by("created_at", "pk")
    for row in rows.values_list("agreement_id", "period", "units", "gross_fen", "waived_fen"):
        found[row[0]].append(Bill(*row))
    return found


def _computed(term_code: str) -> frozenset[str]:
    """Exits and absences that have been looked at already."""
    return frozenset(Calculation.objects.filter(term_code=term_code).values_list("key", flat=True))


def _settled_before(term_code: str) -> frozenset[UUID]:
    """Agreements whose hours an earlier round has trued up."""
    rows = Share.objects.filter(settlement__term_code=term_code, settlement__state=SettlementState.BATCHED)
    return frozenset(rows.values_list("agreement", flat=True))


def _credits(
    plan: Plan,
    pupils: Sequence[Pupil],
    bills: dict[UUID, list[Bill]],
    done: frozenset[str],
    term: Term,
    today: date,
) -> dict[UUID, Fen]:
    """True-up for those who stayed; the refund rule for those who left and were not looked at."""
    policy, school = rules.policy_on(plan.first_date).policy, rules.school_here()
    table = timetable(plan)
    tariffs = {
        grade: rules.tariff(plan, policy, school, grade) for grade in {pupil.grade for pupil in pupils}
    }
    left = {pupil.pk: exited_on(pupil, plan) for pupil in pupils if exited_on(pupil, plan)}
    labels = {bill.period for own in bills.values() for bill in own}
    spans = {label: rules.billing(label, term).days for label in labels}
    found: dict[UUID, Fen] = {}
    for pupil in pupils:
        # Periods whose absences were computed had their cancelled sessions taken off then.
        own = [
            bill for bill in bills.get(pupil.pk, ()) if f"absence:{pupil.pk.hex}:{bill.period}" not in done
        ]
        if own and pupil.pk not in left:
            found[pupil.pk] = _true_up(pupil, own, tariffs[pupil.grade], table, spans, today)
    open_exits = [pk for pk in left if f"exit:{pk.hex}" not in done]
    for agreement, reckoned in refunding.cases(plan, only=open_exits) if open_exits else ():
        found[agreement.pk] = reckoned.case.returned(left_on=left[agreement.pk]).fen
    return found


def _true_up(
    pupil: Pupil,
    bills: Sequence[Bill],
    tariff: charging.Tariff,
    table: Timetable,
    spans: Mapping[str, Period],
    today: date,
) -> Fen:
    charged = [_charged(bill, pupil, table, spans[bill.period], today) for bill in bills]
    net = sum(charge.gross - charge.waived for charge in charged)
    return Fen(net - charging.trued_up(tariff, charged))


def _charged(bill: Bill, pupil: Pupil, table: Timetable, days: Period, today: date) -> charging.Charged:
    hours = table.hours(pupil, days, today)
    own = Period(pupil.from_date, max(pupil.from_date, pupil.until_date)).overlap(days)
    return charging.Charged(
        units=bill.units,
        gross=Fen(bill.gross_fen),
        waived=Fen(bill.waived_fen),
        planned=hours.planned,
        held=hours.held,
        cancelled=hours.cancelled,
        months=own.month_count if own else 1,
    )
