"""Months of a school that goes through the actions: sessions, money, voices, then the settlement."""

from datetime import date, datetime, timedelta

from django.db.models import Sum

from afterbell.kernel.dates import Month
from afterbell.kernel.ids import uuid7
from afterbell.kernel.money import Fen
from infra.demo import money, times, walk_days, words
from infra.demo.walk_days import Walk
from schools.care import incident_actions
from schools.care.models import RollEntry, Session
from schools.care.states import RollState, SessionState
from schools.finance import actions
from schools.finance.models import Charge
from schools.finance.spending import BY_PAY_SHEET, Payee, PayeeKind
from schools.people.models import Guardian
from schools.planning.models import Plan
from schools.staffing.models import Contract
from schools.voice import complaint_actions, survey_actions
from tenants.letterbox.family_actions import Wanted
from tenants.letterbox.models import ComplaintKind

ANSWERED = 0.7


def through_the_term(walk: Walk, plan: Plan, contracts: list[Contract]) -> int:
    """Month by month; gives how many sessions were held."""
    when, held = walk.times, 0
    survey_month = Month.of(when.days[_survey_day(walk)])
    for month in when.service_months:
        first, last = times.at(month.period.first, 0), times.at(month.period.last, 23)
        _charges(walk, plan, month)
        held += walk_days.hold(plan, when, first=first, until=min(last, when.now))
        if month == when.service_months[0]:
            _voices(walk, plan)
        if month == survey_month:
            _surveys(walk, contracts[1:])
        _spend(walk, plan, contracts, month)
        if when.closes(month) <= when.now:
            actions.close_month(
                term_code=when.code, month=str(month), by=walk.who.treasurer, now=when.closes(month)
            )
    if when.is_over:
        money.settle(when, walk.who)
        money.close_after(when, walk.who)
    return held


def _survey_day(walk: Walk) -> int:
    """School day on which families are asked about the staff."""
    return len(walk.times.days) - 25 if walk.times.is_over else 42


def _charges(walk: Walk, plan: Plan, month: Month) -> None:
    """In the first month the term; who is in hardship is let off; nearly all pay within the week."""
    when, who = walk.times, walk.who
    charged_at = times.at(when.service.first + timedelta(days=1), 10)
    if month != when.service_months[0] or charged_at + timedelta(days=8) > when.now:
        return
    run = actions.charge_period(plan=plan, period=when.code, by=who.clerk, now=charged_at)
    for number, charge in enumerate(run.charges.select_related("agreement__pupil").order_by("agreement_id")):
        if charge.agreement.pupil.is_hardship and charge.gross_fen and not charge.waived_fen:
            _waives(walk, charge, charged_at)
            charge.refresh_from_db()
        if charge.gross_fen > charge.waived_fen and number % 19 != 18:
            _pays(charge, number, charged_at)


def _waives(walk: Walk, charge: Charge, charged_at: datetime) -> None:
    """The office asks with the proof, the principal decides."""
    asked = actions.request_waiver(
        charge=charge,
        reason=money.HARDSHIP,
        proof=words.PROOF,
        by=walk.who.clerk,
        now=charged_at + timedelta(hours=1),
    )
    actions.grant_waiver(waiver=asked, by=walk.who.principal, now=charged_at + timedelta(hours=2))


def _pays(charge: Charge, number: int, charged_at: datetime) -> None:
    paid_at = charged_at + timedelta(days=number % 6, hours=3, minutes=number * 7 % 60)
    actions.record_payment(
        agreement=charge.agreement,
        amount=Fen(charge.gross_fen - charge.waived_fen),
        provider_key=f"wx{paid_at:%Y%m%d}{charge.pk.hex[-12:]}",
        paid_at=paid_at,
        by=None,
        now=paid_at,
    )


