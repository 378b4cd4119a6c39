"""Users, roles and passwords change by actions alone, each with its guard and its audit row."""

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from afterbell.accounts import actions, links, number_actions, senders
from afterbell.accounts.models import User
from afterbell.accounts.roles import Role
from afterbell.audit.models import Entry
from afterbell.kernel.records import WrongSchool
from tenants.context import in_city, in_school
from tests.accounts.makers import a_user, with_second_factor
from tests.city import NOON

FIRST, SECOND = "+8613800138001", "+8613800138002"


def reset(*, user, by, now=NOON):
    """The link that went to the person's own phone."""
    actions.reset_password(user=user, by=by, now=now, address=lambda token: f"http://host/{token}")
    return senders.outbox()[0].code.rpartition("/")[2]


def vouched(user, by=None):
    """A second person has seen the number's owner."""
    claim = user.number_claims.get()
    number_actions.accept_number(claim=claim, by=by or a_user(role=Role.DEPUTY), now=NOON)


@pytest.fixture(autouse=True)
def phones(settings):
    """The demo's mailbox stands in for everybody's phone."""
    settings.DEMO, settings.CODE_SENDER = True, "afterbell.accounts.senders.VisibleOutbox"


def verbs():
    return list(Entry.objects.order_by("position").values_list("verb", flat=True))


def test_every_action_leaves_an_audit_row_and_nothing_personal(north):
    with in_school(north):
        principal = a_user(role=Role.PRINCIPAL)
        user = a_user(role=Role.CARE_STAFF, name="李雷", phone="+8613800138000", by=principal)
        actions.withdraw_role(assignment=user.assignments.get(), by=principal, now=NOON)
        deputy = a_user(role=Role.DEPUTY)
        with_second_factor(user)
        before = Entry.objects.count()
        vouched(user, deputy)
        reset(user=user, by=principal)
        actions.clear_second_factor(user=user, by=principal, now=NOON)
        actions.deactivate_user(user=user, by=principal, now=NOON)
        actions.reactivate_user(user=user, by=principal, now=NOON)
        assert verbs()[2:5] == ["accounts.user.create", "accounts.role.assign", "accounts.role.withdraw"]
        assert verbs()[before:] == [
            "accounts.number.accept",
            "accounts.password.reset",
            "accounts.second_factor.clear",
            "accounts.user.deactivate",
            "accounts.user.reactivate",
        ]
        told = " ".join(str(entry.details) + entry.target for entry in Entry.objects.all())
        assert "李雷" not in told
        assert "13800138000" not in told


def test_an_action_that_fails_leaves_no_audit_row(north):
    with in_school(north):
        a_user(login="wangfang")
        before = Entry.objects.count()
        with pytest.raises(actions.LoginTaken):
            a_user(login="wangfang")
        assert Entry.objects.count() == before


def test_a_phone_belongs_to_one_user_of_a_school(north, south):
    with in_school(north):
        a_user(phone="+8613800138000")
        with pytest.raises(actions.PhoneTaken):
            a_user(phone="+8613800138000")
    with in_school(south):
        a_user(phone="+8613800138000")


@pytest.mark.parametrize("login", ["13800138000", "WangFang", "wang fang", "王芳", "a", "-wang", "x" * 41])
def test_a_login_that_could_be_mistaken_is_refused_by_the_action_and_by_the_database(north, login):
    with in_school(north):
        with pytest.raises(ValidationError):
            actions.create_user(login=login, name="王芳", by=None, now=NOON)
        with pytest.raises(Exception, match=r"login_is_lower_case|too long"), transaction.atomic():
            User.objects.bulk_create([User(login=login, name="王芳")])


def test_somebody_without_a_login_name_gets_one_that_nobody_types(north):
    with in_school(north):
        user = actions.create_user(name="家长", phone="+8613800138000", by=None, now=NOON)
        assert user.login == f"u{user.pk.hex}"
        assert not user.has_usable_password()


