"""The public's tables of children are made once a day, and kept (calculations.md "Suppression")."""

from datetime import date, timedelta

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from afterbell.audit.models import Entry
from oversight.disclosure import actions, participation, queries, releases
from oversight.disclosure.models import Release
from oversight.facts.models import TermFact
from tenants import context
from tests import makers as planning
from tests.oversight import makers
from tests.oversight.disclosure.test_pages import rows_of, text_of

PAGE = "/disclosure/participation/"
TERM = planning.TERM


@pytest.fixture
def more(published):
    """Thirty children join in the south after the day's tables were made."""

    def join():
        TermFact.objects.filter(participants=350).update(participants=380)
        makers.rolled()

    return join


def test_what_changes_within_a_day_is_not_seen_until_the_next_one(visitor, more):
    before = visitor.get(PAGE)
    more()
    assert text_of(visitor.get(PAGE)) == text_of(before)
    assert actions.publish(now=makers.LATER + timedelta(hours=2)) == 0
    assert text_of(visitor.get(PAGE)) == text_of(before)
    assert actions.publish(now=makers.LATER + timedelta(days=1)) == 1
    assert text_of(visitor.get(PAGE)) != text_of(before)
    again = visitor.get(PAGE, headers={"if-none-match": before.headers["ETag"]})
    assert again.status_code == 200


def test_every_day_that_was_published_has_its_address_and_its_file(visitor, more):
    (first,) = releases.days(TERM)
    before = rows_of(visitor.get(f"{PAGE}?table=by-district&format=csv"))
    more()
    actions.publish(now=makers.LATER + timedelta(days=1))
    day = f"{PAGE}?term={TERM}&day={first}"
    assert f"{first} 公布" in text_of(visitor.get(day))
    assert rows_of(visitor.get(f"{day}&table=by-district&format=csv")) == before
    assert rows_of(visitor.get(f"{PAGE}?table=by-district&format=csv")) != before
    assert releases.days(TERM) == [first + timedelta(days=1), first]


@pytest.mark.parametrize("day", ["2020-01-01", "x", "2026-02-30", "%00", ""])
def test_a_day_without_tables_shows_the_latest(visitor, published, day):
    plain = participation.of_kept(releases.last(TERM).tables)
    answer = visitor.get(f"{PAGE}?day={day}")
    if day != "%00":  # refused before any page is asked
        assert str(plain[0].title) in text_of(answer)


def test_what_was_published_reads_as_it_was_made(published):
    grids = participation.grids(*queries.areas(TERM))
    again = participation.of_kept(releases.last(TERM).tables)
    assert [grid.rows for grid in again] == [grid.rows for grid in grids]
    assert [list(map(str, grid.heads)) for grid in again] == [list(map(str, grid.heads)) for grid in grids]
    assert [str(line.name) for line in again[0].lines] == [str(line.name) for line in grids[0].lines]


def test_the_page_speaks_both_languages_of_what_was_kept(visitor, published):
    assert "全市" in text_of(visitor.get(PAGE))
    visitor.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    assert "全市" not in text_of(visitor.get(PAGE))


def test_a_term_that_is_over_is_published_again_only_where_it_says_something_else(more):
    over = date(2027, 3, 1)
    at = makers.LATER.replace(year=over.year, month=over.month, day=over.day)
    assert actions.publish(now=at) == 0
    more()
    assert actions.publish(now=at) == 1
    assert actions.publish(now=at + timedelta(days=1)) == 0


def test_before_the_term_begins_nothing_is_published(published):
    Release.objects.all().delete()
    assert actions.publish(now=makers.LATER.replace(month=8, day=20)) == 0


def test_a_city_that_has_published_nothing_says_when_it_will(visitor, published):
    Release.objects.all().delete()
    page = visitor.get(PAGE)
    assert page.status_code == 200
    assert "每天夜里汇总一次" in text_of(page)


def test_what_was_published_can_be_neither_changed_nor_taken_away(published):
    """By the role that the city works with."""
    for deed in ("UPDATE disclosure_release SET day = day - 1", "DELETE FROM disclosure_release"):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), context.in_city():
            connection.cursor().execute(deed)
    assert Entry.objects.filter(verb="disclosure.publish").count() == 1


def test_of_two_passes_that_both_found_nothing_one_publishes(published, monkeypatch):
    """The second read before the first had written."""
    monkeypatch.setattr(releases, "last", lambda _term: None)
    assert actions.publish(now=makers.LATER) == 0
    assert Release.objects.count() == Entry.objects.filter(verb="disclosure.publish").count() == 1
