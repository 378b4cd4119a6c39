"""The rows of the summary: worked numbers, states, unknown that is never 0, flags, totals."""

from decimal import Decimal

import pytest

from oversight.costs import columns, summary
from oversight.costs.children import Children
from oversight.costs.peers import Flag
from oversight.costs.queries import Fact
from oversight.costs.summary import Row, State
from tests.oversight.costs.facts import EVERY, TERM, a_city, a_fact, an_unknown_school

CONTRACT = """
school_code, school_name, district, stage, kind, term, state, days_held, participants, pupil_hours, fee_unit,
fee_standard_fen, cap_fen, charged_fen, waived_fen, received_fen, staff_fen, materials_fen, other_fen, expenditure_fen,
refunded_fen, surplus_fen, cost_per_pupil_hour_fen, peer_median_fen, peer_n, percentile, flag, complaints,
complaints_per_1000, statement_months_on_time, statement_months_due, as_of
""".replace(",", " ").split()


def row(fact) -> Row:
    return summary.build([fact], TERM).rows[0]


def test_the_columns_are_the_contracts_in_their_order():
    assert list(Row._fields) == CONTRACT
    assert list(columns.CODES) == CONTRACT


def test_one_school_worked_by_hand():
    found = row(a_fact())
    assert found.expenditure_fen == 500_000
    assert found.pupil_hours == Decimal("1000.00")
    assert found.cost_per_pupil_hour_fen == 500
    assert found.complaints_per_1000 == Decimal("10.0")
    assert (found.fee_standard_fen, found.cap_fen, found.surplus_fen) == (13_000, 15_000, 80_000)
    assert found.as_of.isoformat() == "2026-11-23T18:30:15+08:00"


@pytest.mark.parametrize(
    ("spent", "minutes", "fen"),
    [(1, 120, 1), (1, 121, 0), (5, 120, 3), (7, 120, 4), (100, 3_600, 2), (0, 60, 0)],
)
def test_a_cost_is_rounded_half_up_and_once(spent, minutes, fen):
    found = row(a_fact(staff_fen=spent, materials_fen=0, other_fen=0, pupil_minutes=minutes))
    assert found.cost_per_pupil_hour_fen == fen


def test_hours_have_two_decimals_rounded_half_up():
    assert row(a_fact(pupil_minutes=100)).pupil_hours == Decimal("1.67")
    assert row(a_fact(pupil_minutes=61)).pupil_hours == Decimal("1.02")


def test_a_settled_term_with_all_its_statements_is_final():
    assert row(a_fact()).state == State.FINAL


@pytest.mark.parametrize("lacking", [{"settled_at": None, "surplus_fen": None}, {"unpublished": 1}])
def test_a_term_that_is_not_settled_or_not_wholly_published_is_an_estimate(lacking):
    assert row(a_fact(**lacking)).state == State.ESTIMATE


def test_of_a_school_without_facts_every_number_is_empty():
    found = row(an_unknown_school())
    assert found[:7] == ("3301020000", "第0小学", "330102", "primary", "urban", TERM, State.MISSING)
    assert set(found[7:]) == {None, ""}


@pytest.mark.parametrize(
    ("unknown", "emptied"),
    [
        ({"materials_fen": None}, ("expenditure_fen", "cost_per_pupil_hour_fen")),
        ({"pupil_minutes": None}, ("pupil_hours", "cost_per_pupil_hour_fen")),
        ({"pupil_minutes": 0}, ("cost_per_pupil_hour_fen",)),
        ({"participants": 0}, ("complaints_per_1000",)),
        ({"complaints": None}, ("complaints", "complaints_per_1000")),
        ({"surplus_fen": None}, ("surplus_fen",)),
    ],
)
def test_what_rests_on_something_unknown_is_unknown_and_nothing_is_divided_by_nothing(unknown, emptied):
    found = row(a_fact(**unknown))
    assert all(getattr(found, name) is None for name in emptied)


def test_no_complaint_is_a_zero_and_not_an_empty_cell():
    assert row(a_fact(complaints=0)).complaints_per_1000 == Decimal("0.0")


def test_a_school_stands_among_its_peers():
    found = summary.build(a_city(31), TERM, least=EVERY).rows[30]
    assert (found.peer_n, found.percentile, found.flag) == (30, Decimal("100.0"), Flag.HIGH)
    # the others' costs are 500.0, 501.0, … 529.0 fen an hour: their median is 514.5
    assert found.peer_median_fen == 515
    assert found.cost_per_pupil_hour_fen == 530


