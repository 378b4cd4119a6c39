"""The front door, the desk and the plan's pages: by role, with reasons, in few queries."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from schools.planning.models import Activity, CostLine, Plan
from schools.planning.states import PlanState
from tenants.context import in_school
from tests import makers
from tests.schools.planning import stage
from tests.schools.planning.stage import browser

AN_ACTIVITY = {
    "title": "篮球", "kind": "sport", "weekday": "1", "starts": "16:00", "ends": "17:20", "grade_from": "3", "grade_to": "3",
    "capacity": "30",
}  # fmt: skip


@pytest.fixture
def people(north):
    """The clerk, the principal, a committee of three, a closed consultation of a term that runs by the real clock."""
    stage.a_city()
    with in_school(north):
        parents = stage.a_seated_committee()
        clerk = makers.a_user("clerk")
        return {
            "clerk": clerk,
            "principal": makers.a_user("principal"),
            "chair": parents[0].user,
            "members": [parent.user for parent in parents],
            "parent": stage.a_parent(makers.a_pupil()).user,
            "teacher": makers.a_user("care_staff"),
            "class_teacher": makers.a_user("class_teacher"),
            "asked": stage.a_closed_consultation(clerk),
        }


@pytest.mark.parametrize(
    ("who", "home"),
    [
        ("clerk", "/desk/"),
        ("principal", "/desk/"),
        ("class_teacher", "/desk/"),
        ("chair", "/desk/"),
        ("teacher", "/care/"),
        ("parent", "/family/"),
    ],
)
def test_everybody_comes_to_the_own_first_page(north, people, who, home):
    assert browser(north, people[who]).get("/").url == home


def test_strangers_log_in_first(north):
    answer = Client(SERVER_NAME=f"s{north.code}.localhost").get("/")
    assert answer.url.startswith("/accounts/login/")


def test_the_desk_shows_the_gates_first_and_then_what_waits(north, people):
    """S38: gates with reason and keeper; then what waits for me."""
    page = browser(north, people["clerk"]).get("/desk/").content.decode()
    assert page.index("本学期进度") < page.index("待我办理")
    assert "征询 " in page
    assert "要先完成" in page
    parent = browser(north, people["parent"])
    assert parent.get("/desk/").url == "/family/"


def test_a_plan_goes_through_all_its_pages(north, people):
    """S3, S7, S10, S38, S45: each step on a page, each by the role that has the key."""
    desk, leader = browser(north, people["clerk"]), browser(north, people["principal"])
    new = f"/desk/consultations/{people['asked'].pk}/plan/"
    given = {
        "name": "秋季方案", "first_date": "2026-09-07", "last_date": "2027-01-15", "fee_unit": "class_hour", "fee": "3.00",
        "expected_participants": "100",
    }  # fmt: skip
    for wrong, said in (("0.001", "最多保留两位小数"), ("3.01", "超过现行政策的封顶"), ("三元", "不是金额")):
        answer = desk.post(new, {**given, "fee": wrong})
        assert answer.status_code == 400
        assert said in answer.content.decode()
    page = desk.post(new, given).url
    assert desk.post(new, given).status_code == 400  # double submit
    with in_school(north):
        room = makers.a_room(name="操场")
    assert (
        "奥数"
        in desk.post(
            f"{page}activities/new/", {**AN_ACTIVITY, "title": "奥数", "room_id": room.pk}
        ).content.decode()
    )
    assert desk.post(f"{page}activities/new/", {**AN_ACTIVITY, "room_id": room.pk}).status_code == 302
    warned = desk.post(
        f"{page}costs/new/", {"kind": "other", "title": "水电费", "amount": "100"}, follow=True
    )
    assert "无偿提供" in warned.content.decode()
    # S2: the form says what really happens: who reviews sees the mark; parents, who decide nothing on it, do not
    assert "审核的人和教育局都会看到" in desk.get(f"{page}costs/new/").content.decode()
    assert "不得列入" not in desk.get(f"{page}costs/new/").content.decode()
    assert "请核对“电费”" in leader.get(page).content.decode()
    with in_school(north):
        CostLine.objects.all().delete()
    assert (
        desk.post(f"{page}costs/new/", {"kind": "staff", "title": "课时费", "amount": "50,000"}).status_code
        == 302
    )
    shown = desk.get(page).content.decode()
    assert "计划成本合计 ¥50,000.00 ÷ 预计 100 人 = 每人每学期 ¥500.00" in shown
    assert desk.post(f"{page}file/").status_code == 403  # the review is the leaders'
    assert leader.post(f"{page}file/").status_code == 409
    assert "表决结束前，方案不能修改" in desk.get(f"{page}vote/").content.decode()
    assert desk.post(f"{page}vote/").status_code == 302
    assert desk.post(f"{page}vote/").status_code == 409
    vote_on_it(north, people)
    assert leader.post(f"{page}file/").status_code == 302
    assert "前答复" in leader.get(page).content.decode()
    assert desk.post(f"{page}publish/").status_code == 409
    with in_school(north):
        assert Plan.objects.get().state == PlanState.FILED


def vote_on_it(north, people):
    with in_school(north):
        from schools.committee.models import Resolution

        resolution = Resolution.objects.get(state="open")
    page = f"/committee/resolutions/{resolution.pk}/"
    for member in people["members"]:
        assert browser(north, member).post(page, {"choice": "yes"}).status_code == 302
    assert browser(north, people["chair"]).post(f"{page}close/").status_code == 302


def test_parts_of_a_draft_are_removed_and_parts_of_another_plan_are_not_there(north, people):
    with in_school(north):
        plan = stage.a_whole_draft(north, people["clerk"], people["asked"])
        other = makers.a_plan(term_code="2027-2028-1", consultation=people["asked"])
        foreign = makers.an_activity(other)
        activity, line = Activity.objects.get(plan=plan), CostLine.objects.get(plan=plan)
    desk, page = browser(north, people["clerk"]), f"/desk/plans/{plan.pk}/"
    assert desk.post(f"{page}activities/{foreign.pk}/remove/").status_code == 404
    assert desk.post(f"{page}activities/{activity.pk}/remove/").status_code == 302
    assert desk.post(f"{page}activities/{activity.pk}/remove/").status_code == 404  # back button
    assert desk.post(f"{page}costs/{line.pk}/remove/").status_code == 302
    assert desk.get(f"{page}costs/{line.pk}/remove/").status_code == 405


def test_families_see_a_plan_once_it_is_published(north, people):
    """S3, S5: line by line; a draft is not there for them."""
    parent = browser(north, people["parent"])
    with in_school(north):
        plan = stage.a_whole_draft(north, people["clerk"], people["asked"])
    assert parent.get(f"/desk/plans/{plan.pk}/").status_code == 404
    assert parent.get(f"/api/v1/plans/{plan.pk}/").status_code == 404
    assert "方案还没有公示" in parent.get("/family/plan/").content.decode()
    with in_school(north):
        ids = dict.fromkeys(("resolution_id", "filing_id", "fee_notice_id"), makers.a_passed_resolution().pk)
        Plan.objects.update(state=PlanState.PUBLISHED, published_at=timezone.now(), **ids)
    page = parent.get("/family/plan/").content.decode()
    assert "服务教师课时费" in page
    whole = parent.get(f"/api/v1/plans/{plan.pk}/").json()
    assert whole["cost_lines"] == [{"kind": "staff", "title": "服务教师课时费", "amount_fen": 5_000_000}]
    assert parent.get("/api/v1/plans/").json()["count"] == 1


def test_where_a_committee_collects_against_the_national_rule_the_page_says_so(north):
    """S3, S48."""
    stage.a_city(collector="committee")
    with in_school(north):
        clerk = makers.a_user("clerk")
        plan = stage.a_whole_draft(north, clerk)
    assert "家长委员会不得收费" in browser(north, clerk).get(f"/desk/plans/{plan.pk}/").content.decode()


def test_pages_ask_the_same_few_queries_whatever_the_size(north, people):
    with in_school(north):
        plan = stage.a_whole_draft(north, people["clerk"], people["asked"])
    desk = browser(north, people["clerk"])
    pages = (
        "/desk/",
        "/desk/plans/",
        f"/desk/plans/{plan.pk}/",
        f"/desk/consultations/{people['asked'].pk}/",
    )

    def asked():
        counted = {}
        for page in pages:
            with CaptureQueriesContext(connection) as found:
                assert desk.get(page).status_code == 200
            counted[page] = len(found)
        return counted

    small = asked()
    with in_school(north):
        for _n in range(15):
            makers.an_activity(plan)
            makers.a_guardian(makers.a_pupil())
            CostLine.objects.create(plan=plan, kind="other", title="耗材", amount_fen=100)
    assert asked() == small
    assert max(small.values()) <= 30, (
        small
    )  # the desk: what waits for its reader, room by room, numbers among it
