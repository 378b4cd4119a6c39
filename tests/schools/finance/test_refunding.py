"""What a refund rule is given: the right rule, the bills that stand, the days of the child, the day of an exit."""

import copy
from datetime import UTC, date, datetime, timedelta

import pytest

from afterbell.kernel.ids import uuid7
from afterbell.kernel.money import Fen
from schools.care.models import RollEntry, Session
from schools.care.states import RollState, SessionState
from schools.finance import families, gathering, refunding, rules
from schools.finance.models import Calculation, Charge
from schools.finance.timetable import exited_on
from tenants.context import in_school
from tenants.models import School, Stage
from tenants.policies import ready
from tenants.policies.documents import RefundKind, SettlementKey
from tests import makers
from tests.city import NOON
from tests.schools.finance import stage

LATE = datetime(2026, 10, 26, 4, 0, tzinfo=UTC)
NOTHING_BUT_THE_MONTH = {
    "kind": "continuous_months",
    "month": "calendar",
    "half_month_returns_half": False,
}


def charged(family, period, fen, **more):
    given = {"units": 1, "unit": "month", "collector": "school", "created_at": NOON, **more}
    return Charge.objects.create(
        id=uuid7(), agreement=family, term_code=makers.TERM, period=period, gross_fen=fen, **given
    )  # fmt: skip


def calculated(family, period, fen):
    return Calculation.objects.create(
        id=uuid7(), agreement=family, term_code=makers.TERM, cause="absence", period=period, text="",
        key=f"absence:{family.pk.hex}:{period}", credit_fen=fen, at=NOON,
    )  # fmt: skip


def a_place(plan_fen=6500, *, count=34, grade=1):
    """A family in an activity with sessions on every weekday from 7 September on, 18 of them in September."""
    plan = stage.monthly_plan(plan_fen)
    activity = makers.an_activity(plan)
    held = stage.sessions(activity, date(2026, 9, 7), count)
    pupil = makers.a_pupil(school_class=makers.a_class(grade=grade))
    return stage.a_family(plan, activity, pupil=pupil), held


def stays_away(family, sessions):
    """These sessions were held; the child came to none of them."""
    for session in sessions:
        Session.objects.filter(pk=session.pk).update(state=SessionState.CLOSED, closed_at=NOON)
        RollEntry.objects.create(
            session=session, agreement=family, pupil=family.pupil, state=RollState.ABSENT
        )


def of_period(family, period):
    ((_agreement, (case, _charges)),) = refunding.cases(family.plan, period=period)
    return case.returned(left_on=None).fen


def test_september_is_whole_though_the_plan_begins_on_the_seventh(north):
    """All 18 service days of September; nothing before: 65.00 (issue, 9)."""
    stage.the_term(refund=NOTHING_BUT_THE_MONTH)
    with in_school(north):
        family, held = a_place()
        charged(family, "2026-09", 6500)
        stays_away(family, held[:17])
        assert of_period(family, "2026-09") == 0
        stays_away(family, held[17:18])
        assert of_period(family, "2026-09") == 6500


def nine_year(code):
    School.objects.filter(code=code).update(stage=Stage.NINE_YEAR)
    return makers.school(code)


@pytest.mark.parametrize(
    ("grade", "kind"),
    [
        (1, RefundKind.CONTINUOUS_MONTHS),
        (6, RefundKind.PER_DAY),
        (7, RefundKind.REMAINING_DAYS),
        (9, RefundKind.REMAINING_DAYS),
    ],
)
def test_each_child_is_under_the_rule_of_its_stage_and_grade(north, grade, kind):
    """A nine-year school: one plan, three rules."""
    exceptions = [
        {**copy.deepcopy(ready.document("ezhou")["refund"]), "stages": ["primary"], "grades": [6]},
        {"kind": "remaining_days", "stages": ["lower_secondary"]},
    ]
    stage.the_term(refund=NOTHING_BUT_THE_MONTH, refund_exceptions=exceptions)
    with in_school(nine_year(north.code)):
        family, _held = a_place(grade=grade)
        case = refunding.case_of(family).case
        assert (case.rule.kind, case.grade) == (kind, grade)


def test_a_charge_that_was_taken_back_returns_nothing(north):
    stage.the_term(refund=NOTHING_BUT_THE_MONTH)
    with in_school(north):
        family, held = a_place()
        clerk = makers.a_user("clerk")
        undone = {"taken_back_at": NOON, "taken_back_by": clerk, "taken_back_reason": "重复"}
        charged(family, "2026-09", 6500, **undone)
        stays_away(family, held[:18])
        assert refunding.case_of(family).case.bills == ()
        charged(family, "2026-09", 6000)
        assert of_period(family, "2026-09") == 6000


def test_a_charge_that_an_exit_cut_off_was_for_the_whole_period(north):
    stage.the_term("wuhan")
    with in_school(north):
        family, _held = a_place(13000)
        charged(family, "2026-09", 13000, first_date=date(2026, 9, 1), last_date=date(2026, 9, 18))
        family.until_date = date(2026, 9, 18)
        family.save()
        (bill,) = refunding.case_of(family).case.bills
        assert (len(bill.hours), bill.days.last) == (18, date(2026, 9, 30))


