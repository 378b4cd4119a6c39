"""A plan from the school's desk to the bureau's and back: pages and API of the filing desk, with its rights."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from afterbell.accounts.roles import Role
from oversight.cases import queries
from schools.notices.models import Delivery, Notice
from schools.planning import actions as planning
from schools.planning import drafting
from schools.planning.models import Plan
from schools.planning.states import PlanState
from tenants.context import in_city, in_school
from tenants.exchange import relay
from tenants.exchange.models import Envelope
from tenants.models import School
from tenants.policies import ready
from tests import makers
from tests.accounts import makers as accounts
from tests.schools.planning import stage
from tests.schools.planning.stage import AFTER


def filed(school, draft=None):
    """A reviewed plan, filed by the principal and carried to the city."""
    with in_school(school):
        clerk, principal = makers.a_user("clerk"), makers.a_user("principal")
        plan, parents = stage.a_whole_draft(school, clerk, plan=draft), stage.a_seated_committee()
        stage.carried(planning.put_to_vote(plan=plan, school=school, by=clerk, now=AFTER), parents)
        plan.refresh_from_db()
        envelope = planning.file_plan(plan=plan, school=school, by=principal, now=AFTER)
    relay.relay_school(school, AFTER)
    return plan, envelope


def at_city(role="bureau_supervisor", scope="") -> Client:
    with in_city():
        user = accounts.a_user(role=Role(role), scope=scope)
    return accounts.logged_in(accounts.CITY, user.login)


@pytest.fixture
def filing(north):
    stage.a_city()
    return filed(north)


def state_of(school, plan):
    with in_school(school):
        return Plan.objects.get(pk=plan.pk).state


def test_the_bureau_accepts_and_the_school_publishes(north, filing):
    """S10, S4, S45: plan → resolution → review → filing → published, fee notice in the open."""
    plan, envelope = filing
    desk = at_city()
    page = desk.get(f"/filings/{envelope.pk}/").content.decode()
    for shown in (
        "湖滨区第一小学",
        "作业辅导",
        "¥3.00",
        "服务教师课时费",
        "¥50,000.00",
        "征询 3 人，需要 2",
        "受理",
    ):
        assert shown in page
    assert "不能撤回" in desk.get(f"/filings/{envelope.pk}/accept/").content.decode()
    assert desk.post(f"/filings/{envelope.pk}/accept/").status_code == 302
    assert desk.post(f"/filings/{envelope.pk}/accept/").status_code == 409
    assert state_of(north, plan) == PlanState.FILED
    relay.relay_school(north, AFTER)
    assert state_of(north, plan) == PlanState.ACCEPTED
    with in_school(north):
        clerk = makers.a_user("clerk")
        planning.publish_plan(plan=Plan.objects.get(pk=plan.pk), school=north, by=clerk, now=AFTER)
        notice = Notice.objects.get(kind="fee")
        assert notice.is_open
        assert "服务教师课时费 ¥50,000.00" in notice.body
        assert "÷ 预计 100 人 = 每人每学期 ¥500.00" in notice.body
        assert Delivery.objects.filter(notice=notice).count() == 6
    assert state_of(north, plan) == PlanState.PUBLISHED


def test_the_bureau_returns_with_a_reason_and_the_plan_is_changed_and_voted_on_again(north, filing):
    """S10, S38: after a return a new vote; the reason is in sight."""
    plan, envelope = filing
    desk = at_city()
    assert desk.post(f"/filings/{envelope.pk}/return/", {"note": " "}).status_code == 400
    assert desk.post(f"/filings/{envelope.pk}/return/", {"note": "请说明课时费"}).status_code == 302
    relay.relay_school(north, AFTER)
    with in_school(north):
        clerk, returned = makers.a_user("clerk"), Plan.objects.get(pk=plan.pk)
        assert returned.state == PlanState.RETURNED
    page = stage.browser(north, clerk)
    assert "请说明课时费" in page.get(f"/desk/plans/{plan.pk}/").content.decode()
    with in_school(north):
        planning.take_up_again(plan=returned, by=clerk, now=AFTER)
        with pytest.raises(planning.NotResolved):
            planning.file_plan(plan=returned, school=north, by=makers.a_user("principal"), now=AFTER)


def test_waiting_ones_come_first_and_filters_are_in_the_address(north, south, filing):
    _plan, envelope = filing
    _other, second = filed(south)
    desk = at_city()
    desk.post(f"/filings/{envelope.pk}/accept/")
    page = desk.get("/filings/").content.decode()
    assert page.index("湖滨区第二小学") < page.index("湖滨区第一小学")
    waiting = desk.get("/filings/?state=waiting").content.decode()
    assert "湖滨区第一小学" not in waiting
    assert (
        "湖滨区第二小学" in desk.get("/filings/?state=late").content.decode()
    )  # the real clock is past the deadline
    assert "第二小学" not in desk.get("/filings/?school=第一&sort=-sent_at&page=nonsense").content.decode()
    assert "没有符合条件的报备" in desk.get("/filings/?district=330106").content.decode()
    assert desk.get(f"/filings/?term={makers.TERM}").status_code == 200
    assert second.pk != envelope.pk


def test_a_district_supervisor_sees_the_own_districts_filings_alone(north, filing):
    """S4, with the district's scope; not yours is not there."""
    _plan, envelope = filing
    hills, lake = at_city(scope="330106"), at_city(scope="330102")
    assert "湖滨区第一小学" not in hills.get("/filings/").content.decode()
    for path in ("", "accept/", "return/"):
        assert hills.get(f"/filings/{envelope.pk}/{path}").status_code == 404
        assert lake.get(f"/filings/{envelope.pk}/{path}").status_code == 200
    assert hills.post(f"/filings/{envelope.pk}/accept/").status_code == 404
    assert hills.get(f"/api/v1/filings/{envelope.pk}/").status_code == 404
    assert hills.post(f"/api/v1/filings/{envelope.pk}/accept/").status_code == 404
    with in_city():
        assert Envelope.objects.get().answer == ""


