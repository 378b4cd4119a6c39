"""A school is judged by the limits of its own policy (S48, calculations.md "Funnel"): pages, red lines and the API alike."""

import copy
import json
import re
from datetime import date, timedelta

import pytest
from django.core.cache import cache

from dashboards.overview import first
from oversight.facts import rollups
from oversight.facts.models import MonthFact, TermFact
from oversight.indicators import standards
from oversight.indicators.statistics import Lines
from oversight.redlines import actions
from oversight.redlines.models import Alert
from oversight.redlines.states import RuleCode
from tenants.context import in_city
from tenants.models import District
from tenants.policies import ready
from tenants.policies.documents import Policy
from tests import makers as people
from tests.dashboards import makers
from tests.dashboards.asking import rows_of, text_of
from tests.dashboards.conftest import HILLS, LAKE
from tests.dashboards.overview.test_first import schools

TODAY = makers.NOW.date()
BEGUN = date(2026, 9, 1)


@pytest.fixture(autouse=True)
def _fresh():
    cache.clear()
    yield
    cache.clear()


def a_document(warn, flag):
    document = copy.deepcopy(ready.document("national-2024"))
    document["signals"]["comparison"] |= {"warn_z_hundredths": warn, "flag_z_hundredths": flag}
    return document


def a_profile(warn, flag, *, district="", since=BEGUN):
    """Call it in the city."""
    where = District.objects.get(code=district) if district else None
    return people.a_policy(a_document(warn, flag), district=where, valid_from_date=since, name=f"界限{flag}")


@pytest.fixture
def twins(at_the_city, a_city):
    """Two schools alike, each in a district of its own: seven people complained where 1.8 are expected (P(x ≥ 7) = 0.3 %),
    and 70 % take part where the city has 77 % (z = −3.8)."""
    one, other = a_city(8, districts=2)[:2]
    assert (one.district.code, other.district.code) == (LAKE, HILLS)
    with in_city():
        TermFact.objects.filter(term_code=makers.RUNNING).update(
            pupils_on_roll=500, participants=400, five_day_participants=200, survey_invited=400,
            survey_answers=300, survey_high=270, consultation_yes=400,
        )  # fmt: skip
        MonthFact.objects.filter(term_code=makers.RUNNING).update(complaints=0, complaints_repeated=0)
        september = MonthFact.objects.filter(term_code=makers.RUNNING, month="2026-09")
        for school in (one, other):
            september.filter(school=school).update(complaints=7, complaints_answered_in_time=7)
            TermFact.objects.filter(school=school, term_code=makers.RUNNING).update(participants=350)
        a_profile(196, 309)
    return one, other


def rolled():
    """Call it in the city."""
    rollups.roll_everything(now=makers.NOW)
    actions.evaluate_all(now=makers.NOW)


def place(browser, path, school, name=""):
    """What the table says of the school, as a file."""
    for row in rows_of(browser.get(f"{path}?format=csv{name}")):
        if school.name in row:
            return row
    raise AssertionError(school.name)


def alerts(browser):
    rows = browser.get("/api/v1/alerts/?rule=complaint_burst").json()["results"]
    return {row["school_code"]: row["id"] for row in rows}


def test_one_count_is_beyond_the_limits_of_one_policy_and_within_those_of_another(twins, at_the_city):
    one, other = twins
    with in_city():
        a_profile(150, 250, district=LAKE)
        a_profile(300, 450, district=HILLS)
        rolled()
    browser = at_the_city()
    for path in ("/complaints/", "/participation/"):
        far = "明显高于全市平均" if path == "/complaints/" else "明显低于全市平均"
        assert far in place(browser, path, one)
        assert far not in place(browser, path, other)
        page = text_of(browser.get(path))
        assert "z=2.50" in page
        assert "z=4.50" in page
        assert (
            "外限（99.8%" not in page
        )  # nobody is judged by it but schools of a third policy, of which there are none
    found = alerts(browser)
    assert set(found) == {one.code}
    figures = {
        row["name"]: row["value"]
        for row in browser.get(f"/api/v1/alerts/{found[one.code]}/").json()["figures"]
    }
    assert figures["外控制限（z）"] == "2.50（98.8%）"
    assert "3.09（" not in text_of(browser.get(f"/alerts/{found[one.code]}/"))


def test_each_school_s_page_has_the_verdict_of_the_dashboard(twins, at_the_city):
    one, other = twins
    with in_city():
        a_profile(150, 250, district=LAKE)
        a_profile(300, 450, district=HILLS)
        rolled()
    browser = at_the_city()
    for school, wanted in ((one, "明显高于全市平均"), (other, "在正常波动内")):
        page = text_of(browser.get(f"/schools/{school.code}/"))
        row = next(row for row in re.findall(r"<tr.*?</tr>", page, re.DOTALL) if "每千人投诉" in row)
        assert wanted in row
    front = text_of(browser.get("/"))
    first_ones = front[front.index("最需要看的学校") :].partition("</div>")[0]
    assert one.name in first_ones
    assert other.name not in first_ones


