"""A step or a form that would be refused whatever is sent says so before it asks, and leads back to what it is about."""

from datetime import UTC, datetime

import pytest

from schools.planning import actions, amendment_actions, drafting
from schools.planning import consultation_actions as consultations
from schools.planning.models import Amendment, Plan
from schools.planning.states import PlanState
from tenants.context import in_school
from tests import makers
from tests.schools.planning import stage
from tests.schools.planning.stage import AFTER, browser
from tests.schools.planning.test_amendments import Stage

FAR = datetime(2099, 1, 1, tzinfo=UTC)
NOT_NOW = "现在还不能办这一步"


def shown(client, address):
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode().partition('id="main"')[2]


def refused(client, address, back, word):
    page = shown(client, address)
    assert NOT_NOW in page, address
    assert word in page, page
    assert "<form" not in page, address
    assert f'href="{back}"' in page


@pytest.fixture
def asked(north):
    """The clerk, and a consultation that runs with one family that has not answered."""
    stage.a_city()
    with in_school(north):
        clerk = makers.a_user("clerk")
        stage.a_parent(makers.a_pupil())
        row = makers.a_consultation(
            state="open",
            opened_at=stage.NOW,
            closed_at=None,
            closes_at=FAR,
            asked=1,
            yes=0,
            no=0,
            undecided=0,
        )
        return clerk, row


def test_a_running_consultation_asks_nothing_that_it_refuses(north, asked):
    clerk, row = asked
    desk, own = browser(north, clerk), f"/desk/consultations/{row.pk}/"
    assert "结束征询</" not in shown(desk, own)
    assert "或所有学生都已答复后，可以结束" in shown(desk, own)
    refused(desk, f"{own}close/", own, "返回意愿征询")
    refused(desk, f"{own}open/", own, "已经")
    refused(desk, f"{own}change/", own, "内容不能再修改")
    assert desk.post(f"{own}close/").status_code == 409
    refused(desk, f"{own}plan/", own, "意愿征询还没有结束")


def test_a_closed_consultation_asks_nothing_more(north, asked):
    clerk, _row = asked
    with in_school(north):
        type(_row).objects.all().delete()
        row = stage.a_closed_consultation(clerk)
        school_class = makers.a_class()
        stage.a_whole_draft(north, clerk, row)
    desk, own = browser(north, clerk), f"/desk/consultations/{row.pk}/"
    for step in ("close/", "open/", "change/", "closing/", f"paper/{school_class.pk}/"):
        refused(desk, own + step, own, "返回意愿征询")
    refused(desk, f"{own}plan/", own, "已经有方案")


def test_a_plan_shows_no_form_while_it_is_voted_on(north):
    stage.a_city()
    with in_school(north):
        clerk, head = makers.a_user("clerk"), makers.a_user("principal")
        plan = stage.a_whole_draft(north, clerk)
        stage.a_seated_committee()
    desk, leader, own = browser(north, clerk), browser(north, head), f"/desk/plans/{plan.pk}/"
    refused(desk, f"{own}take-up/", own, "现在已经是“草拟”")
    refused(desk, f"{own}amend/", own, "只有已公示")
    assert "<form" in shown(desk, f"{own}change/")
    with in_school(north):
        actions.put_to_vote(plan=plan, school=north, by=clerk, now=AFTER)
    for step in ("change/", "activities/new/", "costs/new/", "vote/"):
        refused(desk, own + step, own, "表决")
    refused(leader, f"{own}send-back/", own, "返回方案")


def test_an_amendment_shows_no_form_while_it_is_voted_on(north):
    stage.a_city()
    with in_school(north):
        them = Stage(north)
        row = them.with_places()
    desk, leader = browser(north, them.clerk), browser(north, them.principal)
    own, plan = f"/desk/amendments/{row.pk}/", f"/desk/plans/{row.plan_id}/"
    refused(desk, f"{plan}amend/", plan, "已经有一个没有完成的变更")
    refused(desk, f"{own}take-up/", own, "现在已经是“草拟”")
    refused(leader, f"{own}send-back/", own, "返回变更")
    with in_school(north):
        amendment_actions.put_to_vote(
            amendment=Amendment.objects.get(), school=north, by=them.clerk, now=AFTER
        )
    for step in ("numbers/", "activities/new/", "costs/new/"):
        refused(desk, own + step, own, "表决结束前不能改动")
    assert desk.post(f"{own}costs/new/", {"kind": "other", "title": "纸", "amount": "1"}).status_code == 400


def test_an_ended_plan_is_not_amended(north):
    stage.a_city()
    with in_school(north):
        them = Stage(north)
        Plan.objects.update(state=PlanState.ENDED)
        plan = them.plan
    own = f"/desk/plans/{plan.pk}/"
    refused(browser(north, them.clerk), f"{own}amend/", own, "还没有结束的方案可以变更")


