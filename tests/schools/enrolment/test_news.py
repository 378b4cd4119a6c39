"""What a family hears of its application: each review, the queue, the refusal, the agreement, its end."""

import pytest

from schools.enrolment import actions
from schools.enrolment.models import Agreement, Side
from schools.notices import news
from tenants.context import in_school
from tests import makers
from tests.schools.enrolment import stage


@pytest.fixture
def term(north):
    """A running plan with one place in one activity, the two reviewers."""
    with in_school(north):
        yield makers.an_activity(stage.a_running_plan(), capacity=1), stage.reviewers()


def say(application, side, by, *, yes=True, reason=""):
    return actions.review(
        application=application, side=side, is_approval=yes, reason=reason, by=by, now=stage.now()
    )


def told(family):
    return [(each.news.title, each.pupil) for each in news.of(family.user)]


def test_one_review_then_the_agreement_then_its_end(north, term):
    """S14, S15."""
    activity, (principal, chair) = term
    family = stage.a_family()
    made = stage.applied(north, family, activity)
    assert told(family) == [("申请已提交，等待审核", "李小明")]
    say(made, Side.SCHOOL, principal)
    assert told(family) == [("学校已同意申请", "李小明")]
    say(made, Side.COMMITTEE, chair)
    agreement = Agreement.objects.get()
    assert told(family) == [(f"申请已通过，协议 {agreement.number} 已签订", "李小明")]
    actions.exit_agreement(agreement=agreement, reason="搬家", by=family.user, now=stage.now())
    assert told(family) == [(f"协议 {agreement.number} 已终止", "李小明")]
    assert any("搬家" in line for line in news.of(family.user)[0].news.lines())


def test_a_refusal_is_told_with_its_reason(north, term):
    activity, (principal, chair) = term
    family = stage.a_family()
    made = stage.applied(north, family, activity)
    say(made, Side.COMMITTEE, chair)
    say(made, Side.SCHOOL, principal, yes=False, reason="名额留给低年级")
    assert told(family) == [("申请没有通过", "李小明")]
    assert "学校：名额留给低年级" in news.of(family.user)[0].news.lines()


def test_the_queue_is_told_and_so_is_moving_up(north, term):
    activity, (principal, chair) = term
    first, second = stage.a_family(), stage.a_family("王小红")
    for family in (first, second):
        made = stage.applied(north, family, activity)
        say(made, Side.SCHOOL, principal)
        say(made, Side.COMMITTEE, chair)
    assert told(second) == [("申请审核已通过，正在候补", "王小红")]
    leaving = Agreement.objects.get(pupil=first.pupil)
    actions.exit_agreement(agreement=leaving, reason="", by=first.user, now=stage.now())
    assert told(second)[0][0].startswith("申请已通过，协议 ")


def test_who_may_not_sign_hears_nothing(north, term):
    activity, (principal, _chair) = term
    family = stage.a_family()
    grandma = makers.a_user("guardian")
    makers.a_tie(makers.a_guardian(user=grandma), family.pupil, may_sign=False)
    say(stage.applied(north, family, activity), Side.SCHOOL, principal)
    assert len(told(family)) == 1
    assert news.of(grandma) == []
