"""Words don't decide who is a person: a name that may be several people's, or a company's, is looked at first (S16)."""

import pytest

from schools.people import word_actions
from schools.people.models import WordQuestion
from schools.staffing import actions, organisations
from schools.staffing.models import Contract
from schools.staffing.refusals import NotKnownAsAPerson
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.staffing import stage

TEAM = "新东方团队"


@pytest.mark.parametrize(
    "name",
    [TEAM, "美术教研组", "足球小组", "学而思", "三年级家长们", "星光舞蹈社", "张三李四王五", "新東方團隊"],
)
def test_such_a_name_is_asked_about(name):
    assert organisations.may_be_one(name)


@pytest.mark.parametrize("name", ["陈静", "欧阳明月", "阿依古丽·买买提", "Anna Smith", "司马相如", "李 明"])
def test_a_persons_name_is_not(name):
    assert not organisations.may_be_one(name)


def test_nobody_signs_with_a_team_before_somebody_else_says_who_it_is(north):
    """Issue 9, 15: 新东方团队 passed as a person."""
    with in_school(north):
        clerk, principal = makers.a_user("clerk"), makers.a_user("principal")
        team = stage.a_candidate(name=TEAM, by=clerk)
        with pytest.raises(NotKnownAsAPerson, match=TEAM):
            stage.contracted(team)
        assert not Contract.objects.exists()
        (question,) = WordQuestion.objects.all()
        with pytest.raises(word_actions.OwnWords):
            word_actions.answer(question=question, is_fine=True, reason="是一个人", by=clerk, now=NOON)
        word_actions.answer(
            question=question, is_fine=False, reason="是一家机构的团队", by=principal, now=NOON
        )
        with pytest.raises(NotKnownAsAPerson):
            _signed(team)
        word_actions.answer(
            question=question, is_fine=True, reason="身份证上就是这个名字", by=principal, now=NOON
        )
        assert _signed(team)


def _signed(candidate):
    return actions.sign_contract(
        candidate=candidate, from_date=makers.FIRST, until_date=makers.LAST, pay_fen=5500, school_name="湖滨区第一小学",
        policy=stage.SEED, by=makers.a_user("committee_chair"), now=NOON,
    )  # fmt: skip
