"""The administrator asks for a token, its holder agrees, copies it once, and either of them revokes it."""

import re
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from afterbell.accounts.roles import Role
from afterbell.tokens import actions
from afterbell.tokens.models import Token
from tests.accounts import walk
from tests.accounts.makers import CITY, PASSWORD, a_user, browser, logged_in
from tests.tokens.makers import a_token, an_asked

TOKENS = "/accounts/tokens/"


@pytest.fixture
def client(admin):
    return logged_in(CITY, admin.login)


def text(answer):
    return answer.content.decode()


def holds(user):
    """The holder's own browser, who has just shown the password."""
    browser = logged_in(CITY, user.login)
    answer = browser.post("/accounts/again/", {"password": PASSWORD})
    assert answer.status_code == 302, text(answer)
    return browser


ASKED = {"name": "数据局", "days": 90, "allowed": ["filings.read", "costs.read", "schools.read"]}


def test_a_token_is_asked_for_agreed_to_shown_once_to_its_holder_and_works(client, supervisor):
    assert "赵局（zhao）" in text(client.get(f"{TOKENS}new/"))
    asked = client.post(f"{TOKENS}new/", {**ASKED, "user": supervisor.pk}, follow=True)
    assert "已请 赵局 本人同意" in text(asked)
    assert "等待本人同意" in text(asked)
    assert "afb_" not in text(asked)
    token, holder = Token.objects.get(), holds(supervisor)
    assert "等您同意" in text(holder.get(f"{TOKENS}mine/"))
    page = text(holder.get(f"{TOKENS}mine/{token.pk}/agree/"))
    for shown in ("数据局", "王管", "查看方案备案", "查看成本汇总", "90"):
        assert shown in page
    assert Token.objects.get().agreed_at is None
    made = holder.post(f"{TOKENS}mine/{token.pk}/agree/")
    assert "no-store" in made.headers["Cache-Control"]
    found = re.findall(r"afb_[0-9a-f]{64}", text(made))
    assert len(found) == 2
    assert len(set(found)) == 1
    assert f"Authorization: Token {found[0]}" in text(made).replace("&quot;", '"')
    assert "http://city.localhost/api/v1/costs/summary/" in text(made)
    assert holder.post(f"{TOKENS}mine/{token.pk}/agree/").status_code == 409
    for page in (text(client.get(TOKENS)), text(holder.get(f"{TOKENS}mine/"))):
        assert "数据局" in page
        assert found[0] not in page
    program = browser(CITY, headers={"authorization": f"Token {found[0]}"})
    assert program.get("/api/v1/filings/").status_code == 200


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_log_in_alone_is_not_enough_to_agree(supervisor, method):
    """A browser left open on a desk says yes to nothing: the password or the one-time code comes right before."""
    token = an_asked(supervisor)
    address = f"{TOKENS}mine/{token.pk}/agree/"
    answer = getattr(logged_in(CITY, supervisor.login), method)(address)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/again/?next=")
    assert Token.objects.get().agreed_at is None


def test_who_logs_in_is_told_that_a_token_waits(supervisor):
    an_asked(supervisor)
    assert "有 1 个数据接口凭证等您同意" in text(logged_in(CITY, supervisor.login).get(f"{TOKENS}mine/"))


def test_somebody_elses_token_is_not_there(supervisor, officer, client):
    token, _text = a_token(supervisor)
    for stranger in (holds(officer), client):
        for deed in ("agree", "revoke"):
            assert stranger.get(f"{TOKENS}mine/{token.pk}/{deed}/").status_code == 404
            assert stranger.post(f"{TOKENS}mine/{token.pk}/{deed}/").status_code == 404
        assert "共享平台" not in text(stranger.get(f"{TOKENS}mine/"))


def test_a_holder_revokes_at_once_after_a_question(supervisor):
    (token, key), holder = a_token(supervisor), logged_in(CITY, supervisor.login)
    address = f"{TOKENS}mine/{token.pk}/revoke/"
    program = browser(CITY, headers={"authorization": f"Token {key}"})
    assert program.get("/api/v1/filings/").status_code == 200
    assert "撤销“共享平台”的凭证？" in text(holder.get(address))
    assert holder.post(address).headers["Location"] == f"{TOKENS}mine/"
    assert program.get("/api/v1/filings/").status_code == 401
    assert holder.post(address).status_code == 409


def test_the_holders_list_takes_the_same_few_queries_for_one_token_and_for_twenty(
    supervisor, django_assert_max_num_queries
):
    holder = logged_in(CITY, supervisor.login)
    a_token(supervisor)
    holder.get(f"{TOKENS}mine/")
    with django_assert_max_num_queries(8) as one:
        holder.get(f"{TOKENS}mine/")
    for _number in range(19):
        an_asked(supervisor)
    with django_assert_max_num_queries(8) as many:
        holder.get(f"{TOKENS}mine/")
    assert len(one) == len(many)


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"name": ""}, "请填写用途"),
        ({"name": "长" * 61}, "60"),
        ({"user": ""}, "请选择账号"),
        ({"user": "x"}, "请选择列出的账号"),
        ({"allowed": []}, "请至少选一项"),
        ({"allowed": ["accounts.manage"]}, "accounts.manage"),
        ({"days": 0}, "1"),
        ({"days": 731}, "730"),
        ({"days": "x"}, "ab-error"),
    ],
)
def test_what_can_not_be_is_explained_at_the_field(client, supervisor, given, word):
    answer = client.post(f"{TOKENS}new/", {**ASKED, "user": supervisor.pk, **given})
    assert answer.status_code == 400
    assert word in text(answer)
    assert not Token.objects.exists()


