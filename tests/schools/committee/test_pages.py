"""Pages and API of the committee: who sees what, the vote on a phone, the same rights in JSON."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from schools.committee.models import Seat, Subject, Vote
from tenants.context import in_school
from tests import makers
from tests.schools.committee.test_votes import a_resolution
from tests.schools.planning.stage import a_parent, a_seated_committee, browser


@pytest.fixture
def stage(north):
    """A committee of three with one open resolution, a parent who is no member, a clerk; all with browsers."""
    with in_school(north):
        parents = a_seated_committee()
        people = {
            "chair": parents[0].user,
            "member": parents[1].user,
            "parent": a_parent(makers.a_pupil()).user,
            "clerk": makers.a_user("clerk"),
            "teacher": makers.a_user("class_teacher"),
        }
        resolution = a_resolution(parents[0].user, title="安全管理制度")
    return resolution, {who: browser(north, user) for who, user in people.items()}


def test_a_member_votes_on_a_phone_and_sees_it_recorded(north, stage):
    """S7. Bad input: double submit and the back button."""
    resolution, who = stage
    page = f"/committee/resolutions/{resolution.pk}/"
    assert "提交表决" in who["member"].get(page).content.decode()
    assert who["member"].post(page, {"choice": ""}).status_code == 400
    assert who["member"].post(page, {"choice": "yes"}).status_code == 302
    again = who["member"].get(page).content.decode()
    assert "提交表决" not in again
    assert "表决：同意" in again
    assert who["member"].post(page, {"choice": "no"}).status_code == 409
    with in_school(north):
        assert list(Vote.objects.values_list("choice", flat=True)) == ["yes"]


def test_open_votes_and_candidates_are_not_for_all_parents(north, stage):
    resolution, who = stage
    assert who["parent"].get(f"/committee/resolutions/{resolution.pk}/").status_code == 404
    with in_school(north):
        hire = makers.a_passed_resolution(Subject.HIRE, title="聘用陈静")
        plan = makers.a_passed_resolution(Subject.PLAN, title="服务方案")
    assert who["parent"].get(f"/committee/resolutions/{hire.pk}/").status_code == 404
    assert who["parent"].get(f"/committee/resolutions/{plan.pk}/").status_code == 200
    assert who["member"].get(f"/committee/resolutions/{hire.pk}/").status_code == 200
    page = who["parent"].get("/committee/").content.decode()
    assert "服务方案" in page
    assert "聘用陈静" not in page
    assert "登记委员" not in page


def test_only_the_chair_counts(stage):
    resolution, who = stage
    page = f"/committee/resolutions/{resolution.pk}/close/"
    for stranger in ("member", "parent", "clerk"):
        assert who[stranger].post(page).status_code == 403
    assert "未通过" in who["chair"].get(page).content.decode()
    assert who["chair"].post(page).status_code == 302
    assert who["chair"].post(page).status_code == 409
    over = who["chair"].get(page, follow=True)
    assert over.redirect_chain
    assert "已经结束" in over.content.decode()
    assert "现在结束表决？" not in over.content.decode()


def test_the_clerk_finds_a_parent_and_seats_this_parent(north, stage):
    """S6."""
    _resolution, who = stage
    with in_school(north):
        newcomer = makers.a_guardian(makers.a_pupil(), name="赵敏")
    page = "/committee/seats/new/?q=赵敏"
    assert "赵敏" in who["clerk"].get(page).content.decode()
    given = {"guardian": newcomer.pk, "where": "school", "office": "treasurer", "from_date": "2026-09-01"}
    wrong = who["clerk"].post(page, {**given, "until_date": "2026-09-01"})
    assert wrong.status_code == 400
    assert "任期的结束日期应晚于开始日期" in wrong.content.decode()
    for never in ("2029-09-02", "2099-08-31"):
        long = who["clerk"].post(page, {**given, "until_date": never})
        assert long.status_code == 400
        assert (
            "任期最多 3 年"
            in long.content.decode().partition('name="until_date"')[0].rpartition('name="from_date"')[2]
        )
    late = who["clerk"].post(page, {**given, "from_date": "2090-09-01", "until_date": "2091-08-31"})
    assert (late.status_code, "最多提前一年" in late.content.decode()) == (400, True)
    assert who["clerk"].post(page, {**given, "until_date": "2027-08-31"}).status_code == 302
    again = who["clerk"].post(page, {**given, "until_date": "2027-08-31"})
    assert again.status_code == 400
    with in_school(north):
        seat = Seat.objects.get(guardian=newcomer)
    assert who["clerk"].post(f"/committee/seats/{seat.pk}/end/").status_code == 302
    assert who["clerk"].get(f"/committee/seats/{seat.pk}/end/").status_code == 404
    assert who["parent"].get(page).status_code == 403


def test_the_chair_puts_a_rule_to_the_vote(stage):
    """S7: the committee's own rules."""
    _resolution, who = stage
    assert who["chair"].post("/committee/resolutions/new/", {"title": "", "text": ""}).status_code == 400
    made = who["chair"].post("/committee/resolutions/new/", {"title": "财务制度", "text": "全文"})
    assert made.status_code == 302
    assert "财务制度" in who["member"].get("/committee/").content.decode()


def test_the_api_has_the_same_rights(stage):
    resolution, who = stage
    votes = f"/api/v1/resolutions/{resolution.pk}/votes/"
    assert who["parent"].post(votes, {"choice": "yes"}, content_type="application/json").status_code == 403
    assert who["member"].post(votes, {"choice": "maybe"}, content_type="application/json").status_code == 400
    assert who["member"].post(votes, {"choice": "yes"}, content_type="application/json").status_code == 201
    again = who["member"].post(votes, {"choice": "yes"}, content_type="application/json")
    assert again.status_code == 409
    assert again.json()["code"] == "committee.already_voted"
    assert who["parent"].get(f"/api/v1/resolutions/{resolution.pk}/").status_code == 404
    assert who["member"].get("/api/v1/resolutions/").json()["results"][0]["title"] == "安全管理制度"
    assert who["parent"].get("/api/v1/resolutions/").json()["results"] == []


def test_the_page_asks_the_same_few_queries_whatever_the_size(north, stage):
    _resolution, who = stage

    def asked():
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert who["clerk"].get("/committee/").status_code == 200
        return len(found)

    small = asked()
    with in_school(north):
        for number in range(12):
            makers.a_seat(
                makers.a_committee(level="grade", grade=number % 9 + 1)
                if number < 9
                else None or makers.Committee.objects.get(grade=1)
            )
            makers.a_passed_resolution()
    assert asked() == small <= 20
