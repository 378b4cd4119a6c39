"""A fee for the term, and lessons of its last months not made yet: the early end waits for them (S37)."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from schools.care.models import Session
from schools.finance import actions, not_made, queries
from schools.finance.actions import service_end
from schools.planning.models import Plan
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.finance import stage

EARLY = NOON.replace(month=11, day=2)
REASON = "校舍维修，服务停止"


@pytest.fixture
def them(north):
    stage.the_term("wuhan")
    with in_school(north):
        yield stage.people()


def of_the_term(them, count, **fee):
    """September and October are made and held; `count` lessons after that."""
    plan = makers.a_plan(**{"fee_unit": "term", "fee_fen": 50000, **fee})
    activity = makers.an_activity(plan)
    stage.sessions(activity, date(2026, 9, 1), 44, state="closed")
    if count:
        stage.sessions(activity, date(2026, 11, 3), count)
    family = stage.a_family(plan, activity, school_signed_by=them.principal)
    actions.charge_period(plan=plan, period=makers.TERM, by=them.clerk, now=NOON)
    return plan, family


def ends(plan, them):
    return actions.end_service(plan=plan, reason=REASON, by=them.principal, now=EARLY)


def test_the_early_end_waits_until_the_lessons_of_the_term_are_made(them):
    """500.00 were charged and nothing came off: lessons that nobody made can't be cancelled."""
    plan, family = of_the_term(them, 0)
    with pytest.raises(service_end.LessonsNotMade, match="2026-11、2026-12、2027-01 的服务还没有生成"):
        ends(plan, them)
    assert Plan.objects.get().ended_date is None
    assert queries.owed_by(queries.agreement(family.pk)) == 50000


def test_with_all_months_made_the_rest_of_the_fee_comes_off(them):
    plan, family = of_the_term(them, 56)
    assert ends(plan, them) == 56
    assert queries.owed_by(queries.agreement(family.pk)) == 22000  # 44 of 100 lessons


def test_only_months_of_the_plan_with_school_days_of_its_own_are_asked_for(them, north):
    """Whatever state the lessons have by now; a month without a day of its weekday has none to make."""
    plan, _family = of_the_term(them, 40)  # up to 28 December
    assert list(map(str, not_made.months(plan, EARLY.date()))) == ["2027-01"]
    Session.objects.filter(date__month=12).update(state="cancelled", cancel_reason="流感")
    assert list(map(str, not_made.months(plan, EARLY.date()))) == ["2027-01"]
    Session.objects.filter(date__month=12).delete()
    assert list(map(str, not_made.months(plan, date(2026, 12, 27)))) == ["2026-12", "2027-01"]
    plan.activities.update(weekday=1)
    assert list(map(str, not_made.months(plan, date(2026, 12, 28)))) == ["2027-01"]  # the last Monday is over
    assert not_made.months(plan, plan.last_date) == []


@pytest.mark.parametrize("unit", ["month", "class_hour"])
def test_other_fees_do_not_wait(them, unit):
    """A month without lessons is not paid for, and a fee by the class hour is for those that were made."""
    plan = makers.a_plan(fee_unit=unit, fee_fen=100)
    makers.an_activity(plan)
    assert ends(plan, them) == 0


def test_the_page_says_it_at_the_field_and_keeps_what_was_typed(north, settings):
    """Of a plan that runs now; the API refuses the same."""
    settings.SECOND_FACTOR = "optional"
    today = timezone.localdate()
    makers.a_term(first_date=today - timedelta(days=40), last_date=today + timedelta(days=60))
    makers.a_policy(stage.rules())
    with in_school(north):
        them = stage.people()
        plan = makers.a_plan(
            fee_unit="term", fee_fen=50000,
            first_date=today - timedelta(days=40), last_date=today + timedelta(days=60),
        )  # fmt: skip
        makers.an_activity(plan)
    client = stage.logged_in(north, them.principal)
    answer = client.post("/finance/service-end/", {"reason": REASON})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "这份方案按学期收费" in page
    assert REASON in page
    body = {"term_code": makers.TERM, "reason": REASON}
    answer = client.post("/api/v1/finance/service-end/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (409, "finance.lessons_not_made")
    with in_school(north):
        assert Plan.objects.get().ended_date is None
