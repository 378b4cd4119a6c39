"""When all who signed for a child are gone, the next one is not one hand's: asked by the office, decided on a proof (S1)."""

import pytest

from schools.people import adult_actions, refusals, staff_actions
from schools.people.models import AdultQuestion, Relation, Tie
from schools.people.rights import Rights
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.people.books import book, load
from tests.schools.people.stage import client_of, lifted, parent

PHONE, WHY = "+8613700005555", "已核对法院监护权判决书"
WAYS = ["ended", "denied", "no longer signs", "lifted"]


@pytest.fixture
def stage(north, settings):
    settings.SECOND_FACTOR = "optional"
    with in_school(north):
        pupil = makers.a_pupil(name="李小明")
        mother = parent(pupil, name="李静")
        return {
            "pupil": pupil,
            "tie": Tie.objects.get(guardian=mother),
            "clerk": makers.a_user("clerk", name="孙老师"),
            "principal": makers.a_user("principal", name="郑校长"),
            "deputy": makers.a_user("deputy", name="何副校长"),
        }


def gone(stage, way="ended"):
    by, tie = stage["clerk"], stage["tie"]
    if way == "ended":
        adult_actions.end_tie(tie=tie, reason="不再接送", by=by, now=NOON)
    elif way == "no longer signs":
        adult_actions.change_rights(
            tie=tie, before=Rights.of(tie), relation=Relation.MOTHER, may_sign=False, may_collect=True,
            reason="不再签字", by=by, now=NOON,
        )  # fmt: skip
    else:
        adult_actions.deny(tie=tie, reason="法院裁定 12 号", by=by, now=NOON)
        if way == "lifted":
            lifted(tie, by=by, yes=stage["principal"])


def adds(stage, *, may_sign=True, name="李强", phone=PHONE):
    return staff_actions.add_or_ask(
        pupil=stage["pupil"], name=name, phone=phone, relation=Relation.FATHER, may_sign=may_sign,
        may_collect=True, by=stage["clerk"], now=NOON,
    )  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_a_new_signer_is_asked_about_and_decided_with_a_reason(stage, north, way):
    with in_school(north):
        gone(stage, way)
        with pytest.raises(refusals.NoSignerLeft):
            adult_actions.add_adult(
                pupil=stage["pupil"], name="李强", phone=PHONE, relation=Relation.FATHER, may_sign=True,
                may_collect=True, by=stage["clerk"], now=NOON,
            )  # fmt: skip
        asked = adds(stage)
        assert isinstance(asked, AdultQuestion)
        assert not Tie.objects.filter(guardian__phone=PHONE).exists()
        for by in (stage["clerk"], stage["deputy"]):
            with pytest.raises(refusals.NotYourAnswer):
                staff_actions.answer(question=asked, is_yes=True, by=by, reason=WHY, now=NOON)
        with pytest.raises(refusals.NoDecisionReason):
            staff_actions.answer(question=asked, is_yes=True, by=stage["principal"], reason="", now=NOON)
        staff_actions.answer(question=asked, is_yes=True, by=stage["principal"], reason=WHY, now=NOON)
        assert Tie.objects.get(guardian__phone=PHONE).may_sign


@pytest.mark.parametrize("way", ["no longer signs", "lifted"])
def test_the_right_to_sign_comes_back_by_two(stage, north, way):
    """Also to who had it: the office alone neither takes a child's signer nor makes one."""
    with in_school(north):
        gone(stage, way)
        tie = Tie.objects.get(pk=stage["tie"].pk)
        asked = staff_actions.change_or_ask(
            tie=tie, before=Rights.of(tie), relation=Relation.MOTHER, may_sign=True, may_collect=True,
            reason="又能签字", by=stage["clerk"], now=NOON,
        )  # fmt: skip
        assert asked is not None
        staff_actions.answer(question=asked, is_yes=True, by=stage["principal"], reason=WHY, now=NOON)
        assert Tie.objects.get(pk=tie.pk).may_sign


def test_a_collector_and_a_childs_first_adult_are_one_hands_as_before(stage, north):
    with in_school(north):
        assert isinstance(adds(stage), Tie)  # the mother signs and is told
        other = {**stage, "pupil": makers.a_pupil()}
        assert isinstance(adds(other, phone="+8613700006666"), Tie)
        assert isinstance(adds(other, phone="+8613700007777", name="李爷爷"), Tie)


def test_a_collector_after_the_last_signer_is_not_one_hands_either(stage, north):
    """Nobody who signs is there to be told (S24); a denial lifted by the same hand gives nothing back alone."""
    with in_school(north):
        gone(stage, "lifted")
        made = adds(stage, may_sign=False, phone="+8613700008888", name="李奶奶")
        assert isinstance(made, AdultQuestion)
        tie = Tie.objects.get(pk=stage["tie"].pk)
        again = staff_actions.change_or_ask(
            tie=tie, before=Rights.of(tie), relation=Relation.MOTHER, may_sign=False, may_collect=True,
            reason="又来接送", by=stage["clerk"], now=NOON,
        )  # fmt: skip
        assert isinstance(again, AdultQuestion)
        assert not Tie.objects.filter(pupil=stage["pupil"], may_collect=True).exists()


def test_a_colleagues_number_under_another_name_ties_nobody(stage, north):
    """A slip of the pen: the account's owner would sign for a strange child, and the question would not say who it is."""
    with in_school(north):
        colleague = makers.a_user("care_staff", name="韩老师", phone="+8613700009999")
        with pytest.raises(refusals.AnotherName):
            adds(stage, name="庚妈", phone=colleague.phone)
        assert isinstance(adds(stage, name="韩老师", phone=colleague.phone), AdultQuestion)
        assert not Tie.objects.filter(guardian__phone=colleague.phone).exists()


def test_a_roster_makes_no_signer_either(stage, north):
    with in_school(north):
        gone(stage)
        pupil = stage["pupil"]
        load(book((pupil.number, pupil.name, "三年级1班", "李强", PHONE.removeprefix("+86"))))
        tie = Tie.objects.get(guardian__phone=PHONE)
        assert (tie.may_sign, tie.may_collect) == (False, False)


def test_the_pages_say_who_decides_and_the_principal_finds_it(stage, north):
    with in_school(north):
        gone(stage)
    pupil = stage["pupil"]
    office = client_of(north, stage["clerk"])
    given = {"name": "李强", "phone": "13700005555", "relation": "father", "may_sign": "on"}
    said = office.post(f"/desk/pupils/{pupil.pk}/adults/new/", given, follow=True).content.decode()
    assert "已提交校长" in said
    with in_school(north):
        asked = AdultQuestion.objects.get()
    address = f"/adults/questions/{asked.pk}/"
    head = client_of(north, stage["principal"])
    assert address in head.get("/desk/").content.decode()
    page = head.get(address).content.decode()
    assert "请核对户口簿、监护证明等原件" in page
    assert "教职工" not in page.partition('id="main"')[2]
    assert head.post(address, {"answer": "yes", "reason": WHY}).status_code == 302
    assert address not in head.get("/desk/").content.decode()
