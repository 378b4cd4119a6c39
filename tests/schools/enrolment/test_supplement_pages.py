"""Supplements as people use them: a guardian's two steps, the two sides' lists and pages."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from schools.enrolment.models import Side, Supplement
from schools.planning.models import Activity
from tenants.context import in_school
from tests import makers
from tests.schools.enrolment import stage
from tests.schools.enrolment.test_supplements import Room


@pytest.fixture
def room(north, settings):
    settings.SECOND_FACTOR = "optional"
    with in_school(north):
        yield Room(north)


def hidden(page, name):
    return re.findall(rf'name="{name}" value="([^"]*)"', page)[0]


def signed(client, room, **more):
    address = f"/family/agreements/{room.agreement().pk}/further/{room.robots.pk}/"
    page = stage.text(client.get(address))
    given = {"sha256": hidden(page, "sha256"), "path": stage.DRAWN, **more}
    return address, client.post(address, given)


def test_a_guardian_asks_for_one_more_activity_on_a_phone(north, room):
    """S1, S13: from the application to the choice, the text, the signature, the number."""
    client, agreement = stage.browser(north, room.family.user), room.agreement()
    page = stage.text(client.get(f"/family/applications/{agreement.application_id}/"))
    address = f"/family/agreements/{agreement.pk}/further/"
    assert address in page
    page = stage.text(client.get(address))
    assert "机器人" in page
    assert page.count('name="activity"') == 1
    answer = client.post(address, {"activity": str(room.robots.pk)})
    assert answer.headers["Location"] == f"{address}{room.robots.pk}/"
    page = stage.text(client.get(answer.headers["Location"]))
    assert "课后服务补充申请表" in page
    assert "不能单独退" in page
    _address, answer = signed(client, room)
    row = Supplement.objects.get()
    assert answer.headers["Location"] == f"/family/supplements/{row.pk}/"
    page = stage.text(client.get(answer.headers["Location"]))
    assert row.number in page
    assert "学校：待审核" in page
    page = stage.text(client.get(f"/family/applications/{agreement.application_id}/"))
    assert row.number in page
    assert address not in page  # nothing is left to choose: no button that would only refuse
    assert client.get(f"/family/supplements/{row.pk}/form.pdf").content.startswith(b"%PDF")


def test_sent_again_it_is_the_first_one(north, room):
    client = stage.browser(north, room.family.user)
    address, _answer = signed(client, room)
    row = Supplement.objects.get()
    for again in (client.post(address, {"sha256": "0" * 64, "path": stage.DRAWN}), client.get(address)):
        assert again.headers["Location"] == f"/family/supplements/{row.pk}/"
    assert Supplement.objects.count() == 1


def test_what_is_missing_or_old_is_said_where_it_is(north, room):
    client = stage.browser(north, room.family.user)
    address, answer = signed(client, room, path="")
    assert (answer.status_code, "请签名" in stage.text(answer)) == (400, True)
    _address, answer = signed(client, room, path="", name="别人")
    assert answer.status_code == 400
    Activity.objects.filter(pk=room.robots.pk).update(title="机器人编程")
    answer = client.post(address, {"sha256": "0" * 64, "path": stage.DRAWN})
    assert "重新阅读" in stage.text(answer)
    assert "机器人编程" in stage.text(answer)
    choose = f"/family/agreements/{room.agreement().pk}/further/"
    assert client.post(choose, {}).status_code == 400
    strange = "00000000-0000-0000-0000-000000000000"
    assert client.post(choose, {"activity": strange}).status_code == 400
    assert client.get(f"{choose}{strange}/").status_code == 404
    room.leaves()
    assert client.get(f"{choose}{room.robots.pk}/").headers["Location"] == choose
    assert "现在没有可以增加的活动" in stage.text(client.get(choose))
    assert not Supplement.objects.exists()


def test_it_is_withdrawn_after_a_question(north, room):
    client, row = stage.browser(north, room.family.user), room.asks()
    address = f"/family/supplements/{row.pk}/withdraw/"
    assert "已签的协议不变" in stage.text(client.get(address))
    assert client.post(address).status_code == 302
    assert "已撤回" in stage.text(client.get(f"/family/supplements/{row.pk}/"))
    assert "不能撤回" in stage.text(client.post(address))
    assert room.state(row) == "withdrawn"


def test_the_family_reads_each_state(north, room):
    client = stage.browser(north, room.family.user)
    other = room.joins("王小红", room.robots)
    row = room.approves(room.asks())
    address = f"/family/supplements/{row.pk}/"
    page = stage.text(client.get(address))
    assert "正在候补" in page
    assert "撤回补充申请" in page
    room.leaves(other)
    page = stage.text(client.get(address))
    assert "有名额了" in page
    assert "撤回补充申请" not in page
    room.leaves()
    assert "已随协议终止" in stage.text(client.get(address))
    refused = room.says(room.asks(room.joins("赵小天")), Side.SCHOOL, yes=False, reason="器材不够")
    family = refused.guardian.user
    assert "器材不够" in stage.text(stage.browser(north, family).get(f"/family/supplements/{refused.pk}/"))


def test_the_two_sides_review_on_their_own_pages(north, room):
    """S14; the applications' list leads there, and what waits is on the desk."""
    row = room.asks()
    principal, chair = (stage.browser(north, each) for each in room.sides)
    assert "/desk/applications/supplements/" in stage.text(principal.get("/desk/applications/"))
    assert row.number in stage.text(principal.get("/desk/applications/supplements/?todo=school"))
    assert "1 份补充申请待审核" in stage.text(principal.get("/", follow=True))
    page = stage.text(principal.get(f"/desk/applications/supplements/{row.pk}/"))
    assert "机器人" in page
    assert stage.DRAWN in page
    answer = principal.post(f"/desk/applications/supplements/{row.pk}/", {"decision": "no", "reason": ""})
    assert answer.status_code == 400
    assert principal.post(f"/desk/applications/supplements/{row.pk}/", {"decision": "yes"}).status_code == 302
    assert row.number not in stage.text(principal.get("/desk/applications/supplements/?todo=school"))
    assert "已经由学校审核过" in stage.text(
        principal.post(f"/desk/applications/supplements/{row.pk}/", {"decision": "yes"})
    )
    assert "1 份补充申请待审核" in stage.text(chair.get("/", follow=True))
    assert (
        chair.post(f"/committee/applications/supplements/{row.pk}/", {"decision": "yes"}).status_code == 302
    )
    assert room.state(row) == "placed"
    page = stage.text(principal.get(f"/desk/applications/supplements/{row.pk}/"))
    assert "有了“机器人”的名额 · 家长未读" in page
    page = stage.text(principal.get(f"/desk/applications/{row.application_id}/"))
    assert row.number in page
    assert "已签订 · 家长未读" in page  # what was told of the agreement itself
    assert principal.get(f"/desk/applications/supplements/{row.pk}/form.pdf").content.startswith(b"%PDF")