@pytest.mark.parametrize("role", ["price_officer", "system_admin", "audit_admin"])
def test_others_of_the_city_have_no_filing_desk(north, filing, role):
    _plan, envelope = filing
    stranger = at_city(role)
    assert stranger.get("/filings/").status_code == 403
    assert stranger.post(f"/filings/{envelope.pk}/accept/").status_code == 403
    assert stranger.get("/api/v1/filings/").status_code == 403


def test_the_api_has_the_same_rights_and_refusals(north, filing):
    _plan, envelope = filing
    desk = at_city()
    listed = desk.get("/api/v1/filings/?state=waiting").json()["results"]
    assert [(row["id"], row["school_code"], row["district"]) for row in listed] == [
        (str(envelope.pk), north.code, "330102")
    ]
    whole = desk.get(f"/api/v1/filings/{envelope.pk}/").json()
    assert whole["payload"]["consultation"] == {
        "asked": 3,
        "yes": 2,
        "no": 1,
        "undecided": 0,
        "closed_date": "2026-09-04",
    }
    assert desk.get("/api/v1/filings/?state=perhaps").status_code == 400
    assert desk.post(f"/api/v1/filings/{envelope.pk}/return/", {}).status_code == 400
    assert desk.post(f"/api/v1/filings/{envelope.pk}/accept/").json()["answer"] == "accepted"
    again = desk.post(f"/api/v1/filings/{envelope.pk}/return/", {"note": "晚了"})
    assert (again.status_code, again.json()["code"]) == (409, "state.move_not_allowed")


