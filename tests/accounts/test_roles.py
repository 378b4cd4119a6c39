"""Roles are data: who may what, and what nobody may."""

import pytest
from django.db import IntegrityError, transaction

from afterbell.accounts import actions, queries
from afterbell.accounts.models import Assignment
from afterbell.accounts.permissions import GUARDIAN_ONLY, ON_CHILDREN, Permission
from afterbell.accounts.roles import ADMINISTRATORS, ROLES, Role, Side, roles_of_side
from tenants.context import in_city, in_school
from tests.accounts.makers import a_user
from tests.city import NOON


def test_every_role_of_the_mission_has_its_facts():
    assert set(ROLES) == set(Role)
    assert len(roles_of_side(Side.SCHOOL)) == 9
    assert len(roles_of_side(Side.CITY)) == 5


def test_every_permission_is_held_by_a_role_and_has_words():
    held = frozenset().union(*(facts.permissions for facts in ROLES.values()))
    assert set(Permission) == held
    assert all(permission.label != permission.value for permission in Permission)


def test_everybody_may_manage_the_own_account():
    assert all(Permission.ACCOUNT_SELF in facts.permissions for facts in ROLES.values())


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.GUARDIAN])
def test_no_role_may_enrol_a_child_but_a_guardian(role):
    """S1: joining is the parent's own choice."""
    assert ROLES[role].permissions.isdisjoint(GUARDIAN_ONLY)
    assert Permission.ENROLMENT_APPLY in ROLES[Role.GUARDIAN].permissions


def test_the_price_officer_has_no_permission_on_children():
    assert ROLES[Role.PRICE_OFFICER].permissions.isdisjoint(ON_CHILDREN)


def test_no_city_role_sees_a_pupil_by_name():
    by_name = {
        Permission.PUPILS_READ,
        Permission.PUPILS_MANAGE,
        Permission.ENROLMENT_READ,
        Permission.SESSIONS_READ,
    }
    assert all(facts.permissions.isdisjoint(by_name) for facts in ROLES.values() if facts.side is Side.CITY)


def test_the_three_administrators_share_no_power():
    system, security, audit = (ROLES[role].permissions for role in ADMINISTRATORS)
    assert Permission.AUDIT_READ not in system | security
    assert Permission.ADMINISTRATORS_ASSIGN not in system | audit
    assert Permission.ROLES_ASSIGN not in security | audit


def test_a_city_role_is_refused_in_a_school_and_a_school_role_in_the_city(north):
    with in_school(north):
        user = a_user()
        for role in roles_of_side(Side.CITY):
            with pytest.raises(actions.WrongSide):
                actions.assign_role(user=user, role=role, by=None, now=NOON)
    with in_city():
        user = a_user()
        for role in roles_of_side(Side.SCHOOL):
            with pytest.raises(actions.WrongSide):
                actions.assign_role(user=user, role=role, by=None, now=NOON)


def test_a_city_role_that_got_into_a_school_gives_nothing(north):
    with in_school(north):
        user = a_user()
        Assignment(user=user, role=Role.SYSTEM_ADMIN).save()
        user.forget_rights()
        assert queries.permissions_of(user) == frozenset()


@pytest.mark.parametrize("second", ADMINISTRATORS)
@pytest.mark.parametrize("first", ADMINISTRATORS)
def test_nobody_is_two_of_the_three_administrators(db, first, second):
    with in_city():
        user = a_user(role=first)
        expected = actions.AlreadyHeld if first == second else actions.SeparatePersons
        with pytest.raises(expected):
            actions.assign_role(user=user, role=second, by=None, now=NOON)


def test_the_database_too_knows_that_the_three_are_separate(db):
    with in_city():
        user = a_user(role=Role.SYSTEM_ADMIN)
        with pytest.raises(IntegrityError), transaction.atomic():
            Assignment.objects.bulk_create([Assignment(user=user, role=Role.AUDIT_ADMIN)])


@pytest.mark.parametrize(("role", "scope"), [("emperor", ""), (Role.CARE_STAFF.value, "330102")])
def test_the_database_knows_the_roles_and_which_are_narrowed(north, role, scope):
    with in_school(north):
        user = a_user()
        with pytest.raises(IntegrityError), transaction.atomic():
            Assignment.objects.bulk_create([Assignment(user=user, role=role, scope=scope)])


def test_a_supervisor_of_one_district_has_that_scope_and_one_of_the_city_has_all(db):
    with in_city():
        of_lake = a_user(role=Role.BUREAU_SUPERVISOR, scope="330102")
        of_city = a_user(role=Role.BUREAU_SUPERVISOR)
        assert queries.scope_of(of_lake, Role.BUREAU_SUPERVISOR) == {"330102"}
        assert queries.scope_of(of_city, Role.BUREAU_SUPERVISOR) is None
        assert queries.scope_of(of_city, Role.PRICE_OFFICER) == frozenset()


def test_rights_are_read_once(north, django_assert_num_queries):
    with in_school(north):
        user = a_user(role=Role.CLERK)
        user.forget_rights()
        with django_assert_num_queries(1):
            assert user.has(Permission.PUPILS_READ)
            assert not user.has(Permission.SESSIONS_HOLD)
            assert queries.permissions_of(user)
