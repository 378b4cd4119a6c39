"""Sentences are true: no superlative for a tie, and a running term beside the same days of the one before."""

from datetime import UTC, datetime

import pytest

from dashboards.frame import loads, words
from dashboards.frame.filters import Filters
from dashboards.frame.look import Look
from dashboards.frame.places import Places, TermPlace
from oversight.indicators.ages import DataAge
from oversight.indicators.catalogue import CATALOGUE
from oversight.scope import WHOLE_CITY
from oversight.selection import Selection
from tests.dashboards.makers import PAST, RUNNING, TERMS


@pytest.mark.parametrize(
    ("values", "said"),
    [("a", "甲"), ("aab", "甲和乙"), ("aaa", "甲等 3 处"), ("baa", "乙和丙"), ("aaaa", "甲等 4 处")],
)
def test_those_of_one_value_are_named_together(values, said):
    assert words.those(list(zip("甲乙丙丁", values, strict=False)), "a") == said


def a_look(now, term=RUNNING):
    places = Places(
        terms=tuple(TermPlace(code, *TERMS[code]) for code in (RUNNING, PAST)), districts={}, school=""
    )
    form = Filters({"term": term}, places=places, today=now.date(), fields=())
    return Look("/", WHOLE_CITY, form, Selection(term), places, DataAge(None, None, term), now)


def test_a_running_term_is_compared_with_as_many_days():
    """12 September is the 12th day; twelve of the 30 days of March (from the 2nd) are two fifths of its complaints."""
    span = loads._same_days(a_look(datetime(2026, 9, 12, 4, tzinfo=UTC)))
    assert (span.last_month, round(span.share, 3)) == ("2026-03", round(12 / 30, 3))
    later = loads._same_days(a_look(datetime(2026, 11, 23, 4, tzinfo=UTC)))
    assert later.last_month == "2026-05"
    assert later.share == pytest.approx(84 / 91)


def test_a_term_that_is_over_is_compared_whole():
    assert loads._same_days(a_look(datetime(2027, 1, 25, 4, tzinfo=UTC))) is None
    assert loads._same_days(a_look(datetime(2026, 11, 23, 4, tzinfo=UTC), PAST)) is None


def test_the_sentence_says_that_only_the_same_days_are_meant():
    one = CATALOGUE["complaints_per_1000"]
    assert words.difference(one, 2.0, 1.0, same_days=True)[0].startswith("比上学期同期升 1.0")
    assert words.difference(one, 2.0, 1.0)[0].startswith("比上学期升 1.0")
