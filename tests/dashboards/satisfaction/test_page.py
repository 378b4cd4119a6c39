"""The satisfaction page: what it says, to whom, at which price."""

import pytest

from afterbell.accounts.roles import Role
from dashboards.satisfaction import cards
from oversight.facts import rollups
from tenants.context import in_city
from tests.dashboards import makers
from tests.dashboards.asking import MOST_BYTES, MOST_STATEMENTS, rows_of, size, statements, text_of
from tests.dashboards.conftest import HILLS, LAKE

PAGE = "/satisfaction/"


def surveys(*answers):
    """A district's schools with (invited, answers, score sum, of 4 or 5) in the running term."""
    with in_city():
        makers.the_terms()
        schools = makers.many_schools(len(answers), districts=1)
        for school, (asked, given, total, high) in zip(schools, answers, strict=True):
            makers.a_term_fact(
                school, makers.RUNNING, survey_invited=asked, survey_answers=given, survey_score_sum=total, survey_high=high
            ).save()  # fmt: skip
        rollups.roll_everything(now=makers.NOW)
    return schools


def test_it_answers_every_question_in_words(at_the_city, a_city):
    a_city()
    page = text_of(at_the_city().get(PAGE))
    assert "份答卷的满意率" in page
    assert "满意率比上学期" in page or "满意率与上学期" in page
    assert "评价好得异常" in page
    assert "与上学期相比，满意率怎样变化？" in page


def test_share_mean_interval_and_response_rate_are_those_of_the_sums(at_the_city, db):
    surveys((20, 10, 41, 8), (30, 10, 39, 8))
    page = text_of(at_the_city().get(PAGE))
    # 16 of 20 answers; Wilson 58.4 to 91.9; 80 points on 20 answers; 20 of 50 asked.
    assert "20 份答卷的满意率 80.0%（95% 区间 58.4% 至 91.9%），均分 4.00 分，回收率 40.0%" in page


def test_under_five_answers_no_score_is_shown_and_none_can_be_subtracted(at_the_city, db):
    few, some, many = surveys((20, 4, 20, 4), (40, 30, 120, 25), (300, 200, 880, 180))
    rows = {row[0]: row for row in rows_of(at_the_city().get(f"{PAGE}?format=csv"))}
    head = rows["学校"]
    score = [
        head.index(name)
        for name in ("满意度均分（分）", "满意率（%）", "区间下端（%）", "区间上端（%）", "答卷（份）")
    ]
    assert [rows[few.name][place] for place in score] == ["c"] * 5
    assert [rows[some.name][place] for place in score] == ["c"] * 5, (
        "the total less the others would be the hidden one"
    )
    assert "c" not in [rows[many.name][place] for place in score]


def test_a_school_without_a_survey_has_no_score_and_is_no_zero(at_the_city, db):
    schools = surveys((None, None, None, None), (0, 0, 0, 0), (300, 200, 880, 180))
    rows = {row[0]: row for row in rows_of(at_the_city().get(f"{PAGE}?format=csv"))}
    place = rows["学校"].index("满意率（%）")
    assert [rows[school.name][place] for school in schools] == ["x", "–", "90.0"]


def test_a_survey_that_is_too_good_stands_beside_the_ranking(at_the_city, db):
    from oversight.redlines import actions
    from tenants.policies import ready
    from tests import makers as people

    people.a_policy(ready.document("national-2024"), name="全国规则")
    schools = surveys((300, 300, 1500, 300), *[(300, 200, 800, 160)] * 8)
    actions.evaluate_all(now=makers.NOW)
    page = text_of(at_the_city().get(PAGE))
    assert "1 所学校的评价好得异常" in page
    rows = rows_of(at_the_city(district=LAKE).get(f"{PAGE}?format=csv"))
    marked = [row[0] for row in rows if row[rows[0].index("评价好得异常")] == "有提醒"]
    assert marked == [schools[0].name]


@pytest.mark.parametrize("size_of_city", [5, 60])
def test_it_asks_the_database_twelve_times_at_most(at_the_city, a_city, size_of_city):
    a_city(size_of_city)
    browser = at_the_city()
    for path in (PAGE, f"{PAGE}?district={LAKE}&stage=primary", f"{PAGE}?format=csv"):
        asked = statements(browser, path)
        assert len(asked) <= MOST_STATEMENTS, asked


def test_every_column_sorts_numbers_symbols_and_words(at_the_city, a_city):
    a_city(9)
    browser = at_the_city()
    for name in cards.columns():
        for sign in ("", "-"):
            assert "各校满意度" in text_of(browser.get(f"{PAGE}?sort={sign}{name}"))


def test_it_stays_small_with_many_schools(at_the_city, a_city):
    a_city(400)
    assert size(at_the_city(), PAGE) <= MOST_BYTES


@pytest.mark.parametrize("chart", ["by_district", "by_stage", "by_kind", "changes", "funnel"])
def test_each_chart_has_its_file(at_the_city, a_city, chart):
    a_city()
    browser = at_the_city()
    assert len(rows_of(browser.get(PAGE, {"format": "csv", "chart": chart}))) > 1
    assert f'id="{chart}"' in text_of(browser.get(PAGE))


def test_a_district_s_supervisor_sees_the_district_only(at_the_city, a_city):
    schools = a_city(9)
    browser = at_the_city(district=LAKE)
    elsewhere = {school.name for school in schools if school.district.code != LAKE}
    for query in (
        "",
        f"?district={HILLS}",
        "?format=csv",
        "?format=csv&chart=funnel",
        "?format=csv&chart=by_district",
    ):
        content = browser.get(f"{PAGE}{query}").content.decode()
        assert not [name for name in elsewhere if name in content]
        assert "湖滨区" in content


@pytest.mark.parametrize("role", [Role.PRICE_OFFICER, Role.SYSTEM_ADMIN])
def test_who_may_not_see_children_may_not_see_it(at_the_city, role):
    assert at_the_city(role).get(PAGE).status_code == 403


def test_a_term_without_data_says_so(at_the_city, db):
    with in_city():
        makers.the_terms()
    page = text_of(at_the_city().get(PAGE))
    assert "还没有可以显示的评价" in page
    assert "上学期没有评价数据，无法比较" in page
