"""User administration, one's own account and setting links, as people use them."""

import re

import pytest
from allauth.usersessions.models import UserSession

from afterbell.accounts import actions, queries, senders
from afterbell.accounts.models import Assignment, NumberClaim, User
from afterbell.accounts.roles import Role
from tenants.context import in_city, in_school
from tests.accounts.makers import CITY, PASSWORD, a_user, browser, host_of, logged_in, with_second_factor
from tests.city import NOON
from tests.makers import a_class

USERS = "/accounts/users/"


@pytest.fixture(autouse=True)
def without_second_factor(settings):
    settings.SECOND_FACTOR = "optional"
    settings.DEMO, settings.CODE_SENDER = True, "afterbell.accounts.senders.VisibleOutbox"


@pytest.fixture
def principal(north):
    with in_school(north):
        user = a_user(role=Role.PRINCIPAL, login="principal", name="陈校长")
    return logged_in(host_of(north), user.login)


@pytest.fixture
def charlie(north):
    """A teacher who must never get in."""
    with in_school(north):
        user = a_user(role=Role.CARE_STAFF, login="charlie", name="查理")
    return logged_in(host_of(north), user.login)


def text(answer):
    return answer.content.decode()


def test_the_list_takes_the_same_few_queries_for_three_users_and_for_sixty(
    north, principal, django_assert_num_queries
):
    with in_school(north):
        a_user(role=Role.CLERK)
    with django_assert_num_queries(9):
        principal.get(USERS)
    with in_school(north):
        for _number in range(60):
            a_user(role=Role.GUARDIAN, password=None)
    with django_assert_num_queries(9):
        page = principal.get(USERS)
    assert "62" in text(page)


def test_the_list_filters_sorts_and_pages(north, principal):
    with in_school(north):
        a_user(role=Role.CLERK, login="anna", name="安娜")
        a_user(role=Role.GUARDIAN, login="bert", name="伯特", phone="+8613800138000")
    by_role = text(principal.get(USERS, {"role": "clerk"}))
    assert "安娜" in by_role
    assert "伯特" not in by_role
    by_phone = text(principal.get(USERS, {"search": "138 0013 8000"}))
    assert "伯特" in by_phone
    assert "安娜" not in by_phone
    down = text(principal.get(USERS, {"sort": "-login"}))
    assert down.index("principal") < down.index("bert") < down.index("anna")


@pytest.mark.parametrize(
    "query",
    [
        "?role=emperor",
        "?state=x",
        "?page=-5",
        "?page=zz",
        "?sort=password",
        "?search=%01",
        "?search=%27%3B--",
    ],
)
def test_an_absurd_address_still_shows_a_list(principal, query):
    answer = principal.get(USERS + query)
    assert answer.status_code == 200


def test_a_new_user_gets_a_role_and_a_link_and_logs_in(north, principal):
    answer = principal.post(f"{USERS}new/", {"name": "李雷", "login": "lilei", "phone": "１３８ 0013 8000"})
    with in_school(north):
        user = User.objects.get(login="lilei")
    assert user.phone == "+8613800138000"
    assert answer.headers["Location"] == f"{USERS}{user.pk}/"
    given = principal.post(f"{USERS}{user.pk}/roles/", {"role": "care_staff", "scope": ""})
    assert given.status_code == 302, text(given)
    unseen = principal.post(f"{USERS}{user.pk}/reset-password/")
    assert (unseen.status_code, "没有核实过的手机号" in text(unseen)) == (409, True)
    assert "李雷" not in text(principal.get("/accounts/numbers/"))  # not by whom it was entered
    with in_school(north):
        deputy = a_user(role=Role.DEPUTY)
    second = logged_in(host_of(north), deputy.login)
    assert "138 0013 8000" in text(second.get("/accounts/numbers/"))
    with in_school(north):
        claim = user.number_claims.get()
    assert principal.post(f"/accounts/numbers/{claim.pk}/", {"answer": "yes"}).status_code == 403
    assert second.post(f"/accounts/numbers/{claim.pk}/", {"answer": "yes"}).status_code == 302
    assert second.post(f"/accounts/numbers/{claim.pk}/", {"answer": "no"}).status_code == 409
    page = text(principal.post(f"{USERS}{user.pk}/reset-password/", follow=True))
    assert "链接已发到本人的手机（138 **** 8000）" in page
    assert "/accounts/set-password/" not in page
    with in_school(north):
        link = re.findall(
            r"http://s3301020001\.localhost(/accounts/set-password/\S+)", senders.outbox()[0].code
        )[0]
    person = browser(host_of(north))
    assert "李雷" in text(person.get(link))
    wrong = person.post(link, {"password1": "short", "password2": "short"})
    assert "10" in text(wrong)
    unequal = person.post(link, {"password1": "tian-qing-2026", "password2": "tian-qing-2027"})
    assert "不一样" in text(unequal)
    done = person.post(link, {"password1": "tian-qing-2026", "password2": "tian-qing-2026"})
    assert done.headers["Location"] == "/accounts/login/"
    assert person.get(link).status_code == 410
    assert logged_in(host_of(north), "lilei", "tian-qing-2026")


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"name": "", "login": "lilei"}, "请填写姓名"),
        ({"name": "李雷"}, "至少一项"),
        ({"name": "李雷", "login": "李雷"}, "小写字母"),
        ({"name": "李雷", "login": "13800138000"}, "至少要有一个字母"),
        ({"name": "李雷", "phone": "138"}, "11 位手机号"),
        ({"name": "李雷", "login": "principal"}, "已经有人用了"),
        ({"name": "李" * 61, "login": "lilei"}, "60"),
    ],
)
def test_a_new_user_that_cannot_be_is_explained_at_the_field(north, principal, given, word):
    answer = principal.post(f"{USERS}new/", given)
    assert answer.status_code == 400
    assert word in text(answer)
    with in_school(north):
        assert User.objects.count() == 1


