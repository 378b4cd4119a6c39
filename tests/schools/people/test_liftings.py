"""S24: a denial ends by two: the office asks, a signing guardian says yes; where there is none, the principal decides."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from afterbell.audit.models import Entry
from schools.notices.models import Delivery
from schools.people import adult_actions, denials, lifting_actions, refusals, staff_actions
from schools.people.models import AdultQuestion, Change, Relation, Tie
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.people.stage import class_teacher, client_of, parent

WHY, SEEN = "法院撤销 3 号", "已核对法院撤销裁定原件"


@pytest.fixture
def stage(north, settings):
    """Alice signs for Ming; Charlie was denied by the clerk."""
    settings.SECOND_FACTOR = "optional"
    with in_school(north):
        ming = makers.a_pupil(name="李小明")
        found = {
            "ming": ming,
            "alice": parent(ming, name="李静"),
            "clerk": makers.a_user("clerk", name="周老师"),
            "principal": makers.a_user("principal", name="郑校长"),
            "deputy": makers.a_user("deputy", name="何副校长"),
        }
        tie = makers.a_guardian(ming, name="王强").ties.get()
        adult_actions.deny(tie=tie, reason="法院裁定 12 号", by=found["clerk"], now=NOON)
        return {**found, "tie": tie}


def asks(stage, **more):
    given = {"tie": stage["tie"], "reason": WHY, "by": stage["clerk"], "now": NOON, **more}
    return lifting_actions.ask_to_lift(**given)


def answers(question, by, *, is_yes=True, reason=""):
    return staff_actions.answer(question=question, is_yes=is_yes, by=by, reason=reason, now=NOON)


def is_denied(stage) -> bool:
    return Tie.objects.get(pk=stage["tie"].pk).is_denied


def told(guardian) -> list[str]:
    rows = Delivery.objects.filter(guardian=guardian).order_by("pk")
    return list(rows.values_list("notice__title", flat=True))


def test_the_office_alone_lifts_nothing_and_a_signing_guardian_says_yes(stage, north):
    with in_school(north):
        asked = asks(stage)
        assert is_denied(stage)
        assert told(stage["alice"])[-1] == "请您确认：李小明 的禁止接走名单"
        for by in (stage["clerk"], stage["principal"], stage["deputy"]):
            with pytest.raises(refusals.NotYourAnswer):
                answers(asked, by, reason=SEEN)
        answers(asked, stage["alice"].user)
        tie = Tie.objects.get(pk=stage["tie"].pk)
        assert (tie.is_denied, tie.may_sign, tie.may_collect, tie.denied_reason) == (False, False, False, "")
        assert Change.objects.filter(kind="lifted").values_list("reason", "by__name").get() == (WHY, "李静")
        assert told(stage["alice"])[-1] == "李小明 的禁止接走名单有变化"
        verbs = list(Entry.objects.order_by("position").values_list("verb", flat=True))
        assert {"people.tie.ask_lift", "people.adult.answer", "people.tie.lift_denial"} <= set(verbs)


def test_without_a_signing_guardian_it_is_the_principals_to_see_and_decide(stage, north):
    with in_school(north):
        Tie.objects.filter(guardian=stage["alice"]).update(may_sign=False)
        asked = asks(stage)
        with pytest.raises(refusals.NotYourAnswer):
            answers(asked, stage["deputy"], reason=SEEN)
        with pytest.raises(refusals.NoDecisionReason):
            answers(asked, stage["principal"])
    address = f"/adults/questions/{asked.pk}/"
    head = client_of(north, stage["principal"])
    desk = head.get("/desk/").content.decode()
    assert address in desk
    assert "能不能解除对 王强 接走 李小明 的禁止" in desk
    assert head.post(address, {"answer": "yes", "reason": SEEN}).status_code == 302
    with in_school(north):
        assert not is_denied(stage)
        assert AdultQuestion.objects.get().is_decision


def test_a_no_leaves_the_denial_and_the_next_time_the_principal_decides(stage, north):
    """A court's order binds the school whatever one parent says; it is two hands of the school then, and told."""
    with in_school(north):
        answers(asks(stage), stage["alice"].user, is_yes=False)
        assert is_denied(stage)
        again = asks(stage, reason="法院撤销裁定原件")
        assert "校长" in Delivery.objects.filter(guardian=stage["alice"]).latest("pk").notice.body
        with pytest.raises(refusals.NotYourAnswer):
            answers(again, stage["alice"].user)
        answers(again, stage["principal"], reason=SEEN)
        assert not is_denied(stage)
        hour = NOON + timedelta(hours=1)
        tie = Tie.objects.get(pk=stage["tie"].pk)
        adult_actions.deny(tie=tie, reason="又一份裁定", by=stage["clerk"], now=hour)
        later = asks(stage, now=hour)  # an old no is not about a new denial
        with pytest.raises(refusals.NotYourAnswer):
            answers(later, stage["principal"], reason=SEEN)


