"""Seats give and take rights; one chair, one seat a parent, nobody seats the own person."""

from datetime import date, timedelta

import pytest

from afterbell.accounts.roles import Role
from schools.committee import actions, queries
from schools.committee.models import Level, Office
from tenants.context import in_school
from tests import makers
from tests.schools.planning.stage import NOW, a_parent

SPAN = {"from_date": makers.FIRST, "until_date": date(2027, 8, 31)}


def seat(guardian, office=Office.MEMBER, *, committee=None, by=None, **more):
    committee = committee or queries.school_committee() or makers.a_committee()
    return actions.appoint_seat(
        committee=committee,
        guardian=guardian,
        office=office,
        by=by or makers.a_user("clerk"),
        now=NOW,
        **{**SPAN, **more},
    )


def roles_of(user):
    return set(user.assignments.values_list("role", flat=True))


@pytest.mark.parametrize(
    ("office", "role"),
    [
        (Office.CHAIR, Role.COMMITTEE_CHAIR),
        (Office.TREASURER, Role.TREASURER),
        (Office.MEMBER, Role.COMMITTEE_MEMBER),
    ],
)
def test_the_role_comes_and_goes_with_the_seat(north, office, role):
    """S6: seats, terms of office."""
    with in_school(north):
        parent = a_parent(makers.a_pupil())
        taken = seat(parent, office)
        assert roles_of(parent.user) == {Role.GUARDIAN, role}
        actions.end_seat(seat=taken, by=makers.a_user("clerk"), now=NOW)
        assert roles_of(parent.user) == {Role.GUARDIAN}


def test_a_parent_without_an_account_gets_one_with_the_seat(north):
    with in_school(north):
        parent = makers.a_guardian(makers.a_pupil())
        seat(parent)
        parent.refresh_from_db()
        assert roles_of(parent.user) == {Role.GUARDIAN, Role.COMMITTEE_MEMBER}


def test_the_chair_of_a_class_signs_for_no_money(north):
    """S6: committees of class and grade vote; only the school's chair and treasurer hold the office's rights."""
    with in_school(north):
        parent = a_parent(makers.a_pupil())
        clerk = makers.a_user("clerk")
        own = actions.found_committee(level=Level.CLASS, school_class=makers.a_class(), by=clerk, now=NOW)
        seat(parent, Office.CHAIR, committee=own)
        assert roles_of(parent.user) == {Role.GUARDIAN, Role.COMMITTEE_MEMBER}


def test_a_role_stays_while_another_seat_gives_it(north):
    with in_school(north):
        parent, clerk = a_parent(makers.a_pupil()), makers.a_user("clerk")
        first = seat(parent)
        grade = actions.found_committee(level=Level.GRADE, grade=1, by=clerk, now=NOW)
        second = seat(parent, committee=grade)
        actions.end_seat(seat=first, by=clerk, now=NOW)
        assert Role.COMMITTEE_MEMBER in roles_of(parent.user)
        actions.end_seat(seat=second, by=clerk, now=NOW)
        assert Role.COMMITTEE_MEMBER not in roles_of(parent.user)


def test_nobody_seats_the_own_person(north):
    with in_school(north):
        parent = a_parent(makers.a_pupil())
        with pytest.raises(actions.NotYourSeat):
            seat(parent, by=parent.user)


def test_only_parents_of_children_at_the_school_are_seated(north):
    with in_school(north):
        former = a_parent(makers.a_pupil(left_date=date(2026, 9, 1)))
        for stranger in (former, makers.a_guardian()):
            with pytest.raises(actions.NotAParent):
                seat(stranger)


def test_one_chair_and_one_seat_a_parent(north):
    with in_school(north):
        chair = a_parent(makers.a_pupil())
        seat(chair, Office.CHAIR)
        with pytest.raises(actions.OfficeTaken):
            seat(a_parent(makers.a_pupil()), Office.CHAIR)
        with pytest.raises(actions.AlreadySeated):
            seat(chair)


def test_a_seat_ends_once(north):
    with in_school(north):
        taken, clerk = seat(a_parent(makers.a_pupil())), makers.a_user("clerk")
        actions.end_seat(seat=taken, by=clerk, now=NOW)
        with pytest.raises(actions.SeatEnded):
            actions.end_seat(seat=taken, by=clerk, now=NOW)


def test_who_is_no_longer_in_office_keeps_no_right_of_it(north):
    with in_school(north):
        parent = a_parent(makers.a_pupil())
        seat(parent, Office.CHAIR, until_date=date(2026, 9, 2))
        assert actions.end_expired(now=NOW) == 0
        assert actions.end_expired(now=NOW + timedelta(days=2)) == 1
        assert roles_of(parent.user) == {Role.GUARDIAN}
