"""Tokens are made for those who may have one, kept as a hash, revoked once, and audited."""

import hashlib
from datetime import timedelta
from importlib import import_module

import pytest
from django.conf import settings
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test import Client

from afterbell.accounts import actions as accounts
from afterbell.accounts.permissions import Permission
from afterbell.accounts.roles import Role
from afterbell.audit.models import Entry
from afterbell.tokens import actions
from afterbell.tokens.models import READABLE, Token
from tenants.context import in_school
from tests.accounts import walk
from tests.accounts.makers import a_user
from tests.city import NOON
from tests.tokens.makers import a_token, an_asked


def made(user, **more):
    return a_token(user, now=NOON, **more)


def asked(user, **more):
    return an_asked(user, now=NOON, **more)


def test_only_a_hash_of_the_token_is_kept(admin, supervisor):
    token, text = made(supervisor, by=admin)
    assert text.startswith("afb_")
    assert len(text) == 68
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM tokens_token WHERE id = %s", [token.pk])
        row = [str(value) for value in cursor.fetchone()]
    assert hashlib.sha512(text.encode()).hexdigest() in row
    assert not any(text in value for value in row)


def test_no_two_tokens_are_alike(supervisor):
    assert made(supervisor)[1] != made(supervisor)[1]


def test_it_lives_for_the_days_that_were_asked_for(supervisor):
    token, _text = made(supervisor, days=30)
    assert token.expires_at == NOON + timedelta(days=30)
    assert token.is_good(NOON + timedelta(days=29, hours=23))
    assert not token.is_good(NOON + timedelta(days=30))


def test_asking_agreeing_and_revoking_stand_in_the_audit_log(admin, supervisor):
    token, _text = made(supervisor, by=admin, allowed=[Permission.COSTS_READ])
    actions.revoke_token(token=token, by=supervisor, now=NOON)
    entries = Entry.objects.filter(verb__startswith="tokens.").order_by("position")
    assert [(entry.verb, entry.by_id, entry.details) for entry in entries] == [
        (
            "tokens.token.ask",
            admin.pk,
            {"user": str(supervisor.pk), "days": 365, "allowed": ["costs.read"]},
        ),
        ("tokens.token.agree", supervisor.pk, {"user": str(supervisor.pk)}),
        ("tokens.token.revoke", supervisor.pk, {"user": str(supervisor.pk)}),
    ]


def test_before_its_holder_agrees_there_is_no_key_at_all(admin, supervisor):
    """Nobody can have read it over a shoulder, the administrator least of all."""
    token = asked(supervisor, by=admin)
    token.refresh_from_db()
    assert (token.token_key, token.digest, token.agreed_at, token.expires_at) == (None, None, None, None)
    assert token.waits(NOON)
    assert not token.is_good(NOON)


def test_nobody_agrees_for_somebody_else(admin, supervisor, officer):
    token = asked(supervisor, by=admin)
    for stranger in (admin, officer):
        with pytest.raises(actions.NotYours, match="赵局"):
            actions.agree(token=token, by=stranger, now=NOON)
    assert Token.objects.get().digest is None


def test_a_holder_agrees_once_and_the_key_stays_the_first(supervisor):
    token = asked(supervisor)
    again = Token.objects.get(pk=token.pk)
    actions.agree(token=token, by=supervisor, now=NOON)
    first = Token.objects.get().digest
    with pytest.raises(actions.AlreadyAgreed):
        actions.agree(token=again, by=supervisor, now=NOON)
    assert Token.objects.get().digest == first


def test_what_was_taken_back_meanwhile_is_not_agreed_to(admin, supervisor):
    """The holder's page was open; the object in hand still says that it waits."""
    token = asked(supervisor, by=admin)
    actions.revoke_token(token=Token.objects.get(), by=admin, now=NOON)
    with pytest.raises(actions.AlreadyRevoked):
        actions.agree(token=token, by=supervisor, now=NOON)


def test_nobody_agrees_after_a_fortnight(supervisor):
    token = asked(supervisor)
    late = NOON + timedelta(days=14)
    assert token.waits(late - timedelta(seconds=1))
    with pytest.raises(actions.NotAskedAnyMore, match="14"):
        actions.agree(token=token, by=supervisor, now=late)


def test_who_became_an_administrator_or_lost_the_role_does_not_agree(supervisor, officer):
    tokens = {user: asked(user) for user in (supervisor, officer)}
    accounts.assign_role(user=supervisor, role=Role.AUDIT_ADMIN, by=None, now=NOON)
    accounts.withdraw_role(assignment=officer.assignments.get(), by=None, now=NOON)
    for user, token in tokens.items():
        with pytest.raises(actions.NoHolder):
            actions.agree(token=token, by=user, now=NOON)


def test_a_token_from_before_holders_were_asked_is_not_agreed_to_later(supervisor):
    """Its key was seen by the administrator: it is asked for anew."""
    old, _text = made(supervisor)
    Token.objects.filter(pk=old.pk).update(agreed_at=None)
    with pytest.raises(actions.NotAskedAnyMore):
        actions.agree(token=old, by=supervisor, now=NOON)


