"""What is asked about words stands under who wrote them, whoever presses the button; who wrote it never answers (S46)."""

from dataclasses import replace

import pytest
from django.utils import timezone

from schools.notices import actions as notices
from schools.people import word_actions
from schools.people.models import WordQuestion
from schools.planning import actions as planning
from schools.planning import amendment_actions, consultation_actions, drafting
from schools.planning.models import CostKind
from tenants.context import in_school
from tests import makers
from tests.schools.finance import stage as money
from tests.schools.finance.spending_stage import shop
from tests.schools.finance.test_pages import Stage, no_second_factor, school  # noqa: F401  (fixtures)
from tests.schools.people.stage import client_of
from tests.schools.planning import stage
from tests.schools.planning.stage import AFTER
from tests.schools.planning.test_amendments import Stage as Amending
from tests.schools.staffing import stage as staffing

WHY = "是活动和物品的名称"


@pytest.fixture
def there(north, settings):
    settings.SECOND_FACTOR = "optional"
    stage.a_city()
    with in_school(north):
        yield north


def asked_of(text) -> WordQuestion:
    return WordQuestion.objects.select_related("asked_by").get(text=text)


def test_what_came_to_be_doubtful_in_a_plan_stands_under_who_wrote_each_text(there):
    """Late: the children came after the plan was written; the principal's colleague presses the button."""
    clerk, other, principal = makers.a_user("clerk"), makers.a_user("clerk"), makers.a_user("principal")
    plan = stage.a_whole_draft(there, clerk)
    drafting.add_cost_line(
        plan=plan, kind=CostKind.MATERIALS, title="画纸", amount=5, school=there, by=other, now=AFTER
    )
    for name in ("作业辅", "画纸"):
        makers.a_pupil(name=name)
    planning.ask_about_words(plan=plan, school=there, by=principal, now=AFTER)
    assert asked_of("作业辅导").asked_by == clerk
    assert asked_of("画纸").asked_by == other
    with pytest.raises(word_actions.OwnWords):
        word_actions.answer(question=asked_of("画纸"), is_fine=True, reason=WHY, by=other, now=AFTER)
    word_actions.answer(question=asked_of("画纸"), is_fine=True, reason=WHY, by=principal, now=AFTER)


def test_who_wrote_it_last_is_its_writer(there):
    clerk, other, principal = makers.a_user("clerk"), makers.a_user("clerk"), makers.a_user("principal")
    plan = stage.a_whole_draft(there, clerk)
    drafting.change_plan(
        plan=plan, terms=replace(stage.terms(), name="秋季方案"), school=there, by=other, now=AFTER
    )
    makers.a_pupil(name="秋季")
    planning.ask_about_words(plan=plan, school=there, by=principal, now=AFTER)
    assert asked_of("秋季方案").asked_by == other


def test_whoever_wrote_it_never_answers_it_by_way_of_another_hand(there):
    """The chair saves the plan as it was, the clerk pastes its name: neither answers, and a third person does."""
    clerk, other, principal = makers.a_user("clerk"), makers.a_user("clerk"), makers.a_user("principal")
    plan = stage.a_whole_draft(there, clerk)
    named = replace(stage.terms(), name="秋季方案")
    drafting.change_plan(plan=plan, terms=named, school=there, by=clerk, now=AFTER)
    makers.a_pupil(name="秋季")
    planning.ask_about_words(plan=plan, school=there, by=clerk, now=AFTER)
    drafting.change_plan(plan=plan, terms=named, school=there, by=other, now=AFTER)
    word_actions.ask_about_text(text="秋季方案", by=clerk, now=AFTER)
    for writer in (clerk, other):
        with pytest.raises(word_actions.OwnWords):
            word_actions.answer(question=asked_of("秋季方案"), is_fine=True, reason=WHY, by=writer, now=AFTER)
    word_actions.answer(question=asked_of("秋季方案"), is_fine=True, reason=WHY, by=principal, now=AFTER)


def test_who_pasted_it_first_does_not_let_its_writer_answer(there):
    clerk, principal = makers.a_user("clerk"), makers.a_user("principal")
    makers.a_pupil(name="安康")
    word_actions.ask_about_text(text="安康路校区的开放日在周五。", by=principal, now=AFTER)
    given = {"title": "通知", "is_open": True, "school_class": None, "by": clerk, "now": AFTER}
    notices.write_draft(body="安康路校区的开放日在周五。", **given)
    with pytest.raises(word_actions.OwnWords):
        word_actions.answer(
            question=WordQuestion.objects.get(), is_fine=True, reason=WHY, by=clerk, now=AFTER
        )


