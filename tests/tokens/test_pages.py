"""The administrator makes a token, copies it once, finds it in the list and revokes it."""

import re
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from afterbell.accounts.roles import Role
from afterbell.tokens import actions
from afterbell.tokens.models import Token
from tests.accounts import walk
from tests.accounts.makers import CITY, a_user, browser, logged_in

TOKENS = "/accounts/tokens/"


@pytest.fixture
def client(admin):
    return logged_in(CITY, admin.login)


def text(answer):
    return answer.content.decode()


def a_token(user, name="共享平台", *, days=365, now=None):
    return actions.create_token(user=user, name=name, days=days, by=None, now=now or timezone.now())[0]


def test_a_token_is_made_shown_once_and_works(client, supervisor):
    assert "赵局（zhao）" in text(client.get(f"{TOKENS}new/"))
    made = client.post(f"{TOKENS}new/", {"name": "数据局", "user": supervisor.pk, "days": 90})
    assert "no-store" in made.headers["Cache-Control"]
    found = re.findall(r"afb_[0-9a-f]{64}", text(made))
    assert len(found) == 2
    assert len(set(found)) == 1
    assert f"Authorization: Token {found[0]}" in text(made).replace("&quot;", '"')
    assert "http://city.localhost/api/v1/costs/summary/" in text(made)
    page = text(client.get(TOKENS))
    assert "数据局" in page
    assert found[0] not in page
    assert found[0][:8] in page
    program = browser(CITY, headers={"authorization": f"Token {found[0]}"})
    assert program.get("/api/v1/filings/").status_code == 200


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"name": ""}, "请填写用途"),
        ({"name": "长" * 61}, "60"),
        ({"user": ""}, "请选择账号"),
        ({"user": "x"}, "请选择列出的账号"),
        ({"days": 0}, "1"),
        ({"days": 731}, "730"),
        ({"days": "x"}, "ab-error"),
    ],
)
def test_what_can_not_be_is_explained_at_the_field(client, supervisor, given, word):
    answer = client.post(f"{TOKENS}new/", {"name": "数据局", "user": supervisor.pk, "days": 90, **given})
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
        assert client.post(f"{TOKENS}new/", {"name": "a", "user": other.pk, "days": 1}).status_code == 400


def test_a_token_is_revoked_after_a_question(client, supervisor):
    token = a_token(supervisor)
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
    actions.revoke_token(token=a_token(officer, "丙系统"), by=None, now=timezone.now())

    def names(**query):
        return set(re.findall("[甲乙丙]系统(?=</td>)", text(client.get(TOKENS, query))))

    assert names() == {"甲系统", "乙系统", "丙系统"}
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
    token = a_token(supervisor)
    charlie = logged_in(CITY, a_user(role=role, name="查理").login)
    for path in ("", "new/", f"{token.pk}/revoke/"):
        assert charlie.get(TOKENS + path).status_code == 403
        assert browser(CITY).get(TOKENS + path).status_code == 302
    assert charlie.post(f"{TOKENS}{token.pk}/revoke/").status_code == 403
    assert TOKENS not in text(charlie.get("/accounts/me/"))


def test_the_pages_wear_our_layout_and_keep_the_strict_policy(client, supervisor):
    token = a_token(supervisor)
    answers = [client.get(TOKENS + path) for path in ("", "new/", f"{token.pk}/revoke/")]
    answers.append(client.post(f"{TOKENS}new/", {"name": "数据局", "user": supervisor.pk, "days": 90}))
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
