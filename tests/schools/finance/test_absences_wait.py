"""What families are owed for days away is calculated before the rest of the money is shared out among all (S37)."""

from datetime import date, timedelta

import pytest

from schools.care.models import RollEntry, Session
from schools.care.states import SessionState
from schools.finance import absences, actions, promises, queries
from schools.finance.actions.calculations import PeriodNotOver
from schools.finance.actions.settlement import TermNotOver
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.finance import stage
from tests.schools.finance.test_refunds import cancels

WAITS = "2026-09 有缺勤应退的费用还没有计算"
SHARES_BY_HOURS = {"kind": "class_hours"}
MONTHS = {"kind": "continuous_months", "month": "calendar", "half_month_returns_half": False}


def september(*, away: int = 1, cancelled: int = 0):
    """Two families have paid 70.00 for ten lessons; one child was away from the first, the last did not take place."""
    plan = stage.monthly_plan(7000)
    activity = makers.an_activity(plan)
    held = stage.sessions(activity, date(2026, 9, 7), 10, state="closed")
    signer = makers.a_user("principal")
    families = [stage.a_family(plan, activity, school_signed_by=signer) for _ in range(2)]
    for lesson in held[:away]:
        RollEntry.objects.create(
            session=lesson, agreement=families[0], pupil=families[0].pupil, state="absent"
        )
    if cancelled:
        cancels(*held[-cancelled:])
    actions.charge_period(plan=plan, period="2026-09", by=signer, now=NOON)
    for family in families:
        stage.pays(family, 7000)
    return plan, families


def preview(them):
    return actions.preview_settlement(term_code=makers.TERM, by=them.treasurer, now=stage.OVER)


def test_a_settlement_waits_for_absences_and_says_so(north):
    """Ezhou: 3.36 a day away; shared out among all it would be 1.68 for the child and for the other."""
    stage.the_term("ezhou")
    with in_school(north):
        them = stage.people()
        plan, (away, _came) = september()
        stage.closes_the_term(them)
        with pytest.raises(TermNotOver, match=WAITS):
            preview(them)
        (found,) = actions.refund_absences(plan=plan, period="2026-09", by=them.clerk, now=stage.OVER)
        assert (found.calculation.agreement, found.credit) == (away, 336)
        assert absences.periods_waiting(makers.TERM) == []
        assert preview(them).pk
        assert promises.broken_promise() is None


@pytest.mark.parametrize(
    ("profile", "changes", "given", "waits"),
    [
        # the settlement looks at cancelled lessons by itself
        ("ezhou", {}, {"away": 0, "cancelled": 2}, False),
        ("ezhou", {}, {"away": 1, "cancelled": 2}, True),
        ("ezhou", {"refund": {"kind": "none"}}, {"away": 10}, False),
        ("ezhou", {"refund": SHARES_BY_HOURS}, {"away": 10}, False),
        ("wuhan", {}, {"away": 1}, False),
        ("wuhan", {"refund": MONTHS}, {"away": 10}, True),
    ],
)
def test_only_what_the_rule_gives_for_days_away_is_waited_for(north, profile, changes, given, waits):
    stage.the_term(profile, **changes)
    with in_school(north):
        stage.people()
        september(**given)
        assert absences.periods_waiting(makers.TERM) == (["2026-09"] if waits else [])


def test_who_left_and_what_was_taken_back_wait_for_nothing(north):
    stage.the_term("ezhou")
    with in_school(north):
        them = stage.people()
        _plan, (away, _came) = september()
        away.state, away.until_date, away.ended_at = "ended", date(2026, 9, 18), NOON
        away.save()
        assert absences.periods_waiting(makers.TERM) == []
        away.state, away.until_date, away.ended_at = "active", date(2027, 1, 22), None
        away.save()
        assert absences.periods_waiting(makers.TERM) == ["2026-09"]
        actions.refund_absences(plan=away.plan, period="2026-09", by=them.clerk, now=stage.NEXT)
        assert absences.periods_waiting(makers.TERM) == []


def test_after_an_early_end_absences_can_be_looked_at_at_once(north):
    """The calendar's September runs on for days in which there is no lesson any more."""
    stage.the_term("ezhou")
    today = date(2026, 9, 23)
    with in_school(north):
        them = stage.people()
        plan, (_away, _came) = september()
        now = NOON.replace(day=22)
        actions.end_service(plan=plan, reason="校舍维修，服务停止", by=them.principal, now=now)
        Session.objects.filter(state__in=[SessionState.PLANNED, SessionState.OPEN]).update(
            state=SessionState.CANCELLED, cancel_reason="停课", closed_at=None
        )
        plan.refresh_from_db()
        assert queries.periods_over(makers.TERM, today - timedelta(days=1)) == {}
        assert queries.periods_over(makers.TERM, today) == {"2026-09": [plan]}
        with pytest.raises(PeriodNotOver):
            actions.refund_absences(plan=plan, period="2026-09", by=them.clerk, now=now)
        made = actions.refund_absences_of_all(
            term_code=makers.TERM, period="2026-09", by=them.clerk, now=now + timedelta(days=1)
        )
        assert [each.credit > 0 for each in made] == [True]
