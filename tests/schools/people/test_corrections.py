"""A parent's phone, an adult's and a pupil's name can be corrected, with a reason and a history; nobody's login is lost."""

import pytest
from allauth.usersessions.models import UserSession

from afterbell.accounts import number_actions
from afterbell.accounts.actions import NeedsTwoPersons, NotYours
from afterbell.accounts.models import Assignment, User
from afterbell.audit.models import Entry
from schools.notices.models import Delivery
from schools.people import correction_actions, refusals
from schools.people.models import Change, Guardian, Pupil
from tenants.context import in_school
from tests import makers
from tests.accounts.test_login import CONFIRM, ask, is_in, sent
from tests.city import NOON
from tests.schools.people.stage import class_teacher, client_of, parent

pytestmark = pytest.mark.django_db
NEW = "+8613700137000"
WHY = "登记时写错"


@pytest.fixture
def stage(north):
    """Alice signs for Ming and Fang, Bob signs for Ming, Dora for Fang."""
    with in_school(north):
        ming, fang = makers.a_pupil(name="李小明"), makers.a_pupil(name="李小芳")
        alice, bob, dora = (
            parent(ming, fang, name="李静"),
            parent(ming, name="王强"),
            parent(fang, name="赵敏"),
        )
        clerk = makers.a_user("clerk", name="周老师")
    return {"ming": ming, "fang": fang, "alice": alice, "bob": bob, "dora": dora, "clerk": clerk}


def phone(stage, **more):
    given = {"guardian": stage["alice"], "before": stage["alice"].phone, "phone": NEW, "by": stage["clerk"]}
    correction_actions.correct_phone(**{**given, **more}, reason=WHY, now=NOON)


def name(stage, **more):
    given = {"guardian": stage["alice"], "before": "李静", "name": "李婧", "by": stage["clerk"]}
    correction_actions.correct_name(**{**given, **more}, reason=WHY, now=NOON)


def test_a_corrected_number_is_the_adults_and_the_logins(north, stage):
    with in_school(north):
        old = stage["alice"].phone
        phone(stage)
        alice = Guardian.objects.get(pk=stage["alice"].pk)
        assert (alice.phone, alice.user.phone, alice.user.phone_verified_at) == (NEW, NEW, None)
        assert not User.objects.filter(phone=old).exists()
        row = Change.objects.get()
        assert (row.kind, row.before, row.after, row.reason, row.by, row.at) == (
            "phone", old, NEW, WHY, stage["clerk"], NOON,
        )  # fmt: skip


def test_the_adult_and_the_other_signing_adults_hear_of_it_and_read_no_whole_number(north, stage):
    with in_school(north):
        phone(stage)
        letters = Delivery.objects.select_related("notice")
        assert {row.guardian.name for row in letters} == {"李静", "王强", "赵敏"}
        assert "139" in letters[0].notice.body
        assert NEW[-8:] not in letters[0].notice.body


def test_sessions_of_the_old_number_end(north, stage, settings):
    client = client_of(north, stage["alice"].user)
    with in_school(north):
        UserSession.objects.create(
            user=stage["alice"].user, session_key=client.cookies[settings.SESSION_COOKIE_NAME].value,
            ip="127.0.0.1", user_agent="x", data={},
        )  # fmt: skip
    assert client.get("/family/").status_code == 200
    with in_school(north):
        phone(stage)
    assert client.get("/family/").status_code == 302


def test_a_code_that_went_to_the_old_number_opens_nothing_any_more(north, stage, settings):
    settings.DEMO = True
    settings.CODE_SENDER = "afterbell.accounts.senders.VisibleOutbox"
    old = stage["alice"].phone
    client = client_of(north)
    ask(client, old)
    code = sent(north)[0]
    with in_school(north):
        phone(stage)
    client.post(CONFIRM, {"code": code})
    assert not is_in(client)
    ask(client, NEW)
    client.post(CONFIRM, {"code": sent(north)[0]})
    assert is_in(client)


def test_a_number_of_another_adult_or_account_stops(north, stage):
    with in_school(north):
        teacher = makers.a_user("class_teacher", name="钱老师", phone="+8613600136000")
        for taken in (stage["bob"].phone, teacher.phone):
            with pytest.raises(correction_actions.NumberOfAnother):
                phone(stage, phone=taken)
        assert not Change.objects.exists()


