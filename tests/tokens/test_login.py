"""A program with a token reads what its user may read, writes nothing, and hears little when the token is wrong."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from afterbell.accounts import actions as accounts
from afterbell.accounts.models import Assignment
from afterbell.accounts.permissions import Permission
from afterbell.accounts.roles import Role
from afterbell.tokens import actions, login
from afterbell.tokens.models import READABLE, Token
from tests.accounts.makers import CITY, a_user, host_of, logged_in
from tests.tokens.makers import a_token, an_asked

FILINGS = "/api/v1/filings/"
ACCEPT = f"{FILINGS}00000000-0000-7000-8000-000000000000/accept/"


def program(text, host=CITY, scheme="Token"):
    return Client(SERVER_NAME=host, headers={"authorization": f"{scheme} {text}".strip()})


def test_a_program_reads_what_its_user_may_read(supervisor, officer):
    assert program(a_token(supervisor)[1]).get(FILINGS).status_code == 200
    refused = program(a_token(officer)[1]).get(FILINGS)
    assert refused.status_code == 403
    assert refused.headers["Content-Type"] == "application/problem+json"


def test_a_role_taken_back_ends_the_reading_too(supervisor):
    client = program(a_token(supervisor)[1])
    accounts.assign_role(user=supervisor, role=Role.PRICE_OFFICER, by=None, now=timezone.now())
    accounts.withdraw_role(
        assignment=Assignment.objects.get(role=Role.BUREAU_SUPERVISOR), by=None, now=timezone.now()
    )
    assert client.get(FILINGS).status_code == 403


def test_a_program_reads_no_more_than_was_allowed(supervisor):
    """What the administrator did not ask for, and the holder did not agree to, the holder's rights don't open."""
    client = program(a_token(supervisor, allowed=[Permission.COSTS_READ, Permission.SCHOOLS_READ])[1])
    assert client.get("/api/v1/schools/").status_code == 200
    assert client.get(FILINGS).status_code == 403
    assert client.get("/api/v1/alerts/").status_code == 403


def test_a_program_reads_no_more_than_its_holder_may_today(officer):
    """S47: the price officer has no filings; a token that was asked for everything has none either."""
    assert program(a_token(officer, allowed=READABLE)[1]).get(FILINGS).status_code == 403


def test_what_was_asked_for_and_what_was_made_before_holders_were_asked_open_nothing(supervisor):
    asked, (old, text) = an_asked(supervisor), a_token(supervisor)
    Token.objects.filter(pk=old.pk).update(agreed_at=None)
    assert program(text).get(FILINGS).status_code == 401
    assert not asked.is_good(timezone.now())


def test_an_account_that_is_opened_again_has_no_tokens(supervisor):
    token, text = a_token(supervisor)
    accounts.deactivate_user(user=supervisor, by=None, now=timezone.now())
    accounts.reactivate_user(user=supervisor, by=None, now=timezone.now())
    assert program(text).get(FILINGS).status_code == 401
    token.refresh_from_db()
    assert token.revoked_at is not None


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_a_program_changes_nothing(supervisor, method):
    answer = getattr(program(a_token(supervisor)[1]), method)(ACCEPT)
    assert answer.status_code == 403
    assert answer.json()["code"] == "token_reads_only"
    assert "只能读取" in answer.json()["detail"]


def test_a_head_request_reads(supervisor):
    assert program(a_token(supervisor)[1]).head(FILINGS).status_code == 200


def ended(user):
    text = a_token(user)[1]
    accounts.deactivate_user(user=user, by=None, now=timezone.now())
    return text


def revoked(user):
    token, text = a_token(user)
    actions.revoke_token(token=token, by=user, now=timezone.now())
    return text


def turned_administrator(user):
    text = a_token(user)[1]
    accounts.assign_role(user=user, role=Role.SYSTEM_ADMIN, by=None, now=timezone.now())
    return text


def with_one_sign_changed(user):
    text = a_token(user)[1]
    return text[:-1] + ("0" if text[-1] != "0" else "1")


@pytest.mark.parametrize(
    "bad",
    [
        ended,
        revoked,
        turned_administrator,
        with_one_sign_changed,
        lambda user: a_token(user, days=1, now=timezone.now() - timedelta(days=1))[1],
        lambda user: "",
        lambda user: "afb_" + "0" * 64,
        lambda user: "afb_ 0",
        lambda user: "'; DROP TABLE tokens_token; --",
        lambda user: "afb_" + "\xff" * 64,
        lambda user: "0" * 5000,
    ],
    ids=[
        "of an ended account", "revoked", "of an administrator", "changed", "expired", "empty", "unknown", "two words",
        "nonsense", "no text", "long",
    ],
)  # fmt: skip
def test_a_bad_token_is_refused_in_the_same_words_whatever_is_wrong_with_it(supervisor, bad):
    answer = program(bad(supervisor)).get(FILINGS)
    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["WWW-Authenticate"] == "Token"
    assert answer.json()["detail"] == str(login.WRONG)


def test_an_expired_token_stays_in_the_table(supervisor):
    """Knox would have deleted the row, and with it what the list and the audit log speak of."""
    old, text = a_token(supervisor, days=1, now=timezone.now() - timedelta(days=2))
    program(text).get(FILINGS)
    program(a_token(supervisor)[1]).get(FILINGS)
    assert Token.objects.filter(pk=old.pk).exists()


def test_a_school_takes_no_token(supervisor, north):
    at_school = program(a_token(supervisor)[1], host=host_of(north))
    for answer in (at_school.get("/api/v1/pupils/"), at_school.post("/api/v1/care/operations/")):
        assert (answer.status_code, answer.json()["detail"]) == (401, str(login.NOT_HERE))
        assert answer.headers["WWW-Authenticate"] == "Session"


def test_another_scheme_is_somebody_else_s(supervisor):
    assert program(a_token(supervisor)[1], scheme="Bearer").get(FILINGS).status_code == 401


def test_pages_take_no_token(supervisor):
    assert program(a_token(supervisor)[1]).get("/filings/").status_code == 302


def test_a_browser_logs_in_as_before(supervisor):
    browser = logged_in(CITY, supervisor.login)
    assert browser.get(FILINGS).status_code == 200
    assert browser.post(ACCEPT).status_code == 404


def test_a_token_counts_more_than_the_session_beside_it(supervisor):
    browser = logged_in(CITY, supervisor.login)
    text = a_token(supervisor)[1]
    assert browser.post(ACCEPT, headers={"authorization": f"Token {text}"}).status_code == 403
    assert browser.get(FILINGS, headers={"authorization": "Token wrong"}).status_code == 401


def test_the_day_of_the_last_use_is_noted_once_a_day(supervisor, django_assert_num_queries):
    token, text = a_token(supervisor)
    client = program(text)
    client.get(FILINGS)
    token.refresh_from_db()
    assert token.last_used_date == timezone.localdate()
    client.get(FILINGS)
    with django_assert_num_queries(5) as asked:
        client.get(FILINGS)
    assert not [query for query in asked if query["sql"].startswith("UPDATE")]


def test_failures_are_limited_and_a_good_token_is_never_stopped_by_them(supervisor):
    wrong, good = program("afb_" + "0" * 64), program(a_token(supervisor)[1])
    answers = [wrong.get(FILINGS).status_code for _time in range(30)]
    assert answers == [401] * 30
    limited = wrong.get(FILINGS)
    assert limited.status_code == 429
    assert 0 < int(limited.headers["Retry-After"]) <= 60
    assert limited.headers["Content-Type"] == "application/problem+json"
    assert good.get(FILINGS).status_code == 200


def test_an_account_that_never_logged_in_has_its_second_factor_in_the_token(city, settings):
    """A system's own account has no phone for one-time codes."""
    settings.SECOND_FACTOR = "required"
    user = a_user(role=Role.BUREAU_SUPERVISOR, password=None)
    assert program(a_token(user)[1]).get(FILINGS).status_code == 200
