"""Two tables of the same children can't be played off against each other, nor against the roll."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oversight.disclosure import linked, suppression
from oversight.disclosure.linked import Part
from tests.oversight.disclosure import small_attack as attack

QUICK = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
K = 4


def sums(rows):
    return [sum(column) for column in zip(*rows, strict=True)]


@st.composite
def children(draw):
    """Two rows, two columns, two kinds: of each the children who take part, and all."""
    cells = []
    for _place in range(8):
        of = draw(st.integers(0, 14))
        cells.append(Part(draw(st.integers(0, of)), of))
    return [[[cells[4 * d + 2 * s + g] for g in range(2)] for s in range(2)] for d in range(2)]


def cut(cube):
    """District × stage, and kind × stage."""

    def add(parts):
        return Part(sum(p.number for p in parts), sum(p.of for p in parts))

    above = [[add(cube[d][s]) for s in range(2)] for d in range(2)]
    below = [[add([cube[d][s][g] for d in range(2)]) for s in range(2)] for g in range(2)]
    return above, below


def whole(above, below):
    """All that is published, in one grid with the totals of the columns between."""
    rows = [[*row, linked._sum(row)] for row in above]
    return [*rows, linked._sums(rows), *([*row, linked._sum(row)] for row in below)]


def attacked(grid, shown, shared, stop_at):
    """What somebody who knows both tables and the roll can find out."""
    cells = {
        (r, c): cell if isinstance(cell, str) else cell.number
        for r, row in enumerate(shown)
        for c, cell in enumerate(row)
    }
    width, last = len(grid[0]), len(grid) - 1
    lines = [[(r, c) for c in range(width)] for r in range(len(grid))]
    for c in range(width):
        lines.append([*((r, c) for r in range(shared)), (shared, c)])
        lines.append([*((r, c) for r in range(shared + 1, last + 1)), (shared, c)])
    most = {(r, c): part.of for r, row in enumerate(grid) for c, part in enumerate(row)}
    return attack.on_cells(cells, lines, stop_at=stop_at, most=most)


@QUICK
@given(cube=children())
def test_no_hidden_count_can_be_worked_out_from_both_tables_and_the_roll(cube):
    above, below = cut(cube)
    found = linked.protect(above, below, k=K)
    grid = whole(above, below)
    shown = [*found.above, found.totals, *found.below]
    left = attacked(grid, shown, 2, K - 1)
    everything_is_hidden = all(cell == "c" or cell.number == 0 for row in shown for cell in row)
    for (row, column), values in left.items():
        assert len(values) == min(K - 1, grid[row][column].of) or everything_is_hidden


@QUICK
@given(cube=children())
def test_few_who_take_part_and_few_who_do_not_are_both_hidden(cube):
    above, below = cut(cube)
    found = linked.protect(above, below, k=K)
    for row in [*found.above, found.totals, *found.below]:
        for part in row:
            if isinstance(part, Part) and part.number:
                assert part.number >= K
                assert part.of == part.number or part.of - part.number >= K


def test_each_table_safe_by_itself_is_broken_by_both_together():
    """The attack can succeed: the stage's total that one table hides stands in the other."""
    above, below = [[6, 2], [0, 15]], [[6, 11], [0, 6]]
    apart = suppression.protect(above, k=4), suppression.protect(below, k=4)
    assert (apart[0][-1][0], apart[1][-1][0]) == ("c", 6)
    grid = whole(*([[Part(n, 100) for n in row] for row in rows] for rows in (above, below)))
    totals = [b if a == "c" else a for a, b in zip(apart[0][-1], apart[1][-1], strict=True)]
    shown = [*apart[0][:-1], totals, *apart[1][:-1]]
    wrapped = [[cell if isinstance(cell, str) else Part(cell, 0) for cell in row] for row in shown]
    assert attacked(grid, wrapped, 2, 3)[0, 0] == [6]
    safe = linked.protect(*([[Part(n, 100) for n in row] for row in rows] for rows in (above, below)), k=4)
    left = attacked(grid, [*safe.above, safe.totals, *safe.below], 2, 3)
    assert {len(values) for values in left.values()} == {3}


def test_who_does_not_take_part_is_hidden_though_many_do():
    """38 of 40, beside 400 of 800: two stay away, and the roll is no secret."""
    found = linked.protect([[Part(38, 40), Part(400, 800)]], [[Part(38, 40), Part(400, 800)]], k=10)
    assert found.above[0][0] == "c"
    assert found.totals[0] == "c"


def test_no_answer_is_x_and_part_of_no_total():
    found = linked.protect([[Part(50, 100), None]], [[Part(50, 100), None]])
    assert found.above == [[Part(50, 100), "x", Part(50, 100)]]
    assert found.totals == [Part(50, 100), "x", Part(50, 100)]


def test_tables_of_different_children_are_refused():
    with pytest.raises(linked.UnlikeTotals):
        linked.protect([[Part(50, 100)]], [[Part(51, 100)]])