def test_nobody_makes_the_own_number_a_parents(north, stage):
    with in_school(north):
        clerk = makers.a_user("clerk", phone=NEW)
        with pytest.raises(refusals.OwnAccount):
            phone(stage, by=clerk)
        Assignment.objects.create(user=stage["alice"].user, role="clerk")
        with pytest.raises(refusals.OwnAccount):
            phone(stage, by=stage["alice"].user, phone="+8613600136001")


def test_what_was_corrected_meanwhile_is_not_overwritten_and_nothing_is_no_correction(north, stage):
    with in_school(north):
        name(stage)
        with pytest.raises(correction_actions.CorrectedMeanwhile, match="李婧"):
            name(stage, name="李晶")
        with pytest.raises(correction_actions.NothingToCorrect):
            name(stage, before="李婧")
        with pytest.raises(correction_actions.NothingToCorrect):
            phone(stage, phone=stage["alice"].phone)
        assert Change.objects.count() == 1


def test_a_corrected_name_is_the_logins_too_and_the_others_hear_of_it(north, stage):
    with in_school(north):
        name(stage)
        assert Guardian.objects.get(pk=stage["alice"].pk).user.name == "李婧"
        assert {row.guardian.name for row in Delivery.objects.all()} == {"李婧", "王强", "赵敏"}


def test_a_pupils_name_is_corrected_and_told(north, stage):
    with in_school(north):
        correction_actions.correct_pupil_name(
            pupil=stage["ming"], before="李小明", name="李晓明", reason=WHY, by=stage["clerk"], now=NOON
        )
        assert Pupil.objects.get(pk=stage["ming"].pk).name == "李晓明"
        assert {row.guardian.name for row in Delivery.objects.all()} == {"李静", "王强"}


def test_an_account_that_the_office_cant_manage_takes_two_who_can(north, stage):
    """A parent who leads the school: whoever moves the number gets the leader's next password."""
    with in_school(north):
        Assignment.objects.create(user=stage["alice"].user, role="deputy")
        with pytest.raises(NotYours):
            phone(stage)
        assert Guardian.objects.get(pk=stage["alice"].pk).phone != NEW
        principal = makers.a_user("principal")
        with pytest.raises(NeedsTwoPersons):
            phone(stage, by=principal)
        claim = number_actions.claim_number(
            user=stage["alice"].user, phone=NEW, reason=WHY, by=principal, now=NOON
        )
        number_actions.accept_number(claim=claim, by=stage["clerk"], now=NOON)
        assert Guardian.objects.get(pk=stage["alice"].pk).phone == NEW


def test_an_adult_without_a_login_gets_one_by_the_right_number(north, stage):
    with in_school(north):
        eve = makers.a_guardian(stage["ming"], name="孙丽")
        phone(stage, guardian=eve, before=eve.phone)
        assert User.objects.get(phone=NEW).guardian == eve


def test_the_audit_holds_no_name_and_no_number(north, stage):
    with in_school(north):
        phone(stage)
        name(stage)
        entries = Entry.objects.filter(verb__startswith="people.adult")
        assert {entry.verb for entry in entries} == {
            "people.adult.correct_phone", "people.adult.correct_name",
        }  # fmt: skip
        written = "".join(str(entry.details) for entry in Entry.objects.all())
        assert not any(secret in written for secret in ("李", "137001", WHY))


# --- pages and API
def test_the_office_corrects_on_pages_and_everybody_sees_the_history(north, stage):
    client, at = client_of(north, stage["clerk"]), f"/desk/pupils/{stage['ming'].pk}/"
    with in_school(north):
        tie = stage["alice"].ties.get(pupil=stage["ming"])
        teacher = client_of(north, class_teacher(stage["ming"].school_class))
    adult = f"{at}adults/{tie.pk}/"
    for where, given in (
        (f"{at}name/", {"before": "李小明", "name": "李晓明"}),
        (f"{adult}name/", {"before": "李静", "name": "李婧"}),
        (f"{adult}phone/", {"before": stage["alice"].phone, "phone": "137 0013 7000"}),
    ):
        assert client.get(where).status_code == 200
        assert client.post(where, {**given, "reason": ""}).status_code == 400
        assert client.post(where, {**given, "reason": "a\x00b"}).status_code == 400
        assert client.post(where, {**given, "reason": WHY}).status_code == 302
        assert client.post(where, {**given, "reason": WHY}).status_code == 400
    page = client.get(at).content.decode()
    assert page.count(WHY) == 3
    assert all(word in page for word in ("李小明 → 李晓明", "李静 → 李婧", "137 0013 7000", "周老师"))
    own = teacher.get(at).content.decode()
    assert "李静 → 李婧" in own
    assert WHY not in own


