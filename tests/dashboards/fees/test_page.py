"""The fees page: what it says, to whom, at which price."""

from datetime import date, datetime

import pytest

from afterbell.accounts.roles import Role
from dashboards.fees import cards
from oversight.facts import rollups
from oversight.facts.models import MonthFact, TermFact
from tenants.context import in_city
from tests.dashboards import makers
from tests.dashboards.asking import MOST_BYTES, MOST_STATEMENTS, rows_of, size, statements, text_of
from tests.dashboards.conftest import HILLS, LAKE

PAGE = "/fees/"
CHARTS = ["caps", "costs", "per_hour", "per_month", "by_month", "spent", "rates", "statements", "late"]


def test_it_answers_every_question_in_words(at_the_city, a_city):
    a_city()
    page = text_of(at_the_city().get(PAGE))
    assert "所学校的收费标准都在政策上限内" in page
    assert "用在人员上" in page
    assert "个月共应收" in page


def test_schools_over_the_cap_come_first_with_their_hours(at_the_city, a_city):
    schools = a_city()
    with in_city():
        TermFact.objects.filter(school=schools[4]).update(fee_fen=351)
        TermFact.objects.filter(school=schools[2]).update(fee_fen=350)
        rollups.roll_everything(now=makers.NOW)
    browser = at_the_city()
    rows = rows_of(browser.get(f"{PAGE}?format=csv&chart=caps"))
    assert [row[0] for row in rows[1:] if row[-1] == "超过上限"] == [schools[4].name] == [rows[1][0]]
    assert rows[1][2:7] == ["每课时", "3.51", "3.50", "100.3", "6.7"]
    assert "1 所收费标准超过政策上限" in text_of(browser.get(PAGE))
    assert rows_of(browser.get(f"{PAGE}?format=csv"))[1][0] == schools[4].name


def test_a_fee_that_comes_to_more_than_the_term_allows_is_over_the_cap_too(at_the_city, a_city):
    """S3: 80.00 a month, five months, under a cap of 300.00 a term and none a month: over; 60.00 a month reach it."""
    schools = a_city()
    monthly = {"fee_unit": "month", "cap_fen": None, "cap_term_fen": 30_000}
    with in_city():
        TermFact.objects.filter(school=schools[4]).update(fee_fen=8_000, fee_term_fen=40_000, **monthly)
        TermFact.objects.filter(school=schools[2]).update(fee_fen=6_000, fee_term_fen=30_000, **monthly)
        TermFact.objects.filter(school=schools[0]).update(cap_fen=0, fee_fen=0)
        rollups.roll_everything(now=makers.NOW)
    browser = at_the_city()
    rows = rows_of(browser.get(f"{PAGE}?format=csv&chart=caps"))
    assert rows[1][0] == schools[4].name
    assert rows[1][3:] == ["80.00", "–", "–", "6.7", "400.00", "300.00", "本学期合计超过上限"]
    told = {row[0]: row[-3:] for row in rows[1:]}
    assert told[schools[2].name] == ["300.00", "300.00", "等于上限"]
    assert told[schools[6].name] == ["–", "–", "在上限内"]
    assert told[schools[7].name] == ["x", "x", "没有数据"]
    page = text_of(browser.get(PAGE))
    assert f"1 所收费标准超过政策上限：{schools[4].name}" in page
    assert "1 所学校收费标准超过上限" in page
    first = rows_of(browser.get(f"{PAGE}?format=csv"))[1]
    assert (first[0], first[2]) == (schools[4].name, "本学期合计超过上限")


def test_a_policy_without_a_cap_is_no_gap_and_nobody_is_over_it(at_the_city, a_city):
    a_city(4)
    with in_city():
        TermFact.objects.update(cap_fen=None)
        rollups.roll_everything(now=makers.NOW)
    rows = rows_of(at_the_city().get(f"{PAGE}?format=csv&chart=caps"))
    assert {row[-1] for row in rows[1:] if row[3] != "x"} == {"没有上限"}
    assert {row[4] for row in rows[1:] if row[3] != "x"} == {"–"}
    assert {row[-1] for row in rows[1:] if row[3] == "x"} == {"没有数据"}


def test_statements_are_counted_by_district_and_month(at_the_city, a_city):
    schools = a_city(4, districts=2)
    nothing = {"statement_due_date": None, "statement_published_at": None}
    mine = MonthFact.objects.filter(school__in=[school for school in schools if school.district.code == LAKE])
    with in_city():
        MonthFact.objects.update(**nothing)
        MonthFact.objects.filter(month="2026-09").update(
            statement_due_date=date(2026, 10, 10), statement_published_at=datetime.fromisoformat("2026-10-10T15:59:00+00:00")
        )  # fmt: skip
        mine.filter(month="2026-09", school=schools[0]).update(
            statement_published_at=datetime.fromisoformat("2026-10-10T16:00:00+00:00")
        )
        mine.filter(month="2026-10", school=schools[2]).update(statement_due_date=date(2026, 11, 10))
        rollups.roll_everything(now=makers.NOW)
    browser = at_the_city()
    rows = {row[0]: row[1:] for row in rows_of(browser.get(f"{PAGE}?format=csv&chart=statements"))}
    assert rows["区县"][:2] == ["2026-09（%）", "2026-10（%）"]
    assert rows["湖滨区"] == ["50.0", "0.0", "3", "1", "1", "1"], "16:00 UTC is the next day here"
    assert rows["山南县"] == ["100.0", "–", "1", "1", "0", "0"]
    late = rows_of(browser.get(f"{PAGE}?format=csv&chart=late"))
    assert [row[0] for row in late[1:]] == [schools[2].name, schools[0].name]