def _spend(walk: Walk, plan: Plan, contracts: list[Contract], month: Month) -> None:
    first = month.period.first
    for spent in money.days_of_spending(walk.times, month):
        if first <= spent < walk.times.today:
            _spend_for(walk, plan, contracts, first, spent)
        first = spent + timedelta(days=1)


def _spend_for(walk: Walk, plan: Plan, contracts: list[Contract], first: date, spent: date) -> None:
    units = Session.objects.filter(
        activity__plan=plan, state=SessionState.CLOSED, date__range=(first, spent)
    ).aggregate(sum=Sum("planned_units", default=0))["sum"]
    shop = Payee(PayeeKind.SUPPLIER, words.SHOP)
    for item, title, fen, payee in (
        ("teaching_pay", words.STAFF_PAY, units * contracts[1].pay_fen, BY_PAY_SHEET),
        ("activity_goods", words.MATERIALS, units * 200, shop),
    ):
        if not fen or fen > money.cash(walk.times.code):
            continue
        asked = actions.request_expenditure(
            term_code=walk.times.code,
            item=item,
            title=f"{spent.month}月{title}",
            amount=Fen(fen),
            payee=payee,
            spent_date=spent,
            by=walk.who.treasurer,
            now=times.at(spent, 19),
        )
        actions.approve_expenditure(expenditure=asked, by=walk.who.principal, now=times.at(spent, 20))


def _voices(walk: Walk, plan: Plan) -> None:
    """An incident of the first month, closed the same evening."""
    entry = (
        RollEntry.objects.filter(session__activity__plan=plan, state=RollState.LEFT)
        .select_related(
            "session__activity__plan", "session__closed_by", "pupil", "agreement__application__guardian__user"
        )
        .order_by("session__date", "pupil__number")
        .first()
    )
    if entry is None or entry.session.closed_by is None:
        return
    by = entry.session.closed_by
    summary, outcome = words.INCIDENTS[0]
    at = entry.session.starts_at + timedelta(minutes=20)
    found = incident_actions.report_incident(
        session=entry.session, pupil=entry.pupil, summary=summary, happened_at=at, by=by, now=at
    )
    incident_actions.close_incident(incident=found, outcome=outcome, by=by, now=at + timedelta(hours=2))
    _complains(walk, entry.agreement.application.guardian, at + timedelta(days=1))


def _complains(walk: Walk, guardian: Guardian, now: datetime) -> None:
    """A parent says something, the school answers after two days."""
    if guardian.user is None or now + timedelta(days=2) > walk.times.now:
        return
    text, answer = words.COMPLAINTS[ComplaintKind.OTHER]
    row = complaint_actions.complain(
        school=walk.school,
        key=uuid7(),
        wanted=Wanted(ComplaintKind.OTHER, text),
        by=guardian.user,
        now=now,
    )
    complaint_actions.answer(complaint=row, text=answer, by=walk.who.deputy, now=now + timedelta(days=2))


def _surveys(walk: Walk, contracts: list[Contract]) -> None:
    """The families of each teacher are asked for ten days; a complaint of the same weeks is answered."""
    when = walk.times
    opened = when.day(_survey_day(walk), 18)
    closes = opened + timedelta(days=10)
    if closes >= when.now:
        return
    for contract in contracts:
        survey = survey_actions.open_survey(
            contract=contract, term_code=when.code, closes_at=closes, by=walk.who.clerk, now=opened
        )
        invitations = survey.invitations.select_related("guardian__user").order_by("guardian__phone")
        for number, invitation in enumerate(invitations):
            user = invitation.guardian.user
            if user is not None and number % 10 < ANSWERED * 10:
                survey_actions.answer_survey(
                    invitation=invitation,
                    score=3 if number % 8 == 3 else 4 + number % 2,
                    comment=words.OPINIONS[number % len(words.OPINIONS)],
                    by=user,
                    now=opened + timedelta(days=1 + number % 8),
                )
        survey_actions.close_survey(survey=survey, by=None, now=closes + timedelta(minutes=5))
