"""Words don't decide: what no rule can tell about a plan is asked of another person and goes to the bureau (S46)."""

from datetime import time

import pytest
from django.db import IntegrityError, transaction

from afterbell.audit.models import Entry
from schools.people import word_actions
from schools.people.models import WordKind, WordQuestion
from schools.planning import actions as planning
from schools.planning import doubts, drafting
from schools.planning.models import ActivityKind
from tenants.context import in_school
from tenants.exchange import relay
from tenants.exchange.models import Envelope
from tests import makers
from tests.exchange.test_filings import at_city
from tests.schools.planning import stage
from tests.schools.planning.stage import AFTER

SPEAKING = {"title": "英语口语", "kind": ActivityKind.CLUB, "starts": time(17, 20), "ends": time(18, 0)}


@pytest.fixture
def school(north):
    stage.a_city()
    with in_school(north):
        yield north


@pytest.fixture
def clerk(school):
    return makers.a_user("clerk")


@pytest.fixture
def principal(school):
    return makers.a_user("principal")


def whole(school, clerk, **more):
    """A plan that could be voted on, with one activity more; and the committee."""
    plan, parents = stage.a_whole_draft(school, clerk), stage.a_seated_committee()
    if more:
        drafting.add_activity(plan=plan, new=stage.an_activity(**more), school=school, by=clerk, now=AFTER)
    return plan, parents


def vote(school, plan, clerk):
    return planning.put_to_vote(plan=plan, school=school, by=clerk, now=AFTER)


def answers(by, *, is_fine=True, reason="是唱英文歌的社团，没有教材和考试"):
    return [
        word_actions.answer(question=row, is_fine=is_fine, reason=reason, by=by, now=AFTER)
        for row in WordQuestion.objects.order_by("pk")
    ]


def kinds():
    return list(WordQuestion.objects.order_by("kind").values_list("kind", flat=True))


@pytest.mark.parametrize(
    "title",
    ["英语口语", "數學思維", "趣味数学", "拼 音", "ＫＥＴ 班", "小小作文家", "应用题讲题", "期末复习"],
)
def test_a_subject_in_a_title_is_asked_about(school, clerk, title):
    """Issue 9, 15: 英语口语 passed as an activity."""
    whole(school, clerk, **SPEAKING | {"title": title})
    assert kinds() == ["teaching"]


@pytest.mark.parametrize(
    "title",
    [
        "足球",
        "自主阅读",
        "硬笔书法",
        "科学小实验",
        "机器人社团",
        "绘本阅读",
        "传统游戏",
        "围棋社团",
        "童声合唱",
        "定向越野",
    ],
)
def test_what_the_rules_of_the_city_name_is_asked_nothing(school, clerk, title):
    whole(school, clerk, **SPEAKING | {"title": title})
    assert kinds() == []


@pytest.mark.parametrize(
    ("starts", "ends"), [((13, 0), (14, 20)), ((18, 0), (22, 0)), ((7, 0), (7, 50)), ((17, 30), (18, 31))]
)
def test_hours_that_no_band_limits_are_asked_about(school, clerk, starts, ends):
    """Issue 9, 15: under a profile that says "after afternoon lessons" and no hour, noon and ten at night passed."""
    whole(school, clerk, title="足球", kind=ActivityKind.SPORT, starts=time(*starts), ends=time(*ends))
    assert kinds() == ["hours"]


@pytest.mark.parametrize(("starts", "ends"), [((15, 0), (15, 40)), ((17, 20), (18, 30))])
def test_usual_hours_are_asked_nothing(school, clerk, starts, ends):
    whole(school, clerk, title="足球", kind=ActivityKind.SPORT, starts=time(*starts), ends=time(*ends))
    assert kinds() == []


