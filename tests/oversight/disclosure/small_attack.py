"""An attacker who has the published table and a computer, and asks which values each hidden count can have.

Knows all shown counts, that every row and column adds up to its total, and that a hidden count is not 0. Searches all
whole numbers by propagation and branching; shares no code with what it attacks.
"""

MOST = 400
"""Beyond it, a count without an upper end is not looked at."""


def on_table(published, *, stop_at):
    """Place of each hidden cell → up to `stop_at` values that it can have. Last row and last column are totals."""
    height, width = len(published), len(published[0])
    rows = [[(row, column) for column in range(width)] for row in range(height)]
    columns = [[(row, column) for row in range(height)] for column in range(width)]
    return _attack(
        {place: published[place[0]][place[1]] for row in rows for place in row}, [*rows, *columns], stop_at
    )


def on_list(published, *, stop_at):
    """The same for a list whose last cell is the total."""
    places = [(0, column) for column in range(len(published))]
    return _attack(dict(zip(places, published, strict=True)), [places], stop_at)


def on_cells(cells, lines, *, stop_at, most):
    """The same for any cells and lines, each with its total at the end; `most` is what each can't exceed."""
    return _attack(cells, lines, stop_at, most)


def _attack(cells, lines, stop_at, most=None):
    bounds = {
        place: (1, (most or {}).get(place, MOST)) if cell == "c" else (cell, cell)
        for place, cell in cells.items()
        if cell != "x"
    }
    lines = [[place for place in line if place in bounds] for line in lines]
    known = _narrowed(bounds, lines)
    assert known is not None, "the published table contradicts itself"
    return {place: _values(place, known, lines, stop_at) for place, cell in cells.items() if cell == "c"}


def _values(place, bounds, lines, stop_at):
    found = []
    low, high = bounds[place]
    for value in range(low, high + 1):
        if _possible({**bounds, place: (value, value)}, lines):
            found.append(value)
        if len(found) == stop_at:
            break
    return found


def _possible(bounds, lines):
    """Whether there is a table of whole numbers within these bounds."""
    narrowed = _narrowed(bounds, lines)
    if narrowed is None:
        return False
    free = [place for place, (low, high) in narrowed.items() if low < high]
    if not free:
        return True
    place = min(free, key=lambda each: narrowed[each][1] - narrowed[each][0])
    low, high = narrowed[place]
    return any(_possible({**narrowed, place: (value, value)}, lines) for value in range(low, high + 1))


def _narrowed(bounds, lines):
    """Bounds that follow from each line by itself, until nothing follows any more; None for a contradiction."""
    bounds = dict(bounds)
    changed = True
    while changed:
        changed = False
        for line in lines:
            signs = [(place, -1 if place == line[-1] else 1) for place in line]
            for place, sign in signs:
                others = [
                    bounds[p] if s == -sign else (-bounds[p][1], -bounds[p][0])
                    for p, s in signs
                    if p != place
                ]
                low = max(bounds[place][0], sum(each[0] for each in others))
                high = min(bounds[place][1], sum(each[1] for each in others))
                if low > high:
                    return None
                if (low, high) != bounds[place]:
                    bounds[place], changed = (low, high), True
    return bounds