def test_a_role_is_taken_back_after_a_question(north, principal):
    with in_school(north):
        user = a_user(role=Role.CARE_STAFF, name="李雷")
        held = user.assignments.get()
    address = f"{USERS}{user.pk}/roles/{held.pk}/withdraw/"
    assert "收回 李雷 的“服务教师”角色？" in text(principal.get(address))
    with in_school(north):
        assert Assignment.objects.filter(pk=held.pk).exists()
    principal.post(address)
    with in_school(north):
        assert not Assignment.objects.filter(pk=held.pk).exists()


def test_ending_an_account_ends_its_sessions(north, principal):
    with in_school(north):
        user = a_user(role=Role.CARE_STAFF, login="lilei")
    teacher = logged_in(host_of(north), "lilei")
    assert teacher.get("/accounts/me/").status_code == 200
    principal.post(f"{USERS}{user.pk}/deactivate/")
    assert teacher.get("/accounts/me/").status_code == 302
    with in_school(north):
        assert not UserSession.objects.filter(user=user).exists()
    principal.post(f"{USERS}{user.pk}/reactivate/")
    assert logged_in(host_of(north), "lilei")


def test_a_clerk_is_told_that_the_principal_is_not_theirs(north, principal):
    with in_school(north):
        clerk = a_user(role=Role.CLERK)
        head = User.objects.get(login="principal")
    client = logged_in(host_of(north), clerk.login)
    assert "重设密码" not in text(client.get(f"{USERS}{head.pk}/"))
    answer = client.post(f"{USERS}{head.pk}/reset-password/")
    assert answer.status_code == 403
    assert "不能管理" in text(answer)
    with in_school(north):
        assert User.objects.get(pk=head.pk).has_usable_password()


@pytest.mark.parametrize("phone", ["", "+8613700001234"])
def test_no_password_is_reset_where_no_verified_number_is(north, principal, phone):
    """Not offered, and refused before anybody says yes."""
    with in_school(north):
        user = a_user()
        head = User.objects.get(login="principal")
        User.objects.filter(pk=user.pk).update(phone=phone or None)
        if phone:
            NumberClaim.objects.create(user=user, phone=phone, by=head, at=NOON)
    page = text(principal.get(f"{USERS}{user.pk}/"))
    assert "reset-password" not in page
    assert ("没有核实过的手机号" in page) is not bool(phone)
    answer = principal.get(f"{USERS}{user.pk}/reset-password/")
    assert answer.status_code == 409
    assert "链接不能发出" in text(answer)


def test_a_clerk_is_not_offered_and_not_given_a_leaders_role(north):
    with in_school(north):
        clerk, user = a_user(role=Role.CLERK), a_user()
    client = logged_in(host_of(north), clerk.login)
    page = text(client.get(f"{USERS}{user.pk}/"))
    assert 'value="care_staff"' in page
    assert 'value="principal"' not in page
    assert client.post(f"{USERS}{user.pk}/roles/", {"role": "principal"}).status_code == 400
    with in_school(north):
        assert not user.assignments.exists()


def test_charlie_never_gets_in(north, charlie):
    with in_school(north):
        user = a_user(role=Role.GUARDIAN)
        held = user.assignments.get()
    for path in (
        "",
        "new/",
        f"{user.pk}/",
        f"{user.pk}/deactivate/",
        f"{user.pk}/reset-password/",
        f"{user.pk}/clear-second-factor/",
    ):
        assert charlie.get(USERS + path).status_code == 403
    for path in (
        f"{user.pk}/roles/",
        f"{user.pk}/roles/{held.pk}/withdraw/",
        f"{user.pk}/reactivate/",
        f"{user.pk}/deactivate/",
    ):
        assert charlie.post(USERS + path).status_code == 403


def test_a_user_of_another_school_is_not_there(principal, south):
    with in_school(south):
        user = a_user(role=Role.GUARDIAN)
    for path in (f"{user.pk}/", f"{user.pk}/deactivate/", f"{user.pk}/reset-password/"):
        assert principal.get(USERS + path).status_code == 404


