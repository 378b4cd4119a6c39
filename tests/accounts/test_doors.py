"""Every view declares who may come in, and the doors do what the declarations say."""

import pytest
from django.test import override_settings

from afterbell.accounts import actions, rights
from afterbell.accounts.models import Assignment
from afterbell.accounts.roles import Role
from tenants.context import in_school
from tests.accounts import walk
from tests.accounts.makers import a_user, browser, host_of, logged_in
from tests.city import NOON

FORGOTTEN = "tests.accounts.forgotten_urls"


@pytest.mark.parametrize("urlconf", ["afterbell.urls_city", "afterbell.urls_school"])
def test_every_view_declares_a_permission_or_why_it_is_open(urlconf):
    assert walk.undeclared(urlconf) == []


def test_the_walk_finds_what_forgot_to_declare():
    """The test of the test."""
    assert walk.undeclared(FORGOTTEN) == [
        "/forgotten/",
        "/forgotten-class/",
        "/api/forgotten/ get",
        "/api/small-forgotten/ get",
        "/api/^rooms/$ post",
    ]


def test_the_walk_sees_the_views_of_allauth_and_of_accounts():
    seen = {
        address for address, _view in walk.addresses(walk.import_module("afterbell.urls_school").urlpatterns)
    }
    assert {"/accounts/login/", "/accounts/second-factor/set-up/", "/accounts/users/"} <= seen


def test_nobody_signs_up_or_manages_mail_addresses():
    seen = " ".join(
        address for address, _view in walk.addresses(walk.import_module("afterbell.urls_city").urlpatterns)
    )
    assert "signup" not in seen
    assert "email" not in seen


def test_a_declaration_needs_a_permission_and_an_open_door_a_reason():
    with pytest.raises(ValueError, match="permission"):
        rights.requires()
    with pytest.raises(ValueError, match="why"):
        rights.open_to_all(" ")


@pytest.fixture
def doors(north, settings):
    settings.ROOT_URLCONF = FORGOTTEN
    settings.SECOND_FACTOR = "optional"
    with in_school(north):
        clerk, teacher = a_user(role=Role.CLERK), a_user(role=Role.CARE_STAFF)
    host = host_of(north)
    return {
        "nobody": browser(host),
        "clerk": logged_in(host, clerk.login),
        "teacher": logged_in(host, teacher.login),
    }


@pytest.mark.parametrize(
    ("path", "nobody", "teacher", "clerk"),
    [
        ("/public/", 200, 200, 200),
        ("/guarded/", 302, 403, 200),
        ("/api/guarded/", 401, 403, 200),
        ("/api/books/", 401, 403, 200),
        ("/api/small/", 401, 403, 200),
        ("/api/rooms/", 401, 403, 200),
        ("/api/rooms/count/", 200, 200, 200),
        ("/api/forgotten/", 401, 403, 403),
        ("/api/small-forgotten/", 401, 403, 403),
    ],
)
def test_each_door_lets_in_whom_it_says(doors, path, nobody, teacher, clerk):
    answers = {who: doors[who].get(path).status_code for who in doors}
    assert answers == {"nobody": nobody, "teacher": teacher, "clerk": clerk}


def test_a_page_sends_strangers_to_login_and_back(doors):
    answer = doors["nobody"].get("/guarded/?x=1")
    assert answer.headers["Location"] == "/accounts/login/?next=/guarded/%3Fx%3D1"


def test_the_api_answers_strangers_with_problem_json(doors):
    answer = doors["nobody"].get("/api/guarded/")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == 401


def test_a_role_taken_back_closes_the_door_at_the_next_request(doors, north):
    assert doors["clerk"].get("/guarded/").status_code == 200
    with in_school(north):
        actions.withdraw_role(assignment=Assignment.objects.get(role=Role.CLERK), by=None, now=NOON)
    assert doors["clerk"].get("/guarded/").status_code == 403


@override_settings(ROOT_URLCONF=FORGOTTEN)
def test_one_query_answers_for_the_rights_of_a_request(doors, django_assert_num_queries):
    with django_assert_num_queries(6):  # school by its host, session, user, rights; savepoint and its release
        doors["clerk"].get("/guarded/")


def test_every_view_that_is_open_by_name_is_still_there():
    views = {
        f"{view.__module__}.{view.__qualname__}"
        for urlconf in ("afterbell.urls_city", "afterbell.urls_school")
        for _address, view in walk.addresses(walk.import_module(urlconf).urlpatterns)
    }
    assert set(rights.OPEN_BELOW) <= views
