"""Terms of office: not in the past, three years and no day more, the next one written down before this one is over."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from schools.committee import actions, queries, terms
from schools.committee.models import Office
from tenants.context import in_school
from tests import makers
from tests.schools.people.stage import client_of
from tests.schools.planning.stage import NOW, a_parent

TODAY = NOW.date()


def seat(guardian, first, last, office=Office.CHAIR, *, now=NOW):
    committee = queries.school_committee() or makers.a_committee()
    return actions.appoint_seat(
        committee=committee, guardian=guardian, office=office, from_date=first, until_date=last,
        by=makers.a_user("clerk"), now=now,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("first", "last", "refusal"),
    [
        (date(1990, 1, 1), date(1991, 1, 1), terms.TermOver),
        (TODAY - timedelta(days=9), TODAY - timedelta(days=1), terms.TermOver),
        (date(2026, 9, 7), date(2029, 9, 7), terms.TermTooLong),
        (date(2026, 9, 7), date(2029, 9, 6), None),
        (TODAY - timedelta(days=9), TODAY, None),
    ],
)
def test_a_term_is_not_over_and_three_years_at_most(north, first, last, refusal):
    with in_school(north):
        parent = a_parent(makers.a_pupil())
        if refusal is None:
            assert seat(parent, first, last)
            return
        with pytest.raises(refusal) as told:
            seat(parent, first, last)
        assert told.value.values["field"] == "until_date"


def test_three_years_from_a_leap_day_are_told_as_the_last_day_that_is_allowed():
    terms.refuse_strange(date(2028, 2, 29), date(2031, 2, 28), today=date(2028, 2, 1))
    with pytest.raises(terms.TermTooLong, match="2031-02-28"):
        terms.refuse_strange(date(2028, 2, 29), date(2031, 3, 1), today=date(2028, 2, 1))


@pytest.mark.parametrize("office", [Office.CHAIR, Office.TREASURER])
def test_the_next_one_is_seated_ahead_and_takes_over_without_a_gap(north, office):
    with in_school(north):
        today, turn = a_parent(makers.a_pupil()), date(2026, 12, 31)
        seat(today, makers.FIRST, turn, office)
        following = a_parent(makers.a_pupil())
        with pytest.raises(actions.OfficeTaken):
            seat(following, turn, date(2027, 8, 31), office)
        seat(following, turn + timedelta(days=1), date(2027, 8, 31), office)
        assert [row.guardian_id for row in queries.members(turn)] == [today.pk]
        assert [row.guardian_id for row in queries.members(turn + timedelta(days=1))] == [following.pk]


def test_who_begins_later_does_not_block_todays_office(north):
    with in_school(north):
        seat(a_parent(makers.a_pupil()), date(2027, 1, 1), date(2027, 8, 31))
        assert seat(a_parent(makers.a_pupil()), makers.FIRST, date(2026, 12, 31))
        with pytest.raises(actions.OfficeTaken):
            seat(a_parent(makers.a_pupil()), date(2026, 12, 1), date(2027, 1, 31))


def test_who_stays_is_seated_again_ahead(north):
    with in_school(north):
        parent = a_parent(makers.a_pupil())
        seat(parent, makers.FIRST, date(2026, 12, 31))
        with pytest.raises(actions.AlreadySeated):
            seat(parent, date(2026, 12, 31), date(2027, 8, 31), Office.MEMBER)
        seat(parent, date(2027, 1, 1), date(2027, 8, 31))
        held = parent.user.assignments.get(role="committee_chair")
        assert (held.from_date, held.until_date) == (makers.FIRST, date(2027, 8, 31))


def test_the_page_says_from_when_the_rights_hold_and_shows_who_comes_next(north, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    with in_school(north):
        clerk, parent = makers.a_user("clerk"), a_parent(makers.a_pupil())
    client = client_of(north, clerk)
    given = {"guardian": str(parent.pk), "where": "school", "office": "member"}
    given |= {"from_date": "2027-01-01", "until_date": "2027-08-31"}
    page = client.post(f"/committee/seats/new/?q={parent.phone}", given, follow=True).content.decode()
    assert "职务的权限从现在起生效" not in page
    assert "权限自 2027-01-01 起生效" in page
    assert "即将上任" in page
    with in_school(north):
        assert f"/committee/seats/{parent.seats.get().pk}/end/" in page
