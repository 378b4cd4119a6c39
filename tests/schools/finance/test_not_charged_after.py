"""A class-hour place that came after its period was charged is told, with the run that charges it (S27, S36)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from schools.finance import actions, gates, queries, runs
from schools.finance.models import Settlement
from schools.planning.gates import DONE, NOW
from tenants.context import in_school
from tenants.models import PolicyProfile
from tests import makers
from tests.schools.finance import stage
from tests.schools.finance.test_pages import (  # noqa: F401  (fixtures)
    TODAY,
    Stage,
    first_day,
    no_second_factor,
    school,
    text,
)

PREVIEW = "/finance/charges/preview/"
SAID = "收费之后增加的课时，还没有收费"


@pytest.fixture
def on(school):  # noqa: F811  (a fixture)
    """3.00 an hour, two lessons of two hours each of two activities this month; both families have reading alone."""
    found = Stage(school, families=1, fee_unit="class_hour")
    with in_school(school):
        found.plan.fee_fen = 300
        found.plan.save()
        found.families = [stage.a_family(found.plan, from_date=first_day()) for _ in range(2)]
        found.reading, found.football = (
            makers.an_activity(found.plan, title=title, weekday=day)
            for day, title in enumerate(("阅读", "足球"), 1)
        )
        for activity in (found.reading, found.football):
            for day in (1, 2):
                makers.a_session(activity, day=TODAY.replace(day=day), planned_units=2)
        for family in found.families:
            makers.a_place(family, found.reading, placed_from=first_day(), placed_at=timezone.now())
        found.run = charges(found)
    return found


def charges(on):
    return actions.charge_period(plan=on.plan, period=on.month, by=on.them.clerk, now=timezone.now())


def gets_football(on, family, **more):
    given = {"placed_from": first_day(), "placed_at": timezone.now() + timedelta(seconds=1), **more}
    return makers.a_place(family, on.football, **given)


def told():
    return [
        (row.agreement.number, row.period, row.hours, row.fen)
        for row in queries.not_charged_after(makers.TERM)
    ]


def test_what_was_charged_with_its_period_is_not_told(on):
    with in_school(on.school):
        gets_football(on, on.families[0], placed_at=timezone.now() - timedelta(hours=1))
        assert told() == []


def test_hours_of_a_later_place_are_told_with_their_price(on):
    family = on.families[0]
    with in_school(on.school):
        gets_football(on, family)
        assert told() == [(family.number, on.month, 4, 1200)]


def test_only_lessons_from_its_first_day_on_that_are_held_are_told(on):
    family = on.families[0]
    with in_school(on.school):
        gets_football(on, family, placed_from=TODAY.replace(day=2))
        assert told() == [(family.number, on.month, 2, 600)]
        on.football.sessions.filter(date=TODAY.replace(day=2)).update(state="cancelled", cancel_reason="台风")
        assert told() == []


@pytest.mark.parametrize(("cap", "fen"), [(1200, [0]), (1500, [300])])
def test_under_a_cap_that_binds_hours_are_told_as_free(on, cap, fen):
    """12.00 of at most 12.00 are charged: more hours cost nothing, and are counted. Of at most 15.00 there are 3.00 left."""
    limit = [{"per": "month", "fen": cap, "meaning": "ceiling"}]
    PolicyProfile.objects.update(document=stage.rules(caps=limit))
    with in_school(on.school):
        gets_football(on, on.families[0])
        assert [each[3] for each in told()] == fen


def test_a_waiver_takes_its_share_of_what_is_told(on):
    family = on.families[0]
    with in_school(on.school):
        stage.waives(family.charges.get(taken_back_at=None), on.them, fen=600, now=timezone.now())
        gets_football(on, family)
        assert told() == [(family.number, on.month, 4, 600)]


def test_by_the_month_a_later_place_costs_nothing_more(school):  # noqa: F811
    found = Stage(school)
    with in_school(school):
        football = makers.an_activity(found.plan)
        makers.a_session(football, day=TODAY)
        makers.a_place(found.families[0], football, placed_from=TODAY, placed_at=timezone.now())
        assert told() == []


def test_a_term_that_was_settled_is_charged_no_more(on):
    with in_school(on.school):
        gets_football(on, on.families[0])
        Settlement.objects.create(
            term_code=makers.TERM, state="batched", key="paid", received_fen=0, spent_fen=0, refunded_fen=0,
            pool_fen=0, ledger_position=0, previewed_at=timezone.now(), previewed_by=on.them.treasurer,
            resolution_id=on.plan.pk, batched_at=timezone.now(), batched_by=on.them.principal,
        )  # fmt: skip
        assert told() == []


def test_a_run_that_is_taken_back_and_made_again_has_all_places(on):
    """The run is taken back while nobody has paid for it, and made again: then it has all places."""
    family, other = on.families
    with in_school(on.school):
        gets_football(on, family)
        actions.take_back(run=on.run, reason="增加了活动", by=on.them.clerk, now=timezone.now())
        assert told() == []
        later = timezone.now() + timedelta(seconds=2)
        actions.charge_period(plan=on.plan, period=on.month, by=on.them.clerk, now=later)
        run = on.plan.charge_runs.order_by("posted_at").last()
        charged = dict(run.charges.values_list("agreement", "gross_fen"))
        assert charged == {family.pk: 2400, other.pk: 1200}
        assert told() == []


def test_preview_and_overview_say_it(on):
    family = on.families[0]
    clerk = on.as_(on.them.clerk)
    for page in ("/finance/", f"{PREVIEW}?period={on.month}"):
        assert SAID not in text(clerk.get(page))
    with in_school(on.school):
        gets_football(on, family)
    for page in ("/finance/", f"{PREVIEW}?period={on.month}"):
        said = text(clerk.get(page))
        assert SAID in said
        assert f"{family.number}，{on.month}：4 课时，¥12.00" in said
        assert "补收到原来那笔应收里" in said


def test_the_terms_steps_say_that_something_is_left_to_charge(on):
    """Before, the step stood as done; the head of a family list is not where one looks for it."""
    with in_school(on.school):
        (charged, *_rest) = gates.gates(makers.TERM, on.plan, timezone.now())
        assert (charged.state, charged.why) == (DONE, "")
        gets_football(on, on.families[0])
        (charged, *_rest) = gates.gates(makers.TERM, on.plan, timezone.now())
        assert (charged.state, charged.why) == (NOW, "收费之后又增加了课时，请再开具一次")


def test_the_page_charges_what_its_preview_showed(on):
    """One family, 12.00; the page of before it says that nobody is left to be charged."""
    family, clerk = on.families[0], on.as_(on.them.clerk)
    assert "没有要收费的家庭" in text(clerk.get(f"{PREVIEW}?period={on.month}"))
    with in_school(on.school):
        gets_football(on, family, placed_at=timezone.now())
        digest = runs.draft(on.plan, on.month).digest
    page = clerk.get(f"{PREVIEW}?period={on.month}")
    assert "其中补收课时" in text(page)
    assert digest in page.content.decode()
    answer = clerk.post(PREVIEW, {"period": on.month, "shown": digest}, follow=True)
    assert "已开具 1 户，共 ¥12.00" in text(answer)
    assert SAID not in text(clerk.get("/finance/"))
    with in_school(on.school):
        assert family.charges.get(taken_back_at=None).gross_fen == 2400
        run = on.plan.charge_runs.order_by("posted_at").last()
        assert on.run.pk != run.pk
    page = text(clerk.get(f"/finance/charges/runs/{on.run.pk}/take-back/"))
    assert "请先撤回补收的那一次" in page


def test_the_preview_of_the_api_says_it(on):
    with in_school(on.school):
        gets_football(on, on.families[0])
    asked = {"plan": str(on.plan.pk), "period": on.month}
    answer = on.as_(on.them.clerk).post(
        "/api/v1/finance/charges/preview/", asked, content_type="application/json"
    )
    assert answer.json()["not_charged_after"] == [
        {
            "agreement": on.families[0].number,
            "period": on.month,
            "hours": 4,
            "fen": 1200,
            "by_a_run": True,
            "is_free": False,
        }
    ]
    assert answer.json()["added_hours"] == answer.json()["not_charged_after"]
    assert (answer.json()["families"], answer.json()["total_fen"]) == (1, 1200)


def test_the_pages_cost_the_same_whatever_the_number_of_families(school):  # noqa: F811
    found = Stage(school, 9, fee_unit="class_hour")
    with in_school(school):
        found.football = makers.an_activity(found.plan)
        makers.a_session(found.football, day=TODAY)
    client, asked = found.as_(found.them.clerk), []
    for some in (found.families[:2], found.families[2:]):
        with in_school(school):
            for family in some:
                gets_football(found, family)
        for page in ("/finance/", f"{PREVIEW}?period={found.month}"):
            client.get(page)
            with CaptureQueriesContext(connection) as queries_of:
                assert SAID in text(client.get(page))
            asked.append(len(queries_of))
    assert asked[:2] == asked[2:]
