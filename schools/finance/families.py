"""Reads every family's end of term: what it paid, what held hours justify, its minutes. Feeds the settlement."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Final, NamedTuple, Self
from uuid import UUID

from django.db.models import F, Q, Sum
from django.db.models.functions import Least

from afterbell.kernel.dates import Period
from afterbell.kernel.money import Fen
from schools.care import minutes
from schools.enrolment.models import Agreement
from schools.enrolment.states import AgreementState
from schools.finance import absences, again, bill_parts, charging, gathering, refunding, rules, tariffs
from schools.finance.models import Calculation, Charge, RefundCause, Share
from schools.finance.settling import Family
from schools.finance.states import SettlementState
from schools.finance.tariffs import Tariffs
from schools.finance.timetable import Hours, Timetable, exited_on, last_day, timetable
from schools.planning.models import FeeUnit, Plan
from tenants.models import Term
from tenants.policies.documents import Per, SettlementKey

NONE_OF_ALL: Final = Hours(planned=1, held=0, cancelled=1)
"""Of a month without lessons."""


@dataclass(frozen=True)
class End:
    """One agreement at the end of the term."""

    agreement_id: UUID
    credit: Fen
    """Taken off its fees: planned hours that were not held, or what its exit gives by now and nobody has computed yet."""
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
    created_at: datetime
    first_date: date | None
    fee_fen: int | None
    again_fen: int = 0
    again_units: int = 0
    again_until: date | None = None
    hours_at: datetime | None = None

    @property
    def charged_at(self) -> datetime:
        return self.hours_at or self.created_at

    @property
    def by_itself(self) -> Self:
        """Without what was charged again (again.py)."""
        if not (self.again_fen or self.again_units):
            return self
        own = again.own(self)
        return self._replace(
            units=own.units, gross_fen=own.gross, waived_fen=own.gross - own.fee, first_date=own.first,
            again_fen=0, again_units=0, again_until=None,
        )  # fmt: skip


class Looked(NamedTuple):
    """A bill, its months or itself, and what a calculation of its absences gave; None where there is none."""

    bill: Bill
    parts: Sequence[charging.Charged]
    gave: Fen | None


class Spans(NamedTuple):
    """Days of a period of fees, and of the plan."""

    period: Period
    served: Period


class Computed(NamedTuple):
    """What calculations gave: for exits by agreement, for absences by agreement and period, also where it was nothing."""

    exits: Mapping[UUID, Fen]
    absences: Mapping[tuple[UUID, str], Fen]


def ends(term: Term, key: SettlementKey, today: date, standings: dict[UUID, gathering.Standing]) -> list[End]:
    """Every family with an account in the term, by enrolment id. A fixed number of queries for each plan."""
    bills = _bills(term.code)
    done = _computed(term.code)
    had = _had_before(term.code)
    found: list[End] = []
    for plan in Plan.objects.filter(term_code=term.code, agreements__isnull=False).distinct().order_by("pk"):
        pupils = _pupils(plan)
        open_ones = [pupil for pupil in pupils if pupil.pk not in had]
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
                had=had.get(pupil.pk, Fen(0)),
            )
            found.append(End(pupil.pk, credit, family))
    return sorted(found, key=lambda end: end.agreement_id)


def to_come(plan: Plan, only: Collection[UUID] | None = None) -> dict[UUID, Fen]:
    """What the settlement will take off the fees of these families, or of all, for lessons that are cancelled by now.

    Of those who stayed or left and were not settled yet; a lesson that nobody has closed so far counts as held. A fixed
    number of queries.
    """
    term, final = rules.term(plan.term_code), _had_before(plan.term_code)
    began = [
        pupil for pupil in _pupils(plan, only) if pupil.state != AgreementState.VOID and pupil.pk not in final
    ]
    if not began:
        return {}
    keys = [pupil.pk for pupil in began]
    found = _credits(plan, began, _bills(term.code, keys), _computed(term.code), term, date.min)
    standings = gathering.standings(term.code, keys[0] if len(keys) == 1 else None)
    return {
        pk: Fen(max(0, min(fen, standings[pk].due))) for pk, fen in found.items() if fen and pk in standings
    }


def _pupils(plan: Plan, only: Collection[UUID] | None = None) -> list[Pupil]:
    rows = Agreement.objects.filter(plan=plan).order_by("pk")
    if only is not None:
        rows = rows.filter(pk__among=list(only))
    fields = ("pk", "state", "from_date", "until_date", "pupil__school_class__grade")
    return [Pupil(*row) for row in rows.values_list(*fields)]


def _bills(term_code: str, only: Collection[UUID] | None = None) -> dict[UUID, list[Bill]]:
    found: dict[UUID, list[Bill]] = defaultdict(list)
    rows = Charge.objects.filter(term_code=term_code, taken_back_at=None).order_by("created_at", "pk")
    if only is not None:
        rows = rows.filter(agreement__pk__among=list(only))
    for row in rows.values_list(*Bill._fields):
        found[row[0]].append(Bill(*row).by_itself)
    return found


def _computed(term_code: str) -> Computed:
    """Exits and absences that have been looked at already."""
    is_looked_at = ~Q(cause=RefundCause.ABSENCE) | Q(absences.is_of_a_charge())
    rows = Calculation.objects.filter(is_looked_at, term_code=term_code, undone_at=None)
    exits: dict[UUID, Fen] = {}
    of_periods: dict[tuple[UUID, str], Fen] = {}
    sums = rows.values_list("agreement_id", "cause", "period").annotate(fen=Sum("credit_fen"))
    for agreement, cause, period, fen in sums:
        if cause == RefundCause.EXIT:
            exits[agreement] = Fen(exits.get(agreement, 0) + fen)
        elif cause == RefundCause.ABSENCE:
            of_periods[agreement, period] = Fen(fen)
    return Computed(exits, of_periods)


def _had_before(term_code: str) -> Mapping[UUID, Fen]:
    """Agreements whose hours an earlier round has trued up, with what the rounds shared with them."""
    rows = Share.objects.filter(settlement__term_code=term_code, settlement__state=SettlementState.BATCHED)
    had = Sum(F("amount_fen") - Least("own_fen", "amount_fen"))
    return {pk: Fen(fen) for pk, fen in rows.values_list("agreement").annotate(fen=had)}


def _credits(
    plan: Plan,
    pupils: Sequence[Pupil],
    bills: dict[UUID, list[Bill]],
    done: Computed,
    term: Term,
    today: date,
) -> dict[UUID, Fen]:
    """True-up for those who stayed; for those who left the refund rule, less what absences and the exit gave.

    So too for who left on the plan's last day: the exit was calculated, and had cancelled lessons among it. Lessons
    that were cancelled after an exit was recorded are taken off as if it was recorded after it; where the rule gives
    less by now nobody is asked back.
    """
    table, of_charges = timetable(plan), tariffs.of_plan(plan)
    left = {pupil.pk: last for pupil in pupils if (last := _left_on(pupil, plan, done))}
    labels = {bill.period for own in bills.values() for bill in own}
    served = Period(plan.first_date, plan.last_date)
    spans = {label: Spans(rules.billing(label, term).days, served) for label in labels}
    found: dict[UUID, Fen] = {}
    for pupil in pupils:
        own = bills.get(pupil.pk, ())
        if own and pupil.pk not in left:
            found[pupil.pk] = _true_up(pupil, own, of_charges, table, spans, today, done.absences)
    for agreement, reckoned in refunding.cases(plan, only=list(left)) if left else ():
        by_rule = sum(reckoned.case.returned(left_on=left[agreement.pk]).amounts)
        given = reckoned.case.before + done.exits.get(agreement.pk, 0)
        found[agreement.pk] = Fen(max(0, by_rule - given))
    return found


def _left_on(pupil: Pupil, plan: Plan, done: Computed) -> date | None:
    """None for who stayed, or whose end nobody calculated as an exit."""
    return last_day(pupil) if pupil.pk in done.exits else exited_on(pupil, plan)


def _true_up(
    pupil: Pupil,
    bills: Sequence[Bill],
    of_charges: Tariffs,
    table: Timetable,
    spans: Mapping[str, Spans],
    today: date,
    done: Mapping[tuple[UUID, str], Fen],
) -> Fen:
    """Periods whose absences were computed had their cancelled sessions taken off then.

    By the class hour all of them are looked at together, because a cap of the term binds over all: what a calculation
    gave for its cancelled hours is taken off. What was waived of one bill is never taken off another.
    """
    all_bills = [
        Looked(
            bill,
            _charged(bill, pupil, of_charges.of(bill, pupil.grade), table, spans[bill.period], today),
            done.get((pupil.pk, bill.period)),
        )
        for bill in bills
    ]
    is_hourly = of_charges.plan.fee_unit == FeeUnit.CLASS_HOUR
    looked_at = [each for each in all_bills if is_hourly or each.gave is None]
    net = sum(each.bill.gross_fen - each.bill.waived_fen for each in looked_at)
    parts = [(part, each.gave or Fen(0)) for each in looked_at for part in each.parts]
    gave = [fen for _part, fen in parts]
    return Fen(net - charging.trued_up([part for part, _gave in parts], gave))


def _charged(
    bill: Bill, pupil: Pupil, tariff: charging.Tariff, table: Timetable, spans: Spans, today: date
) -> list[charging.Charged]:
    """A bill of the term at a price per month is its months, as where it is charged month by month.

    A month in which the child had no lesson, while it had some in others, was not served: nobody pays for it.
    """
    days, served = spans
    if bill.first_date and bill.first_date in days:  # those before it another agreement of the child pays for
        days = Period(bill.first_date, days.last)
    own = Period(pupil.from_date, max(pupil.from_date, pupil.until_date)).overlap(days)
    used = own.overlap(served) if own else None
    months = used.months() if used and tariff.unit == Per.MONTH else []
    if not months or len(months) != bill.units:
        whole = Fen(bill.gross_fen), Fen(bill.waived_fen)
        charged_at = bill.charged_at if tariff.unit == Per.CLASS_HOUR else None
        hours = table.hours(pupil, days, today, charged_at=charged_at)
        return [_part(tariff, bill.units, *whole, hours, own.month_count if own else 1)]
    not_served = NONE_OF_ALL if table.hours(pupil, served, today).planned else Hours(0, 0, 0)
    each = tariff.each if tariff.caps.term is not None else None
    prices = bill_parts.prices_of_months(Fen(bill.gross_fen), len(months), each)
    return [
        _part(
            tariff,
            1,
            gross,
            Fraction(bill.waived_fen * gross, bill.gross_fen) if bill.gross_fen else Fen(0),
            hours if hours.planned else not_served,
            1,
        )
        for month, gross in zip(months, prices, strict=True)
        for hours in (table.hours(pupil, month.period.overlap(days) or days, today),)
    ]


def _part(
    tariff: charging.Tariff, units: int, gross: Fen, waived: Fen | Fraction, hours: Hours, months: int
) -> charging.Charged:
    return charging.Charged(
        tariff=tariff,
        units=units,
        gross=gross,
        waived=waived,
        planned=hours.planned,
        held=hours.held,
        cancelled=hours.cancelled,
        months=months,
    )