def test_a_difference_of_a_few_fen_is_no_flag_though_it_is_the_largest():
    """530 fen against 515: the first of 31 schools, by three percent."""
    found = summary.build(a_city(31), TERM)
    assert {row.flag for row in found.rows} == {Flag.NONE}
    assert not found.reasons


def test_too_few_peers_leave_the_comparison_empty_and_say_so():
    found = summary.build(a_city(5), TERM).rows[0]
    assert (found.peer_n, found.peer_median_fen, found.percentile, found.flag) == (4, None, None, "too_few")


def test_a_school_of_ordinary_cost_with_too_cheap_staff_is_low():
    facts = a_city(31)
    facts[15] = a_fact(15, staff_fen=100_000, materials_fen=390_000)
    found = summary.build(facts, TERM)
    assert found.rows[15].flag == Flag.LOW
    assert Decimal(10) < found.rows[15].percentile < 90
    assert {reason.cost for reason in found.reasons["3301020015"]} == {
        "staff_cost_per_pupil_hour", "materials_per_pupil_hour",
    }  # fmt: skip


def test_a_part_period_school_says_so_and_is_not_compared():
    facts = a_city(31)
    facts[3] = a_fact(3, days_held=10)
    found = summary.build(facts, TERM).rows[3]
    assert (found.flag, found.percentile, found.peer_n) == (Flag.PART_PERIOD, None, 0)


def test_reasons_carry_their_numbers():
    reasons = summary.build(a_city(31), TERM, least=EVERY).reasons
    (first,) = [one for one in reasons["3301020030"] if one.cost == "cost_per_pupil_hour"]
    assert first[1:] == (Flag.HIGH, 530, 515, 30, Decimal("100.0"))


def test_totals_are_over_what_is_known():
    found = summary.build(
        [a_fact(), a_fact(1, surplus_fen=None, pupil_minutes=None), an_unknown_school(2)], TERM
    )
    totals = summary.total(found.rows, found.children)
    assert totals["received_fen"] == 1_160_000
    assert totals["surplus_fen"] == 80_000
    assert totals["cost_per_pupil_hour_fen"] == 500  # the school without hours is in neither part
    assert totals["complaints_per_1000"] == Decimal("10.0")  # 2 of 201, to one decimal
    assert "fee_standard_fen" not in totals
    assert "percentile" not in totals


def test_totals_of_nothing_are_unknown_and_not_zero():
    assert set(summary.total([], Children()).values()) == {None}
    assert set(summary.total(summary.build([an_unknown_school()], TERM).rows, Children()).values()) == {None}


def test_filters_leave_only_what_they_say_and_change_no_row():
    whole = summary.build([*a_city(31), an_unknown_school(40, district_code="330106")], TERM, least=EVERY)
    assert summary.narrowed(whole) is whole
    missing = summary.narrowed(whole, state="missing", district="330106")
    assert missing.rows == whole.rows[-1:]
    assert not missing.reasons
    high = summary.narrowed(whole, flag="high")
    assert set(high.rows) < set(whole.rows)
    assert {one.flag for one in high.rows} == {"high"}
    assert set(high.reasons) == {one.school_code for one in high.rows}
    assert not summary.narrowed(whole, stage="nine_year").rows
    assert summary.narrowed(whole, school="3301020007").rows == (whole.rows[7],)
    assert summary.narrowed(whole, school="第7小", flag="none").rows == (whole.rows[7],)


def test_statements_due_are_listed_with_most_months_first():
    facts = [a_fact(0, statement_months_missing=1), a_fact(1), a_fact(2, statement_months_missing=3)]
    assert [(one.row.school_code, one.months) for one in summary.build(facts, TERM).overdue] == [
        ("3301020002", 3),
        ("3301020000", 1),
    ]


def test_an_empty_city_has_an_empty_summary():
    found = summary.build([], TERM)
    assert (found.rows, found.as_of, found.has_data) == ((), None, False)


def test_1233_schools_have_a_row_each():
    facts = [a_fact(number, code=f"{number:010d}") for number in range(1233)]
    assert len({row.school_code for row in summary.build(facts, TERM).rows}) == 1233


def test_every_number_that_is_read_is_one_that_the_price_bureau_may_see():
    from oversight.costs import queries
    from tenants import roles

    assert not set(queries.NUMBERS) & set(roles.NOT_FOR_PRICES)
    assert set(queries.NUMBERS) <= set(Fact._fields)
