"""The published tables of participation: what they show of a city, and that nobody can work out what they hide."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oversight.disclosure import participation
from oversight.disclosure.linked import Part
from oversight.disclosure.queries import Area
from tests.oversight.disclosure.test_linked import attacked, whole

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
STAGES, KINDS, DISTRICTS = ("primary", "lower_secondary"), ("urban", "rural"), ("330102", "330106", "330107")


def area(district, stage, kind, participants, pupils, *, schools=2, offering=2):
    return Area(district, f"区{district}", stage, kind, schools, offering, participants, pupils)


def cells(grid):
    return {
        (str(line.name), str(head)): (place.count, place.share)
        for line in grid.lines
        for head, place in zip(grid.heads, line.places, strict=True)
    }


def test_counts_are_rounded_to_five_and_shares_are_not():
    by_district, by_kind = participation.grids(
        [
            area("330102", "primary", "urban", 4_133, 4_800),
            area("330102", "lower_secondary", "urban", 1_002, 2_000),
            area("330106", "primary", "rural", 313, 400),
            area("330106", "lower_secondary", "rural", 88, 200),
        ]
    )
    found = cells(by_district)
    assert found["区330102", "小学"] == ("4,135", "86.1")
    assert found["区330106", "初中"] == ("90", "44.0")
    assert found["全市", "合计"] == ("5,535", "74.8")
    assert cells(by_kind)["乡村", "小学"] == ("315", "78.3")
    assert [(str(line.name), line.offering, line.schools) for line in by_district.lines][-1] == ("全市", 8, 8)


def test_a_stage_that_a_district_has_no_school_of_does_not_apply_and_an_unknown_one_is_x():
    (by_district, _by_kind) = participation.grids(
        [
            area("330102", "primary", "urban", 4_000, 4_800),
            area("330102", "lower_secondary", "urban", 900, 1_000),
            area("330106", "primary", "rural", None, None),
        ]
    )
    found = cells(by_district)
    assert found["区330106", "小学"] == ("x", "x")
    assert found["区330106", "初中"] == ("–", "–")
    assert found["区330106", "合计"] == ("x", "x")
    assert found["全市", "小学"] == ("4,000", "83.3")


def test_more_than_the_roll_has_no_share():
    """Who joined after the reference day takes part and was not on the roll that day."""
    (by_district, _by_kind) = participation.grids([area("330102", "primary", "urban", 120, 100)])
    assert cells(by_district)["全市", "合计"] == ("120", "x")


def test_an_empty_term_has_no_tables():
    assert participation.grids([]) == []


@st.composite
def cities(draw):
    found = []
    for district in DISTRICTS:
        for stage in STAGES:
            for kind in KINDS:
                pupils = draw(st.integers(1, 60))
                found.append(area(district, stage, kind, draw(st.integers(0, pupils)), pupils))
    return found


@QUICK
@given(areas=cities())
def test_nobody_who_knows_all_published_tables_and_every_roll_can_work_out_a_hidden_count(areas):
    """Attacked with the exact numbers: that they are rounded on top only makes it harder."""
    by_district, by_kind = participation.grids(areas)

    def exact(key, values):
        def sum_of(row, stage):
            these = [a for a in areas if getattr(a, key) == row and a.stage == stage]
            return Part(sum(a.participants for a in these), sum(a.pupils for a in these))

        return [[sum_of(row, stage) for stage in STAGES] for row in values]

    grid = whole(exact("district_code", DISTRICTS), exact("kind", KINDS))
    lines = [*by_district.lines, *by_kind.lines[:-1]]
    shown = [
        ["c" if place.count == "c" else part for place, part in zip(line.places, row, strict=True)]
        for line, row in zip(lines, grid, strict=True)
    ]
    assert by_district.lines[-1] == by_kind.lines[-1]
    left = attacked(grid, shown, len(DISTRICTS), 9)
    is_all_hidden = all(cell == "c" or cell.number == 0 for row in shown for cell in row)
    for (row, column), values in left.items():
        assert len(values) == min(9, grid[row][column].of) or is_all_hidden
    for row in shown:
        for cell in row:
            assert cell == "c" or cell.number == 0 or cell.number >= 10
            assert cell == "c" or cell.number in (0, cell.of) or cell.of - cell.number >= 10
