"""One count, one age, one verdict: what two pages say of the same thing is the same (issue "one truth")."""

import re
from datetime import timedelta

import pytest

from afterbell.accounts.roles import Role
from oversight.disclosure import actions as disclosure
from oversight.facts.models import AreaPulse
from oversight.redlines.models import Alert
from oversight.redlines.states import AlertState, Level, RuleCode
from tenants.context import in_city
from tests.dashboards import makers
from tests.dashboards.asking import text_of
from tests.dashboards.conftest import LAKE

OWED = {
    "surplus_fen": 13_393_240,
    "returned_fen": 0,
    "unsettled_fen": 0,
    "due_date": "2026-07-03",
    "signs": [],
}
COUNTED = (r"(\d+) 条红线预警未处理", r"(\d+) 条红线、\d+ 条提醒未了结", r"有 (\d+) 条红线")


@pytest.fixture
def town(at_the_city, a_city):
    """Eight schools; one with a red line of this term, one of the term before, one without any."""
    schools = a_city(8)
    with in_city():
        for school, term, rule in ((schools[0], makers.RUNNING, RuleCode.OVER_CAP),
                                   (schools[3], makers.PAST, RuleCode.SURPLUS_LATE)):  # fmt: skip
            numbers = (
                OWED
                if rule == RuleCode.SURPLUS_LATE
                else {"fee_fen": 420, "cap_fen": 350, "fee_unit": "class_hour"}
            )
            Alert.objects.create(
                school=school, term_code=term, rule=rule, cause="x", level=Level.RED, weight=1, numbers=numbers,
                first_raised_at=makers.NOW, raised_at=makers.NOW, state_at=makers.NOW,
            )  # fmt: skip
    return schools


def red(page):
    return int(next(found for pattern in COUNTED if (found := re.search(pattern, page)))[1])


def test_every_page_counts_the_same_red_lines(town, at_the_city):
    browser = at_the_city()
    districts = {school.district.code for school in town}
    whole = red(text_of(browser.get("/")))
    assert whole == red(text_of(browser.get("/alerts/"))) == 2
    assert sum(red(text_of(browser.get(f"/districts/{code}/"))) for code in districts) == whole
    assert [red(text_of(browser.get(f"/schools/{school.code}/"))) for school in (town[0], town[3])] == [1, 1]
    for page in ("/", f"/?term={makers.PAST}"):
        assert f"/alerts/?term={makers.RUNNING}" not in text_of(browser.get(page))
        assert red(text_of(browser.get(page))) == whole


def test_an_alert_of_another_term_says_which(town, at_the_city):
    page = text_of(at_the_city().get(f"/schools/{town[3].code}/"))
    assert makers.PAST in page[page.index('id="alerts"') : page.index('id="peers"')]


def test_a_list_of_one_term_says_what_it_leaves_out(town, at_the_city):
    page = text_of(at_the_city().get(f"/alerts/?term={makers.RUNNING}"))
    assert red(page) == 1
    assert "其他学期另有 1 条" in page
    assert "其他学期另有" not in text_of(at_the_city(district=LAKE).get("/alerts/"))


def test_what_is_closed_is_closed_on_every_page_at_once(town, at_the_city, db):
    browser = at_the_city()
    assert red(text_of(browser.get("/"))) == 2
    with in_city():
        Alert.objects.filter(school=town[0]).update(
            state=AlertState.CLOSED, holds=False, state_at=makers.NOW + timedelta(minutes=1)
        )
    assert red(text_of(browser.get("/"))) == red(text_of(browser.get("/alerts/"))) == 1
    assert "没有未了结的预警" in text_of(browser.get(f"/schools/{town[0].code}/"))


AGES = ("/", "/participation/", "/satisfaction/", "/fees/", "/complaints/", "/costs/", "/costs/summary/")


def test_every_page_tells_the_same_age(town, at_the_city):
    with in_city():
        AreaPulse.objects.update(swept_at=makers.NOW + timedelta(hours=2))
    both = {
        Role.BUREAU_SUPERVISOR: [page for page in AGES if not page.startswith("/costs/")],
        Role.PRICE_OFFICER: [page for page in AGES if page.startswith(("/costs/", "/fees/"))],
    }
    for role, pages in both.items():
        browser = at_the_city(role)
        for path in pages:
            page = text_of(browser.get(path))
            top = re.split(r'class="ab-card|<table', page)[0]
            assert re.search(r"数据截至\s*(<time[^>]*>)?[^<]*19:00", top), path
            assert "17:00" not in top, path


def test_the_public_and_the_api_tell_it_too(town, at_the_city, client, settings):
    with in_city():
        AreaPulse.objects.update(swept_at=makers.NOW + timedelta(hours=2))
    disclosure.publish(now=makers.NOW)
    page = text_of(client.get("/disclosure/participation/", HTTP_HOST=settings.CITY_HOST))
    assert re.search(r"数据截至[^。]*19:00", page), re.findall(r".{10}截至.{40}", page)
    browser = at_the_city()
    age = browser.get("/api/v1/age/").json()["as_of"]
    figures = browser.get(f"/api/v1/figures/?indicator=participation&term={makers.RUNNING}").json()["as_of"]
    assert age == figures
    assert age.startswith("2026-11-23T19:00:00")


PAGES_OF = [("/participation/", "参与率"), ("/complaints/", "每千人投诉"), ("/satisfaction/", "满意率")]


@pytest.mark.parametrize(("path", "indicator"), PAGES_OF)
def test_one_verdict_on_the_dashboard_and_on_the_school_s_page(at_the_city, a_city, path, indicator):
    a_city(20)
    for browser in (at_the_city(), at_the_city(district=LAKE)):
        verdicts = {}
        for look in (path, f"{path}?stage=primary", f"{path}?kind=urban"):
            page = text_of(browser.get(look))
            for row in re.findall(r"<tr.*?</tr>", page[page.rindex("<table") :], re.DOTALL):
                code = re.search(r"/schools/(\d{10})/", row)
                word = re.search(r"明显高于全市平均|明显低于全市平均|偏高|偏低|在正常波动内", row)
                if code and word:
                    assert verdicts.setdefault(code[1], word[0]) == word[0], (look, code[1])
        assert len(verdicts) >= 4
        for code, word in list(verdicts.items())[:6]:
            own = text_of(browser.get(f"/schools/{code}/"))
            row = next(row for row in re.findall(r"<tr.*?</tr>", own, re.DOTALL) if indicator in row)
            assert word in row, (code, word)