def test_its_life_begins_with_the_agreement(supervisor):
    token = asked(supervisor, days=730)
    actions.agree(token=token, by=supervisor, now=NOON + timedelta(days=10))
    assert Token.objects.get().expires_at == NOON + timedelta(days=740)


@pytest.mark.parametrize(
    "allowed", [[], [Permission.ACCOUNTS_MANAGE], [Permission.COSTS_READ, Permission.CITY_API]]
)
def test_what_no_program_reads_can_not_be_asked_for(supervisor, allowed):
    with pytest.raises(actions.NothingToRead):
        asked(supervisor, allowed=allowed)


def test_a_stranger_revokes_nothing(supervisor, officer):
    token, _text = made(supervisor)
    with pytest.raises(actions.NotYours):
        actions.revoke_token(token=token, by=officer, now=NOON)
    assert Token.objects.get().revoked_at is None


def test_everything_that_the_citys_api_shows_can_be_allowed_to_a_program(city):
    shown = {
        permission
        for address, view in walk.addresses(import_module(settings.PUBLIC_SCHEMA_URLCONF).urlpatterns)
        if hasattr(view, "cls") and hasattr(view.cls, "get")
        for permission in view.cls.required_permissions
    }
    assert shown - set(READABLE) == {Permission.COMPLAINTS_HANDLE}


def test_no_program_reads_families_letters(city, supervisor):
    """A letter has names in it; the counts are for programs, the letters for who answers them. Older tokens lose it."""
    with pytest.raises(actions.NothingToRead):
        asked(supervisor, allowed=[Permission.COMPLAINTS_HANDLE])
    token, text = made(supervisor)
    Token.objects.filter(pk=token.pk).update(
        allowed=[Permission.COMPLAINTS_HANDLE.value, Permission.SCHOOLS_READ.value]
    )
    assert Token.objects.get(pk=token.pk).may == {Permission.SCHOOLS_READ}
    program = Client(SERVER_NAME=settings.CITY_HOST, headers={"authorization": f"Token {text}"})
    assert program.get("/api/v1/complaints/").status_code == 403


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN, None])
def test_no_program_reads_as_an_administrator_or_as_somebody_without_a_role(city, role):
    with pytest.raises(actions.NoHolder, match="王芳"):
        made(a_user(role=role))
    assert not Token.objects.exists()


def test_no_program_reads_as_an_ended_account(supervisor):
    accounts.deactivate_user(user=supervisor, by=None, now=NOON)
    with pytest.raises(actions.NoHolder):
        made(supervisor)


def test_who_may_not_give_the_roles_makes_no_token_with_them(supervisor, officer):
    """Else the price officer could read as a supervisor."""
    with pytest.raises(actions.NotYours):
        asked(supervisor, by=officer)


@pytest.mark.parametrize("days", [0, -1, 731])
def test_no_token_lives_longer_than_two_years_or_not_at_all(supervisor, days):
    with pytest.raises(actions.BadTerm):
        made(supervisor, days=days)


def test_a_token_is_revoked_once(admin, supervisor):
    token, _text = made(supervisor)
    again = Token.objects.get(pk=token.pk)
    actions.revoke_token(token=token, by=admin, now=NOON)
    with pytest.raises(actions.AlreadyRevoked):
        actions.revoke_token(token=again, by=admin, now=NOON + timedelta(days=1))
    assert Token.objects.get().revoked_at == NOON


@pytest.mark.parametrize(
    ("constraint", "wrong"),
    [
        ("token_of_two_years_at_most", {"expires_at": NOON + timedelta(days=731)}),
        ("token_of_two_years_at_most", {"expires_at": NOON}),
        ("token_says_what_for", {"name": ""}),
        ("token_digest_is_sha512", {"digest": "afb_" + "0" * 64}),
        ("token_of_two_years_at_most", {"digest": None}),
        ("token_agreed_after_it_was_asked_for", {"agreed_at": NOON - timedelta(seconds=1)}),
        ("token_revoked_after_it_was_made", {"revoked_at": NOON - timedelta(seconds=1)}),
    ],
)
def test_the_database_refuses_too(supervisor, constraint, wrong):
    token, _text = made(supervisor)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Token.objects.filter(pk=token.pk).update(**wrong)


@pytest.mark.parametrize("same", ["token_key", "digest"])
def test_the_database_keeps_no_token_twice(supervisor, same):
    one, other = made(supervisor)[0], made(supervisor)[0]
    with pytest.raises(IntegrityError, match="once"), transaction.atomic():
        Token.objects.filter(pk=one.pk).update(**{same: getattr(other, same)})


def test_a_school_can_not_read_the_city_s_tokens(north):
    with in_school(north), pytest.raises(ProgrammingError), transaction.atomic():
        Token.objects.exists()
