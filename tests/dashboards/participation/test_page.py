"""The participation page: what it says, to whom, at which price."""

import io

import openpyxl
import pytest

from afterbell.accounts.roles import Role
from oversight.facts import rollups
from tenants.context import in_city
from tests.dashboards import makers
from tests.dashboards.asking import MOST_BYTES, MOST_STATEMENTS, rows_of, size, statements, text_of
from tests.dashboards.conftest import HILLS, LAKE

PAGE = "/participation/"


def test_it_answers_every_question_in_words(at_the_city, a_city):
    a_city()
    page = text_of(at_the_city().get(PAGE))
    for words in ("名在册学生中", "最高（", "参与率最高（", "出勤率", "强制参加信号", "所的参与率明显偏"):
        assert words in page
    assert "截至" in page
    assert "本学期签过协议的学生" in page


def test_the_sentence_holds_the_sums_of_the_schools(at_the_city, db):
    with in_city():
        makers.the_terms()
        one, two = makers.many_schools(2, districts=1)
        for school, pupils, joined in ((one, 600, 300), (two, 400, 350)):
            makers.a_term_fact(school, makers.RUNNING, pupils_on_roll=pupils, participants=joined).save()
        rollups.roll_everything(now=makers.NOW)
    page = text_of(at_the_city().get(PAGE))
    assert "1,000 名在册学生中 650 名参加，参与率 65.0%；3 所学校没有数据，不计入。" in page


@pytest.mark.parametrize("size_of_city", [5, 60])
def test_it_asks_the_database_twelve_times_at_most(at_the_city, a_city, size_of_city):
    a_city(size_of_city)
    browser = at_the_city()
    for path in (PAGE, f"{PAGE}?district={LAKE}&stage=primary&from=2026-09", f"{PAGE}?format=csv"):
        asked = statements(browser, path)
        assert len(asked) <= MOST_STATEMENTS, asked


def test_it_stays_small_with_many_schools(at_the_city, a_city):
    a_city(400)
    assert size(at_the_city(), PAGE) <= MOST_BYTES


def test_the_file_holds_what_the_page_shows_with_the_same_filters(at_the_city, a_city):
    schools = a_city(9)
    browser = at_the_city()
    rows = rows_of(browser.get(PAGE, {"format": "csv", "stage": "primary"}))
    head, body = rows[0], rows[1:]
    assert head[:4] == ["学校", "区县", "参与率（%）", "在册学生（人）"]
    primary = {school.name for school in schools if school.stage == "primary"}
    assert primary <= {row[0] for row in body}
    assert not {school.name for school in schools} - primary & {row[0] for row in body}
    page = text_of(browser.get(PAGE, {"stage": "primary"}))
    for row in body[:3]:
        assert f"{row[2]}%" in page
    book = openpyxl.load_workbook(
        io.BytesIO(browser.get(PAGE, {"format": "xlsx", "stage": "primary"}).content)
    )
    in_book = [[cell.value for cell in line] for line in book.worksheets[0].iter_rows(min_row=2)]
    assert [str(line[0]) for line in in_book] == [row[0] for row in body]
    assert "小学" in str([row[1].value for row in book.worksheets[1].rows])


@pytest.mark.parametrize(
    "chart", ["by_district", "by_stage", "by_kind", "by_grade", "five_days", "attendance", "funnel"]
)
def test_each_chart_has_its_file(at_the_city, a_city, chart):
    a_city()
    browser = at_the_city()
    answer = browser.get(PAGE, {"format": "csv", "chart": chart})
    assert len(rows_of(answer)) > 1
    assert f"participation-{chart}-2026-2027-1.csv" in answer.headers["Content-Disposition"]
    assert f'id="{chart}"' in text_of(browser.get(PAGE))


@pytest.mark.parametrize("query", ["format=pdf", "format=csv&chart=nothing", "format=csv&district=999999"])
def test_a_file_that_can_not_be_is_a_page_that_says_so(at_the_city, a_city, query):
    a_city(4)
    answer = at_the_city().get(f"{PAGE}?{query}")
    assert answer.status_code == 400
    assert "请先改正下面的问题" in answer.content.decode()


