"""The audit chain for every small forgery: one line changed, taken out, doubled, moved or put in is always found."""

import json

from hypothesis import given
from hypothesis import strategies as st

from afterbell.audit.chain import verify
from tests.audit.stage import SCHEMA, anchor_at, entries, export_of

LENGTHS = st.integers(2, 12)
SMALL_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-9, 10**12), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=3,
)


@given(LENGTHS, st.data())
def test_any_changed_field_of_any_line_is_found(length, data):
    rows = entries(length)
    number = data.draw(st.integers(0, length - 1))
    field = data.draw(st.sampled_from(sorted(rows[number])))
    value = data.draw(SMALL_JSON.filter(lambda value: json.dumps(value) != json.dumps(rows[number][field])))
    honest_head = anchor_at(rows, length)
    rows[number] = {**rows[number], field: value}
    verdict = verify(export_of(rows, head=honest_head))
    assert not verdict.holds
    assert verdict.position == number + 1


def test_a_format_of_true_is_not_a_format_of_one():
    """Found by the property above: Python says that they are equal."""
    rows = entries(2)
    honest_head = anchor_at(rows, 2)
    rows[0] = {**rows[0], "format": True}
    assert verify(export_of(rows, head=honest_head)).position == 1


@given(LENGTHS, st.data())
def test_any_changed_character_of_an_export_is_found(length, data):
    lines = export_of(entries(length))
    number = data.draw(st.integers(0, length))
    line = lines[number]
    place = data.draw(st.integers(0, len(line) - 1))
    letter = data.draw(st.characters(codec="utf-8").filter(lambda letter: letter != line[place]))
    lines[number] = line[:place] + letter + line[place + 1 :]
    assert not verify(lines).holds


@given(LENGTHS, st.data())
def test_any_line_taken_out_is_found(length, data):
    lines = export_of(entries(length))
    del lines[data.draw(st.integers(0, length))]
    assert not verify(lines).holds


@given(LENGTHS, st.data())
def test_any_line_that_stands_twice_is_found(length, data):
    lines = export_of(entries(length))
    line = lines[data.draw(st.integers(0, length))]
    lines.insert(data.draw(st.integers(0, length + 1)), line)
    assert not verify(lines).holds


@given(LENGTHS, st.data())
def test_any_other_order_is_found(length, data):
    lines = export_of(entries(length))
    order = data.draw(st.permutations(lines).filter(lambda order: order != lines))
    assert not verify(order).holds


@given(LENGTHS, st.data())
def test_any_line_put_in_is_found_even_when_it_is_chained_rightly(length, data):
    rows = entries(length)
    position = data.draw(st.integers(1, length))
    forged = entries(1, since=anchor_at(rows, position), verb="finance.refund.forge")
    at = data.draw(st.integers(0, length))
    lines = export_of([*rows[:at], *forged, *rows[at:]], schema=SCHEMA, head=anchor_at(rows, length))
    assert not verify(lines).holds


@given(LENGTHS, st.data())
def test_any_cut_is_found_against_the_head(length, data):
    rows = entries(length)
    kept = data.draw(st.integers(0, length - 1))
    verdict = verify(export_of(rows[:kept], head=anchor_at(rows, length)))
    assert (verdict.holds, verdict.position) == (False, kept + 1)


@given(LENGTHS)
def test_an_honest_chain_always_holds(length):
    assert verify(export_of(entries(length)), [anchor_at(entries(length), 1)]).holds