def test_the_funnel_tells_every_policy_s_limits_and_whose_they_are(twins, at_the_city):
    one, other = twins
    with in_city():
        a_profile(150, 250, district=LAKE)
        a_profile(300, 450, district=HILLS)
        rolled()
    browser = at_the_city()
    row_of = {school.code: place(browser, "/complaints/", school, "&chart=funnel") for school in twins}
    assert "98.8%（z=2.50）" in row_of[one.code]
    assert "99.99932%（z=4.50）" in row_of[other.code]
    page = text_of(browser.get("/complaints/"))
    assert "政策档案" in page
    narrow = text_of(browser.get(f"/complaints/?district={LAKE}"))
    assert "外限（98.8%）" in narrow
    assert "4.50" not in narrow


def test_other_limits_from_a_later_day_leave_what_was_judged(twins, at_the_city):
    """A term keeps the rules that it began with; the same profile decides in the red lines."""
    with in_city():
        a_profile(150, 250, district=LAKE)
        a_profile(300, 450, district=HILLS)
        rolled()
    browser = at_the_city()
    before = {school.code: place(browser, "/complaints/", school, "&chart=funnel") for school in twins}
    raised = alerts(browser)
    with in_city():
        a_profile(300, 500, district=LAKE, since=TODAY)
        a_profile(100, 101, district=HILLS, since=TODAY)
        cache.clear()
        rolled()
    assert {
        school.code: place(browser, "/complaints/", school, "&chart=funnel") for school in twins
    } == before
    assert alerts(browser) == raised
    with in_city():
        assert list(Alert.objects.filter(rule=RuleCode.COMPLAINTS).values_list("times", flat=True)) == [1]


def test_without_a_policy_the_limits_of_the_calculations_hold(at_the_city, a_city):
    some = a_city(8)[0]
    page = text_of(at_the_city().get("/complaints/"))
    assert "外限（99.8%）" in page
    assert "内限（95%）" in page
    with in_city():
        assert standards.of_term(makers.RUNNING) == {}
        assert standards.lines(standards.of_term(makers.RUNNING), some.district.code, some.kind) == Lines(
            1.96, 3.09
        )


def test_the_most_specific_policy_that_had_begun_counts(at_the_city, a_city):
    a_city(4, districts=2)
    with in_city():
        a_profile(110, 210)
        people.a_policy(a_document(120, 220), kind="rural", valid_from_date=BEGUN)
        a_profile(130, 230, district=LAKE, since=BEGUN - timedelta(days=400))
        a_profile(131, 231, district=LAKE)
        a_profile(100, 500, district=LAKE, since=BEGUN + timedelta(days=1))
        found = standards.of_term(makers.RUNNING)
        assert standards.lines(found, LAKE, "urban") == Lines(1.31, 2.31)
        assert standards.lines(found, LAKE, "rural") == Lines(1.2, 2.2)
        assert standards.lines(found, HILLS, "urban") == Lines(1.1, 2.1)
        assert standards.lines(standards.of_term(makers.PAST), LAKE, "urban") == Lines(1.3, 2.3)
        assert standards.of_term("2019-2020-1") == {}


def test_the_policies_of_a_term_are_one_question(at_the_city, a_city, django_assert_num_queries):
    a_city(4)
    with in_city(), django_assert_num_queries(1):
        standards.of_term(makers.RUNNING)
        standards.of_term(makers.RUNNING)


def test_a_profile_for_a_term_that_had_none_shows_once_its_ten_minutes_are_over(twins, at_the_city):
    """No roll-up comes between: what a page kept is made anew when other limits are in force."""
    one, _other = twins
    with in_city():
        rolled()
    browser = at_the_city()
    assert "99.8%（z=3.09）" in place(browser, "/complaints/", one, "&chart=funnel")
    with in_city():
        a_profile(150, 250, district=LAKE)
        cache.clear()
    assert "98.8%（z=2.50）" in place(browser, "/complaints/", one, "&chart=funnel")


def test_a_change_is_told_when_it_is_beyond_the_school_s_own_inner_limit():
    """0.90 → 0.94 of 500 is z = 2.33: told where 1.96 is asked, not where 2.5 is."""
    now, then = schools(("X", 1000, 5, 500, 470)), schools(("X", 1000, 5, 500, 450))
    strict = {("", ""): Policy.from_document(a_document(250, 309)).comparison}
    assert [line.code for line in first.improved(now, then, rules={})] == ["X"]
    assert first.improved(now, then, rules=strict) == []


def test_limits_of_several_policies_are_told_apart_without_colour(twins, at_the_city):
    """Three policies are drawn, each with lines of its own; of a fourth the table tells."""
    with in_city():
        a_profile(150, 250, district=LAKE)
        a_profile(300, 450, district=HILLS)
        people.a_policy(a_document(110, 210), kind="rural", valid_from_date=BEGUN)
        people.a_policy(a_document(120, 220), kind="town", valid_from_date=BEGUN)
        rolled()
    browser = at_the_city()
    page = text_of(browser.get("/complaints/"))
    figure = json.loads(re.search(r'id="funnel-figure"[^>]*>(.*?)</script>', page, re.DOTALL)[1])
    limits = [trace for trace in figure["data"] if trace.get("meta") == "limit" and "限" in trace["name"]]
    assert len({trace["line"]["dash"] for trace in limits}) == len({trace["name"] for trace in limits}) == 3
    assert sum(trace["name"].startswith("外限（") and "z=" in trace["name"] for trace in limits) == 3
    assert "图中只画外限，学校最多的 3 组" in page
    assert {"96.4%（z=2.10）", "97.2%（z=2.20）"} <= {
        cell for row in rows_of(browser.get("/complaints/?format=csv&chart=funnel")) for cell in row
    }
