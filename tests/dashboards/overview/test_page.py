"""The front page: for who supervises the overview, for the others the way to their work."""

import re

import pytest

from afterbell.accounts.roles import Role
from oversight.facts import rollups
from oversight.indicators import frames, measures
from oversight.indicators.catalogue import CATALOGUE
from oversight.redlines import actions as redlines
from oversight.scope import WHOLE_CITY
from oversight.selection import Selection
from tenants.context import in_city
from tests.dashboards import makers
from tests.dashboards.asking import MOST_BYTES, MOST_STATEMENTS, rows_of, size, statements, text_of
from tests.dashboards.conftest import HILLS, LAKE


@pytest.mark.parametrize(
    ("role", "address"),
    [
        (Role.PRICE_OFFICER, "/costs/"),
        (Role.SYSTEM_ADMIN, "/setup/"),
        (Role.SECURITY_ADMIN, "/schools/"),
        (Role.AUDIT_ADMIN, "/schools/"),
    ],
)
def test_who_has_no_overview_is_led_to_the_own_work(at_the_city, role, address):
    browser = at_the_city(role)
    answer = browser.get("/")
    assert answer.headers["Location"] == address
    assert browser.get(address).status_code == 200


def test_before_login_there_is_nothing(client, settings):
    answer = client.get("/", HTTP_HOST=settings.CITY_HOST)
    assert answer.headers["Location"].startswith("/accounts/login/")


def test_six_tiles_with_value_change_and_n(at_the_city, a_city):
    a_city()
    page = text_of(at_the_city().get("/"))
    tiles = re.findall(r'<div class="ab-tile">.*?</div>', page, re.DOTALL)
    assert len(tiles) == 6
    assert sum("上学期" in tile for tile in tiles) >= 5
    assert all("n=" in tile for tile in tiles)
    assert sum("ab-spark" in tile for tile in tiles) >= 4


def test_the_tile_holds_the_figure_of_the_catalogue(at_the_city, a_city):
    a_city()
    frame = frames.schools(WHOLE_CITY, Selection(makers.RUNNING))
    value = measures.of_all(frame, CATALOGUE["participation"])["value"].iloc[0]
    page = text_of(at_the_city().get("/"))
    assert f"<b>{value:.1f}</b>" in page


def test_where_to_look_first_names_the_burst_and_the_silent_school(at_the_city, a_city):
    schools = a_city(8)
    page = text_of(at_the_city().get("/"))
    first = page[page.index("先看这里") : page.index("各区县参与率")]
    assert schools[3].name in first
    assert "每千人投诉" in first
    assert f'/schools/{schools[3].code}/?term=2026-2027-1"' in first
    silent = page[page.index('id="silent"') :]
    assert schools[-1].name in silent
    assert "所学校没有上报" in page


def test_new_alerts_stand_with_their_reason_and_link(at_the_city, a_city):
    schools = a_city(8)
    with in_city():
        redlines.evaluate(school=schools[3], terms={makers.RUNNING}, now=makers.NOW)
    page = text_of(at_the_city().get("/"))
    assert re.search(r'href="/alerts/[0-9a-f-]{36}/"', page)


def test_the_table_of_districts_is_the_page_s_file(at_the_city, a_city):
    a_city(9)
    rows = rows_of(at_the_city().get("/?format=csv"))
    assert [row[0] for row in rows] == ["区县", "湖滨区", "山南县", "江东区", "全市"]
    assert sum(int(row[1]) for row in rows[1:-1]) == int(rows[-1][1]) == 12


@pytest.mark.parametrize("chart", ["districts", "changes", "attendance", "by_month"])
def test_each_card_has_its_file(at_the_city, a_city, chart):
    a_city(5)
    assert len(rows_of(at_the_city().get("/", {"format": "csv", "chart": chart}))) > 1


@pytest.mark.parametrize("size_of_city", [5, 60])
def test_it_asks_the_database_twelve_times_at_most(at_the_city, a_city, size_of_city):
    a_city(size_of_city)
    browser = at_the_city()
    for path in ("/", f"/?district={LAKE}&kind=urban", "/?format=csv"):
        asked = statements(browser, path)
        assert len(asked) <= MOST_STATEMENTS, asked


def test_it_stays_small_with_many_silent_schools(at_the_city, db):
    with in_city():
        makers.the_terms()
        makers.many_schools(400)
        rollups.roll_everything(now=makers.NOW)
    browser = at_the_city()
    assert size(browser, "/") <= MOST_BYTES
    assert "共 403 所，这里列出前 60 所" in text_of(browser.get("/"))


def test_a_district_s_supervisor_sees_the_district_only(at_the_city, a_city):
    schools = a_city(9)
    browser = at_the_city(district=LAKE)
    elsewhere = {school.name for school in schools if school.district.code != LAKE} | {"山南县", "江东区"}
    for path in ("/", f"/?district={HILLS}", "/?format=csv"):
        content = browser.get(path).content.decode()
        assert not [name for name in elsewhere if name in content]
        assert "湖滨区" in content


def test_a_district_s_supervisor_reads_the_district_s_name(at_the_city, a_city):
    a_city()
    assert "<h1>湖滨区总览</h1>" in text_of(at_the_city(district=LAKE).get("/"))


def test_a_term_without_data_says_so_and_no_figure_is_zero(at_the_city, db):
    with in_city():
        makers.the_terms()
    page = text_of(at_the_city().get("/"))
    assert "本学期还没有学校上报数据" in page
    assert "尚未取得" in page
    assert "<b>0.0</b>" not in page


def test_in_the_first_term_nothing_is_compared(at_the_city, a_city):
    a_city(4)
    page = text_of(at_the_city().get("/?term=2025-2026-2"))
    assert "这是第一个学期，还不能比较" in page


def test_without_schools_in_the_selection_it_says_so(at_the_city, a_city):
    a_city(4)
    assert "所选范围没有在用的学校" in text_of(at_the_city().get("/?stage=nine_year"))
