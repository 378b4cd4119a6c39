"""What a page says is kept until the figures change, and never for other rights, words or places."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from afterbell.accounts.models import User
from dashboards.frame import kept
from oversight.facts import rollups
from oversight.facts.models import TermFact
from oversight.redlines import actions as alerts
from oversight.redlines.models import Alert
from tenants.context import in_city
from tests.dashboards import makers
from tests.dashboards.asking import rows_of, text_of
from tests.dashboards.conftest import HILLS, LAKE

PAGES = [
    "/",
    "/participation/",
    "/satisfaction/",
    "/fees/",
    "/complaints/",
    f"/districts/{LAKE}/",
    "/indicators/",
]


def cost(browser, path):
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(path).status_code == 200
    return len(asked.captured_queries)


@pytest.mark.parametrize("path", PAGES)
def test_the_second_visit_asks_less(at_the_city, a_city, path):
    a_city()
    browser = at_the_city()
    browser.get(path)
    kept._kept.clear()
    assert cost(browser, path) > cost(browser, path)


def test_a_new_figure_is_shown_at_once(at_the_city, a_city):
    schools = a_city()
    browser = at_the_city()
    before = text_of(browser.get("/participation/"))
    assert text_of(browser.get("/participation/")).count("名参加") == before.count("名参加")
    with in_city():
        TermFact.objects.filter(school=schools[0], term_code=makers.RUNNING).update(participants=1)
        rollups.roll_everything(now=makers.NOW)
    assert text_of(browser.get("/participation/")) != before


def test_a_closed_alert_is_gone_at_once(at_the_city, a_city):
    a_city()
    with in_city():
        alerts.evaluate_all(now=makers.NOW)
    browser = at_the_city()
    shown = Alert.objects.filter(term_code=makers.RUNNING, state="open").first()
    assert shown is not None
    before = text_of(browser.get("/"))
    with in_city():
        officer = User.objects.get(login__startswith="u-bureau")
        alerts.close(alert=shown, reason="已核实", by=officer, now=makers.NOW)
    assert text_of(browser.get("/")) != before


def test_another_districts_officer_gets_the_own_page(at_the_city, a_city):
    a_city()
    lake, hills = at_the_city(district=LAKE), at_the_city(district=HILLS)
    ours = rows_of(lake.get("/participation/?format=csv"))
    theirs = rows_of(hills.get("/participation/?format=csv"))
    assert {row[0] for row in ours[1:]}.isdisjoint(row[0] for row in theirs[1:])


def test_another_language_is_another_page(at_the_city, a_city, settings):
    a_city()
    browser = at_the_city()
    assert "参与情况" in text_of(browser.get("/participation/"))
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    assert "Participation" in text_of(browser.get("/participation/"))


def test_what_was_asked_for_longest_ago_is_forgotten_first(at_the_city, a_city, monkeypatch):
    a_city()
    monkeypatch.setattr(kept, "MOST", 2)
    kept._kept.clear()
    browser = at_the_city()
    for path in ("/participation/", "/complaints/", "/participation/", "/fees/"):
        browser.get(path)
    assert [key[0][0] for key in kept._kept] == ["/participation/", "/fees/"]
