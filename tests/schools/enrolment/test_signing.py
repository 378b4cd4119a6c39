"""Signatures: only what a finger can have drawn, or the own full name; properties and the known tricks."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from schools.enrolment import signing
from schools.enrolment.refusals import NotSigned, OtherName, UnfitSignature

POINT = some.tuples(some.integers(0, signing.WIDTH), some.integers(0, signing.HEIGHT))
STROKES = some.lists(some.lists(POINT, min_size=1, max_size=20), min_size=1, max_size=8)


def path_of(strokes):
    return " ".join("M " + " L ".join(f"{x} {y}" for x, y in stroke) for stroke in strokes)


@given(STROKES)
def test_every_drawing_is_read_back_point_by_point(strokes):
    assert signing.strokes(path_of(strokes)) == strokes


@given(some.text(max_size=60))
def test_anything_that_passes_is_made_of_m_l_and_numbers(text):
    """A page and a PDF can show it without a thought."""
    try:
        signing.strokes(text)
    except UnfitSignature:
        return
    assert set(text) <= set("ML0123456789 ")


@pytest.mark.parametrize(
    "path",
    [
        "M 1 1 L 99 99 Z",
        "M 1 1 C 2 2 3 3 99 99",
        "M 1 1 L 99 99 onload=alert(1)",
        '"><script>alert(1)</script>',
        "m 1 1 l 99 99",
        "M 1.5 1 L 99 99",
        "M -1 1 L 99 99",
        "M 1e3 1 L 99 99",
        "M 601 1 L 99 99",
        "M 1 241 L 99 99",
        "M 1 1 L 99 99 ",
        "M 1 1 L 99",
        "M １ 1 L 99 99",
        "L 1 1 L 99 99",
        "M 1 1\nL 99 99",
        "M 1 1" + " L 99 99" * 3000,
        "M 5 5",
        "M 5 5 L 20 20",
    ],
)
def test_what_no_finger_draws_is_refused(path):
    """Bad input: other letters, markup, fractions, outside the box, too long, a dot."""
    with pytest.raises(UnfitSignature):
        signing.drawn(path)


@pytest.mark.parametrize("path", ["", "   "])
def test_nothing_is_no_signature(path):
    with pytest.raises(NotSigned):
        signing.drawn(path)
    with pytest.raises(NotSigned):
        signing.typed(path, of="李强")


def test_a_typed_name_is_the_own_full_name():
    assert signing.typed("买买提·艾力", of="买买提艾力").value == "买买提艾力"
    for name in ("李", "李强强", "王强"):
        with pytest.raises(OtherName):
            signing.typed(name, of="李强")


def test_too_many_points_are_refused():
    short = "M 1 1" + " L 9 9" * 2100
    assert len(short) < signing.MOST_SIGNS
    with pytest.raises(UnfitSignature):
        signing.drawn("M 1 1 L 99 99" + short[5:])