def test_a_month_in_two_bills_is_not_lost_and_not_given_twice(north):
    """Away from 21 September to 20 October: half a month is known on 1 October, the rest on 1 November."""
    haikou = ready.document("haikou")["refund"]
    stage.the_term(refund=haikou)
    with in_school(north):
        family, held = a_place(6600, count=40)
        for period in ("2026-09", "2026-10"):
            charged(family, period, 6600)
        stays_away(family, [row for row in held if date(2026, 9, 21) <= row.date <= date(2026, 9, 30)])
        assert of_period(family, "2026-09") == 0
        calculated(family, "2026-09", 0)
        stays_away(family, [row for row in held if date(2026, 10, 1) <= row.date <= date(2026, 10, 20)])
        september, october = Fen(2933), Fen(4200)  # 8 of 18 days; 14 of 22
        assert of_period(family, "2026-10") == september + october
        calculated(family, "2026-10", september + october)
        assert refunding.case_of(family).case.returned(left_on=None).fen == 0


def test_an_exit_leaves_out_what_absences_gave_before(north):
    """Ezhou, 3.36: three days of September are given; on the exit the five days after it are."""
    stage.the_term("ezhou")
    with in_school(north):
        family, held = a_place(7000, count=18)
        charged(family, "2026-09", 7000)
        stays_away(family, held[:3])
        calculated(family, "2026-09", of_period(family, "2026-09"))
        assert refunding.case_of(family).case.returned(left_on=held[-6].date).fen == 5 * 336


def test_an_exit_counts_from_the_agreements_last_day_and_not_from_its_recording(north):
    """Left on the 18th, written down on 26 October: what was not used since the 18th goes back."""
    stage.the_term("wuhan")
    with in_school(north):
        family, _held = a_place(13000)
        charged(family, "2026-09", 13000)
        family.state, family.ended_at, family.until_date = "ended", LATE, date(2026, 9, 18)
        family.save()
        assert exited_on(family, family.plan) == date(2026, 9, 18)
        standing = gathering.Standing(balance=Fen(0), net_cash=Fen(13000), waiting=Fen(0))
        term = rules.term(makers.TERM)
        (end,) = families.ends(term, SettlementKey.PAID, LATE.date(), {family.pk: standing})
        assert end.credit == 5778  # 8 of 18 days


def test_the_true_up_is_the_same_for_month_bills_and_one_bill_of_the_term(north):
    """70.00 a month: two of September's four lessons cancelled are 35.00, and not 2 of the term's 14."""
    stage.the_term("wuhan")
    with in_school(north):
        plan = stage.monthly_plan(7000)
        activity = makers.an_activity(plan)
        stage.sessions(activity, date(2026, 9, 7), 2, state="closed")
        stage.sessions(activity, date(2026, 9, 9), 2, state="cancelled")
        stage.sessions(activity, date(2026, 10, 12), 10, state="closed")
        one, five, two = (stage.a_family(plan, activity) for _ in range(3))
        charged(one, makers.TERM, 5 * 7000, units=5)
        for month in ("2026-09", "2026-10", "2026-11", "2026-12", "2027-01"):
            charged(five, month, 7000)
        charged(two, "2026-09", 7000)
        charged(two, "2026-10", 7000)
        standings = {
            each.pk: gathering.Standing(balance=Fen(0), net_cash=Fen(35000), waiting=Fen(0))
            for each in (one, five, two)
        }
        found = families.ends(rules.term(makers.TERM), SettlementKey.PAID, date(2027, 1, 25), standings)
        given = {end.agreement_id: end.credit for end in found}
        assert given[two.pk] == 3500
        assert given[one.pk] == given[five.pk] == 3500 + 3 * 7000  # no lesson from November on


@pytest.mark.parametrize("looked_at", [False, True])
def test_a_cap_of_the_term_is_trued_up_over_all_months_whether_absences_were_calculated_or_not(
    north, looked_at
):
    """Longling, 100 and 70 hours at 2.50, at most 400.00; ten of each are cancelled: 150 hours are 375.00."""
    stage.the_term("longling")
    with in_school(north):
        plan = makers.a_plan(fee_fen=250)
        activity = makers.an_activity(plan)
        for first, count in ((date(2026, 9, 7), 9), (date(2026, 10, 12), 6)):
            *_held, last = stage.sessions(activity, first, count, units=10, state="closed")
            off = last.date + timedelta(days=1)
            while off.isoweekday() > 5:
                off += timedelta(days=1)
            stage.sessions(activity, off, 1, units=10, state="cancelled")
        family = stage.a_family(plan, activity)
        charged(family, "2026-09", 25000, units=100, unit="class_hour")
        charged(family, "2026-10", 15000, units=70, unit="class_hour")
        if looked_at:
            assert of_period(family, "2026-09") == 0  # 160 hours are still 400.00
            calculated(family, "2026-09", 0)
        standings = {family.pk: gathering.Standing(balance=Fen(0), net_cash=Fen(40000), waiting=Fen(0))}
        (end,) = families.ends(rules.term(makers.TERM), SettlementKey.PAID, date(2027, 1, 25), standings)
        assert end.credit == 2500


def test_nobody_exits_who_stays_to_the_end(north):
    stage.the_term("wuhan")
    with in_school(north):
        family, _held = a_place()
        assert exited_on(family, family.plan) is None
        family.ended_at = LATE
        assert exited_on(family, family.plan) is None


def test_the_same_queries_for_one_family_and_for_many(north, django_assert_num_queries):
    stage.the_term("ezhou")
    with in_school(north):
        family, _held = a_place()
        for _ in range(3):
            charged(stage.a_family(family.plan), "2026-09", 6500)
        rules.school_here()
        with django_assert_num_queries(10):
            assert len(list(refunding.cases(family.plan, period="2026-09"))) == 4
