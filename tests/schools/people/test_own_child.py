"""S24: nobody acts as staff on a child to whom they have or had a tie, on its adults, or on their accounts."""

import pytest

from afterbell.accounts import actions as accounts
from schools.people import (
    correction_actions,
    deciding,
    lifting_actions,
    pupil_actions,
    refusals,
    staff_actions,
)
from schools.people.models import Change, Guardian, Pupil, RosterImport, SchoolClass, Tie
from schools.people.roster.leftovers import Why
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.people.books import book, load
from tests.schools.people.stage import client_of, parent

WHY, SEEN = "户口簿", "已核对户口簿原件"


@pytest.fixture
def stage(north, settings):
    """The clerk was Ming's mother in the school's books once; Bob is the father."""
    settings.SECOND_FACTOR = "optional"
    with in_school(north):
        ming = makers.a_pupil(name="李小明", number="00123")
        clerk = makers.a_user("clerk", name="周老师", phone="+8613700002222")
        own = makers.a_guardian(ming, name="周老师", user=clerk)
        Tie.objects.filter(guardian=own).update(ended_at=NOON, may_sign=False, may_collect=False)
        return {
            "ming": ming,
            "clerk": clerk,
            "bob": parent(ming, name="李强"),
            "principal": makers.a_user("principal", name="郑校长"),
            "deputy": makers.a_user("deputy", name="何副校长"),
        }


def deeds(stage, by):
    bob, ming = stage["bob"], stage["ming"]
    given = {"by": by, "now": NOON}
    other = SchoolClass.objects.create(entry_year=2020, number=9, grade=1, name="一年级9班")
    return [
        lambda: correction_actions.correct_name(
            guardian=bob, before=bob.name, name="李刚", reason=WHY, **given
        ),
        lambda: correction_actions.correct_phone(
            guardian=bob, before=bob.phone, phone="+8613700000009", reason=WHY, **given
        ),
        lambda: correction_actions.correct_pupil_name(
            pupil=ming, before=ming.name, name="李晓明", reason=WHY, **given
        ),
        lambda: pupil_actions.move_class(pupil=ming, school_class=other, **given),
        lambda: pupil_actions.leave(pupil=ming, on=NOON.date(), **given),
        lambda: accounts.deactivate_user(user=bob.user, reason=WHY, **given),
        lambda: accounts.clear_second_factor(user=bob.user, **given),
    ]


def test_no_deed_of_the_office_about_the_own_child_or_the_other_parent(stage, north):
    with in_school(north):
        for deed in deeds(stage, stage["clerk"]):
            with pytest.raises(refusals.OwnChild):
                deed()
        assert not Change.objects.exists()


def test_the_head_has_the_pages_for_it(stage, north):
    at = f"/desk/pupils/{stage['ming'].pk}/"
    head, clerk = client_of(north, stage["principal"]), client_of(north, stage["clerk"])
    assert f"{at}name/" in head.get(at).content.decode()
    sent = {"before": "李小明", "name": "李晓明", "reason": WHY}
    assert clerk.post(f"{at}name/", sent).status_code == 400
    assert "您自己的孩子" in clerk.post(f"{at}name/", sent).content.decode()
    api = f"/api/v1/pupils/{stage['ming'].pk}/name/"
    assert clerk.post(api, sent, content_type="application/json").status_code == 409
    assert head.post(f"{at}name/", sent).status_code == 302
    for page in ("move/", "leave/"):
        assert head.get(at + page).status_code == 200


def test_a_roster_writes_nothing_about_the_adults_of_the_importers_child(stage, north):
    with in_school(north):
        ming = stage["ming"]
        row = [ming.number, "李小明", "一年级1班", "赵六", "13800138009"]
        done = load(book(row), by=stage["clerk"])
        assert [out["why"] for out in done.left_out] == [Why.OWN_CHILD]
        assert not Guardian.objects.filter(name="赵六").exists()
        load(book(row), by=makers.a_user("clerk"))
        assert Tie.objects.filter(pupil=ming, guardian__name="赵六").exists()
        assert RosterImport.objects.count() == 2


def test_the_school_does_not_decide_about_the_own_child_either(stage, north):
    """The principal's child: the deputy decides."""
    with in_school(north):
        makers.a_guardian(stage["ming"], name="郑校长", user=stage["principal"], may_sign=False)
        Tie.objects.filter(guardian=stage["bob"]).update(may_sign=False)
        tie = makers.a_tie(
            makers.a_guardian(name="王强"), Pupil.objects.get(), may_sign=False, may_collect=False,
            is_denied=True, denied_reason=WHY,
        )  # fmt: skip
        asked = lifting_actions.ask_to_lift(tie=tie, reason=WHY, by=makers.a_user("clerk"), now=NOON)
        assert deciding.decider(asked) is deciding.Decider.DEPUTY
        with pytest.raises(refusals.NotYourAnswer):
            staff_actions.answer(question=asked, is_yes=True, by=stage["principal"], reason=SEEN, now=NOON)
        staff_actions.answer(question=asked, is_yes=True, by=stage["deputy"], reason=SEEN, now=NOON)
