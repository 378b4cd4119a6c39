"""The school's view of itself: exactly what the city sees of it, and of the others numbers without names."""

import re

import pytest
from django.db.models import F

from afterbell.accounts.roles import Role
from dashboards.own.advice import ADVICE
from oversight.facts import rollups
from oversight.facts.models import ClassFact, MonthFact, TermFact
from oversight.redlines import actions
from oversight.redlines.states import RuleCode
from tenants.context import current_schema, in_city
from tenants.policies import ready
from tests import makers as people
from tests.dashboards import makers
from tests.dashboards.asking import MOST_BYTES, MOST_STATEMENTS, rows_of, size, statements, text_of

PAGE = "/desk/overview/"


def test_it_shows_the_school_its_place_and_the_age_of_the_data(at_the_school, among_others, north):
    among_others()
    page = text_of(at_the_school(north).get(PAGE))
    assert "市级看到的数据截至" in page
    assert "2026年11月23日 17:00" in page
    assert "同类中位数" in page
    assert "湖滨区第一小学" in page


def test_it_is_what_the_city_sees(at_the_school, at_the_city, among_others, north):
    among_others()
    own, city = at_the_school(north), at_the_city()
    for chart in ("peers", "months", "classes"):
        query = f"?format=csv&chart={chart}"
        assert rows_of(own.get(f"{PAGE}{query}")) == rows_of(city.get(f"/schools/{north.code}/{query}"))


def test_no_other_school_is_named(at_the_school, among_others, north):
    schools = among_others()
    browser = at_the_school(north)
    for query in (
        "",
        "?format=csv&chart=peers",
        "?format=csv&chart=months",
        "?school=3301020002&district=330103",
    ):
        content = browser.get(f"{PAGE}{query}").content.decode()
        assert not [
            each.code for each in schools[1:] if f">{each.code}" in content or f"/{each.code}" in content
        ]
        assert not [each.name for each in schools[1:] if f"{each.name}<" in content]


def test_each_school_sees_itself(at_the_school, among_others, north, south):
    among_others(10)
    one, two = (rows_of(at_the_school(each).get(f"{PAGE}?format=csv&chart=peers")) for each in (north, south))
    assert one[1:] != two[1:]


def test_alerts_say_what_to_mend(at_the_school, among_others, north, south):
    people.a_policy(ready.document("national-2024"), name="全国规则")
    among_others(4)
    with in_city():
        TermFact.objects.filter(school=north, term_code=makers.RUNNING).update(fee_fen=900)
        rollups.roll_everything(now=makers.NOW)
        actions.evaluate_all(now=makers.NOW)
    page = text_of(at_the_school(north).get(PAGE))
    assert "超过封顶" in page
    assert "请按政策上限重新核定收费标准" in page
    assert "/alerts/" not in page, "the city's pages are not on this host"
    assert "超过封顶" not in text_of(at_the_school(south).get(PAGE))


def test_a_complaint_at_the_bureau_changes_nothing_that_the_school_sees(
    at_the_school, at_the_city, among_others, north
):
    """S46: five families went to the bureau; no figure, alert, level or file of the school's own page differs.

    One class shows one sign: with a complaint of forcing it is a red line at the city, and a notice here as before.
    """
    people.a_policy(ready.document("national-2024"), name="全国规则")
    among_others(30)
    with in_city():
        one = ClassFact.objects.filter(school=north, term_code=makers.RUNNING).order_by("pk").first()
        ClassFact.objects.filter(pk=one.pk).update(
            pupils=40, participants=30, asked_answers=38, asked_no=8, consents=30, consents_in_burst=4,
            consents_one_device=29, consents_before_close=0,
        )  # fmt: skip
        rollups.roll_everything(now=makers.NOW)
        actions.evaluate_all(now=makers.NOW)
    own, city = at_the_school(north), at_the_city()
    paths = ["", *(f"?format=csv&chart={chart}" for chart in ("peers", "months", "classes"))]
    before = [_without_the_moment(own.get(f"{PAGE}{path}")) for path in paths]
    with in_city():
        month = MonthFact.objects.filter(school=north, term_code=makers.RUNNING).order_by("-month").first()
        MonthFact.objects.filter(pk=month.pk).update(
            complaints=F("complaints") + 25, complaints_forced=F("complaints_forced") + 5,
            complaints_illegal_teaching=2, complaints_overdue=F("complaints_overdue") + 3,
            complaints_answered_in_time=F("complaints_answered_in_time") + 4, complaints_unheard=25,
            complaints_unheard_in_time=4, complaints_waiting=F("complaints_waiting") + 18,
            complaints_unheard_waiting=18,
        )  # fmt: skip
        rollups.roll_everything(now=makers.NOW)
        actions.evaluate_all(now=makers.NOW)
    assert [_without_the_moment(own.get(f"{PAGE}{path}")) for path in paths] == before
    alerts = text_of(city.get(f"/alerts/?school={north.code}"))
    assert "投诉集中" in alerts
    assert "红线" in alerts
    assert "投诉集中" not in before[0]
    assert "强制参加迹象" in before[0]


def _without_the_moment(answer):
    """What is drawn anew for each visitor: tokens of forms and scripts."""
    return re.sub(
        r'(nonce|value|name="csrf[^"]*"|hx-headers)=("[^"]*"|\'[^\']*\')', "", answer.content.decode()
    )


def test_every_rule_has_advice():
    assert set(ADVICE) == set(RuleCode)


@pytest.mark.parametrize("size_of_city", [5, 60])
def test_it_asks_the_database_twelve_times_at_most(at_the_school, among_others, north, size_of_city):
    among_others(size_of_city)
    browser = at_the_school(north)
    asked = statements(browser, PAGE)
    assert len(asked) <= MOST_STATEMENTS, asked


def test_it_stays_small(at_the_school, among_others, north):
    among_others()
    assert size(at_the_school(north), PAGE) <= MOST_BYTES


@pytest.mark.parametrize("role", [Role.GUARDIAN, Role.CARE_STAFF, Role.COMMITTEE_MEMBER])
def test_only_who_leads_the_school_sees_it(at_the_school, north, role):
    assert at_the_school(north, role).get(PAGE).status_code == 403


def test_the_principal_of_another_school_is_nobody_here(at_the_school, among_others, north, south):
    among_others(4)
    browser = at_the_school(north)
    assert browser.get(PAGE, HTTP_HOST=f"s{south.code}.localhost").status_code == 302


def test_it_is_in_the_navigation_of_the_school_and_not_of_the_city(
    at_the_school, at_the_city, among_others, north
):
    among_others(4)
    assert f'href="{PAGE}"' in text_of(at_the_school(north).get(PAGE))
    assert at_the_city().get(PAGE).status_code == 404


def test_the_request_stays_in_its_school(at_the_school, among_others, north):
    among_others(4)
    before = current_schema()
    at_the_school(north).get(PAGE)
    assert current_schema() == before


def test_a_school_that_never_reported_and_a_term_without_data_say_so(at_the_school, north):
    browser = at_the_school(north)
    assert "还没有" in text_of(browser.get(PAGE))
    with in_city():
        makers.the_terms()
    page = text_of(browser.get(f"{PAGE}?term=%01zz"))
    assert "没有这个学期" in page
    assert "市级还没有本校的数据" in page
    assert "这里会" in page
