"""A district's page: what it says, to whom, at which price."""

import pytest

from afterbell.accounts.roles import Role
from oversight.facts import rollups
from tenants.context import in_city
from tests.dashboards import makers
from tests.dashboards.asking import MOST_BYTES, MOST_STATEMENTS, rows_of, size, statements, text_of
from tests.dashboards.conftest import HILLS, LAKE

PAGE = f"/districts/{LAKE}/"


def test_it_stands_beside_the_city(at_the_city, a_city):
    a_city()
    page = text_of(at_the_city().get(PAGE))
    assert "<h1>湖滨区</h1>" in page
    assert "比全市" in page
    assert "本区县的学校" in page


def test_its_figures_are_the_sums_of_its_schools_and_the_city_s_of_all(at_the_city, db):
    with in_city():
        makers.the_terms()
        one, two = makers.many_schools(2, districts=2)
        for school, pupils, joined in ((one, 600, 300), (two, 400, 350)):
            makers.a_term_fact(school, makers.RUNNING, pupils_on_roll=pupils, participants=joined).save()
        rollups.roll_everything(now=makers.NOW)
    rows = {row[0]: row for row in rows_of(at_the_city().get(f"{PAGE}?format=csv&chart=compared"))}
    assert rows["参与率"] == ["参与率", "%", "50.0", "x", "65.0", "比全市低 15.0 个百分点", "600 名在册学生"]
    assert rows["出勤率"][2:6] == ["x", "x", "x", "–"]


def test_months_stand_beside_the_city_s(at_the_city, db):
    with in_city():
        makers.the_terms()
        one, two = makers.many_schools(2, districts=2)
        for school, joined, wanted in ((one, 100, 1), (two, 300, 7)):
            makers.a_term_fact(school, makers.RUNNING, participants=joined).save()
            makers.a_month_fact(school, makers.RUNNING, "2026-09", complaints=wanted).save()
        rollups.roll_everything(now=makers.NOW)
    rows = rows_of(at_the_city().get(f"{PAGE}?format=csv&chart=complaints"))
    assert rows[1] == ["2026-09", "10.0", "20.0"]


def test_the_list_holds_its_schools_and_their_alerts_first(at_the_city, a_city):
    schools = a_city(9)
    rows = rows_of(at_the_city().get(f"{PAGE}?format=csv"))
    own = {school.name for school in schools if school.district.code == LAKE}
    assert own <= {row[0] for row in rows}
    assert not {school.name for school in schools} - own & {row[0] for row in rows}
    assert rows[0][:2] == ["学校", "预警"]


@pytest.mark.parametrize("size_of_city", [5, 60])
def test_it_asks_the_database_twelve_times_at_most(at_the_city, a_city, size_of_city):
    a_city(size_of_city)
    browser = at_the_city()
    for path in (PAGE, f"{PAGE}?stage=primary&kind=urban", f"{PAGE}?format=csv"):
        asked = statements(browser, path)
        assert len(asked) <= MOST_STATEMENTS, asked


def test_it_stays_small_with_many_schools(at_the_city, a_city):
    a_city(300)
    assert size(at_the_city(), PAGE) <= MOST_BYTES


def test_another_district_is_not_there_for_a_district_s_supervisor(at_the_city, a_city):
    schools = a_city(9)
    browser = at_the_city(district=LAKE)
    assert browser.get(PAGE).status_code == 200
    elsewhere = [school.name for school in schools if school.district.code != LAKE]
    for query in ("", "?format=csv", "?format=csv&chart=compared", "?format=csv&chart=attendance"):
        content = browser.get(f"{PAGE}{query}").content.decode()
        assert not [name for name in elsewhere if name in content]
    for code in (HILLS, "999999", "zz", "330102%20", "x" * 300):
        assert browser.get(f"/districts/{code}/").status_code == 404


def test_the_top_bar_leads_to_another_district(at_the_city, a_city):
    a_city(6)
    answer = at_the_city().get(f"{PAGE}?district={HILLS}&term=2025-2026-2")
    assert answer.status_code == 302
    assert answer.url.startswith(f"/districts/{HILLS}/?term=2025-2026-2")
    assert f'value="{LAKE}" selected' in text_of(at_the_city(district=LAKE).get(PAGE))


@pytest.mark.parametrize("role", [Role.PRICE_OFFICER, Role.SYSTEM_ADMIN])
def test_who_has_no_overview_has_no_district(at_the_city, a_city, role):
    a_city(4)
    assert at_the_city(role).get(PAGE).status_code == 403


def test_a_term_without_data_and_a_stage_without_schools_say_so(at_the_city, db):
    with in_city():
        makers.the_terms()
        makers.many_schools(1)
    browser = at_the_city()
    assert "所学校没有数据，不计入" in text_of(browser.get(PAGE))
    assert "没有在用的学校" in text_of(browser.get(f"{PAGE}?stage=nine_year"))