def test_a_band_with_an_hour_is_a_rule_and_asks_nothing(north):
    band = {
        "code": "a",
        "name": "放学后",
        "earliest_start": "12:00",
        "earliest_end": None,
        "latest_end": "21:00",
    }
    times = {"days_per_week": None, "least_daily_minutes": None, "most_daily_minutes": None, "bands": [band]}
    stage.a_city(times=[times])
    with in_school(north):
        clerk = makers.a_user("clerk")
        whole(north, clerk, title="足球", starts=time(13, 0), ends=time(14, 0))
        assert kinds() == []


def test_nobody_votes_before_another_person_has_answered(school, clerk, principal):
    """The gate stands in the action; the drafter does not answer, an answer has a reason, a no is a no."""
    plan, _parents = whole(school, clerk, **SPEAKING)
    with pytest.raises(doubts.WordsAsked, match="英语口语"):
        vote(school, plan, clerk)
    with pytest.raises(word_actions.OwnWords):
        answers(clerk)
    for short in ("", " \x00", "同意"):
        with pytest.raises(word_actions.NoWordReason):
            answers(principal, reason=short)
    answers(principal, is_fine=False, reason="口语是学科教学，请删去")
    with pytest.raises(doubts.WordsRefused, match="请删去"):
        vote(school, plan, clerk)
    answers(principal)
    resolution = vote(school, plan, clerk)
    assert "英语口语（是不是学科教学）：是唱英文歌的社团" in resolution.text
    said = Entry.objects.filter(verb="words.answer").order_by("position")
    assert [entry.details["fine"] for entry in said] == [False, True]


def test_what_was_taken_out_of_the_draft_asks_nobody_and_the_same_in_it_asks_once(school, clerk, principal):
    plan, _parents = whole(school, clerk, **SPEAKING)
    again = stage.an_activity(**SPEAKING | {"weekday": 2})
    drafting.add_activity(plan=plan, new=again, school=school, by=clerk, now=AFTER)
    assert kinds() == ["teaching"]
    for activity in list(plan.activities.filter(title="英语口语")):
        drafting.remove_activity(plan=plan, activity=activity, by=clerk, now=AFTER)
    assert vote(school, plan, clerk).text.count("核对过") == 0


def test_a_changed_title_is_asked_about_again(school, clerk, principal):
    plan, _parents = whole(school, clerk, **SPEAKING)
    answers(principal)
    for title, more in (("英 语·口语", 0), ("英语口语班", 1)):
        new = stage.an_activity(**SPEAKING | {"title": title, "weekday": 3 + more})
        drafting.add_activity(plan=plan, new=new, school=school, by=clerk, now=AFTER)
        assert WordQuestion.objects.filter(answered_at=None).count() == more
    with pytest.raises(doubts.WordsAsked, match="英语口语班"):
        vote(school, plan, clerk)


def test_below_all_code_the_asker_does_not_answer_and_an_answer_is_whole(school, clerk, principal):
    whole(school, clerk, **SPEAKING)
    for wrong in (
        {"answered_by": clerk, "answered_at": AFTER, "is_fine": True, "reason": "没有问题"},
        {"answered_by": principal, "answered_at": AFTER, "is_fine": True},
        {"is_fine": True, "reason": "没有问题"},
    ):
        with pytest.raises(IntegrityError, match="word_question_"), transaction.atomic():
            WordQuestion.objects.update(**wrong)


def test_question_and_answer_stand_in_the_filing_that_the_bureau_sees(north):
    stage.a_city()
    with in_school(north):
        clerk, principal = makers.a_user("clerk"), makers.a_user("principal")
        plan, parents = whole(north, clerk, **SPEAKING)
        answers(principal)
        stage.carried(vote(north, plan, clerk), parents)
        plan.refresh_from_db()
        planning.file_plan(plan=plan, school=north, by=principal, now=AFTER)
        (sent,) = Envelope.objects.get().payload["questions"]
    assert (sent["kind"], sent["text"], sent["reason"]) == (
        "teaching",
        "英语口语",
        "是唱英文歌的社团，没有教材和考试",
    )
    relay.relay_school(north, AFTER)
    envelope_id = str(Envelope.objects.values_list("pk", flat=True).get())
    desk = at_city()
    page = desk.get(f"/filings/{envelope_id}/").content.decode()
    for said in ("学校核对过的内容", "是不是学科教学", "英语口语", "是唱英文歌的社团"):
        assert said in page
    assert desk.get(f"/api/v1/filings/{envelope_id}/").json()["payload"]["questions"] == [sent]