def test_a_plan_that_names_a_child_does_not_leave_the_school(north):
    """Architecture §6: not even in the title of an activity."""
    stage.a_city()
    with in_school(north):
        clerk = makers.a_user("clerk")
        plan, parents = stage.a_whole_draft(north, clerk), stage.a_seated_committee()
        stage.carried(planning.put_to_vote(plan=plan, school=north, by=clerk, now=AFTER), parents)
        makers.a_pupil(name="作业辅")
        plan.refresh_from_db()
        with pytest.raises(Exception, match="本校学生的姓名"):
            planning.file_plan(plan=plan, school=north, by=makers.a_user("principal"), now=AFTER)
        plan.refresh_from_db()
        assert plan.state == PlanState.RESOLVED
        assert not Envelope.objects.exists()


def test_the_desk_asks_the_same_few_queries_whatever_the_size(north, filing):
    desk = at_city()

    def asked():
        with CaptureQueriesContext(connection) as found:
            assert desk.get("/filings/").status_code == 200
        return len(found)

    small = asked()
    with in_city():
        first = Envelope.objects.get()
        fields = {f.name: getattr(first, f.name) for f in Envelope._meta.fields if f.name != "id"}
        Envelope.objects.bulk_create([Envelope(**fields) for _n in range(60)])
    assert asked() == small <= 20


def test_the_bureau_reads_the_fee_of_each_stage(north):
    """A nine-year school files one plan with two fees; one above its cap is said, whichever it is."""
    School.objects.filter(pk=north.pk).update(stage="nine_year")
    north.stage = "nine_year"
    makers.a_term()
    makers.a_policy(ready.document("ezhou"))
    with in_school(north):
        clerk = makers.a_user("clerk")
        plan = drafting.draft_plan(
            consultation=stage.a_closed_consultation(clerk), school=north, by=clerk, now=AFTER,
            terms=stage.terms(fee_unit="month", fee=7_000, from_grade={7: 8_000}),
        )  # fmt: skip
    _plan, envelope = filed(north, plan)
    desk = at_city()
    page = desk.get(f"/filings/{envelope.pk}/").content.decode()
    assert "小学（1—6年级） 每月 ¥70.00，本学期最多 ¥350.00（政策封顶每月 ¥70.00）" in page
    assert "初中（7—9年级） 每月 ¥80.00，本学期最多 ¥400.00（政策封顶每月 ¥80.00）" in page
    assert "超过封顶" not in page
    assert "每月 70.00—80.00" in desk.get("/filings/").content.decode()
    sent = Envelope.objects.get(pk=envelope.pk)
    sent.payload["fees"][1]["fee_fen"] = 8_100
    assert queries.Filing(sent, north, sent.payload).is_over_cap
    sent.payload["fees"][1] |= {"fee_fen": 8_000, "cap_term_fen": 30_000}
    assert queries.Filing(sent, north, sent.payload).is_over_cap


def test_a_filing_from_before_there_were_several_fees_is_read_as_one(north, filing):
    _plan, envelope = filing
    sent = Envelope.objects.get(pk=envelope.pk)
    del sent.payload["fees"]
    old = queries.Filing(sent, north, sent.payload)
    assert [(fee["grade_from"], fee["grade_to"], fee["fee_fen"]) for fee in old.fees] == [(1, 6, 300)]
    assert not old.is_over_cap


def test_the_bureau_reads_what_an_amendment_changes(north, filing):
    """S10, S46: the difference in words above the whole new version; other filings have no such card."""
    _plan, envelope = filing
    desk = at_city()
    assert "对已公示方案的变更" not in desk.get(f"/filings/{envelope.pk}/").content.decode()
    sent = Envelope.objects.get(pk=envelope.pk)
    changes = ["“作业辅导”（星期一 16:00—17:20）的名额：40 → 45"]
    Envelope.objects.filter(pk=envelope.pk).update(
        payload={**sent.payload, "version": 2, "reason": "报名人数多于预计", "changes": changes}
    )
    page = desk.get(f"/filings/{envelope.pk}/").content.decode()
    for shown in ("对已公示方案的变更", "变更后为第 2 版", "报名人数多于预计", changes[0]):
        assert shown in page
