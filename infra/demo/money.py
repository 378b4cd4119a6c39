"""The books of one term, by the actions where they take many at once; else as rows with their postings."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, Sum

from afterbell.audit import actions as audit
from afterbell.kernel import copying
from afterbell.kernel.dates import Month, local_date
from afterbell.kernel.money import Fen
from afterbell.kernel.numbers import number_for
from infra.demo import gates, rules, words
from infra.demo.folk import Officials
from infra.demo.gates import Planned
from infra.demo.shapes import Shape
from infra.demo.stories import Plot
from infra.demo.team import Team
from infra.demo.times import Times, at
from schools.care.models import DutyRole, Session
from schools.care.states import SessionState
from schools.enrolment.models import Agreement
from schools.finance import accounts, actions, approved, ending, ledger, spending
from schools.finance.ledger import Posting
from schools.finance.models import Account, Charge, Expenditure, Payment, Refund, TransferKind, Waiver
from schools.finance.spending import PayeeKind
from schools.finance.states import ExpenditureState, WaiverState
from schools.finance.timetable import timetable
from schools.planning.fees import by_grade
from schools.planning.models import Plan
from tenants.models import Provider

HARDSHIP = "hardship"
PAY_DAY = 20
MOST_FOR_PAY = 0.9
"""Of the money that is there: nobody spends more, whatever a small school's groups earn."""
LATE = timedelta(days=13)
"""How long after the usual day the late statement of the story is published."""
LEADERS_SHARE, MATERIALS_SHARE, OTHER_SHARE = 0.05, 0.04, 0.01
"""Of the teachers' pay."""


def fill(found: Shape, times: Times, who: Officials, planned: Planned, team: Team) -> dict[str, int]:
    """Month by month, as it would have gone; closed months are published, a past term is settled."""
    plan = planned.plan
    rows = {"finance_charge": 0, "finance_payment": 0, "finance_statement": 0}
    unpaid: list[Charge] = []
    for month in times.service_months:
        periods = _periods(found, times, month)
        for period in periods:
            charged = _charge(found, times, who, plan, period, month)
            rows["finance_charge"] += len(charged)
            unpaid += [charge for charge in charged if charge.gross_fen > charge.waived_fen]
        paid, unpaid = _pay(found, times, month, unpaid)
        rows["finance_payment"] += paid
        _spend(times, who, planned, team, month)
        if not _is_missing(found, times, month):
            rows["finance_statement"] += _close(found, times, who, month)
    if times.is_over and Plot.SURPLUS_KEPT not in found.plots:
        settle(times, who)
        rows["finance_statement"] += close_after(times, who)
    return rows


def close_after(times: Times, who: Officials) -> int:
    """The months in which the refunds of the settlement went out."""
    month, closed = times.service_months[-1].following(), 0
    while month <= Month.of(local_date(times.confirmed)) and times.closes(month) <= times.now:
        actions.close_month(term_code=times.code, month=str(month), by=who.treasurer, now=times.closes(month))
        month, closed = month.following(), closed + 1
    return closed


def _periods(found: Shape, times: Times, month: Month) -> list[str]:
    """What is charged in a month: the month, or in the first one the term."""
    if found.bills_monthly:
        return [str(month)]
    return [times.code] if month == Month.of(times.service.first) else []


def _charge(
    found: Shape, times: Times, who: Officials, plan: Plan, period: str, month: Month
) -> list[Charge]:
    when = at(max(times.service.first + timedelta(days=1), month.period.first), 10)
    if when > times.now:
        return []
    if Plot.OVER_CAP in found.plots:
        charges = _above_the_cap(plan, period, when)
        Charge.objects.bulk_create(charges)
        ledger.post_all([_charged(row) for row in charges], term_code=times.code, by=who.clerk, now=when)
    else:
        run = actions.charge_period(plan=plan, period=period, by=who.clerk, now=when)
        charges = list(run.charges.order_by("agreement_id"))
    _waive(times, who, charges, when)
    return charges


def _above_the_cap(plan: Plan, period: str, when: datetime) -> list[Charge]:
    """Planned hours × fee, without the cap that the action would hold to; the constraint allows a charge without one."""
    table = timetable(plan)
    grades = dict(
        Agreement.objects.filter(pk__in=table.places).values_list("pk", "pupil__school_class__grade")
    )
    fees = by_grade(plan, set(grades.values()))
    charges = []
    for agreement, activities in table.places.items():
        fee = fees[grades[agreement]].fee_fen
        units = sum(
            slot.units
            for activity in activities
            for slot in table.slots.get(activity, ())
            if not slot.is_cancelled
        )
        charges.append(
            Charge(
                agreement_id=agreement,
                term_code=plan.term_code,
                period=period,
                unit=plan.fee_unit,
                units=units,
                fee_fen=fee,
                gross_fen=units * fee,
                collector=plan.collector,
                created_at=when,
            )
        )
    return sorted(charges, key=lambda row: str(row.agreement_id))


