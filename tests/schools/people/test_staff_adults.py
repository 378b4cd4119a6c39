"""Only a guardian applies (S1): staff become a child's adults by a signing guardian's yes, or by two with a reason."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from afterbell.accounts.models import User
from afterbell.audit.models import Entry
from schools.enrolment import refusals as enrolment
from schools.enrolment.models import Application
from schools.notices import news
from schools.notices.models import Delivery
from schools.people import adult_actions, denials, queries, refusals, staff_actions
from schools.people.models import AdultQuestion, Guardian, Relation, Tie
from schools.people.rights import Rights
from tenants.context import in_city, in_school
from tenants.policies import ready
from tests import makers
from tests.city import NOON
from tests.schools.enrolment import stage as enrolling
from tests.schools.people.stage import client_of, parent

STAFF = "+8613700001111"
WHY = "已核对户口簿，是孩子的母亲"


@pytest.fixture
def stage(north, settings):
    settings.SECOND_FACTOR = "optional"
    with in_city():
        makers.a_policy(ready.document("seed"))
    with in_school(north):
        pupil = makers.a_pupil(name="李小明")
        mother = parent(pupil, name="李静")
        users = {
            "clerk": makers.a_user("clerk", name="孙老师", phone="+8613700002222"),
            "principal": makers.a_user("principal", name="郑校长", phone="+8613700003333"),
            "deputy": makers.a_user("deputy", name="何副校长", phone="+8613700004444"),
            "teacher": makers.a_user("care_staff", name="韩梅", phone=STAFF),
        }
    return {"pupil": pupil, "mother": mother, **users}


def adds(stage, *, by=None, **more):
    given = {
        "name": "韩梅",
        "phone": STAFF,
        "relation": Relation.OTHER,
        "may_sign": True,
        "may_collect": True,
        **more,
    }
    return staff_actions.add_or_ask(pupil=stage["pupil"], **given, by=by or stage["clerk"], now=NOON)


def answers(question, by, *, is_yes=True, reason=""):
    return staff_actions.answer(question=question, is_yes=is_yes, by=by, reason=reason, now=NOON)


def told(guardian) -> list[str]:
    return list(
        Delivery.objects.filter(guardian=guardian).order_by("pk").values_list("notice__title", flat=True)
    )


def test_a_colleagues_number_is_asked_about_and_gives_nothing_until_the_yes(stage, north):
    """S1: no tie, no rights, no child on the page, no application; the guardian is told and asked."""
    with in_school(north):
        made = adds(stage)
        assert isinstance(made, AdultQuestion)
        assert not Guardian.objects.filter(phone=STAFF).exists()
        assert not Tie.objects.filter(guardian__phone=STAFF).exists()
        teacher = User.objects.get(pk=stage["teacher"].pk)
        assert not queries.family_of(teacher).exists()
        assert told(stage["mother"]) == ["请您确认：李小明 的家长或接送人"]
        with pytest.raises(refusals.StaffNumber):
            adult_actions.add_adult(
                pupil=stage["pupil"], name="韩梅", phone=STAFF, relation=Relation.OTHER, may_sign=False,
                may_collect=False, by=stage["clerk"], now=NOON,
            )  # fmt: skip
        plan = enrolling.a_running_plan()
        guardian = makers.a_guardian(phone=STAFF, user=teacher)
        family = enrolling.Family(stage["pupil"], guardian, teacher)
        with pytest.raises(enrolment.OnlyGuardians):
            enrolling.applied(north, family, makers.an_activity(plan))
        assert not Application.objects.exists()


def test_the_guardian_answers_on_the_own_page_and_all_who_sign_are_told(stage, north):
    """S1."""
    with in_school(north):
        father = parent(stage["pupil"], name="李强")
        made = adds(stage)
    client = client_of(north, stage["mother"].user)
    address = f"/adults/questions/{made.pk}/"
    assert address in client.get("/family/").content.decode()
    page = client.get(address).content.decode()
    assert "韩梅 能不能登记为 李小明 的家长或接送人" in page
    assert STAFF[3:] not in page
    assert client.post(address, {"answer": ""}).status_code == 400
    assert client.post(address, {"answer": "yes"}).headers["Location"] == "/family/"
    assert "已经有人答复" in client.post(address, {"answer": "no"}, follow=True).content.decode()
    with in_school(north):
        tie = Tie.objects.get(guardian__phone=STAFF)
        assert (tie.may_sign, tie.may_collect) == (True, True)
        assert AdultQuestion.objects.get().answered_by == stage["mother"].user
        for each in (father, stage["mother"]):
            assert "李小明 的家长或接送人有变化" in told(each)
            assert "已答复：李小明 的家长或接送人" in told(each)
        assert Entry.objects.filter(verb="people.adult.answer").count() == 1
    assert address not in client.get("/family/").content.decode()


def test_a_no_stays_a_no(stage, north):
    """S1: nothing is written; the office may ask again."""
    with in_school(north):
        made = adds(stage)
        with pytest.raises(refusals.AskedAlready):
            adds(stage)
        answers(made, stage["mother"].user, is_yes=False)
        assert not Tie.objects.filter(guardian__phone=STAFF).exists()
        with pytest.raises(refusals.Answered):
            answers(made, stage["mother"].user)
        assert isinstance(adds(stage), AdultQuestion)


@pytest.mark.parametrize("who", ["clerk", "principal", "deputy", "teacher"])
def test_nobody_of_the_school_answers_where_a_guardian_can(stage, north, who):
    """S1: not the asker, not the principal, not the person; nor a guardian of another child, nor a collector."""
    with in_school(north):
        made = adds(stage)
        with pytest.raises(refusals.NotYourAnswer):
            answers(made, stage[who], reason=WHY)
        others = (parent(makers.a_pupil()), parent(stage["pupil"], may_sign=False))
        for other in others:
            with pytest.raises(refusals.NotYourAnswer):
                answers(made, other.user)
        assert AdultQuestion.objects.get().answered_at is None
    client = client_of(north, others[0].user)
    assert client.get(f"/adults/questions/{made.pk}/").status_code == 404


def test_without_a_guardian_the_office_asks_and_the_principal_decides_with_a_reason(stage, north):
    """S1: the teacher's own child; two persons, a reason, told."""
    with in_school(north):
        Tie.objects.update(may_sign=False)
        made = adds(stage)
        for who, reason in (("clerk", WHY), ("deputy", WHY), ("teacher", WHY)):
            with pytest.raises(refusals.NotYourAnswer):
                answers(made, stage[who], reason=reason)
        for reason in ("", "同意"):
            with pytest.raises(refusals.NoDecisionReason):
                answers(made, stage["principal"], reason=reason)
        assert not Tie.objects.filter(guardian__phone=STAFF).exists()
    principal = client_of(north, stage["principal"])
    assert "等您决定" in principal.get(f"/desk/pupils/{stage['pupil'].pk}/").content.decode()
    assert (
        principal.post(f"/adults/questions/{made.pk}/", {"answer": "yes", "reason": WHY}).status_code == 302
    )
    with in_school(north):
        row = AdultQuestion.objects.get()
        assert (row.is_yes, row.is_decision, row.reason) == (True, True, WHY)
        tie = Tie.objects.select_related("guardian").get(guardian__phone=STAFF)
        assert tie.may_sign
        assert tie.guardian.user == stage["teacher"]
        body = Delivery.objects.filter(guardian=tie.guardian).latest("pk").notice.body
        assert WHY in body


