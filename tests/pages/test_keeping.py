"""What a person or a token is shown is kept by nobody; who sends no cookie may keep a public page."""

import pytest

from afterbell.accounts.roles import Role
from tenants.context import in_city, in_school
from tests.accounts.makers import CITY, a_user, browser, host_of, logged_in

NOBODY = "private, no-store"


@pytest.fixture(autouse=True)
def no_second_factor(settings):
    settings.SECOND_FACTOR = "optional"


@pytest.mark.parametrize(
    "address", ["/", "/people/", "/finance/", "/nowhere/", "/api/v1/finance/payments/?term=x"]
)
def test_a_page_of_the_school_is_kept_by_nobody(north, address):
    with in_school(north):
        clerk = a_user(role=Role.CLERK)
    answer = logged_in(host_of(north), clerk.login).get(address)
    assert answer.headers["Cache-Control"] == NOBODY


@pytest.mark.parametrize(
    "address", ["/", "/participation/", "/disclosure/fees/", "/participation/?format=csv"]
)
def test_a_page_of_the_city_is_kept_by_nobody_who_logged_in(db, address):
    with in_city():
        officer = a_user(role=Role.BUREAU_SUPERVISOR)
    assert logged_in(CITY, officer.login).get(address).headers["Cache-Control"] == NOBODY


def test_neither_is_what_a_token_reads(north):
    by_token = browser(host_of(north), headers={"authorization": "Token nobody"})
    assert by_token.get("/api/v1/finance/payments/").headers["Cache-Control"] == NOBODY


def test_neither_is_a_page_for_a_session_that_has_ended(north, settings):
    later = browser(host_of(north))
    later.cookies[settings.SESSION_COOKIE_NAME] = "x" * 32
    assert later.get("/open/").headers["Cache-Control"] == NOBODY


def test_who_sends_no_cookie_may_keep_a_public_page(db):
    answer = browser(CITY).get("/disclosure/")
    assert answer.headers["Cache-Control"].startswith("public")