def test_the_system_administrator_gives_a_supervisor_one_district(db, north):
    with in_city():
        a_user(role=Role.SYSTEM_ADMIN, login="root-wang")
        user = a_user(name="赵局")
    client = logged_in(CITY, "root-wang")
    assert "湖滨区" in text(client.get(f"{USERS}{user.pk}/"))
    client.post(f"{USERS}{user.pk}/roles/", {"role": "bureau_supervisor", "scope": "330102"})
    with in_city():
        assert list(user.assignments.values_list("role", "scope")) == [("bureau_supervisor", "330102")]
    assert "湖滨区" in text(client.get(f"{USERS}{user.pk}/"))
    refused = client.post(f"{USERS}{user.pk}/roles/", {"role": "price_officer", "scope": "330102"})
    assert "不分范围" in text(refused)
    twice = client.post(f"{USERS}{user.pk}/roles/", {"role": "bureau_supervisor", "scope": "330102"})
    assert "已经有这个角色" in text(twice)


# --- one's own account


def test_my_account_shows_roles_and_sessions_and_ends_the_others(north, principal):
    elsewhere = logged_in(host_of(north), "principal")
    page = text(principal.get("/accounts/me/"))
    assert "陈校长" in page
    assert "组长（校长）" in page
    assert page.count("<li><strong>") == 2
    principal.post("/accounts/sessions/end/")
    assert elsewhere.get("/accounts/me/").status_code == 302
    assert principal.get("/accounts/me/").status_code == 200


def test_a_password_is_changed_with_the_old_one(north, principal):
    elsewhere = logged_in(host_of(north), "principal")
    change = "/accounts/password/change/"
    new = {"password1": "yu-hou-2026-qing", "password2": "yu-hou-2026-qing"}
    assert "当前密码不对" in text(principal.post(change, {"oldpassword": "wrong-wrong", **new}))
    assert principal.post(change, {"oldpassword": PASSWORD, **new}).headers["Location"] == "/accounts/me/"
    assert principal.get("/accounts/me/").status_code == 200
    assert elsewhere.get("/accounts/me/").status_code == 302
    assert logged_in(host_of(north), "principal", "yu-hou-2026-qing")


@pytest.mark.parametrize("weak", ["principal1", "1234567890", "password123", "陈校长"])
def test_a_weak_password_is_refused(north, principal, weak):
    answer = principal.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": weak, "password2": weak}
    )
    assert answer.status_code == 200
    assert "ab-error" in text(answer)


PAGES = [
    "/accounts/login/",
    "/accounts/login/code/",
    "/accounts/logout/",
    "/accounts/me/",
    "/accounts/password/change/",
    "/accounts/second-factor/",
    "/accounts/second-factor/set-up/",
    "/accounts/again/?next=/accounts/me/",
    "/accounts/users/",
    "/accounts/users/new/",
]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_wears_our_layout_and_keeps_the_strict_policy(north, principal, path):
    client = browser(host_of(north)) if "login/" in path else principal
    answer = client.get(path)
    page = text(answer)
    assert answer.status_code == 200
    assert 'id="main"' in page, "an unstyled page of allauth"
    assert "<style" not in page
    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", page)
    assert not re.search(r'\s(style|on[a-z]+)="', page)
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy


def test_the_role_of_a_guardian_is_nobodys_to_give(north):
    """It comes with a child, by the roll."""
    with in_school(north):
        giver, user = a_user(role=Role.PRINCIPAL), a_user(role=Role.CARE_STAFF)
        assert Role.GUARDIAN not in queries.may_give(giver)
        with pytest.raises(actions.FollowsATie):
            actions.assign_role(user=user, role=Role.GUARDIAN, by=giver, now=NOON)


def test_a_class_teacher_is_for_the_own_classes_unless_all_is_chosen(north):
    """The page does not begin with every class of the school."""
    with in_school(north):
        first, user = a_class(), a_user(name="韩梅")
        principal = a_user(role=Role.PRINCIPAL, name="陈校长")
    client = logged_in(host_of(north), principal.login)
    address = f"{USERS}{user.pk}/"
    page = client.get(address).content.decode()
    assert '<option value="" selected>请选择</option>' in page.partition('name="scope"')[2]
    refused = client.post(f"{address}roles/", {"role": "class_teacher", "scope": ""})
    assert (refused.status_code, "请选择班级或区县" in refused.content.decode()) == (400, True)
    with in_school(north):
        assert not user.assignments.exists()
    assert (
        client.post(f"{address}roles/", {"role": "class_teacher", "scope": str(first.pk)}).status_code == 302
    )
    assert client.post(f"{address}roles/", {"role": "class_teacher", "scope": "all"}).status_code == 302
    with in_school(north):
        assert set(user.assignments.values_list("scope", flat=True)) == {str(first.pk), ""}


def test_a_second_factor_that_is_not_there_is_not_cleared(north, principal):
    with in_school(north):
        bare, protected = a_user(role=Role.CLERK), a_user(role=Role.CLERK)
        with_second_factor(protected)
    assert "清除动态口令" not in text(principal.get(f"{USERS}{bare.pk}/"))
    assert "清除动态口令" in text(principal.get(f"{USERS}{protected.pk}/"))
