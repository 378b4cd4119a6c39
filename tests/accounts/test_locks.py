"""Locked doors: seen and lifted by the security administrator, in a school by the head; never by the locked person."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.core.cache import cache
from django.db.models import F
from django.utils import timezone

from afterbell.accounts import lock_actions
from afterbell.accounts.actions import NotYours, NotYourself
from afterbell.accounts.roles import Role
from afterbell.audit.models import Entry
from tenants.context import in_city, in_school
from tests.accounts.makers import CITY, PASSWORD, a_user, browser, host_of, logged_in
from tests.accounts.test_login import LOGIN, wrong

LOCKS = "/accounts/locks/"


@pytest.fixture(autouse=True)
def without_second_factor(settings):
    settings.SECOND_FACTOR = "optional"


def text(answer):
    assert answer.status_code == 200, answer.content.decode()[:500]
    return answer.content.decode()


def locked(school, login, **more):
    """Five wrong passwords; gives the key of the door."""
    assert wrong(browser(host_of(school) if school else CITY), login, 5, **more).status_code == 429
    with in_school(school) if school else in_city():
        return AccessAttempt.objects.get(username=login).pk


def test_the_security_administrator_sees_who_is_locked_out_and_lifts_it(db):
    with in_city():
        a_user(role=Role.PRICE_OFFICER, login="price", name="钱进")
        a_user(role=Role.SECURITY_ADMIN, login="security", name="安全")
    key = locked(None, "price")
    security = logged_in(CITY, "security")
    page = text(security.get(LOCKS))
    assert "现在锁定 1 个" in page
    assert "钱进" in page
    assert "127.0.0.1" in page
    assert "锁定到" in page
    asked = text(security.get(f"{LOCKS}{key}/lift/"))
    assert "解除 钱进 的登录锁定？" in asked
    assert "连续输错 5 次" in asked
    assert "已解除 钱进 的登录锁定" in text(security.post(f"{LOCKS}{key}/lift/", follow=True))
    assert logged_in(CITY, "price")
    with in_city():
        (row,) = Entry.objects.filter(verb="accounts.lock.lift")
        assert row.details["failures"] == 5


def test_twice_and_late_there_is_nothing_to_lift(north):
    with in_school(north):
        a_user(role=Role.CARE_STAFF, login="chen")
        a_user(role=Role.PRINCIPAL, login="head")
    key = locked(north, "chen")
    head = logged_in(host_of(north), "head")
    assert head.post(f"{LOCKS}{key}/lift/").status_code == 302
    for answer in (head.post(f"{LOCKS}{key}/lift/"), head.get(f"{LOCKS}{key}/lift/")):
        assert answer.status_code == 409
        assert "现在没有锁定" in answer.content.decode()
    key = locked(north, "chen")
    with in_school(north):
        AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(minutes=16))
    assert head.post(f"{LOCKS}{key}/lift/").status_code == 409
    assert "未锁定" in text(head.get(LOCKS))


def test_nobody_lifts_the_own_lock(north):
    """The head is locked out at home and has a session at school."""
    with in_school(north):
        head = a_user(role=Role.PRINCIPAL, login="head")
    page = logged_in(host_of(north), "head")
    key = locked(north, "head", REMOTE_ADDR="203.0.113.9")
    assert "/lift/" not in text(page.get(LOCKS))
    answer = page.post(f"{LOCKS}{key}/lift/")
    assert answer.status_code == 409
    assert "不能对自己的账号" in answer.content.decode()
    with in_school(north), pytest.raises(NotYourself):
        lock_actions.lift(attempt=key, by=head, now=timezone.now())


@pytest.mark.parametrize("role", [Role.CLERK, Role.DEPUTY, Role.CARE_STAFF, Role.COMMITTEE_CHAIR])
def test_in_a_school_only_the_head_sees_the_list(north, role):
    with in_school(north):
        a_user(role=Role.CARE_STAFF, login="chen")
        a_user(role=role, login="other")
    key = locked(north, "chen")
    other = logged_in(host_of(north), "other")
    assert other.get(LOCKS).status_code == 403
    assert other.post(f"{LOCKS}{key}/lift/").status_code == 403


def test_what_nobody_is_called_is_not_shown_and_not_lifted(north):
    """It may be a password that was typed into the wrong field."""
    with in_school(north):
        a_user(role=Role.PRINCIPAL, login="head")
    key = locked(north, "my-secret-1962")
    head = logged_in(host_of(north), "head")
    page = text(head.get(LOCKS))
    assert "不是这里的登录名" in page
    assert "my-secret-1962" not in page
    answer = head.post(f"{LOCKS}{key}/lift/")
    assert answer.status_code == 409
    assert "没有人用这个登录名" in answer.content.decode()


def test_a_door_is_one_name_from_one_address(north):
    """Another address stays locked; of several browsers the failures are one sum."""
    with in_school(north):
        a_user(role=Role.CARE_STAFF, login="chen")
        a_user(role=Role.PRINCIPAL, login="head")
    client = browser(host_of(north))
    wrong(client, "chen", 3, HTTP_USER_AGENT="one")
    assert wrong(client, "chen", 2, HTTP_USER_AGENT="two").status_code == 429
    wrong(browser(host_of(north)), "chen", 5, REMOTE_ADDR="203.0.113.9")
    head = logged_in(host_of(north), "head")
    assert "现在锁定 2 个" in text(head.get(LOCKS))
    with in_school(north):
        key = AccessAttempt.objects.filter(ip_address="127.0.0.1").latest("pk").pk
    head.post(f"{LOCKS}{key}/lift/")
    cache.clear()  # ten failures of one name in five minutes are allauth's own limit, whatever the address
    given = {"login": "chen", "password": PASSWORD}
    assert client.post(LOGIN, given).status_code == 302
    assert browser(host_of(north)).post(LOGIN, given, REMOTE_ADDR="203.0.113.9").status_code == 429


def test_a_lock_of_a_school_is_not_seen_at_the_city_nor_in_another_school(north, south):
    with in_school(north):
        a_user(role=Role.CARE_STAFF, login="chen", name="陈静")
    with in_school(south):
        a_user(role=Role.PRINCIPAL, login="head")
    with in_city():
        a_user(role=Role.SECURITY_ADMIN, login="security")
    locked(north, "chen")
    for client in (logged_in(host_of(south), "head"), logged_in(CITY, "security")):
        assert "陈静" not in text(client.get(LOCKS))


def test_the_list_costs_the_same_for_one_and_for_forty(north, django_assert_max_num_queries):
    with in_school(north):
        a_user(role=Role.PRINCIPAL, login="head")
        for number in range(40):
            a_user(role=Role.GUARDIAN, login=f"parent{number}", password=None)
            AccessAttempt.objects.create(
                username=f"parent{number}", ip_address="127.0.0.1", user_agent="x", failures_since_start=5
            )
    head = logged_in(host_of(north), "head")
    with django_assert_max_num_queries(9):
        assert "现在锁定 40 个" in text(head.get(LOCKS))


def test_a_head_can_not_lift_for_whom_the_head_may_not_manage(north, monkeypatch):
    with in_school(north):
        a_user(role=Role.CARE_STAFF, login="chen")
        head = a_user(role=Role.PRINCIPAL, login="head")
    key = locked(north, "chen")

    def refuses(_user, _by):
        raise NotYours(role="服务人员")

    monkeypatch.setattr("afterbell.accounts.actions.refuse_unmanaged", refuses)
    assert logged_in(host_of(north), head.login).post(f"{LOCKS}{key}/lift/").status_code == 403