def test_the_principals_own_child_is_the_deputys_to_decide(stage, north):
    with in_school(north):
        Tie.objects.update(may_sign=False)
        made = adds(stage, name="郑校长", phone=stage["principal"].phone)
        with pytest.raises(refusals.NotYourAnswer):
            answers(made, stage["principal"], reason=WHY)
        assert answers(made, stage["deputy"], reason=WHY).is_yes


def test_more_rights_of_a_colleague_who_is_tied_are_asked_about_too(stage, north):
    """S1: a parent who became staff keeps what there was; more of it is the guardian's to give."""
    with in_school(north):
        adult = makers.a_guardian(name="韩梅", phone=STAFF, user=stage["teacher"])
        tie = makers.a_tie(adult, stage["pupil"], may_sign=False, may_collect=True)
        change = {"tie": tie, "relation": Relation.OTHER, "reason": "要求", "by": stage["clerk"], "now": NOON}
        change["before"] = Rights.of(tie)
        with pytest.raises(refusals.StaffNumber):
            adult_actions.change_rights(**change, may_sign=True, may_collect=True)
        asked = staff_actions.change_or_ask(**change, may_sign=True, may_collect=False)
        assert not Tie.objects.get(pk=tie.pk).may_sign
        answers(asked, stage["mother"].user)
        after = Tie.objects.get(pk=tie.pk)
        assert (after.may_sign, after.may_collect) == (True, True)
        change["before"] = Rights.of(after)
        assert (
            staff_actions.change_or_ask(**change, may_sign=False, may_collect=True) is None
        )  # less is the office's
        assert not Tie.objects.get(pk=tie.pk).may_sign


def test_a_clerk_without_a_number_is_known_by_name(stage, north):
    """S1: the clerk whose account has no number adds the own phone under the own name; somebody else's asks the same."""
    with in_school(north):
        makers.a_user("clerk", name="赵敏")
        assert isinstance(adds(stage, name="赵敏", phone="+8613700009999"), AdultQuestion)
        with pytest.raises(refusals.OwnAccount):
            adds(stage, name="孙老师", phone=stage["clerk"].phone)


