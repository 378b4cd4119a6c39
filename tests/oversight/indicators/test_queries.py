"""What pages ask for: figures with what they were before, groups, rankings, trends, in the reader's own scope."""

from datetime import date

import pytest
from django.db import ProgrammingError, connection, transaction

from oversight.facts import columns
from oversight.indicators import frames, queries
from oversight.indicators.catalogue import CATALOGUE
from oversight.indicators.measures import State
from oversight.indicators.statistics import Flag
from oversight.scope import WHOLE_CITY, Reader, Scope, of_school
from oversight.selection import Selection
from tests import makers
from tests.city import NOON
from tests.makers import TERM
from tests.oversight import makers as facts

PAST = "2025-2026-2"
HILLS = Scope(districts=frozenset({"330106"}))
NOBODY = Scope(districts=frozenset())
PRICE = Scope(districts=None, reader=Reader.PRICE)
NOW = Selection(term=TERM)


@pytest.fixture
def city(north, south, island):
    """Lake: 300 and 200 of 400 take part; hills: 100 of 400, with complaints; and what it was in the term before."""
    makers.a_term(
        code=PAST, name="2025—2026学年第二学期", first_date=date(2026, 3, 2), last_date=date(2026, 7, 3)
    )
    makers.a_term()
    facts.a_known_school(north)
    facts.a_known_school(south, participants=200, survey_high=60)
    facts.a_known_school(island, participants=100, five_day_participants=3)
    facts.a_month_fact(
        island, "2026-10", complaints=9, complaints_answered_in_time=3, charged_fen=0, waived_fen=0
    )
    facts.a_term_fact(north, term_code=PAST, participants=200)
    facts.rolled()
    return north, south, island


def test_a_figure_says_what_it_is_rests_on_and_was(city):
    found = queries.figure(WHOLE_CITY, NOW, "participation", before=PAST)
    assert (found.value, found.numerator, found.denominator, found.n) == (50.0, 600, 1200, 1200)
    assert (found.before, found.change) == (50.0, 0.0)
    assert found.interval.low == pytest.approx(47.18, abs=0.01)
    assert found.interval.high == pytest.approx(52.82, abs=0.01)
    assert str(found.n_of) == "名在册学生"


def test_a_figure_over_schools_counts_schools(city):
    found = queries.figure(WHOLE_CITY, NOW, "fee_to_cap")
    assert (found.is_median, found.n, str(found.n_of)) == (True, 3, "所学校")
    assert found.interval is None


def test_without_a_term_before_there_is_no_change(city):
    assert queries.figure(WHOLE_CITY, NOW, "participation").change is None
    assert queries.figure(HILLS, NOW, "participation", before=PAST).change is None


def test_a_part_of_the_months_is_not_compared_with_a_term(city):
    october = Selection(term=TERM, first_month="2026-10")
    assert queries.figure(WHOLE_CITY, october, "participation", before=PAST).before is None


def test_a_selection_of_months_narrows_sums_and_leaves_counts_of_the_term(city):
    october = Selection(term=TERM, first_month="2026-10", last_month="2026-10")
    assert queries.figure(WHOLE_CITY, october, "complaints_in_time").denominator == 9
    assert queries.figure(WHOLE_CITY, october, "attendance").state is State.MISSING
    assert queries.figure(WHOLE_CITY, october, "participation").value == 50.0


def test_districts_stages_and_kinds_add_up_to_the_city(city):
    """The same schools, however they are grouped."""
    for by in (queries.by_district, queries.by_stage, queries.by_kind):
        found = by(WHOLE_CITY, NOW, "participation")
        assert found["numerator"].sum() == 600
        assert found["n"].sum() == 1200
    districts = queries.by_district(WHOLE_CITY, NOW, "participation")
    assert list(districts["district_name"]) == ["湖滨区", "山南县"]
    assert list(districts["value"]) == [62.5, 25.0]


def test_one_frame_serves_many_figures(city, django_assert_num_queries):
    codes = list(CATALOGUE)
    queries.figures(WHOLE_CITY, NOW, codes, before=PAST)  # what is hidden is decided once
    with django_assert_num_queries(2):
        queries.figures(WHOLE_CITY, NOW, codes, before=PAST)
    frame = frames.schools(WHOLE_CITY, NOW)
    with django_assert_num_queries(0):
        queries.figures(WHOLE_CITY, NOW, codes, frame=frame)
        queries.by_district(WHOLE_CITY, NOW, "participation", frame=frame)
        queries.ranking(WHOLE_CITY, NOW, "participation", frame=frame, rules={})
        queries.of_frame(frame, "attendance", before=frame)


@pytest.mark.parametrize(
    "load", [frames.schools, frames.areas, frames.months, frames.months_of_schools, frames.classes]
)
def test_each_frame_is_one_statement(city, load, django_assert_num_queries):
    load(WHOLE_CITY, NOW)  # what is hidden is decided once
    with django_assert_num_queries(1):
        load(WHOLE_CITY, NOW)


def test_a_narrow_frame_gives_the_same_figures(city):
    wide = queries.figures(WHOLE_CITY, NOW, list(CATALOGUE), frame=frames.schools(WHOLE_CITY, NOW))
    assert queries.figures(WHOLE_CITY, NOW, list(CATALOGUE)) == wide


