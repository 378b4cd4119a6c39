"""A decision is never older than the figures that are shown by it, and is not made twice for the same ones."""

import pytest

from oversight.indicators import frames, measures
from oversight.indicators.catalogue import CATALOGUE
from oversight.protection import decisions, loading
from oversight.scope import WHOLE_CITY
from oversight.selection import Selection
from tests.makers import TERM, a_term
from tests.oversight import makers

NEEDS = {"participants", "pupils_on_roll"}


@pytest.fixture
def city(db, north, south, island):
    a_term()
    for school, joined in ((north, 300), (south, 200), (island, 100)):
        makers.a_known_school(school, participants=joined)
    makers.rolled()
    return north, south, island


def states():
    frame = frames.schools(WHOLE_CITY, Selection(TERM), needs=NEEDS)
    return measures.measure(frame, CATALOGUE["participation"])["state"].tolist()


def test_a_count_that_becomes_small_is_hidden_at_once_with_a_neighbour(city):
    north, _south, _island = city
    assert states() == ["known"] * 3
    makers.TermFact.objects.filter(school=north).update(participants=3)
    makers.rolled()
    assert states() == ["hidden", "hidden", "known"]


def test_the_same_figures_are_decided_upon_once(city, django_assert_num_queries):
    first = decisions.of_frame(frames.schools(WHOLE_CITY, Selection(TERM), needs=NEEDS))
    with django_assert_num_queries(1):
        again = frames.schools(WHOLE_CITY, Selection(TERM, district=str(city[2].district.code)), needs=NEEDS)
    assert decisions.of_frame(again) is first


def test_a_school_that_moves_changes_the_sums(city):
    """Its row stays; where it stands is part of the state."""
    _north, south, _island = city
    first = decisions.of_frame(frames.schools(WHOLE_CITY, Selection(TERM), needs=NEEDS))
    south.kind = "rural"
    south.save()
    assert decisions.of_frame(frames.schools(WHOLE_CITY, Selection(TERM), needs=NEEDS)) is not first


def test_figures_that_change_at_every_try_are_not_shown(city, monkeypatch):
    monkeypatch.setattr(loading, "of_term", lambda _term, _stamp: None)
    with pytest.raises(loading.Restless):
        frames.schools(WHOLE_CITY, Selection(TERM), needs=NEEDS)


def test_a_term_without_figures_hides_nothing(city):
    assert loading.book_of_term("2031-2032-1").grades == ()
    frame = frames.schools(WHOLE_CITY, Selection("2031-2032-1"), needs=NEEDS)
    assert measures.children(frame) != measures.children(frame)


def test_what_the_database_says_of_classes_is_what_the_rule_says(city):
    """5 of the school in three classes of 2, 2 and 1: the sum leaves each two values more at most."""
    north, _south, _island = city
    for number, joined in enumerate((2, 2, 1)):
        makers.a_class_fact(north, grade=1 + number, pupils=30, participants=joined)
    makers.a_class_fact(north, grade=9, pupils=30, participants=0)
    makers.TermFact.objects.filter(school=north).update(participants=5, pupils_on_roll=120)
    makers.rolled()
    assert states()[0] == "hidden"
    (of_north,) = [each for each in loading.book_of_term(TERM).grades if each.grade == 9]
    assert (of_north.least, of_north.most, of_north.tells) == (0, 0, False)