def test_a_denial_and_a_child_who_left_stop_the_question(stage, north):
    with in_school(north):
        denied = makers.a_guardian(name="韩梅", phone=STAFF)
        tie = makers.a_tie(denied, stage["pupil"], may_sign=False, is_denied=True, denied_reason="法院裁定")
        with pytest.raises(denials.DeniedBefore):
            adds(stage)
        Tie.objects.filter(pk=tie.pk).update(is_denied=False, ended_at=NOON)
        made = adds(stage)
        Tie.objects.filter(pk=tie.pk).update(is_denied=True)  # meanwhile
        with pytest.raises(denials.Denied, match="联系学校办公室"):
            answers(made, stage["mother"].user)
        assert AdultQuestion.objects.get().answered_at is None


def test_by_api_it_is_a_question_as_well(stage, north):
    """202, not 201; the guardian answers by API."""
    office, mother = client_of(north, stage["clerk"]), client_of(north, stage["mother"].user)
    body = {"name": "韩梅", "phone": "13700001111", "relation": "other", "may_sign": True}
    asked = office.post(f"/api/v1/pupils/{stage['pupil'].pk}/adults/", body)
    assert (asked.status_code, asked.json()["is_yes"]) == (202, None)
    address = f"/api/v1/adult-questions/{asked.json()['id']}/"
    assert office.post(address, {"is_yes": True}).status_code == 403
    assert mother.post(address, {"is_yes": "maybe"}).status_code == 400
    assert mother.post(address, {"is_yes": True, "reason": "\x00"}).status_code == 400
    assert mother.post(address, {"is_yes": True}).json()["is_yes"] is True
    assert mother.post(address, {"is_yes": True}).status_code == 409
    with in_school(north):
        assert Tie.objects.filter(guardian__phone=STAFF, may_sign=True).exists()


def test_below_all_code_who_asks_does_not_answer(stage, north):
    with in_school(north):
        made = adds(stage)
        answered = {"answered_at": NOON, "is_yes": True}
        with pytest.raises(IntegrityError, match="asker_does_not_answer"), transaction.atomic():
            AdultQuestion.objects.filter(pk=made.pk).update(answered_by=stage["clerk"], **answered)
        with pytest.raises(IntegrityError, match="decision_on_an_adult_has_a_reason"), transaction.atomic():
            AdultQuestion.objects.filter(pk=made.pk).update(
                answered_by=stage["principal"], is_decision=True, **answered
            )


def test_an_application_is_told_to_every_adult_who_signs(stage, north):
    """S1: one applies, the other reads at once who did."""
    with in_school(north):
        father = parent(stage["pupil"], name="李强")
        family = enrolling.Family(stage["pupil"], stage["mother"], stage["mother"].user)
        enrolling.applied(north, family, makers.an_activity(enrolling.a_running_plan()))
        (own,) = news.of(father.user)
        assert (own.news.title, own.is_read) == ("申请已提交，等待审核", False)
        assert any("由 李静 提交" in line for line in own.news.lines())


def test_one_guardians_yes_does_not_go_over_anothers_no(stage, north):
    """S1: asked again, the no stands until who said it says yes; the page and the refusal say whose it is."""
    with in_school(north):
        father = parent(stage["pupil"], name="李强")
        no = adds(stage)
        answers(no, father.user, is_yes=False)
        with pytest.raises(refusals.Answered, match="李强"):
            answers(no, stage["mother"].user)
        again = staff_actions.add_or_ask(
            pupil=stage["pupil"], name="韩梅", phone=STAFF, relation=Relation.OTHER, may_sign=True, may_collect=True,
            by=stage["clerk"], now=NOON + timedelta(hours=1),
        )  # fmt: skip
        with pytest.raises(refusals.AnothersNo, match="李强"):
            answers(again, stage["mother"].user)
    address = f"/adults/questions/{again.pk}/"
    hers = client_of(north, stage["mother"].user)
    assert "李强 于" in hers.get(address).content.decode()
    assert hers.post(address, {"answer": "yes"}).status_code == 400
    assert "改了您的答复" in client_of(north, father.user).get(address).content.decode()
    with in_school(north):
        assert not Tie.objects.filter(guardian__phone=STAFF).exists()
        answers(again, father.user)
        assert Tie.objects.filter(guardian__phone=STAFF).exists()


def test_the_no_of_who_signs_no_longer_binds_nobody(stage, north):
    with in_school(north):
        father = parent(stage["pupil"], name="李强")
        answers(adds(stage), father.user, is_yes=False)
        adult_actions.end_tie(
            tie=Tie.objects.get(guardian=father), reason="搬走", by=stage["clerk"], now=NOON
        )
        again = staff_actions.add_or_ask(
            pupil=stage["pupil"], name="韩梅", phone=STAFF, relation=Relation.OTHER, may_sign=True, may_collect=True,
            by=stage["clerk"], now=NOON + timedelta(hours=1),
        )  # fmt: skip
        answers(again, stage["mother"].user)
        assert Tie.objects.filter(guardian__phone=STAFF).exists()
