"""S24: a denial needs no adult of the child, gives nobody an account, and knows a name however it is written."""

import pytest
from django.db import IntegrityError, transaction

from afterbell.accounts.models import User
from schools.people import adult_actions, denials, refusals, stranger_actions
from schools.people.models import Change, Guardian, Pupil, Relation, Tie
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.people.books import book, load
from tests.schools.people.stage import client_of, lifted, parent

WHY, PHONE = "法院裁定 12 号", "+8613700138000"


@pytest.fixture
def stage(north, settings):
    settings.SECOND_FACTOR = "optional"
    with in_school(north):
        ming = makers.a_pupil(name="李小明", number="00123")
        return {
            "ming": ming,
            "alice": parent(ming, name="李静"),
            "clerk": makers.a_user("clerk", name="周老师", phone="+8613700002222"),
        }


def denies(stage, *, name="王强", phone=PHONE, by=None):
    return stranger_actions.deny_stranger(
        pupil=stage["ming"], name=name, phone=phone, relation=Relation.FATHER, reason=WHY,
        by=by or stage["clerk"], now=NOON,
    )  # fmt: skip


def adds(stage, name, phone="+8613700138009"):
    return adult_actions.add_adult(
        pupil=stage["ming"], name=name, phone=phone, relation=Relation.FATHER, may_sign=True, may_collect=True,
        by=stage["clerk"], now=NOON,
    )  # fmt: skip


@pytest.mark.parametrize(("name", "phone"), [("王强", PHONE), ("王强", ""), ("", PHONE)])
def test_whom_nobody_registered_is_denied_and_gets_no_account(stage, north, name, phone):
    with in_school(north):
        accounts = User.objects.count()
        tie = denies(stage, name=name, phone=phone)
        assert (tie.is_denied, tie.may_sign, tie.may_collect, tie.ended_at) == (True, False, False, NOON)
        assert (User.objects.count(), tie.guardian.user) == (accounts, None)
        assert Change.objects.get().kind == "denied"
        with pytest.raises(denials.DeniedBefore):
            adds(stage, name or "赵六", phone or PHONE)
    office = client_of(north, stage["clerk"])
    assert "禁止接走" in office.get(f"/desk/pupils/{stage['ming'].pk}/").content.decode()
    mother = client_of(north, stage["alice"].user)
    assert mother.get(f"/family/children/{stage['ming'].pk}/").status_code == 200


def test_who_is_there_is_denied_where_they_stand(stage, north):
    with in_school(north):
        bob = parent(stage["ming"], name="李强")
        with pytest.raises(refusals.SameNameThere):
            denies(stage, name="李 强")
        with pytest.raises(refusals.AnotherName):
            denies(stage, name="赵六", phone=bob.phone)
        denies(stage, name="", phone=bob.phone)
        tie = Tie.objects.get(guardian=bob)
        assert (tie.is_denied, tie.may_sign) == (True, False)
        with pytest.raises(denials.DeniedNow):
            denies(stage, name="", phone=bob.phone)
        with pytest.raises(denials.DeniedBefore):
            denies(stage, name="李强", phone="")
        with pytest.raises(refusals.NobodyNamed):
            denies(stage, name="", phone="")
        with pytest.raises(refusals.OwnAccount):
            denies(stage, phone=stage["clerk"].phone)


def test_after_the_lifting_nothing_is_left_but_the_history(stage, north):
    with in_school(north):
        tie = denies(stage)
        lifted(tie, by=stage["clerk"], yes=stage["alice"].user)
        tie.refresh_from_db()
        assert (tie.is_denied, tie.ended_at) == (False, NOON)
        again = denies(stage)
        assert (again.pk, again.is_denied) == (tie.pk, True)


def test_page_and_api(stage, north):
    at = f"/desk/pupils/{stage['ming'].pk}/"
    office = client_of(north, stage["clerk"])
    assert f"{at}denied/new/" in office.get(at).content.decode()
    assert office.post(f"{at}denied/new/", {"relation": "father", "reason": WHY}).status_code == 400
    sent = {"name": "王强", "relation": "father", "reason": WHY}
    assert office.post(f"{at}denied/new/", sent).status_code == 302
    page = office.get(at).content.decode()
    assert "手机号不详" in page
    api = f"/api/v1/pupils/{stage['ming'].pk}/denied/"
    given = {"phone": "137 0013 8000", "reason": WHY}
    assert office.post(api, given, content_type="application/json").status_code == 201
    assert office.post(api, given, content_type="application/json").status_code == 409
    mother = client_of(north, stage["alice"].user)
    assert mother.post(api, given, content_type="application/json").status_code == 403
    assert office.get(f"/api/v1/pupils/{stage['ming'].pk}/").status_code == 200


def test_below_all_code_only_a_row_without_a_login_has_no_number(stage, north):
    with in_school(north):
        with pytest.raises(IntegrityError, match="guardian_phone_is_e164"), transaction.atomic():
            Guardian.objects.filter(pk=stage["alice"].pk).update(phone="")
        for name in ("王强", "孙立"):
            denies(stage, name=name, phone="")
        assert Guardian.objects.filter(phone="").count() == 2


@pytest.mark.parametrize(
    ("denied", "written"),
    [
        ("王强", "王強"),
        ("葉範", "叶范"),
        ("买买提·艾力", "买买提艾力"),
        ("买买提艾力", "买买提.艾力"),
        ("王强", "王-强"),
        ("Wang Qiang", "WANGQIANG"),
    ],
)
def test_a_denied_name_is_known_however_it_is_written(stage, north, denied, written):
    with in_school(north):
        denies(stage, name=denied)
        with pytest.raises(denials.DeniedBefore):
            adds(stage, written)


def test_likeness_stops_and_merges_nobody(stage, north):
    """王强 is an adult, the file says 王強 by another number: left out; by the same number: asked."""
    with in_school(north):
        makers.a_guardian(stage["ming"], name="王强", phone="+8613800138005")
        row = ["00123", "李小明", Pupil.objects.get().school_class.name, "王強"]
        assert [out["why"] for out in load(book([*row, "13800138006"])).left_out] == ["same_name"]
        assert [out["why"] for out in load(book([*row, "13800138005"])).left_out] == ["open"]
        assert Guardian.objects.get(phone="+8613800138005").name == "王强"