def test_administrators_ended_accounts_and_people_without_a_role_are_not_offered(client, admin, supervisor):
    nobody = a_user(name="无角色")
    auditor = a_user(role=Role.AUDIT_ADMIN, name="审计员")
    page = text(client.get(f"{TOKENS}new/"))
    assert str(supervisor.pk) in page
    for other in (nobody, auditor, admin):
        assert str(other.pk) not in page
        assert client.post(f"{TOKENS}new/", {**ASKED, "user": other.pk}).status_code == 400


def test_a_token_is_revoked_after_a_question(client, supervisor):
    token = a_token(supervisor)[0]
    address = f"{TOKENS}{token.pk}/revoke/"
    assert "撤销“共享平台”的凭证？" in text(client.get(address))
    token.refresh_from_db()
    assert token.revoked_at is None
    assert client.post(address).headers["Location"] == TOKENS
    token.refresh_from_db()
    assert token.revoked_at is not None
    assert client.post(address).status_code == 409


def test_a_token_that_is_not_there_is_not_found(client):
    assert client.get(f"{TOKENS}00000000-0000-7000-8000-000000000000/revoke/").status_code == 404


def test_the_list_filters_by_words_and_state(client, supervisor, officer):
    now = timezone.now()
    a_token(supervisor, "甲系统")
    a_token(officer, "乙系统", days=1, now=now - timedelta(days=3))
    actions.revoke_token(token=a_token(officer, "丙系统")[0], by=officer, now=timezone.now())
    an_asked(supervisor, "丁系统")

    def names(**query):
        return set(re.findall("[甲乙丙丁]系统(?=</td>)", text(client.get(TOKENS, query))))

    assert names() == {"甲系统", "乙系统", "丙系统", "丁系统"}
    assert names(state="waiting") == {"丁系统"}
    assert names(state="good") == {"甲系统"}
    assert names(state="expired") == {"乙系统"}
    assert names(state="revoked") == {"丙系统"}
    assert names(search="钱处") == {"乙系统", "丙系统"}
    assert names(search="甲") == {"甲系统"}


@pytest.mark.parametrize("query", ["?state=x", "?page=-5", "?sort=digest", "?search=%01", "?search=%27%3B--"])
def test_an_absurd_address_still_shows_a_list(client, query):
    assert client.get(TOKENS + query).status_code == 200


def test_the_list_takes_the_same_few_queries_for_one_token_and_for_thirty(
    client, supervisor, django_assert_max_num_queries
):
    a_token(supervisor)
    client.get(TOKENS)
    with django_assert_max_num_queries(9) as one:
        client.get(TOKENS)
    for _number in range(30):
        a_token(supervisor)
    with django_assert_max_num_queries(9) as many:
        client.get(TOKENS)
    assert len(one) == len(many)


@pytest.mark.parametrize(
    "role", [Role.BUREAU_SUPERVISOR, Role.PRICE_OFFICER, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN]
)
def test_nobody_else_gets_in(city, supervisor, role):
    token = a_token(supervisor)[0]
    charlie = logged_in(CITY, a_user(role=role, name="查理").login)
    for path in ("", "new/", f"{token.pk}/revoke/"):
        assert charlie.get(TOKENS + path).status_code == 403
        assert browser(CITY).get(TOKENS + path).status_code == 302
    assert charlie.post(f"{TOKENS}{token.pk}/revoke/").status_code == 403


def test_the_pages_wear_our_layout_and_keep_the_strict_policy(client, supervisor):
    token, waiting, holder = a_token(supervisor)[0], an_asked(supervisor), holds(supervisor)
    answers = [client.get(TOKENS + path) for path in ("", "new/", f"{token.pk}/revoke/")]
    agree = f"{TOKENS}mine/{waiting.pk}/agree/"
    answers += [holder.get(f"{TOKENS}mine/"), holder.get(agree), holder.post(agree)]
    for answer in answers:
        page = text(answer)
        assert answer.status_code == 200
        assert 'id="main"' in page
        assert "<style" not in page
        assert not re.search(r'\s(style|on[a-z]+)="', page)
        assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_the_line_stands_in_the_navigation(client):
    assert f'href="{TOKENS}"' in text(client.get("/accounts/users/"))


def test_every_address_of_the_tokens_declares_who_may_come_in():
    urls = walk.import_module(django_settings.PUBLIC_SCHEMA_URLCONF)
    assert f"{TOKENS}<uuid:token_id>/revoke/" in {
        address for address, _view in walk.addresses(urls.urlpatterns)
    }
    assert walk.undeclared("afterbell.tokens.urls") == []
