"""The complaints page: fair to small schools, exact about what is overdue, closed to who may not see it."""

import pytest

from afterbell.accounts.roles import Role
from oversight.facts import rollups
from tenants.context import in_city
from tests.dashboards import makers
from tests.dashboards.asking import MOST_BYTES, MOST_STATEMENTS, rows_of, size, statements, text_of
from tests.dashboards.conftest import HILLS, LAKE

PAGE = "/complaints/"


def a_town(*schools: tuple[int, int], **more) -> list:
    """(participants, complaints) a school."""
    with in_city():
        makers.the_terms()
        made = makers.many_schools(len(schools), districts=1)
        for school, (joined, complaints) in zip(made, schools, strict=True):
            makers.a_term_fact(school, makers.RUNNING, pupils_on_roll=joined * 2, participants=joined).save()
            given = {"complaints": complaints, "complaints_answered_in_time": complaints} | more
            makers.a_month_fact(school, makers.RUNNING, "2026-10", **given).save()
        rollups.roll_everything(now=makers.NOW)
    return made


def test_the_sentence_counts_complaints_overdue_and_forced_ones(at_the_city, db):
    a_town((1000, 4), (1000, 6), complaints_overdue=1, complaints_forced=1, complaints_answered_in_time=3)
    page = text_of(at_the_city().get(PAGE))
    assert "共 10 件投诉，每千名参加学生 5.0 件，2 件逾期未答复，2 件说被强制参加" in page


def test_a_burst_is_flagged_and_a_small_school_with_one_complaint_is_not(at_the_city, db):
    burst, *_others, small = a_town((500, 20), *[(1000, 3)] * 8, (20, 1))
    rows = rows_of(at_the_city().get(f"{PAGE}?format=csv"))
    assert rows[1][0] == burst.name
    places = {row[0]: row[-1] for row in rows}
    assert places[burst.name] == "明显高于全市平均"
    assert "明显" not in places[small.name]


def test_a_school_without_data_is_no_school_without_complaints(at_the_city, db):
    none, *_others = a_town((1000, 0), (1000, 3))
    rows = {row[0]: row for row in rows_of(at_the_city().get(f"{PAGE}?format=csv"))}
    assert rows[none.name][2] == "0.0"
    assert rows["湖滨区第一小学"][2] == "x"
    assert rows["湖滨区第一小学"][-1] == "–"


def test_nobody_takes_part_is_no_division_by_zero(at_the_city, db):
    school = a_town((0, 2))[0]
    rows = {row[0]: row for row in rows_of(at_the_city().get(f"{PAGE}?format=csv"))}
    assert rows[school.name][2] == "–"


@pytest.mark.parametrize("size_of_city", [5, 60])
def test_it_asks_the_database_twelve_times_at_most(at_the_city, a_city, size_of_city):
    a_city(size_of_city)
    browser = at_the_city()
    for path in (PAGE, f"{PAGE}?district={LAKE}&to=2026-10", f"{PAGE}?format=xlsx"):
        asked = statements(browser, path)
        assert len(asked) <= MOST_STATEMENTS, asked


def test_it_stays_small_with_many_schools(at_the_city, a_city):
    a_city(400)
    assert size(at_the_city(), PAGE) <= MOST_BYTES


@pytest.mark.parametrize("chart", ["funnel", "by_district", "in_time", "by_month", "kinds", "forced"])
def test_each_chart_has_its_file(at_the_city, a_city, chart):
    a_city()
    assert len(rows_of(at_the_city().get(PAGE, {"format": "csv", "chart": chart}))) > 1


def test_months_narrow_the_counts(at_the_city, a_city):
    a_city(5)
    browser = at_the_city()
    whole, part = (
        sum(int(row[4]) for row in rows_of(browser.get(f"{PAGE}?format=csv{query}"))[1:] if row[4].isdigit())
        for query in ("", "&from=2026-10&to=2026-10")
    )
    assert 0 < part < whole


def test_a_district_s_supervisor_sees_the_district_only(at_the_city, a_city):
    schools = a_city(9)
    browser = at_the_city(district=LAKE)
    elsewhere = {school.name for school in schools if school.district.code != LAKE} | {"山南县"}
    paths = (PAGE, f"{PAGE}?district={HILLS}", f"{PAGE}?format=csv", f"{PAGE}?format=csv&chart=forced")
    for content in (browser.get(path).content.decode() for path in paths):
        assert not [name for name in elsewhere if name in content]
        assert "湖滨区" in content


@pytest.mark.parametrize("role", [Role.PRICE_OFFICER, Role.SYSTEM_ADMIN])
def test_who_may_not_see_it_does_not(at_the_city, role):
    assert at_the_city(role).get(PAGE).status_code == 403


def test_a_term_without_data_says_so(at_the_city, db):
    with in_city():
        makers.the_terms()
    assert "还没有投诉数据" in text_of(at_the_city().get(PAGE))


def test_kinds_are_counted_and_late_answers_stand_apart_from_those_not_due(at_the_city, db):
    a_town((1000, 9), complaints_answered_in_time=4, complaints_late=2, complaints_overdue=1, complaints_forced=1,
           complaints_fee=3, complaints_staff=3)  # fmt: skip
    browser = at_the_city()
    rows = {row[0]: row[1] for row in rows_of(browser.get(PAGE, {"format": "csv", "chart": "kinds"}))}
    assert (rows["收费"], rows["服务人员"], rows["被强制参加"], rows["其他或未分类"], rows["安全"]) == (
        "3",
        "3",
        "1",
        "2",
        "0",
    )
    page = text_of(browser.get(PAGE))
    assert "9 件投诉中，收费和服务人员最多（3 件）" in page
    for word in ('"迟答复"', '"未到期"', '"逾期未答复"'):
        assert word in page
    assert "未到期或迟答" not in page


def test_the_age_stands_once_a_page_and_not_under_every_chart(at_the_city, a_city):
    a_city(5)
    page = text_of(at_the_city().get(PAGE))
    assert page.count("不含学生个人信息") == 1
    assert page.count('class="ab-contents"') == 1


def test_a_school_is_found_by_its_name(at_the_city, a_city):
    schools = a_city(8)
    browser = at_the_city()
    page = text_of(browser.get(PAGE, {"school": schools[3].name}))
    assert schools[3].name in page
    rows = rows_of(browser.get(PAGE, {"school": schools[3].name, "format": "csv"}))
    assert [row[0] for row in rows[1:]] == [schools[3].name]
    several = browser.get(PAGE, {"school": "中学"}).content.decode()
    assert "有几所学校符合" in several
    assert "没有这所学校" in browser.get(PAGE, {"school": "没有的学校"}).content.decode()
    elsewhere = at_the_city(district=HILLS).get(PAGE, {"school": schools[3].name}).content.decode()
    assert "没有这所学校" in elsewhere