def test_the_waiting_list_has_both_in_one_order(north, room):
    room.joins("王小红", room.robots)
    row = room.approves(room.asks(hours=2))
    last = stage.applied(room.school, stage.a_family("赵小天"), room.robots)
    stage.approved(last, room.sides)
    page = stage.text(stage.browser(north, room.sides[0]).get("/desk/applications/waiting/"))
    assert page.index(row.number) < page.index(last.number)
    assert f"/desk/applications/supplements/{row.pk}/" in page


def test_the_own_childs_is_not_offered_for_review(north, room):
    row, chair = room.asks(), room.sides[1]
    makers.a_guardian(room.family.pupil, name="周主任", user=chair)
    client = stage.browser(north, chair)
    page = stage.text(client.get(f"/committee/applications/supplements/{row.pk}/"))
    assert "您自己孩子" in page
    assert 'name="decision"' not in page
    answer = client.post(f"/committee/applications/supplements/{row.pk}/", {"decision": "yes"})
    assert "不能由您审核" in stage.text(answer)
    assert "份补充申请待审核" not in stage.text(client.get("/", follow=True))


def test_who_has_nothing_to_do_with_it_finds_nothing(north, room):
    """Another family, a class teacher of another class, a stranger, staff on the family's address."""
    row, agreement = room.asks(), room.agreement()
    other = stage.browser(north, stage.a_family("王小红").user)
    for address in (
        f"/family/supplements/{row.pk}/",
        f"/family/supplements/{row.pk}/form.pdf",
        f"/family/agreements/{agreement.pk}/further/",
        f"/family/agreements/{agreement.pk}/further/{room.robots.pk}/",
        f"/api/v1/family/supplements/{row.pk}/",
        f"/api/v1/family/agreements/{agreement.pk}/supplements/",
        f"/api/v1/family/agreements/{agreement.pk}/further/",
    ):
        assert other.get(address).status_code == 404, address
    assert other.post(f"/family/supplements/{row.pk}/withdraw/").status_code == 404
    assert other.post(f"/api/v1/family/supplements/{row.pk}/withdrawal/").status_code == 404
    teacher = makers.a_user("class_teacher", scope=str(makers.a_class(grade=2).pk))
    client = stage.browser(north, teacher)
    assert client.get(f"/desk/applications/supplements/{row.pk}/").status_code == 404
    assert row.number not in stage.text(client.get("/desk/applications/supplements/"))
    assert client.get("/api/v1/supplements/").json()["count"] == 0
    family = stage.browser(north, room.family.user)
    assert family.get(f"/desk/applications/supplements/{row.pk}/").status_code == 403
    assert family.get(f"/api/v1/supplements/{row.pk}/").status_code == 403


def test_the_list_asks_the_same_however_many_there_are(north, room, django_assert_max_num_queries):
    client = stage.browser(north, room.sides[0])
    room.asks()
    with CaptureQueriesContext(connection) as one:
        client.get("/desk/applications/supplements/")
    for name in ("王小红", "赵小天", "孙小宇"):
        room.asks(room.joins(name))
    with django_assert_max_num_queries(len(one.captured_queries)):
        client.get("/desk/applications/supplements/")