def test_a_clerk_can_neither_make_nor_manage_leaders(north):
    """Otherwise a clerk would reset the principal's password and log in as the principal."""
    with in_school(north):
        principal, clerk = a_user(role=Role.PRINCIPAL, phone=FIRST), a_user(role=Role.CLERK)
        friend = a_user(phone=SECOND)
        with pytest.raises(actions.NotYours):
            actions.assign_role(user=friend, role=Role.PRINCIPAL, by=clerk, now=NOON)
        for deed in (
            reset,
            actions.deactivate_user,
            actions.clear_second_factor,
            actions.reactivate_user,
        ):
            with pytest.raises(actions.NotYours):
                deed(user=principal, by=clerk, now=NOON)
        with pytest.raises(actions.NotYours):
            actions.withdraw_role(assignment=principal.assignments.get(), by=clerk, now=NOON)
        actions.assign_role(user=friend, role=Role.CARE_STAFF, by=clerk, now=NOON)
        reset(user=friend, by=clerk)


def test_the_system_administrator_has_no_power_over_the_other_two(db):
    with in_city():
        system, audit = a_user(role=Role.SYSTEM_ADMIN), a_user(role=Role.AUDIT_ADMIN, phone=FIRST)
        security = a_user(role=Role.SECURITY_ADMIN)
        with pytest.raises(actions.NotYours):
            reset(user=audit, by=system)
        with pytest.raises(actions.NotYours):
            actions.assign_role(user=a_user(), role=Role.AUDIT_ADMIN, by=system, now=NOON)
        with pytest.raises(actions.NotYours):
            actions.assign_role(user=a_user(), role=Role.PRICE_OFFICER, by=security, now=NOON)
        reset(user=audit, by=security)
        actions.assign_role(user=a_user(), role=Role.PRICE_OFFICER, by=system, now=NOON)


def test_nobody_changes_the_own_account_here(north):
    with in_school(north):
        principal = a_user(role=Role.PRINCIPAL)
        with pytest.raises(actions.NotYourself):
            actions.assign_role(user=principal, role=Role.CLERK, by=principal, now=NOON)
        with pytest.raises(actions.NotYourself):
            actions.withdraw_role(assignment=principal.assignments.get(), by=principal, now=NOON)
        for deed in (reset, actions.deactivate_user, actions.clear_second_factor):
            with pytest.raises(actions.NotYourself):
                deed(user=principal, by=principal, now=NOON)


def test_a_role_is_held_once_and_not_narrowed_when_it_has_no_scope(north):
    with in_school(north):
        user = a_user(role=Role.CARE_STAFF)
        with pytest.raises(actions.AlreadyHeld):
            actions.assign_role(user=user, role=Role.CARE_STAFF, by=None, now=NOON)
        with pytest.raises(actions.ScopeNotAllowed):
            actions.assign_role(user=user, role=Role.DEPUTY, scope="330102", by=None, now=NOON)


def test_an_ended_account_gets_no_roles_and_has_no_rights(north):
    with in_school(north):
        user = a_user(role=Role.CLERK)
        actions.deactivate_user(user=user, by=None, now=NOON)
        assert user.rights.permissions == frozenset()
        with pytest.raises(actions.Inactive):
            actions.assign_role(user=user, role=Role.GUARDIAN, by=None, now=NOON)
        actions.reactivate_user(user=user, by=None, now=NOON)
        assert user.rights.permissions


def test_a_user_of_north_cannot_be_given_a_role_in_south(north, south):
    with in_school(north):
        user = a_user()
    with in_school(south), pytest.raises(WrongSchool):
        actions.assign_role(user=user, role=Role.CARE_STAFF, by=None, now=NOON)


def test_a_setting_link_is_void_after_use_and_in_another_school(north, south):
    with in_school(north):
        user = a_user(role=Role.GUARDIAN, phone=FIRST)
        token = reset(user=user, by=None)
        assert links.user_for(user.pk, token) == user
        assert links.user_for(user.pk, token[:-1] + "x") is None
    with in_school(south):
        User.objects.bulk_create([User(pk=user.pk, login=user.login, name=user.name, password=user.password)])
        assert links.user_for(user.pk, token) is None
    with in_school(north):
        actions.set_password(user=user, password="xin-mi-ma-2026", by=user, now=NOON)
        assert links.user_for(user.pk, token) is None


def test_a_setting_link_is_void_after_a_day(north, settings):
    with in_school(north):
        user = a_user(role=Role.GUARDIAN, phone=FIRST)
        token = reset(user=user, by=None)
        settings.PASSWORD_RESET_TIMEOUT = -1
        assert links.user_for(user.pk, token) is None