def test_the_ranking_begins_with_the_worst_and_ends_with_the_unknown(city, island):
    answers = queries.ranking(WHOLE_CITY, NOW, "satisfaction")
    assert list(answers["name"]) == ["湖滨区第二小学", "湖滨区第一小学", "山南县海岛学校"]
    assert answers["flag"][0] == Flag.FLAG_LOW
    complaints = queries.ranking(WHOLE_CITY, NOW, "complaints_per_1000")
    assert complaints["code"][0] == island.code
    assert complaints["flag"][0] == Flag.FLAG_HIGH
    five = queries.ranking(WHOLE_CITY, NOW, "five_day_share")
    assert (five["code"][2], five["state"][2], five["flag"][2]) == (island.code, State.HIDDEN, Flag.INSIDE)


def test_a_district_is_ranked_against_the_whole_city(city):
    """Narrowed by a filter, the rate that schools are compared with stays the city's."""
    hills = queries.ranking(WHOLE_CITY, Selection(term=TERM, district="330106"), "participation")
    assert len(hills) == 1
    assert hills["flag"][0] == Flag.FLAG_LOW
    assert hills["lower_flag"][0] < 50 < hills["upper_flag"][0]


def test_the_trend_is_by_month_and_only_where_months_carry_it(city):
    found = queries.trend(WHOLE_CITY, NOW, "complaints_in_time")
    assert list(found["month"]) == ["2026-09", "2026-10"]
    assert list(found["state"]) == [State.NOT_APPLICABLE, State.KNOWN]
    with pytest.raises(ValueError, match="by month"):
        queries.trend(WHOLE_CITY, NOW, "participation")


def test_both_parts_of_a_trend_come_from_one_fact():
    """An area's sum of one part never holds a school that the sum of the other part does not."""
    for one in CATALOGUE.values():
        if one.by_month:
            assert any(set(one.columns) <= set(names) for names in (columns.SCHOOL_DAYS, columns.MONTH)), (
                one.code
            )


def test_a_district_supervisor_sees_the_district_in_every_load(city, island):
    assert list(frames.schools(HILLS, NOW)["code"]) == [island.code]
    assert frames.areas(HILLS, NOW)["participants"][0] == 100
    assert list(frames.areas(HILLS, NOW, by=("district",))["district_code"]) == ["330106"]
    assert frames.months(HILLS, NOW)["schools"].max() == 1
    assert set(frames.months_of_schools(HILLS, NOW)["code"]) == {island.code}
    assert queries.figure(HILLS, NOW, "participation").value == 25.0
    assert len(queries.ranking(HILLS, NOW, "participation")) == 1
    elsewhere = Selection(term=TERM, district="330102")
    assert frames.schools(HILLS, elsewhere).empty
    assert queries.figure(HILLS, elsewhere, "participation").state is State.MISSING


def test_without_a_scope_there_is_nothing(city):
    assert frames.schools(NOBODY, NOW).empty
    assert frames.months(NOBODY, NOW).empty
    assert queries.figure(NOBODY, NOW, "participation").state is State.MISSING


def test_a_school_that_looks_at_itself_sees_its_own_rows_alone(city, north):
    assert list(frames.schools(of_school(north), NOW)["code"]) == [north.code]
    assert set(queries.trend(of_school(north), NOW, "attendance")["month"]) == {"2026-09"}


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("oversight_schoolterm", "present"), ("oversight_schoolterm", "survey_answers"),
        ("oversight_schoolmonth", "expected"), ("oversight_areaterm", "complaints_forced"),
        ("oversight_areamonth", "handed_over"), ("oversight_dayfact", "pupil_minutes"), ("oversight_classfact", "pupils"),
        ("oversight_termfact", "participants"),
    ],
)  # fmt: skip
def test_the_price_bureau_never_reads_what_is_about_children(city, table, column):
    """PostgreSQL refuses, whatever a page asks for (architecture §7)."""
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic(), PRICE.reading():
        connection.cursor().execute(f"SELECT {column} FROM {table}")


def test_the_price_bureau_has_its_figures_without_those_columns(city):
    frame = frames.schools(PRICE, NOW)
    assert "present" not in frame
    assert queries.figure(PRICE, NOW, "cost_per_pupil_hour").value is not None
    assert queries.figure(PRICE, NOW, "complaints_per_1000").value == 15.0
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        frames.classes(PRICE, NOW)


def test_a_term_without_data_is_missing_and_not_nought(city):
    found = queries.figures(WHOLE_CITY, Selection(term="2030-2031-1"), list(CATALOGUE))
    assert {code for code, one in found.items() if one.state is not State.MISSING} == {"offering"}
    assert found["offering"].value == 0
    assert queries.ranking(WHOLE_CITY, Selection(term="2030-2031-1"), "participation")["value"].isna().all()
    assert queries.trend(WHOLE_CITY, Selection(term="2030-2031-1"), "attendance").empty


def test_terms_are_the_latest_first_and_one_is_current(city):
    found = queries.terms(WHOLE_CITY, NOON)
    assert [(one.code, one.is_current) for one in found] == [(TERM, True), (PAST, False)]
    in_summer = queries.terms(WHOLE_CITY, NOON.replace(month=8, day=1))
    assert [one.is_current for one in in_summer] == [False, True]
    before = queries.previous_term(TERM, found)
    assert before is not None
    assert before.code == PAST
    assert queries.previous_term(PAST, found) is None
    assert queries.previous_term("2000-2001-1", found) is None