@pytest.mark.parametrize("role", ["class_teacher", "deputy", "care_staff", "guardian"])
def test_nobody_else_corrects(north, stage, role):
    with in_school(north):
        tie = stage["alice"].ties.get(pupil=stage["ming"])
        client = client_of(north, makers.a_user(role))
    at = f"/desk/pupils/{stage['ming'].pk}/adults/{tie.pk}/phone/"
    given = {"before": stage["alice"].phone, "phone": NEW, "reason": WHY}
    assert client.post(at, given).status_code in (403, 404)
    assert client.post(at.replace("/desk", "/api/v1"), given).status_code in (403, 404)


def test_the_page_says_that_a_leaders_number_takes_two(north, stage):
    with in_school(north):
        tie = stage["alice"].ties.get(pupil=stage["ming"])
        Assignment.objects.create(user=stage["alice"].user, role="deputy")
        office, head = client_of(north, stage["clerk"]), client_of(north, makers.a_user("principal"))
    at = f"/desk/pupils/{stage['ming'].pk}/adults/{tie.pk}/phone/"
    given = {"before": stage["alice"].phone, "phone": NEW, "reason": WHY}
    assert office.post(at, given).status_code == 400
    assert "更正手机号" in head.get(f"/desk/pupils/{stage['ming'].pk}/").content.decode()
    answer = head.post(at, given)
    assert (answer.status_code, "要由两个人办理" in answer.content.decode()) == (400, True)


def test_the_api_does_the_same(north, stage):
    client, at = client_of(north, stage["clerk"]), f"/api/v1/pupils/{stage['ming'].pk}/"
    with in_school(north):
        tie = stage["alice"].ties.get(pupil=stage["ming"])
    made = client.post(f"{at}adults/", {"name": "孙 丽", "phone": "13600136000", "relation": "other"})
    assert made.status_code == 201, made.content
    assert (made.json()["name"], made.json()["may_sign"], made.json()["may_collect"]) == (
        "孙丽",
        False,
        False,
    )
    denied = f"{at}adults/{made.json()['id']}/"
    assert client.post(f"{denied}deny/", {"reason": "法院裁定"}).json()["is_denied"] is True
    again = client.post(f"{at}adults/", {"name": "孙丽", "phone": "13600136001", "relation": "other"})
    assert (again.status_code, "法院裁定" in again.json()["detail"]) == (409, True)
    assert client.post(f"{denied}lift/", {"reason": ""}).status_code == 400
    asked = client.post(f"{denied}lift/", {"reason": "撤销"})
    assert asked.status_code == 202
    mother = client_of(north, stage["alice"].user)
    assert mother.post(f"/api/v1/adult-questions/{asked.json()['id']}/", {"is_yes": True}).status_code == 200
    adult = f"{at}adults/{tie.pk}/"
    given = {"before": stage["alice"].phone, "phone": "137 0013 7000", "reason": WHY}
    assert client.post(f"{adult}phone/", {**given, "phone": "12"}).status_code == 400
    assert client.post(f"{adult}phone/", {**given, "phone": stage["bob"].phone}).status_code == 409
    assert client.post(f"{adult}phone/", given).json()["phone"] == NEW
    given = {"before": "李静", "name": "李婧", "reason": WHY}
    assert client.post(f"{adult}name/", given).json()["name"] == "李婧"
    given = {"before": "李小明", "name": "李晓明", "reason": WHY}
    assert client.post(f"{at}name/", given).json()["name"] == "李晓明"
    assert client.post(f"{at}name/", {**given, "name": "a\x00"}).status_code == 400
    kinds = [row["kind"] for row in client.get(f"{at}history/").json()]
    assert sorted(kinds) == ["denied", "lifted", "name", "phone", "pupil_name"]
