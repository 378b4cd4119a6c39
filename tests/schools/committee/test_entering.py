"""A seat does not lock the parent out: the code goes on opening the own child's pages; the seat asks for more."""

import pytest
from django.test import Client

from afterbell.accounts import actions as accounts
from afterbell.accounts import links, senders
from afterbell.accounts import queries as account_queries
from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.accounts.waiting import waiting_for
from schools.committee import actions, queries
from schools.committee.models import Office, Subject
from schools.notices.models import Delivery
from tenants.context import in_school
from tests import makers
from tests.accounts.makers import PASSWORD, one_time_password, with_second_factor
from tests.schools.people.stage import client_of, parent
from tests.schools.planning.stage import NOW, a_seated_committee

SPAN = {"from_date": makers.FIRST, "until_date": makers.days_of("treasurer")["until_date"].replace(year=2028)}
CODE, CONFIRM, ME = "/accounts/login/code/", "/accounts/login/code/confirm/", "/accounts/me/"


@pytest.fixture(autouse=True)
def demo(settings):
    settings.DEMO = True
    settings.SECOND_FACTOR = "required"
    settings.CODE_SENDER = "afterbell.accounts.senders.VisibleOutbox"


@pytest.fixture(params=[Office.CHAIR, Office.TREASURER])
def seated(north, request):
    with in_school(north):
        guardian = parent(makers.a_pupil(), name="吴国强")
        actions.appoint_seat(
            committee=makers.a_committee(), guardian=guardian, office=request.param, by=makers.a_user("clerk"), now=NOW,
            **SPAN,
        )  # fmt: skip
    return guardian


def by_code(school, guardian) -> Client:
    client = client_of(school)
    client.post(CODE, {"phone": guardian.phone})
    with in_school(school):
        codes = [message.code for message in senders.outbox() if message.phone == guardian.phone]
    assert codes, "no code came"
    client.post(CONFIRM, {"code": codes[0]})
    return client


def test_a_seated_parent_gets_a_code_and_reaches_the_own_pages(north, seated):
    client = by_code(north, seated)
    page = client.get(ME)
    assert page.status_code == 200
    assert "请退出后用手机号、密码和动态口令登录" in page.content.decode()
    assert client.get("/family/").status_code == 200


def test_the_code_opens_nothing_of_the_seat(north, seated):
    client = by_code(north, seated)
    had = seated.user.password
    assert client.get("/committee/").status_code == 200  # every parent reads who sits there
    assert client.get("/committee/seats/new/").status_code == 403
    assert client.get("/finance/").status_code in (403, 404)
    for shut in ("/accounts/password/set/", "/accounts/second-factor/set-up/"):
        assert client.get(shut).headers["Location"] == ME, "a code would make its own password"
        assert (
            client.post(shut, {"password1": "a1b2c3d4e5f6", "password2": "a1b2c3d4e5f6"}).status_code == 302
        )
    with in_school(north):
        assert User.objects.get(pk=seated.user_id).password == had


def test_password_and_second_factor_open_the_seat(north, seated):
    with in_school(north):
        user = User.objects.get(pk=seated.user_id)
        user.set_password(PASSWORD)
        user.save()
        secret = with_second_factor(user)
    client = client_of(north)
    client.post("/accounts/login/", {"login": seated.phone, "password": PASSWORD})
    client.post("/accounts/login/second/", {"code": one_time_password(secret)})
    assert client.get(ME).status_code == 200
    assert "请退出后用手机号" not in client.get(ME).content.decode()
    with in_school(north):
        assert User.objects.get(pk=seated.user_id).has(Permission.RESOLUTIONS_VOTE)


def test_the_page_of_a_new_password_names_the_phone_of_who_logs_in_by_it(north):
    with in_school(north):
        guardian = makers.a_guardian(makers.a_pupil(), name="吴国强", phone="+8613800138000")
        actions.appoint_seat(
            committee=makers.a_committee(), guardian=guardian, office=Office.CHAIR, by=makers.a_user("clerk"), now=NOW,
            **SPAN,
        )  # fmt: skip
        user = User.objects.get(guardian=guardian)
        token = accounts.first_link(user=user, now=NOW)
        assert links.user_for(user.pk, token)
    page = client_of(north).get(f"/accounts/set-password/{user.pk}/{token}/").content.decode()
    assert user.login not in page
    assert "手机号 138 0013 8000" in page


def test_the_one_concerned_and_the_members_hear_of_a_seat_given_and_ended(north):
    """Also while they vote: who is missing there is no secret."""
    with in_school(north):
        members, clerk = a_seated_committee(), makers.a_user("clerk")
        running = actions.open_resolution(
            committee=queries.school_committee(), subject=Subject.RULES, title="安全管理制度", text="全文",
            object_id=None, by=members[0].user, now=NOW,
        )  # fmt: skip
        new = parent(makers.a_pupil(), name="丁四")

        def told(guardian):
            rows = (
                Delivery.objects.filter(guardian=guardian).order_by("sent_at", "pk").select_related("notice")
            )
            return [row.notice.body for row in rows]

        before = {row.pk: len(told(row)) for row in members}
        seat = actions.appoint_seat(
            committee=queries.school_committee(),
            guardian=new,
            office=Office.TREASURER,
            by=clerk,
            now=NOW,
            **SPAN,
        )
        assert "丁四 任校级家长委员会财务委员" in told(new)[0]
        assert "动态口令" in told(new)[0]
        for member in members:
            assert len(told(member)) == before[member.pk] + 1
        actions.end_seat(seat=seat, by=clerk, now=NOW)
        assert len(told(new)) == 2
        for member in members:
            assert len(told(member)) == before[member.pk] + 2
            assert any("不再担任" in body and running.number in body for body in told(member))


def test_the_committees_page_says_how_to_vote_and_the_vote_is_no_dead_end(north, seated):
    """A login by a code is asked for no vote that it may not cast, and its link says the way."""
    with in_school(north):
        resolution = actions.open_resolution(
            committee=queries.school_committee(), subject=Subject.RULES, title="安全管理制度", text="放学后有人看护。",
            object_id=None, by=seated.user, now=NOW,
        )  # fmt: skip
    client = by_code(north, seated)
    home = client.get("/committee/").content.decode()
    assert "请您表决" not in home
    assert "请校长在“账号和角色”中重设密码" in home
    page = client.get(f"/committee/resolutions/{resolution.pk}/")
    assert page.status_code == 403
    assert "请退出后用手机号、密码和动态口令登录" in page.content.decode()
    assert "安全管理制度" not in page.content.decode()
    assert client.post(f"/committee/resolutions/{resolution.pk}/", {"choice": "yes"}).status_code == 403
    with in_school(north):
        assert not queries.tally(resolution).cast


def test_who_resets_the_password_has_it_on_the_desk_until_it_is_set(north, seated):
    with in_school(north):
        principal, clerk = makers.a_user("principal"), makers.a_user("clerk")
        seated.user.set_unusable_password()
        seated.user.save()
        names = [user.name for user, _role in account_queries.without_password(principal)]
        assert "吴国强" in names
        assert not any(user.pk == seated.user_id for user, _role in account_queries.without_password(clerk))
        said = [line.title for line in waiting_for(principal, NOW)]
        assert any("吴国强" in line and "还没有登录密码" in line for line in said)
        seated.user.set_password(PASSWORD)
        seated.user.save()
        assert "吴国强" not in [user.name for user, _role in account_queries.without_password(principal)]
