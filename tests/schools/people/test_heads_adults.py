"""In a new school the clerk who is a parent can't enter the own child: the principal does, another says yes (S1)."""

import pytest

from afterbell.accounts.models import User
from schools.people import deciding, refusals, staff_actions
from schools.people.models import AdultQuestion, Relation, Tie
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.people.stage import class_teacher, client_of, parent

CLERKS = "+8613700002222"
WHY = "已核对户口簿，是孩子的母亲"


@pytest.fixture
def stage(north, settings):
    settings.SECOND_FACTOR = "optional"
    with in_school(north):
        return {
            "pupil": makers.a_pupil(name="李小明"),
            "clerk": makers.a_user("clerk", name="孙老师", phone=CLERKS),
            "principal": makers.a_user("principal", name="郑校长", phone="+8613700003333"),
            "deputy": makers.a_user("deputy", name="何副校长"),
        }


def asks(stage, *, by="principal", **more):
    given = {
        "name": "孙老师",
        "phone": CLERKS,
        "relation": Relation.MOTHER,
        "may_sign": True,
        "may_collect": True,
    }
    return staff_actions.add_or_ask(pupil=stage["pupil"], **{**given, **more}, by=stage[by], now=NOON)


def test_the_principal_finds_the_way_and_the_deputy_decides(stage, north):
    """The clerk's own number: not the clerk, not one hand."""
    at = f"/desk/pupils/{stage['pupil'].pk}/"
    head, deputy = client_of(north, stage["principal"]), client_of(north, stage["deputy"])
    clerk = client_of(north, stage["clerk"])
    given = {"name": "孙老师", "phone": "13700002222", "relation": "mother", "may_sign": "on"}
    assert "请由另一位同事或校长" in clerk.post(f"{at}adults/new/", given).content.decode()
    assert f"{at}adults/new/" in head.get(at).content.decode()
    said = head.post(f"{at}adults/new/", given, follow=True).content.decode()
    assert "等副组长决定" in said
    with in_school(north):
        asked = AdultQuestion.objects.get()
        for who in ("principal", "clerk"):
            with pytest.raises(refusals.NotYourAnswer):
                staff_actions.answer(question=asked, is_yes=True, by=stage[who], reason=WHY, now=NOON)
    address = f"/adults/questions/{asked.pk}/"
    assert "由副组长写明理由决定" in head.get(address).content.decode()
    assert "<form" not in head.get(address).content.decode().partition('id="main"')[2]
    assert address in deputy.get("/desk/").content.decode()
    assert deputy.post(address, {"answer": "yes", "reason": WHY}).status_code == 302
    with in_school(north):
        assert Tie.objects.get(guardian__user=stage["clerk"]).may_sign
    assert "学校已同意" in head.get(at).content.decode()


def test_the_spouse_who_signs_answers_where_there_is_one(stage, north):
    with in_school(north):
        father = parent(stage["pupil"], name="李强")
        asked = asks(stage)
        assert deciding.decider(asked) == "guardian"
        staff_actions.answer(question=asked, is_yes=True, by=father.user, now=NOON)
        assert Tie.objects.filter(guardian__user=stage["clerk"]).exists()


def test_who_is_no_staff_is_tied_at_once_by_the_principal_too(stage, north):
    with in_school(north):
        assert isinstance(asks(stage, name="李强", phone="+8613700009999"), Tie)


def test_neither_the_deputy_nor_a_class_teacher_adds_adults(stage, north):
    with in_school(north):
        teacher = class_teacher(stage["pupil"].school_class)
    at = f"/desk/pupils/{stage['pupil'].pk}/"
    for user in (stage["deputy"], teacher):
        client = client_of(north, user)
        assert f"{at}adults/new/" not in client.get(at).content.decode()
        assert client.get(f"{at}adults/new/").status_code == 403
        body = {"name": "李强", "phone": "13700009999", "relation": "father"}
        assert client.post(f"/api/v1/pupils/{stage['pupil'].pk}/adults/", body).status_code == 403


def test_by_api_the_principal_adds_as_well(stage, north):
    body = {"name": "孙老师", "phone": "13700002222", "relation": "mother", "may_sign": True}
    answer = client_of(north, stage["principal"]).post(f"/api/v1/pupils/{stage['pupil'].pk}/adults/", body)
    assert answer.status_code == 202


@pytest.mark.parametrize("number", ["own", "claimed", "none"])
def test_what_concerns_the_principal_is_the_deputys_by_whatever_number(stage, north, number):
    """The own, one that the principal says is the own, or the name alone where the account has no number."""
    with in_school(north):
        head = stage["principal"]
        phone = "+8613700005555"
        if number == "own":
            phone = head.phone
        elif number == "claimed":
            makers_claim(head, phone)
        else:
            User.objects.filter(pk=head.pk).update(phone=None)
        asked = asks(stage, by="clerk", name="郑校长", phone=phone)
        assert isinstance(asked, AdultQuestion)
        assert deciding.decider(asked) == "deputy"
        with pytest.raises(refusals.NotYourAnswer):
            staff_actions.answer(
                question=asked, is_yes=True, by=User.objects.get(pk=head.pk), reason=WHY, now=NOON
            )
        assert staff_actions.answer(
            question=asked, is_yes=True, by=stage["deputy"], reason=WHY, now=NOON
        ).is_yes


def makers_claim(user, phone):
    NumberClaim = user._meta.apps.get_model("accounts", "NumberClaim")
    NumberClaim.objects.create(user=user, phone=phone, reason="换号", by=makers.a_user("clerk"), at=NOON)
