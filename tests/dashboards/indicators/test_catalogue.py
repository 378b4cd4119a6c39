"""The page that explains the indicators: everything is on it, nobody sees more than is theirs, few statements."""

import re
from datetime import date

import pytest

from afterbell.accounts.permissions import Permission
from afterbell.accounts.roles import ROLES, Role
from oversight.indicators.catalogue import CATALOGUE, Theme
from tests import makers
from tests.oversight import makers as facts

FEES = {code for code, one in CATALOGUE.items() if one.theme is Theme.FEES} | {"complaints_per_1000"}


def anchors(page):
    return re.findall(r'<section id="([a-z0-9_]+)"', page)


def figure_of(page, code):
    """What stands in bold beside the question."""
    part = page.split(f'<section id="{code}"')[1].split("</section>")[0]
    return re.search(r"<b>([^<]*)</b>", part)[1]


def test_every_indicator_is_explained_at_its_own_anchor(at_the_city, north, south):
    makers.a_term()
    facts.a_known_school(north)
    facts.rolled()
    page = at_the_city().get("/indicators/").content.decode()
    assert sorted(anchors(page)) == sorted(CATALOGUE)
    assert len(set(re.findall(r' id="([^"]+)"', page))) == len(re.findall(r' id="([^"]+)"', page))
    for one in CATALOGUE.values():
        assert str(one.name) in page
        assert str(one.formula) in page
        assert all(clause in page for clause in one.clauses)


def test_the_current_figures_stand_beside_their_explanation(at_the_city, north, island):
    makers.a_term()
    facts.a_known_school(north)
    facts.a_known_school(island, participants=100, fee_fen=39_000)
    facts.rolled()
    page = at_the_city().get("/indicators/").content.decode()
    assert figure_of(page, "participation") == "50.0%"
    assert figure_of(page, "fee_per_month") == "260.00 元"  # the median of 130 and 390
    assert "n = 800 名在册学生" in page
    assert "n = 2 所学校" in page


def test_a_district_supervisor_sees_the_figures_of_the_district(at_the_city, north, island):
    makers.a_term()
    facts.a_known_school(north)
    facts.a_known_school(island, participants=100)
    facts.rolled()
    page = at_the_city(district="330106").get("/indicators/").content.decode()
    assert figure_of(page, "participation") == "25.0%"


def test_the_price_bureau_sees_costs_and_the_rate_of_complaints_alone(at_the_city, north):
    """Costs, never children: what the page shows its role may also read (permission of PostgreSQL)."""
    makers.a_term()
    facts.a_known_school(north)
    facts.rolled()
    page = at_the_city(Role.PRICE_OFFICER).get("/indicators/").content.decode()
    assert set(anchors(page)) == FEES
    assert figure_of(page, "fee_to_cap") == "86.7%"
    assert "出勤率" not in page


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN])
def test_administrators_do_not_see_it(at_the_city, role):
    assert at_the_city(role).get("/indicators/").status_code == 403


def test_whoever_sees_the_overview_sees_this_page():
    """The view asks for FEES_READ: supervisors and the price bureau hold it, and nobody with the overview lacks it."""
    for facts_of_role in ROLES.values():
        if Permission.OVERVIEW_READ in facts_of_role.permissions:
            assert Permission.FEES_READ in facts_of_role.permissions


def test_before_the_first_term_nothing_is_a_nought(at_the_city):
    page = at_the_city().get("/indicators/").content.decode()
    assert figure_of(page, "participation") == "x（尚未取得）"
    assert sorted(anchors(page)) == sorted(CATALOGUE)


def test_the_page_asks_few_questions(at_the_city, north, south, island, django_assert_max_num_queries):
    makers.a_term()
    browser = at_the_city()
    browser.get("/indicators/")
    with django_assert_max_num_queries(12) as of_none:
        browser.get("/indicators/")
    for school in (north, south, island):
        facts.a_known_school(school)
    facts.rolled()
    browser.get("/indicators/")  # what is hidden is decided once
    with django_assert_max_num_queries(12) as of_three:
        browser.get("/indicators/")
    assert len(of_none) == len(of_three)


def test_the_file_says_what_the_page_says(at_the_city, north):
    makers.a_term()
    facts.a_known_school(north)
    facts.rolled()
    browser = at_the_city()
    page = browser.get("/indicators/").content.decode()
    lines = browser.get("/indicators/?format=csv").content.decode("utf-8-sig").splitlines()
    table = {line.split(",")[0]: line.split(",")[2] for line in lines if line.split(",")[0] in CATALOGUE}
    assert table == {code: figure_of(page, code) for code in CATALOGUE}
    assert browser.get("/indicators/?format=xlsx").status_code == 200


def test_another_term_is_asked_for_in_the_address(at_the_city, north):
    makers.a_term()
    makers.a_term(
        code="2025-2026-2",
        name="2025—2026学年第二学期",
        first_date=date(2026, 3, 2),
        last_date=date(2026, 7, 3),
    )
    facts.a_term_fact(north, term_code="2025-2026-2", participants=100)
    facts.rolled()
    browser = at_the_city()
    assert figure_of(browser.get("/indicators/").content.decode(), "participation") == "x（尚未取得）"
    past = browser.get("/indicators/?term=2025-2026-2&district=999999").content.decode()
    assert figure_of(past, "participation") == "25.0%"
    assert "没有这个区县" in past