def test_one_question_at_a_time_and_only_about_a_denial(stage, north):
    with in_school(north):
        asked = asks(stage)
        with pytest.raises(refusals.AskedAlready):
            asks(stage)
        answers(asked, stage["alice"].user)
        with pytest.raises(refusals.NotDenied):
            asks(stage)
        with pytest.raises(refusals.Answered):
            answers(asked, stage["alice"].user)


def test_a_child_who_left_keeps_its_denial_until_two_say_otherwise(stage, north):
    with in_school(north):
        type(stage["ming"]).objects.update(left_date=NOON.date())
        answers(asks(stage), stage["alice"].user)
        assert not is_denied(stage)


def test_an_adult_question_about_the_same_number_does_not_stand_in_the_way(stage, north):
    """And the denied adult is still denied while somebody asks."""
    with in_school(north):
        asks(stage)
        with pytest.raises(denials.DeniedBefore):
            staff_actions.ask_guardians(
                pupil=stage["ming"], name="王强", phone=stage["tie"].guardian.phone, relation=Relation.FATHER,
                may_sign=False, may_collect=True, by=stage["clerk"], now=NOON,
            )  # fmt: skip


def test_pages_say_who_answers_and_the_guardian_reads_why(stage, north):
    pupil, tie = stage["ming"], stage["tie"]
    office, mother = client_of(north, stage["clerk"]), client_of(north, stage["alice"].user)
    at = f"/desk/pupils/{pupil.pk}/adults/{tie.pk}/lift/"
    assert office.post(at, {"reason": " "}).status_code == 400
    said = office.post(at, {"reason": WHY}, follow=True).content.decode()
    assert "已请孩子可签字的监护人确认" in said
    assert "禁止接走" in said
    assert f'href="{at}"' not in said  # a question that waits is not asked again
    with in_school(north):
        asked = AdultQuestion.objects.get()
        teacher = client_of(north, class_teacher(pupil.school_class))
        assert is_denied(stage)
    address = f"/adults/questions/{asked.pk}/"
    assert address in mother.get("/family/").content.decode()
    page = mother.get(address).content.decode()
    assert "能不能解除对 王强 接走 李小明 的禁止" in page
    assert WHY in page
    assert WHY not in teacher.get(address).content.decode()
    assert mother.post(address, {"answer": "yes"}).status_code == 302
    with in_school(north):
        assert not is_denied(stage)


def test_by_api_it_is_a_question_as_well(stage, north):
    office, mother = client_of(north, stage["clerk"]), client_of(north, stage["alice"].user)
    at = f"/api/v1/pupils/{stage['ming'].pk}/adults/{stage['tie'].pk}/lift/"
    asked = office.post(at, {"reason": WHY})
    assert (asked.status_code, asked.json()["tie"]) == (202, str(stage["tie"].pk))
    address = f"/api/v1/adult-questions/{asked.json()['id']}/"
    assert office.post(address, {"is_yes": True}).status_code == 403
    assert mother.get(address).json()["why"] == WHY
    assert mother.post(address, {"is_yes": True}).json()["is_yes"] is True
    assert office.post(at, {"reason": WHY}).status_code == 409


def test_below_all_code_a_lifting_has_a_reason_and_gives_no_right(stage, north):
    with in_school(north):
        asked = asks(stage)
        for wrong in ({"why": ""}, {"may_sign": True}, {"may_collect": True}, {"tie": None}):
            with (
                pytest.raises(IntegrityError, match="lifting_has_a_reason_and_gives_no_right"),
                transaction.atomic(),
            ):
                AdultQuestion.objects.filter(pk=asked.pk).update(**wrong)