def _charged(row: Charge) -> Posting:
    family = accounts.family(row.agreement_id)
    return Posting(TransferKind.CHARGE, f"charge:{row.pk}", family, accounts.FEES, Fen(row.gross_fen))


def _waive(times: Times, who: Officials, charges: list[Charge], when: datetime) -> None:
    """Families in hardship pay nothing (Shandong)."""
    poor = Charge.objects.filter(
        pk__in=[row.pk for row in charges], agreement__pupil__is_hardship=True, waived_fen=0, gross_fen__gt=0
    )
    ids = set(poor.values_list("pk", flat=True))
    poor.update(waived_fen=F("gross_fen"), waiver_reason=HARDSHIP)
    later, postings = when + timedelta(hours=2), []
    copying.instances(_granted(who, row, when, later) for row in charges if row.pk in ids)
    for row in charges:
        if row.pk in ids:
            row.waived_fen = row.gross_fen
            family = accounts.family(row.agreement_id)
            postings.append(
                Posting(TransferKind.WAIVER, f"waiver:{row.pk}", accounts.FEES, family, Fen(row.waived_fen))
            )
    if postings:
        ledger.post_all(postings, term_code=times.code, by=who.principal, now=later)


def _granted(who: Officials, charge: Charge, asked: datetime, decided: datetime) -> Waiver:
    """The office asked with the proof, the principal decided."""
    return Waiver(
        charge=charge,
        reason=HARDSHIP,
        proof=words.PROOF,
        state=WaiverState.GRANTED,
        requested_by=who.clerk,
        requested_at=asked + timedelta(hours=1),
        decided_by=who.principal,
        decided_at=decided,
    )


def _pay(found: Shape, times: Times, month: Month, unpaid: list[Charge]) -> tuple[int, list[Charge]]:
    """Nine of ten pay within the month, most others in the next; some of the running term have not yet."""
    chance = found.random(f"payments:{month}")
    first = max(times.service.first + timedelta(days=2), month.period.first + timedelta(days=1))
    last = min(month.period.last, times.today - timedelta(days=1), times.last_date - timedelta(days=4))
    if first > last:
        return 0, unpaid
    payments, postings, later = [], [], []
    for charge in unpaid:
        if chance.random() < 0.09:
            later.append(charge)
            continue
        day = first + timedelta(days=chance.randrange((last - first).days + 1))
        paid_at = at(day, chance.randrange(7, 22), chance.randrange(60))
        row = Payment(
            agreement_id=charge.agreement_id,
            provider_key=f"wx{day:%Y%m%d}{charge.pk.hex[-12:]}",
            amount_fen=charge.gross_fen - charge.waived_fen,
            paid_at=paid_at,
            recorded_at=paid_at + timedelta(seconds=3),
        )
        row.receipt_number = number_for("R", day, row.pk)
        payments.append(row)
    payments.sort(key=lambda row: row.paid_at)
    for row in payments:
        family = accounts.family(row.agreement_id)
        postings.append(
            Posting(TransferKind.PAYMENT, f"payment:{row.pk}", accounts.CASH, family, Fen(row.amount_fen))
        )
    if payments:
        copying.instances(payments)
        now = payments[-1].recorded_at
        ledger.post_all(postings, term_code=times.code, by=None, now=now, month=str(month))
    return len(payments), later


def _spend(times: Times, who: Officials, planned: Planned, team: Team, month: Month) -> None:
    """Twice a month: pay by hours held since the last time, and small things."""
    first = month.period.first
    for spent in days_of_spending(times, month):
        if first <= spent < times.today:
            earned = _pay_of_teachers(planned, team, first, spent)
            _spend_for(times, who, spent, min(earned, round(cash(times.code) * MOST_FOR_PAY)))
        first = spent + timedelta(days=1)


