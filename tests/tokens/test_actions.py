"""Tokens are made for those who may have one, kept as a hash, revoked once, and audited."""

import hashlib
from datetime import timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from afterbell.accounts import actions as accounts
from afterbell.accounts.roles import Role
from afterbell.audit.models import Entry
from afterbell.tokens import actions
from afterbell.tokens.models import Token
from tenants.context import in_school
from tests.accounts.makers import a_user
from tests.city import NOON


def made(user, *, by=None, name="数据局共享平台", days=365):
    return actions.create_token(user=user, name=name, days=days, by=by, now=NOON)


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


def test_making_and_revoking_stand_in_the_audit_log(admin, supervisor):
    token, _text = made(supervisor, by=admin)
    actions.revoke_token(token=token, by=admin, now=NOON)
    entries = Entry.objects.filter(verb__startswith="tokens.").order_by("position")
    assert [(entry.verb, entry.by_id, entry.details) for entry in entries] == [
        ("tokens.token.create", admin.pk, {"user": str(supervisor.pk), "days": 365}),
        ("tokens.token.revoke", admin.pk, {"user": str(supervisor.pk)}),
    ]


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
        made(supervisor, by=officer)


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
        ("token_lives_two_years_at_most", {"expires_at": NOON + timedelta(days=731)}),
        ("token_lives_two_years_at_most", {"expires_at": NOON}),
        ("token_says_what_for", {"name": ""}),
        ("token_digest_is_sha512", {"digest": "afb_" + "0" * 64}),
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
