"""The published tables of participation: what they show of a city."""

from oversight.disclosure import participation
from oversight.disclosure.queries import Area


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


def test_a_table_is_not_safe_by_its_own_rows_and_columns(attack_on):
    """The example of the issue: the urban row is district A's primary schools, and gives B's as the rest of the total."""
    areas = [
        area("330102", "primary", "urban", 340, 408),
        area("330102", "lower_secondary", "town", 771, 773),
        area("330102", "lower_secondary", "rural", 26, 26),
        area("330106", "primary", "rural", 23, 33),
        area("330106", "lower_secondary", "rural", 6, 15),
    ]
    left = attack_on(areas, participation.grids(areas))
    assert left
    assert min(left.values()) == 9