def _spend_for(times: Times, who: Officials, spent: date, teachers: int) -> None:
    if not teachers:
        return
    parts = (
        ("teaching_pay", words.STAFF_PAY, teachers),
        ("management_pay", words.LEADERS_PAY, round(teachers * LEADERS_SHARE)),
        ("activity_goods", words.MATERIALS, round(teachers * MATERIALS_SHARE)),
        ("insurance", words.OTHER, round(teachers * OTHER_SHARE)),
    )
    asked, decided = at(spent, 14), at(spent, 16)
    insurer = Provider.objects.get(name=rules.INSURER)
    paid: dict[str, dict[str, Any]] = {
        PayeeKind.STAFF: {"payee_kind": PayeeKind.STAFF},
        PayeeKind.SUPPLIER: {"payee_kind": PayeeKind.SUPPLIER, "payee": words.SHOP},
        PayeeKind.PROVIDER: {
            "payee_kind": PayeeKind.PROVIDER, "payee": insurer.name, "provider_id": insurer.pk,
        },
    }  # fmt: skip
    rows = [
        Expenditure(
            term_code=times.code,
            kind=spending.BY_CODE[item].kind,
            item=item,
            title=f"{spent.month}月{title}",
            **paid[spending.BY_CODE[item].payee_kind],
            amount_fen=fen,
            spent_date=spent,
            state=ExpenditureState.APPROVED,
            requested_by=who.treasurer,
            requested_at=asked,
            decided_by=who.principal,
            decided_at=decided,
        )
        for item, title, fen in parts
    ]
    copying.instances(rows)
    month = str(Month.of(spent))
    ledger.post_all(
        [_spent(row) for row in rows], term_code=times.code, by=who.principal, now=decided, month=month
    )
    for row in rows:
        details = {"kind": row.kind, "amount_fen": row.amount_fen, "row_sha256": approved.digest(row)}
        audit.record(
            verb="finance.expenditure.approve", target=row, by=who.principal, at=decided, details=details
        )


def _spent(row: Expenditure) -> Posting:
    return Posting(
        TransferKind.EXPENDITURE,
        f"expenditure:{row.pk}",
        accounts.cost(row.kind),
        accounts.CASH,
        Fen(row.amount_fen),
        cost_kind=row.kind,
    )


def _pay_of_teachers(planned: Planned, team: Team, first: date, last: date) -> int:
    held = Session.objects.filter(
        activity__plan=planned.plan,
        state=SessionState.CLOSED,
        date__range=(first, last),
        duties__role=DutyRole.RESPONSIBLE,
    )
    units = held.aggregate(sum=Sum("planned_units", default=0))["sum"]
    return int(units * team.teachers[0].contract.pay_fen)


def days_of_spending(times: Times, month: Month) -> list[date]:
    """Around the twentieth and on the last day of work, and before the settlement."""
    before = times.last_date - timedelta(days=4)
    days = [day for day in times.days if Month.of(day) == month and day <= before]
    return (
        sorted({max(days), max([day for day in days if day.day <= PAY_DAY], default=max(days))})
        if days
        else []
    )


def cash(term_code: str) -> int:
    """Money held."""
    found = Account.objects.filter(term_code=term_code, code=accounts.CASH).values_list(
        "balance_fen", flat=True
    )
    return found.first() or 0


def _is_missing(found: Shape, times: Times, month: Month) -> bool:
    """From the second month of the running term's service on nothing is closed."""
    return not times.is_over and Plot.MISSING_STATEMENT in found.plots and month >= times.service.months()[1]


def _close(found: Shape, times: Times, who: Officials, month: Month) -> int:
    """Also the months of the term before the first posting, which have statements of nothing."""
    when = times.closes(month)
    if Plot.LATE_STATEMENT in found.plots and month == Month.of(times.service.first):
        when += LATE
    if when > times.now:
        return 0
    actions.close_month(term_code=times.code, month=str(month), by=who.treasurer, now=when)
    return 1


def settle(times: Times, who: Officials) -> None:
    """Preview, the committee's word, refunds issued and confirmed: all before the profile's deadline."""
    note = words.PAY_NOTE if ending.pay(times.code).missing else ""
    found = actions.preview_settlement(
        term_code=times.code, by=who.treasurer, now=times.previewed, pay_note=note
    )
    decided = actions.propose_settlement(
        settlement=found, by=who.treasurer, now=times.previewed + timedelta(minutes=20)
    )
    gates.carry(decided, who, times.previewed + timedelta(hours=5))
    found.refresh_from_db()
    actions.batch_settlement(settlement=found, by=who.principal, now=times.batched)
    refunds = list(Refund.objects.filter(settlement=found).order_by("agreement_id"))
    actions.issue_refunds(refunds=refunds, by=who.deputy, now=times.issued)
    actions.confirm_refunds(refunds=refunds, by=who.clerk, now=times.confirmed)