def test_an_absurd_filter_is_said_and_the_page_is_shown(at_the_city, a_city):
    a_city(4)
    page = text_of(
        at_the_city().get(
            f"{PAGE}?term=%01%F0&district=zz&from=9999-99&school=%27%3B--&page=-7&sort=nonsense"
        )
    )
    assert "没有这个学期" in page
    assert "名在册学生中" in page


def test_a_district_s_supervisor_sees_the_district_only(at_the_city, a_city):
    schools = a_city(9)
    browser = at_the_city(district=LAKE)
    elsewhere = {school.name for school in schools if school.district.code != LAKE}
    answers = [browser.get(PAGE).content, browser.get(f"{PAGE}?district={HILLS}").content]
    answers += [
        browser.get(f"{PAGE}?format=csv").content,
        browser.get(f"{PAGE}?format=csv&chart=by_district").content,
    ]
    for content in answers:
        assert not [name for name in elsewhere if name in content.decode()]
        assert "湖滨区" in content.decode()
    assert "不在您的权限范围内" in answers[1].decode()
    assert browser.get(f"{PAGE}?format=csv&district={HILLS}").status_code == 400


@pytest.mark.parametrize("role", [Role.PRICE_OFFICER, Role.SYSTEM_ADMIN])
def test_who_may_not_see_children_may_not_see_it(at_the_city, a_city, role):
    a_city(4)
    assert at_the_city(role).get(PAGE).status_code == 403


def test_a_term_without_data_says_so(at_the_city, db):
    with in_city():
        makers.the_terms()
    page = text_of(at_the_city().get(PAGE))
    assert "还没有参与数据" in page
    assert "这里会显示" in page


def test_before_the_first_term_there_is_a_page(at_the_city):
    assert "还没有参与数据" in text_of(at_the_city().get(PAGE))


def test_a_small_grade_is_hidden_and_can_not_be_subtracted(at_the_city, db):
    with in_city():
        makers.the_terms()
        school = makers.many_schools(1)[0]
        makers.a_term_fact(school, makers.RUNNING).save()
        for grade, joined in ((1, 30), (2, 3), (3, 25)):
            makers.a_class_fact(school, makers.RUNNING, grade, 1, pupils=40, participants=joined).save()
        rollups.roll_everything(now=makers.NOW)
    rows = rows_of(at_the_city().get(PAGE, {"format": "csv", "chart": "by_grade"}))
    assert rows[2][1] == "c"
    assert [row[1] for row in rows[1:]].count("c") >= 2
    assert "7.5" not in [row[3] for row in rows]


def test_term_district_and_stage_stay_in_the_address(at_the_city, a_city):
    a_city(4)
    page = text_of(at_the_city().get(f"{PAGE}?term=2025-2026-2&district={LAKE}"))
    assert f'href="/complaints/?term=2025-2026-2&amp;district={LAKE}"' in page
    assert 'href="/accounts/me/"' in page


def test_sorting_and_pages_keep_the_filters(at_the_city, a_city):
    a_city(60)
    browser = at_the_city()
    page = text_of(browser.get(f"{PAGE}?stage=primary&sort=participation"))
    assert "?stage=primary&amp;sort=participation&amp;page=2" in page
    second = text_of(browser.get(f"{PAGE}?stage=primary&sort=participation&page=2"))
    assert page != second


def test_the_months_of_one_school_are_its_own(at_the_city, db):
    with in_city():
        makers.the_terms()
        one, two = makers.many_schools(2, districts=1)
        for school, present in ((one, 390), (two, 200)):
            makers.a_term_fact(school, makers.RUNNING).save()
            makers.a_day_fact(school, makers.NOW.date(), present=present, handed_over=present).save()
        rollups.roll_everything(now=makers.NOW)
    rows = rows_of(at_the_city().get(f"{PAGE}?format=csv&chart=attendance&school={one.code}"))
    assert rows[1][:3] == ["2026-11", "97.5", "400"]
