"""Seats give and take rights; one chair, one seat a parent, nobody seats the own person."""

from datetime import UTC, date, datetime, time, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.utils import timezone

from afterbell.accounts import actions as accounts
from afterbell.accounts import queries as account_queries
from afterbell.accounts.models import Assignment
from afterbell.accounts.permissions import Permission
from afterbell.accounts.roles import Role
from afterbell.audit.models import Entry
from schools.committee import actions, queries, terms
from schools.committee.models import Level, Office
from tenants.context import in_school
from tests import makers
from tests.schools.people.stage import client_of
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


@pytest.mark.parametrize("until", [date(2029, 9, 1), date(2099, 8, 31)])
def test_a_term_of_office_is_three_years_at_most(north, until):
    """S6: terms of office, not seats for good; whoever stays is seated again."""
    with in_school(north):
        parent = a_parent(makers.a_pupil())
        with pytest.raises(terms.TermTooLong):
            seat(parent, until_date=until)
        with pytest.raises(terms.TermTooFar):
            seat(parent, from_date=date(2027, 9, 2), until_date=date(2028, 8, 31))
        assert roles_of(parent.user) == {Role.GUARDIAN}
        assert seat(parent, until_date=date(2029, 8, 31))


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


@pytest.mark.parametrize("role", [Role.PRINCIPAL, Role.DEPUTY, Role.CLERK])
def test_who_drafts_and_files_for_the_school_does_not_vote_on_it(north, role):
    """S6, S12: not by a seat for who has the role, nor by the role for who has a seat."""
    with in_school(north):
        head = makers.a_user("principal")
        of_the_school = a_parent(makers.a_pupil())
        accounts.assign_role(user=of_the_school.user, role=role, by=None, now=NOW)
        with pytest.raises(actions.OfTheSchool):
            seat(of_the_school)
        assert not of_the_school.seats.exists()
        seated = a_parent(makers.a_pupil())
        taken = seat(seated, Office.CHAIR)
        with pytest.raises(accounts.BothSides):
            accounts.assign_role(user=seated.user, role=role, by=head, now=NOW)
        actions.end_seat(seat=taken, by=head, now=NOW)
        accounts.assign_role(user=seated.user, role=role, by=None, now=NOW)


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


@pytest.mark.parametrize("role", [Role.COMMITTEE_CHAIR, Role.TREASURER, Role.COMMITTEE_MEMBER])
def test_nobody_hands_out_or_takes_a_role_of_the_committee(north, role):
    """S6, S7: not the principal, not the house itself; it follows the seat."""
    with in_school(north):
        principal, friend = makers.a_user("principal"), makers.a_user()
        for by in (principal, None):
            with pytest.raises(accounts.FollowsASeat):
                accounts.assign_role(user=friend, role=role, by=by, now=NOW)
        seated = makers.a_user(role)
        for by in (principal, None):
            with pytest.raises(accounts.FollowsASeat):
                accounts.withdraw_role(assignment=seated.assignments.get(), by=by, now=NOW)
        assert role not in account_queries.may_give(principal)
        client = client_of(north, principal)
    page = client.get(f"/accounts/users/{friend.pk}/").content.decode()
    assert f'value="{role.value}"' not in page
    assert client.post(f"/accounts/users/{friend.pk}/roles/", {"role": role.value}).status_code == 400
    page = client.get(f"/accounts/users/{seated.pk}/").content.decode()
    assert "随家委会职务，离任即止" in page
    held = seated.assignments.get
    with in_school(north):
        assert client.post(f"/accounts/users/{seated.pk}/roles/{held().pk}/withdraw/").status_code == 409
        assert not friend.assignments.exists()
        assert held().role == role


def test_a_seat_gives_rights_in_its_days_and_not_before_or_after(north, monkeypatch):
    """S6: elected for a term of office; no nightly pass is needed for the rights to begin and to end."""
    with in_school(north):
        parent = a_parent(makers.a_pupil())
        seat(parent, Office.CHAIR, from_date=date(2026, 10, 1), until_date=date(2026, 12, 31))
        for day, is_in in ((date(2026, 9, 30), False), (date(2026, 10, 1), True), (date(2026, 12, 31), True),
                           (date(2027, 1, 1), False)):  # fmt: skip
            noon = datetime.combine(day, time(4), tzinfo=UTC)
            monkeypatch.setattr(timezone, "now", lambda noon=noon: noon)
            parent.user.forget_rights()
            assert parent.user.has(Permission.RESOLUTIONS_VOTE) is is_in, day


def test_below_all_code_a_role_of_the_committee_has_days_and_others_have_none(north):
    with in_school(north):
        user = makers.a_user()
        for role, days in ((Role.COMMITTEE_CHAIR, {}), (Role.CLERK, makers.days_of(Role.TREASURER))):
            with pytest.raises(IntegrityError, match="a_seats_role_has_its_days"), transaction.atomic():
                Assignment.objects.create(user=user, role=role, **days)


def test_two_seats_run_on_without_a_gap_or_one_after_the_other(north):
    """S6: between two terms of office there is no right."""
    with in_school(north):
        parent = a_parent(makers.a_pupil())
        clerk = makers.a_user("clerk")
        first = seat(parent, until_date=date(2026, 12, 31))
        grade = actions.found_committee(level=Level.GRADE, grade=1, by=clerk, now=NOW)
        seat(parent, committee=grade, from_date=date(2027, 3, 1), until_date=date(2027, 7, 1))
        held = parent.user.assignments.get(role=Role.COMMITTEE_MEMBER)
        assert held.until_date == date(2026, 12, 31)
        assert actions.end_expired(now=NOW + timedelta(days=130)) == 1
        held.refresh_from_db()
        assert (held.from_date, held.until_date) == (date(2027, 3, 1), date(2027, 7, 1))
        own = actions.found_committee(level=Level.CLASS, school_class=makers.a_class(), by=clerk, now=NOW)
        later = NOW + timedelta(days=130)
        actions.appoint_seat(
            committee=own, guardian=parent, office=Office.MEMBER, from_date=date(2027, 2, 1),
            until_date=date(2027, 3, 15), by=clerk, now=later,
        )  # fmt: skip
        held.refresh_from_db()
        assert (held.from_date, held.until_date) == (date(2027, 2, 1), date(2027, 7, 1))
        assert first.ended_at is None


def test_older_roles_get_the_days_of_their_seats_and_others_go_at_night(north):
    """A chair without a seat, from before: no right at once, no row after the night; audited."""
    with in_school(north):
        seated = makers.a_user("committee_member")
        makers.a_seat(makers.a_committee(), guardian=makers.a_guardian(makers.a_pupil(), user=seated))
        friend = makers.a_user("committee_chair")
        import_module("afterbell.accounts.migrations.0004_older_roles_have_no_days").fill(apps, None)
        import_module("schools.committee.migrations.0003_older_roles_follow_their_seats").fill(apps, None)
        for user in (seated, friend):
            user.forget_rights()
        assert seated.assignments.get().until_date == date(2027, 8, 31)
        assert not friend.rights.permissions
        actions.end_expired(now=NOW)
        assert roles_of(friend) == set()
        assert roles_of(seated) == {Role.COMMITTEE_MEMBER}
        assert Entry.objects.filter(verb="accounts.role.withdraw", target__contains=str(friend.pk)).exists()