def test_looking_changes_nothing(north):
    """The deed is tried and undone: no letter to the committee, no state."""
    stage.a_city()
    with in_school(north):
        them = Stage(north)
        row = them.begun()
        amendment_actions.drop_amendment(amendment=row, by=them.clerk, now=AFTER)
    assert "<form" in shown(browser(north, them.clerk), f"/desk/plans/{row.plan_id}/amend/")
    with in_school(north):
        assert Amendment.objects.count() == 1


def test_what_a_draft_needs_is_one_rule(north, asked):
    clerk, row = asked
    with in_school(north), pytest.raises(drafting.ConsultationNotClosed):
        drafting.refuse_draft(row, AFTER)
    with in_school(north), pytest.raises(consultations.NotADraft):
        consultations.change_consultation(
            consultation=row, title="x", text="y", closes_at=FAR, by=clerk, now=AFTER
        )


def test_who_sends_the_question_reads_whom_it_will_not_reach(north):
    """S11: every guardian is asked; a child without one is named as a number before it is sent, not left out in silence."""
    stage.a_city()
    with in_school(north):
        clerk = makers.a_user("clerk")
        stage.a_parent(makers.a_pupil())
        asked = makers.a_consultation(
            state="draft", closed_at=None, opened_at=None, closes_at=FAR, asked=0, yes=0, no=0,
            undecided=0,
        )  # fmt: skip
    page = f"/desk/consultations/{asked.pk}/open/"
    said = browser(north, clerk).get(page).content.decode()
    assert "1 名学生的可签字家长会收到通知" in said
    assert "没有可签字的家长" not in said
    with in_school(north):
        makers.a_pupil()
    assert "另有 1 名在册学生没有可签字的家长" in browser(north, clerk).get(page).content.decode()


def test_an_empty_draft_has_no_button_for_the_vote_and_says_what_is_missing(north):
    stage.a_city()
    with in_school(north):
        clerk = makers.a_user("clerk")
        plan = drafting.draft_plan(
            consultation=stage.a_closed_consultation(clerk),
            terms=stage.terms(),
            school=north,
            by=clerk,
            now=AFTER,
        )
    desk, own = browser(north, clerk), f"/desk/plans/{plan.pk}/"
    page = shown(desk, own)
    assert f"{own}vote/" not in page
    assert "添加至少一项活动和一行成本明细" in page
    with in_school(north):
        stage.a_whole_draft(north, clerk, plan=plan)
    page = shown(desk, own)
    assert f"{own}vote/" in page
    assert "添加至少一项活动和一行成本明细" not in page


def test_a_consultation_whose_plan_is_there_offers_no_other(north):
    stage.a_city()
    with in_school(north):
        clerk = makers.a_user("clerk")
        asked = stage.a_closed_consultation(clerk)
    desk, own = browser(north, clerk), f"/desk/consultations/{asked.pk}/"
    assert "起草方案</" in shown(desk, own)
    with in_school(north):
        stage.a_whole_draft(north, clerk, asked)
    assert "起草方案</" not in shown(desk, own)


def test_the_desk_offers_a_step_only_to_who_may_do_it(north):
    """From the rights alone: that a page lets somebody read it makes no step."""
    stage.a_city()
    with in_school(north):
        clerk, principal = makers.a_user("clerk"), makers.a_user("principal")
        chair = stage.a_seated_committee()[0].user
        makers.a_room()
        stage.a_whole_draft(north, clerk)
    for user, is_mine in ((clerk, True), (chair, True), (principal, False)):
        mine = shown(browser(north, user), "/desk/").partition("待我办理")[2]
        assert ("家长委员会决议</a>" in mine) is is_mine, user


def test_parents_are_not_told_to_lower_the_price(north):
    stage.a_city()
    with in_school(north):
        clerk, parent = makers.a_user("clerk"), stage.a_parent(makers.a_pupil()).user
        plan = drafting.draft_plan(
            consultation=stage.a_closed_consultation(clerk),
            terms=stage.terms(expected_participants=1000),
            school=north,
            by=clerk,
            now=AFTER,
        )
        stage.a_whole_draft(north, clerk, plan=plan)
        desk = browser(north, clerk)
        assert "请考虑降低标准" in shown(desk, f"/desk/plans/{plan.pk}/")
        given = {
            "resolution_id": makers.a_passed_resolution().pk,
            "filing_id": plan.pk,
            "fee_notice_id": plan.pk,
        }
        Plan.objects.filter(pk=plan.pk).update(state=PlanState.PUBLISHED, published_at=AFTER, **given)
    page = shown(browser(north, parent), "/family/plan/")
    assert "结余必须在学期结算时退还" in page
    assert "请考虑降低标准" not in page
    assert 'href="/family/apply/"' in page