def test_of_an_amendment_as_well(there):
    """The reason is one person's, the line another's, the rest the plan's."""
    on = Amending(there)
    other = makers.a_user("clerk")
    row = on.begun("报名人数多于预计")
    amendment_actions.add_cost(
        amendment=row, kind=CostKind.MATERIALS, title="画纸", amount=5, school=there, by=other, now=AFTER
    )
    for name in ("报名", "画纸", "作业辅"):
        makers.a_pupil(name=name)
    amendment_actions.ask_about_words(amendment=row, school=there, by=on.principal, now=AFTER)
    assert asked_of("报名人数多于预计").asked_by == on.clerk
    assert asked_of("画纸").asked_by == other
    assert asked_of("作业辅导").asked_by == on.clerk


def test_a_candidates_name_stands_under_who_proposed_it(there):
    clerk, chair = makers.a_user("clerk"), makers.a_user("committee_chair")
    team = staffing.hired(staffing.a_candidate(name="新东方团队", by=clerk))
    WordQuestion.objects.all().delete()  # as of before such names were asked about
    client_of(there, chair).post(
        f"/desk/staff/{team.pk}/contract/",
        {"from_date": "2026-09-01", "until_date": "2027-01-20", "pay": "60.00"},
    )
    assert asked_of("新东方团队").asked_by == clerk


def test_a_pasted_text_stands_under_who_wrote_it_where_that_is_known(there):
    """However it is written; and by the API too. Otherwise under who pasted it."""
    clerk, principal = makers.a_user("clerk"), makers.a_user("principal")
    given = {"title": "通知", "is_open": True, "school_class": None, "by": clerk, "now": AFTER}
    notices.write_draft(body="请家长知悉。安康路校区的开放日在周五。", **given)
    consultation_actions.draft_consultation(
        term_code=makers.TERM,
        title="意愿征询",
        text="开放日问卷在安康路",
        closes_at=AFTER.replace(year=2027),
        by=clerk,
        now=AFTER,
    )
    makers.a_pupil(name="安康")
    page, api = client_of(there, principal), client_of(there, principal)
    for text in ("安康 路校区的开放日在周五。", "安康路的新闻"):
        assert page.post("/desk/words/", {"text": text}).status_code == 302
    assert api.post("/api/v1/words/", {"text": "开放日问卷在安康路"}).status_code == 201
    assert asked_of("安康 路校区的开放日在周五。").asked_by == clerk
    assert asked_of("开放日问卷在安康路").asked_by == clerk
    assert asked_of("安康路的新闻").asked_by == principal


def test_a_pasted_purpose_stands_under_who_asks_for_the_money(school):  # noqa: F811  (a fixture)
    on = Stage(school)
    with in_school(school):
        money.asks(
            500, on.them, item="activity_goods", payee=shop("安康文具店"), title="画纸", now=timezone.now()
        )
        for name in ("安康", "画纸"):
            makers.a_pupil(name=name)
        for text in ("画纸", "安康文具店"):
            on.as_(on.them.principal).post("/desk/words/", {"text": text})
            assert asked_of(text).asked_by == on.them.treasurer


def test_an_approval_by_the_api_raises_the_question_as_the_page_does(school):  # noqa: F811
    """It refuses, and leaves a question that somebody else can answer; then it goes through."""
    on = Stage(school)
    with in_school(school):
        row = money.asks(
            500, on.them, item="activity_goods", payee=shop("安康文具店"), title="画纸", now=timezone.now()
        )
        makers.a_pupil(name="画纸")
    head, at = on.as_(on.them.principal), f"/api/v1/finance/expenditure/{row.pk}/approve/"
    answer = head.post(at, {}, content_type="application/json")
    assert (answer.status_code, "用词核对" in answer.json()["detail"]) == (409, True)
    with in_school(school):
        question = asked_of("画纸")
        assert question.asked_by == on.them.treasurer
    said = {"is_fine": True, "reason": WHY}
    clerk = on.as_(on.them.clerk)
    done = clerk.post(f"/api/v1/words/{question.pk}/answer/", said, content_type="application/json")
    assert done.status_code == 200, done.content
    assert head.post(at, {}, content_type="application/json").json()["state"] == "approved"