def test_too_cheap_is_a_reason_to_look_as_well(at_the_city, a_city):
    schools = a_city(72)
    cheap = next(school for school in schools if school.stage == "primary" and school.kind == "urban")
    with in_city():
        MonthFact.objects.filter(school=cheap, term_code=makers.RUNNING).update(staff_fen=1000)
        rollups.roll_everything(now=makers.NOW)
    rows = rows_of(at_the_city().get(f"{PAGE}?format=csv&chart=costs"))
    assert rows[1][0] == cheap.name
    assert rows[1][6] == "低于同类"
    assert int(rows[1][5]) >= 10


def test_the_peers_of_a_district_s_school_come_from_the_whole_city(at_the_city, a_city):
    a_city(72)
    of_city = {row[0]: row for row in rows_of(at_the_city().get(f"{PAGE}?format=csv&chart=costs"))}
    of_lake = rows_of(at_the_city(district=LAKE).get(f"{PAGE}?format=csv&chart=costs"))
    assert len(of_lake) < len(of_city)
    assert [row for row in of_lake if row != of_city[row[0]]] == []


@pytest.mark.parametrize("role", [Role.BUREAU_SUPERVISOR, Role.PRICE_OFFICER])
@pytest.mark.parametrize("size_of_city", [5, 60])
def test_it_asks_the_database_twelve_times_at_most(at_the_city, a_city, size_of_city, role):
    a_city(size_of_city)
    browser = at_the_city(role)
    for path in (PAGE, f"{PAGE}?district={LAKE}&stage=primary&from=2026-09", f"{PAGE}?format=csv"):
        asked = statements(browser, path)
        assert len(asked) <= MOST_STATEMENTS, asked


def test_every_column_sorts_numbers_symbols_and_words(at_the_city, a_city):
    a_city(9)
    browser = at_the_city()
    for name in cards.columns():
        for sign in ("", "-"):
            assert "各校收费与成本" in text_of(browser.get(f"{PAGE}?sort={sign}{name}"))


def test_it_stays_small_with_many_schools(at_the_city, a_city):
    a_city(400)
    assert size(at_the_city(), PAGE) <= MOST_BYTES


@pytest.mark.parametrize("chart", CHARTS)
def test_each_chart_has_its_file(at_the_city, a_city, chart):
    a_city()
    browser = at_the_city()
    rows_of(browser.get(PAGE, {"format": "csv", "chart": chart}))
    assert f'id="{chart}"' in text_of(browser.get(PAGE))


def test_the_price_officer_sees_the_whole_city_s_money(at_the_city, a_city):
    schools = a_city(9)
    browser = at_the_city(Role.PRICE_OFFICER)
    assert "用在人员上" in text_of(browser.get(PAGE))
    rows = rows_of(browser.get(f"{PAGE}?format=csv"))
    assert {school.name for school in schools} <= {row[0] for row in rows}
    assert 'href="/districts/3' not in text_of(browser.get(PAGE)), (
        "no links to pages that are closed to the reader"
    )


def test_a_district_s_supervisor_sees_the_district_only(at_the_city, a_city):
    schools = a_city(9)
    browser = at_the_city(district=LAKE)
    elsewhere = {school.name for school in schools if school.district.code != LAKE}
    for query in (
        "",
        f"?district={HILLS}",
        "?format=csv",
        *(f"?format=csv&chart={chart}" for chart in CHARTS),
    ):
        answer = browser.get(f"{PAGE}{query}")
        assert answer.status_code == 200
        assert not [name for name in elsewhere if name in answer.content.decode()]


def test_nobody_else_sees_it(at_the_city):
    assert at_the_city(Role.SYSTEM_ADMIN).get(PAGE).status_code == 403


def test_a_term_without_data_says_so(at_the_city, a_city):
    with in_city():
        makers.the_terms()
    page = text_of(at_the_city().get(PAGE))
    assert "所选范围还没有账目" in page
    assert "这里会" in page


def test_schools_without_children_s_hours_divide_by_nothing(at_the_city, db):
    with in_city():
        makers.the_terms()
        (school,) = makers.many_schools(1)
        makers.a_term_fact(
            school, makers.RUNNING, participants=0, due_fen=0, paid_due_fen=0, paid_ahead_fen=0
        ).save()
        makers.a_month_fact(school, makers.RUNNING, "2026-09", charged_fen=0, waived_fen=0, received_fen=0, staff_fen=0,
                            materials_fen=0, other_fen=0).save()  # fmt: skip
        rollups.roll_everything(now=makers.NOW)
    rows = rows_of(at_the_city().get(f"{PAGE}?format=csv"))
    line = dict(zip(rows[0], next(row for row in rows if row[0] == school.name), strict=True))
    assert line["每生每小时成本（元）"] == "x"
    assert line["收缴率（%）"] == line["减免占应收（%）"] == "–"