def test_a_pupil_who_came_later_is_asked_about_from_the_plans_page(school, clerk, principal):
    """Late: the plan was written before a child called 作业辅 came."""
    plan, _parents = whole(school, clerk)
    makers.a_pupil(name="作业辅")
    with pytest.raises(doubts.WordsAsked, match="作业辅导"):
        vote(school, plan, clerk)
    assert planning.ask_about_words(plan=plan, school=school, by=clerk, now=AFTER) == 1
    assert planning.ask_about_words(plan=plan, school=school, by=clerk, now=AFTER) == 0
    answers(principal, reason="作业辅导是活动名称")
    assert "作业辅导是活动名称" not in vote(school, plan, clerk).text, (
        "that a pupil is called so stays in the school"
    )


def test_pages_ask_answer_and_show(north):
    """The clerk drafts and does not answer; the principal answers with a reason; both see it on the plan's page."""
    stage.a_city()
    with in_school(north):
        clerk, principal = makers.a_user("clerk"), makers.a_user("principal")
        plan, _parents = whole(north, clerk, **SPEAKING)
        question = WordQuestion.objects.get()
        parent = stage.a_parent(makers.a_pupil()).user
    drafter, leader = stage.browser(north, clerk), stage.browser(north, principal)
    page = drafter.get(f"/desk/plans/{plan.pk}/").content.decode()
    assert ("英语口语" in page, "待核对" in page) == (True, True)
    assert "请由另一位有权的人核对" in drafter.get(f"/desk/words/{question.pk}/").content.decode()
    refused = drafter.post(f"/desk/words/{question.pk}/", {"answer": "fine", "reason": "没有问题的"})
    assert (refused.status_code, "另一位有权的人" in refused.content.decode()) == (400, True)
    assert leader.post(f"/desk/words/{question.pk}/", {"answer": "fine", "reason": "好"}).status_code == 400
    said = leader.post(f"/desk/words/{question.pk}/", {"answer": "fine", "reason": "唱英文歌的社团"})
    assert said.status_code == 302
    assert "唱英文歌的社团" in drafter.get(f"/desk/plans/{plan.pk}/").content.decode()
    assert "唱英文歌的社团" in drafter.get("/desk/words/").content.decode()
    family = stage.browser(north, parent)
    assert family.get("/desk/words/").status_code == 403
    assert family.get(f"/desk/words/{question.pk}/").status_code == 403
    assert leader.get(f"/desk/words/{plan.pk}/").status_code == 404


def test_the_api_asks_answers_and_lists(north):
    stage.a_city()
    with in_school(north):
        clerk, principal = makers.a_user("clerk"), makers.a_user("principal")
        whole(north, clerk, **SPEAKING)
        question = WordQuestion.objects.get()
    drafter, leader = stage.browser(north, clerk), stage.browser(north, principal)
    listed = leader.get("/api/v1/words/").json()["results"]
    assert [(row["kind"], row["is_fine"]) for row in listed] == [(WordKind.TEACHING, None)]
    address, given = f"/api/v1/words/{question.pk}/answer/", {"is_fine": True, "reason": "唱英文歌的社团"}
    own = drafter.post(address, given, content_type="application/json")
    assert (own.status_code, own.json()["code"]) == (409, "words.own_words")
    short = leader.post(address, {"is_fine": True, "reason": "好"}, content_type="application/json")
    assert (short.status_code, short.json()["code"]) == (400, "words.no_reason")
    assert leader.post(address, given, content_type="application/json").json()["is_fine"] is True
