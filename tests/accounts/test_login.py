"""Login: name and password, codes by phone, the second factor, lock-out, one school at a time."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt
from django.db.models import F
from django.test import override_settings

from afterbell.accounts import actions, senders
from afterbell.accounts.models import User
from afterbell.accounts.roles import Role
from afterbell.audit.models import Entry
from tenants.context import in_city, in_school
from tests.accounts.makers import (
    CITY,
    PASSWORD,
    a_user,
    browser,
    host_of,
    logged_in,
    one_time_password,
    with_second_factor,
)
from tests.city import NOON

PHONE = "138 0013 8000"
E164 = "+8613800138000"
LOGIN, CODE, CONFIRM, ME = (
    "/accounts/login/",
    "/accounts/login/code/",
    "/accounts/login/code/confirm/",
    "/accounts/me/",
)


@pytest.fixture
def demo(settings):
    settings.DEMO = True
    settings.SECOND_FACTOR = "optional"
    settings.CODE_SENDER = "afterbell.accounts.senders.VisibleOutbox"


@pytest.fixture
def guardian(north, demo):
    with in_school(north):
        return a_user(role=Role.GUARDIAN, name="赵敏", phone=E164, password=None)


def sent(school):
    with in_school(school):
        return [message.code for message in senders.outbox()]


def ask(client, phone=PHONE):
    return client.post(CODE, {"phone": phone})


def is_in(client):
    return client.get(ME).status_code == 200


# --- codes by phone


def test_a_guardian_logs_in_with_the_code_from_the_phone(north, guardian):
    client = browser(host_of(north))
    assert ask(client, "１３８ 0013-8000").headers["Location"] == CONFIRM
    code = sent(north)[0]
    assert re.fullmatch(r"[0-9]{6}", code)
    assert client.post(CONFIRM, {"code": f" {code[:3]} {code[3:]} "}).status_code == 302
    assert is_in(client)
    with in_school(north):
        assert User.objects.get(pk=guardian.pk).phone_verified_at is not None


def test_a_code_works_once(north, guardian):
    first, second = browser(host_of(north)), browser(host_of(north))
    ask(first)
    code = sent(north)[0]
    first.post(CONFIRM, {"code": code})
    assert is_in(first)
    first.post("/accounts/logout/")
    first.post(CONFIRM, {"code": code})
    assert not is_in(first)
    second.post(CONFIRM, {"code": code})
    assert not is_in(second)


def test_a_code_belongs_to_the_browser_that_asked(north, guardian):
    asked, other = browser(host_of(north)), browser(host_of(north))
    ask(asked)
    ask(other)
    newest, oldest = sent(north)
    other.post(CONFIRM, {"code": oldest})
    assert not is_in(other) or newest == oldest


def test_an_expired_code_is_refused(north, guardian):
    client = browser(host_of(north))
    ask(client)
    code = sent(north)[0]
    with override_settings(ACCOUNT_LOGIN_BY_CODE_TIMEOUT=-1):
        client.post(CONFIRM, {"code": code})
    assert not is_in(client)


def test_three_wrong_codes_and_the_right_one_is_worth_nothing(north, guardian):
    client = browser(host_of(north))
    ask(client)
    code = sent(north)[0]
    wrong = "000000" if code != "000000" else "111111"
    for _attempt in range(2):
        assert "验证码不对" in client.post(CONFIRM, {"code": wrong}).content.decode()
    assert client.post(CONFIRM, {"code": wrong}).headers["Location"] == CODE
    client.post(CONFIRM, {"code": code})
    assert not is_in(client)


def test_known_and_unknown_phones_get_the_same_answer(north, guardian):
    answers = []
    for phone in (PHONE, "139 0013 9000"):
        client = browser(host_of(north))
        asked = ask(client, phone)
        page = client.get(CONFIRM).content.decode()
        wrong = client.post(CONFIRM, {"code": "12"})
        hidden = re.sub(
            r'name="csrfmiddlewaretoken" value="[^"]+"|"X-CSRFToken": "[^"]+"|13[89] \*\*\*\* [0-9]{4}',
            "",
            page,
        )
        answers.append((asked.status_code, asked.headers["Location"], hidden, wrong.status_code))
    assert answers[0] == answers[1]
    assert len(sent(north)) == 1


def test_codes_are_asked_for_five_times_in_a_quarter_of_an_hour_and_no_more(north, guardian):
    for phone in (PHONE, "139 0013 9000"):
        for _attempt in range(5):
            assert ask(browser(host_of(north)), phone).status_code == 302
        refused = ask(browser(host_of(north)), phone)
        assert "请稍后再试" in refused.content.decode()
    assert len(sent(north)) == 5


def test_staff_get_no_code_because_a_code_is_no_password(north, demo):
    with in_school(north):
        a_user(role=Role.CLERK, phone=E164)
    ask(browser(host_of(north)))
    assert sent(north) == []


def test_an_ended_account_gets_no_code(north, guardian):
    with in_school(north):
        actions.deactivate_user(user=guardian, by=None, now=NOON)
    ask(browser(host_of(north)))
    assert sent(north) == []


def test_without_a_sender_the_page_says_so_for_every_phone(north, settings):
    settings.CODE_SENDER = "afterbell.accounts.senders.NoSender"
    with in_school(north):
        a_user(role=Role.GUARDIAN, phone=E164)
    for phone in (PHONE, "139 0013 9000"):
        assert "CODE_SENDER" in ask(browser(host_of(north)), phone).content.decode()


def test_the_outbox_is_the_demos_alone(north, guardian, settings):
    client = browser(host_of(north))
    ask(client)
    assert sent(north)[0] in client.get("/accounts/outbox/").content.decode()
    settings.DEMO = False
    assert client.get("/accounts/outbox/").status_code == 404
    assert "还没有接通短信" in ask(browser(host_of(north))).content.decode()


def test_the_outbox_of_north_is_empty_in_south(north, south, guardian):
    ask(browser(host_of(north)))
    assert sent(north)
    assert sent(south) == []


def test_no_log_holds_the_code_or_the_phone(north, guardian, caplog, capfd):
    caplog.set_level("DEBUG")
    client = browser(host_of(north))
    ask(client)
    code = sent(north)[0]
    client.post(CONFIRM, {"code": code})
    captured = capfd.readouterr()
    told = caplog.text + captured.out + captured.err
    assert "/accounts/login/code/" in told, "the log was not caught"
    assert code not in told
    assert "13800138000" not in told


@pytest.mark.parametrize(
    ("written", "word"), [("1380013", "11 位手机号"), ("", "请填写手机号"), ("0571-87654321", "收不到短信")]
)
def test_a_wrong_phone_is_explained(north, demo, written, word):
    assert word in ask(browser(host_of(north)), written).content.decode()


# --- passwords


@pytest.mark.parametrize("typed", ["wangfang", " WangFang ", PHONE, "+86 13800138000"])
def test_one_form_takes_login_name_or_phone(north, typed):
    with in_school(north):
        a_user(role=Role.COMMITTEE_MEMBER, login="wangfang", phone=E164)
    client = browser(host_of(north))
    assert client.post(LOGIN, {"login": typed, "password": PASSWORD}).status_code == 302
    assert is_in(client)


def test_a_wrong_password_and_an_unknown_name_are_told_alike(north):
    with in_school(north):
        a_user(role=Role.GUARDIAN, login="wangfang")
    told = [
        re.findall(r'<div class="ab-error-summary".*?</ul>', answer.content.decode(), re.DOTALL)
        for name in ("wangfang", "nobody-here")
        for answer in [browser(host_of(north)).post(LOGIN, {"login": name, "password": "wrong-wrong"})]
    ]
    assert told[0] == told[1]
    assert "不符" in told[0][0]


def test_an_ended_account_does_not_come_in(north):
    with in_school(north):
        user = a_user(role=Role.GUARDIAN)
        actions.deactivate_user(user=user, by=None, now=NOON)
    client = browser(host_of(north))
    assert (
        client.post(LOGIN, {"login": user.login, "password": PASSWORD}).headers["Location"]
        == "/accounts/inactive/"
    )
    assert "已停用" in client.get("/accounts/inactive/").content.decode()
    assert not is_in(client)


def test_logging_out_is_a_step_by_post(north):
    with in_school(north):
        user = a_user(role=Role.GUARDIAN)
    client = logged_in(host_of(north), user.login)
    client.get("/accounts/logout/")
    assert is_in(client)
    client.post("/accounts/logout/")
    assert not is_in(client)


def test_a_login_without_a_csrf_token_is_refused(north):
    with in_school(north):
        user = a_user(role=Role.GUARDIAN)
    client = browser(host_of(north), enforce_csrf_checks=True)
    assert client.post(LOGIN, {"login": user.login, "password": PASSWORD}).status_code == 403


def test_login_leads_back_to_the_page_but_never_to_another_site(north):
    with in_school(north):
        user = a_user(role=Role.GUARDIAN)
    given = {"login": user.login, "password": PASSWORD}
    here = browser(host_of(north)).post(f"{LOGIN}?next=/accounts/me/", {**given, "next": "/accounts/me/"})
    assert here.headers["Location"] == "/accounts/me/"
    away = browser(host_of(north)).post(LOGIN, {**given, "next": "https://evil.example/"})
    assert "evil" not in away.headers["Location"]
    sister = browser(host_of(north)).post(LOGIN, {**given, "next": "http://city.localhost/x"})
    assert "city" not in sister.headers["Location"]


# --- lock-out


def wrong(client, login, times=1, **more):
    answers = [
        client.post(LOGIN, {"login": login, "password": "wrong-wrong"}, **more) for _attempt in range(times)
    ]
    return answers[-1]


def test_five_wrong_passwords_lock_the_door_for_that_name_only(north):
    with in_school(north):
        alice, bob = a_user(role=Role.GUARDIAN, login="alice"), a_user(role=Role.GUARDIAN, login="bob")
    client = browser(host_of(north))
    assert wrong(client, "alice", 4).status_code == 200
    locked = wrong(client, "alice")
    assert locked.status_code == 429
    assert 0 < int(locked.headers["Retry-After"]) <= 15 * 60
    assert "15 分钟" in locked.content.decode()
    right = client.post(LOGIN, {"login": "ALICE", "password": PASSWORD})
    assert right.status_code == 429
    assert logged_in(host_of(north), bob.login)
    elsewhere = client.post(LOGIN, {"login": alice.login, "password": PASSWORD}, REMOTE_ADDR="203.0.113.9")
    assert elsewhere.status_code == 302


def test_a_locked_door_stays_429_however_often_it_is_tried(north):
    client = browser(host_of(north))
    assert wrong(client, "alice", 14).status_code == 429


def test_unknown_names_are_locked_like_known_ones(north):
    assert wrong(browser(host_of(north)), "nobody-here", 5).status_code == 429


def test_a_lock_of_north_is_none_in_south(north, south):
    for school in (north, south):
        with in_school(school):
            a_user(role=Role.GUARDIAN, login="alice")
    assert wrong(browser(host_of(north)), "alice", 5).status_code == 429
    assert logged_in(host_of(south), "alice")


def test_a_lock_ends_after_a_quarter_of_an_hour_and_waiting_is_not_prolonged(north):

    with in_school(north):
        a_user(role=Role.GUARDIAN, login="alice")
    client = browser(host_of(north))
    wrong(client, "alice", 7)
    with in_school(north):
        assert AccessAttempt.objects.get().failures_since_start == 5
        AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(minutes=15, seconds=1))
    assert logged_in(host_of(north), "alice")


def test_a_success_forgets_the_failures_also_under_the_phone(north):
    with in_school(north):
        a_user(role=Role.GUARDIAN, login="alice", phone=E164)
    client = browser(host_of(north))
    wrong(client, PHONE, 4)
    wrong(client, "alice", 4)
    client.post(LOGIN, {"login": "alice", "password": PASSWORD})
    client.post("/accounts/logout/")
    assert wrong(client, PHONE, 4).status_code == 200
    assert wrong(client, "alice", 4).status_code == 200


def test_a_forged_forwarded_address_does_not_open_a_locked_door(north):
    with in_school(north):
        a_user(role=Role.GUARDIAN, login="alice")
    client = browser(host_of(north))
    wrong(client, "alice", 5)
    answer = client.post(LOGIN, {"login": "alice", "password": PASSWORD}, HTTP_X_FORWARDED_FOR="203.0.113.9")
    assert answer.status_code == 429


def test_behind_a_trusted_proxy_the_forwarded_address_counts(north, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    with in_school(north):
        a_user(role=Role.GUARDIAN, login="alice")
    client = browser(host_of(north))
    wrong(client, "alice", 5, HTTP_X_FORWARDED_FOR="198.51.100.7")
    given = {"login": "alice", "password": PASSWORD}
    assert client.post(LOGIN, given, HTTP_X_FORWARDED_FOR="198.51.100.7").status_code == 429
    assert client.post(LOGIN, given, HTTP_X_FORWARDED_FOR="203.0.113.9").status_code == 302


def test_the_attempts_hold_neither_password_nor_login_in_their_dumps(north):

    wrong(browser(host_of(north)), "alice-secret")
    with in_school(north):
        attempt = AccessAttempt.objects.get()
        assert "wrong-wrong" not in attempt.post_data + attempt.get_data
        assert "alice-secret" not in attempt.post_data + attempt.get_data


def test_too_many_logins_from_one_address_wait(north, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "login": "2/m/ip"}
    client = browser(host_of(north))
    answer = wrong(client, "alice", 3)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


# --- one school at a time


def test_a_session_of_north_is_nobody_in_south(north, south):
    with in_school(north):
        user = a_user(role=Role.GUARDIAN)
    client = logged_in(host_of(north), user.login)
    assert is_in(client)
    foreign = browser(host_of(south))
    foreign.cookies["session"] = client.cookies["session"].value
    assert not is_in(foreign)
    city = browser(CITY)
    city.cookies["session"] = client.cookies["session"].value
    assert not is_in(city)


def test_a_user_of_north_does_not_exist_in_south(north, south):
    with in_school(north):
        user = a_user(role=Role.GUARDIAN)
    answer = browser(host_of(south)).post(LOGIN, {"login": user.login, "password": PASSWORD})
    assert "不符" in answer.content.decode()
    with in_school(south):
        assert not User.objects.filter(pk=user.pk).exists()


def test_a_session_cookie_belongs_to_one_host_and_no_script(north):
    with in_school(north):
        user = a_user(role=Role.GUARDIAN)
    cookie = logged_in(host_of(north), user.login).cookies["session"]
    assert not cookie["domain"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


# --- the second factor


def test_staff_without_second_factor_are_led_to_set_it_up(north, settings):
    settings.SECOND_FACTOR = "required"
    with in_school(north):
        user = a_user(role=Role.CLERK)
    client = logged_in(host_of(north), user.login)
    for path in (ME, "/accounts/users/", "/anything/", "/accounts/password/change/"):
        assert client.get(path).headers["Location"] == "/accounts/second-factor/set-up/"
    assert client.get("/api/v1/x/").json()["status"] == 403
    page = client.get("/accounts/second-factor/set-up/")
    assert 'src="data:image/svg+xml;base64,' in page.content.decode()
    secret = re.findall(r"[A-Z2-7]{32}", page.content.decode())[0]
    answer = client.post("/accounts/second-factor/set-up/", {"code": one_time_password(secret)})
    assert answer.headers["Location"] == "/accounts/second-factor/recovery/"
    assert (
        len(re.findall(r"<code>[0-9]{8}</code>", client.get(answer.headers["Location"]).content.decode()))
        == 10
    )
    assert is_in(client)
    with in_school(north):
        stored = Authenticator.objects.get(type="totp").data["secret"]
        assert secret not in stored, "the secret lies open in the database"


def test_city_users_too(db, settings):
    settings.SECOND_FACTOR = "required"
    with in_city():
        user = a_user(role=Role.SYSTEM_ADMIN)
    assert logged_in(CITY, user.login).get(ME).headers["Location"] == "/accounts/second-factor/set-up/"


def test_guardians_need_no_second_factor(north, settings):
    settings.SECOND_FACTOR = "required"
    with in_school(north):
        user = a_user(role=Role.GUARDIAN)
    assert is_in(logged_in(host_of(north), user.login))


def test_in_the_demo_the_second_factor_is_asked_for_in_words_only(north, settings):
    settings.SECOND_FACTOR = "optional"
    with in_school(north):
        user = a_user(role=Role.CLERK)
    assert "应使用动态口令" in logged_in(host_of(north), user.login).get(ME).content.decode()


@pytest.fixture
def protected(north, settings):
    settings.SECOND_FACTOR = "required"
    with in_school(north):
        user = a_user(role=Role.CLERK)
        return user, with_second_factor(user)


def half_way(north, user):
    client = browser(host_of(north))
    answer = client.post(LOGIN, {"login": user.login, "password": PASSWORD})
    assert answer.headers["Location"] == "/accounts/login/second/"
    return client


def test_the_password_alone_opens_nothing(north, protected):
    client = half_way(north, protected[0])
    assert not is_in(client)


def test_password_and_one_time_password_open_the_door_once(north, protected):
    user, secret = protected
    client = half_way(north, user)
    now = one_time_password(secret)
    assert "动态口令不对" in client.post("/accounts/login/second/", {"code": "000000"}).content.decode()
    client.post("/accounts/login/second/", {"code": now})
    assert is_in(client)
    again = half_way(north, user)
    again.post("/accounts/login/second/", {"code": now})
    assert not is_in(again)


def test_a_recovery_code_opens_the_door_once(north, protected):
    user, _secret = protected
    with in_school(north):
        code = Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()[0]
    first, second = half_way(north, user), half_way(north, user)
    first.post("/accounts/login/second/", {"code": code})
    assert is_in(first)
    second.post("/accounts/login/second/", {"code": code})
    assert not is_in(second)


def test_one_time_passwords_cannot_be_tried_out(north, protected):
    user, secret = protected
    client = half_way(north, user)
    for _attempt in range(10):
        client.post("/accounts/login/second/", {"code": "000000"})
    answer = client.post("/accounts/login/second/", {"code": one_time_password(secret)})
    assert "请稍后再试" in answer.content.decode()
    assert not is_in(client)


def test_who_needs_a_second_factor_cannot_give_it_up(north, protected):
    user, secret = protected
    client = half_way(north, user)
    client.post("/accounts/login/second/", {"code": one_time_password(secret)})
    assert "不能停用" in client.get("/accounts/second-factor/remove/").content.decode()
    client.post("/accounts/second-factor/remove/")
    with in_school(north):
        assert Authenticator.objects.filter(user=user, type="totp").exists()


SET_UP, REMOVE, NEW_CODES = (
    "/accounts/second-factor/set-up/",
    "/accounts/second-factor/remove/",
    "/accounts/second-factor/recovery/new/",
)


def said_of_factors(school, user):
    """Verb and kind of the audit rows, in their order; each says who did it."""
    with in_school(school):
        found = Entry.objects.filter(verb__startswith="accounts.second_factor.").order_by("position")
        assert all(row.target == f"accounts.user:{user.pk}" for row in found)
        return [(row.verb.rpartition(".")[2], row.details.get("kind"), row.by_id == user.pk) for row in found]


def set_up(client):
    secret = re.findall(r"[A-Z2-7]{32}", client.get(SET_UP).content.decode())[0]
    return client.post(SET_UP, {"code": one_time_password(secret)})


def test_every_change_of_a_second_factor_leaves_an_audit_row(north, settings):
    settings.SECOND_FACTOR = "optional"
    with in_school(north):
        user = a_user(role=Role.CLERK)
    client = logged_in(host_of(north), user.login)
    client.get(SET_UP)
    client.post(SET_UP, {"code": "000000"})
    assert said_of_factors(north, user) == [], "a wrong code changes nothing"
    set_up(client)
    first = [("set_up", "recovery_codes", True), ("set_up", "totp", True)]
    assert said_of_factors(north, user) == first
    client.post(NEW_CODES)
    second = [*first, ("replace", "recovery_codes", True)]
    assert said_of_factors(north, user) == second
    client.post(REMOVE)
    last = [*second, ("remove", "recovery_codes", True), ("remove", "totp", True)]
    assert said_of_factors(north, user) == last
    client.post(REMOVE)
    assert said_of_factors(north, user) == last, "there is none to remove"


def test_a_refused_removal_leaves_none(north, protected):
    user, secret = protected
    client = half_way(north, user)
    client.post("/accounts/login/second/", {"code": one_time_password(secret)})
    client.post(REMOVE)
    assert said_of_factors(north, user) == []


def test_a_second_factor_that_goes_with_the_number_leaves_its_own_row(north, settings):
    with in_school(north):
        user = a_user(role=Role.GUARDIAN, phone=E164)
        with_second_factor(user)
        actions.change_phone(user=user, phone="+8613900139000", by=None, now=NOON)
    assert said_of_factors(north, user) == [("clear", None, False)]


def unused_codes(school, user):
    with in_school(school):
        return Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()


def test_a_recovery_code_that_is_used_up_leaves_its_row(north, protected, settings):
    """At the door and in the middle of a session; a wrong or a used one, and the app's password, use up none."""
    user, secret = protected
    first, second = unused_codes(north, user)[:2]
    client = half_way(north, user)
    client.post("/accounts/login/second/", {"code": "00000000"})
    assert said_of_factors(north, user) == []
    client.post("/accounts/login/second/", {"code": first})
    assert is_in(client)
    used = ("use_code", "recovery_codes", True)
    assert said_of_factors(north, user) == [used]
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = -1
    client.post("/accounts/again/second/", {"code": first})
    assert said_of_factors(north, user) == [used]
    client.post("/accounts/again/second/", {"code": second})
    assert said_of_factors(north, user) == [used, used]
    half_way(north, user).post("/accounts/login/second/", {"code": one_time_password(secret)})
    assert said_of_factors(north, user) == [used, used]
    with in_school(north):
        rows = Entry.objects.filter(verb="accounts.second_factor.use_code").order_by("position")
        assert [row.details["left"] for row in rows] == [9, 8]
    assert len(unused_codes(north, user)) == 8


def test_security_settings_ask_for_the_password_again_after_a_while(north, protected, settings):
    user, secret = protected
    client = half_way(north, user)
    client.post("/accounts/login/second/", {"code": one_time_password(secret)})
    assert client.get("/accounts/second-factor/recovery/").status_code == 200
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = -1
    assert client.get("/accounts/second-factor/recovery/").headers["Location"].startswith("/accounts/again/")
    assert "再次确认身份" in client.get("/accounts/again/?next=/accounts/me/").content.decode()
