"""An adult whose number the roster does not have is a contact of one child, without a login.

And without any right until the office gives the one that needs no login.
"""

import pytest
from django.template.loader import render_to_string

from afterbell.accounts.models import User
from schools.people import adult_actions, refusals, staff_actions, stranger_actions
from schools.people.models import Guardian, Pupil, Relation, Tie
from schools.people.rights import Rights
from schools.people.roster.leftovers import Why
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.people.books import LI, WANG, book, load, take
from tests.schools.people.stage import staff
from tests.schools.people.test_roster_pages import apply, previewed

pytestmark = pytest.mark.django_db

HEAD = ("学籍号", "姓名", "班级", "父亲", "父亲电话", "母亲", "母亲电话")
BOTH = (*LI, "王芳", "")
PHONE = "13900139000"


def roster(*rows) -> bytes:
    return book(*rows, head=HEAD)


@pytest.fixture
def contact(north):
    with in_school(north):
        load(roster(BOTH))
        return Tie.objects.select_related("guardian", "pupil").get(guardian__phone="")


@pytest.fixture
def clerk(north):
    return staff(north, "clerk", phone="+8613700002222")


def why(done) -> list[str]:
    return [out["why"] for out in done.left_out]


def gives(tie, by, *, action=adult_actions.change_rights, may_sign=False, may_collect=True):
    return action(
        tie=tie, before=Rights.of(tie), relation=Relation.MOTHER, may_sign=may_sign, may_collect=may_collect,
        reason="监护人当面说明", by=by, now=NOON,
    )  # fmt: skip


def test_a_contact_has_no_login_and_no_right(contact, north):
    with in_school(north):
        assert Rights.of(contact) == Rights(Relation.MOTHER, may_sign=False, may_collect=False)
        assert User.objects.filter(guardian__isnull=False).count() == 1
        assert not User.objects.filter(phone="").exists()


def test_a_child_with_contacts_alone_comes_in(north):
    with in_school(north):
        done = load(book((*LI[:4], "")))
        assert (done.created, why(done)) == (1, [Why.NO_PHONE])


@pytest.mark.parametrize("cell", ["无", "没有", "/", "-", "—", "不详", " ", None])
def test_words_for_no_number_are_none(north, cell):
    with in_school(north):
        done = load(roster((*LI, "王芳", cell)))
        assert why(done) == [Why.NO_PHONE]
        assert set(Guardian.objects.values_list("name", flat=True)) == {"李强", "王芳"}


def test_the_office_may_let_a_contact_collect_and_never_sign(contact, clerk, north):
    with in_school(north):
        with pytest.raises(refusals.NumberNeeded, match="更正手机号"):
            gives(contact, clerk[0], may_sign=True)
        gives(contact, clerk[0])
        assert Tie.objects.get(pk=contact.pk).may_collect


def test_the_page_says_why_a_contact_can_not_sign(contact, clerk, north):
    sent = {
        "relation": "mother",
        "may_sign": "on",
        "before": Rights.of(contact).packed,
        "reason": "监护人当面说明",
    }
    answer = clerk[1].post(f"/desk/pupils/{contact.pupil_id}/adults/{contact.pk}/", sent)
    assert answer.status_code == 400
    assert "没有登记手机号" in answer.content.decode()


def test_a_contact_with_a_colleagues_name_needs_a_number_first(contact, clerk, north):
    """Without a number nobody could be asked whether it is the colleague; a name is all there is to compare."""
    with in_school(north):
        makers.a_user("class_teacher", name="王芳", phone="+8613700009999")
        with pytest.raises(refusals.NumberNeeded):
            gives(contact, clerk[0], action=staff_actions.change_or_ask)
        assert not Tie.objects.get(pk=contact.pk).may_collect


def test_a_number_that_is_found_out_gives_the_login(contact, clerk, north):
    address = f"/desk/pupils/{contact.pupil_id}/adults/{contact.pk}/phone/"
    page = clerk[1].get(address)
    assert page.status_code == 200, address
    sent = {"before": "", "phone": PHONE, "reason": "家长来校说明"}
    answer = clerk[1].post(address, sent)
    assert answer.status_code == 302, answer.content.decode()
    with in_school(north):
        adult = Guardian.objects.get(pk=contact.guardian_id)
        assert (adult.phone, adult.user is not None) == ("+86" + PHONE, True)
        assert not Tie.objects.get(pk=contact.pk).may_sign


def test_a_number_that_is_found_out_comes_in_by_the_api(contact, clerk, north):
    address = f"/api/v1/pupils/{contact.pupil_id}/adults/{contact.pk}/phone/"
    answer = clerk[1].post(address, {"before": "", "phone": PHONE, "reason": "家长来校说明"})
    assert answer.status_code in (200, 204), answer.content.decode()
    with in_school(north):
        assert Guardian.objects.get(pk=contact.guardian_id).phone == "+86" + PHONE


def test_a_name_that_is_denied_later_finds_the_contact(contact, clerk, north):
    """Else the contact stayed beside the denial, and could still be let to collect."""
    with in_school(north):
        gives(contact, clerk[0])
        with pytest.raises(refusals.SameNameThere):
            stranger_actions.deny_stranger(
                pupil=contact.pupil, name="王 芳", phone="", relation=Relation.MOTHER, reason="法院裁定 12 号",
                by=clerk[0], now=NOON,
            )  # fmt: skip


def test_a_denied_name_is_no_contact(north, clerk):
    with in_school(north):
        load(book(LI))
        stranger_actions.deny_stranger(
            pupil=Pupil.objects.get(), name="王芳", phone="", relation=Relation.MOTHER, reason="法院裁定 12 号",
            by=clerk[0], now=NOON,
        )  # fmt: skip
        assert why(load(roster(BOTH))) == [Why.DENIED]
        assert Tie.objects.filter(is_denied=False).count() == 1


def test_a_contact_who_was_taken_off_does_not_come_back(contact, clerk, north):
    with in_school(north):
        adult_actions.end_tie(tie=contact, reason="换人接送", by=clerk[0], now=NOON)
        assert why(load(roster(BOTH))) == [Why.ENDED]
        assert Tie.objects.filter(guardian__name="王芳").count() == 1


def test_a_denied_contact_stays_denied(contact, clerk, north):
    with in_school(north):
        adult_actions.deny(tie=contact, reason="法院裁定 12 号", by=clerk[0], now=NOON)
        assert why(load(roster(BOTH))) == [Why.DENIED]


def test_who_has_a_number_here_is_no_contact_beside_it(north):
    with in_school(north):
        load(roster((*LI, "王芳", PHONE)))
        done = load(roster(BOTH))
        assert (why(done), Guardian.objects.count()) == ([], 2)


def test_a_number_in_a_later_file_is_the_offices_to_enter(contact, north):
    """A file that could give a contact its number could give anybody's name a login."""
    with in_school(north):
        assert why(load(roster((*LI, "王芳", PHONE)))) == [Why.SAME_NAME]
        assert not Guardian.objects.filter(phone="+86" + PHONE).exists()


def test_the_same_name_at_two_children_is_two_contacts(north):
    with in_school(north):
        load(roster(BOTH, (*WANG, "王芳", "")))
        assert Guardian.objects.filter(phone="", name="王芳").count() == 2
        assert why(load(roster(BOTH, (*WANG, "王芳", "")))) == []


def test_in_one_row_who_stands_again_without_a_number_is_the_same(north):
    with in_school(north):
        done = load(roster((*LI, "李 强", "")))
        assert (why(done), Guardian.objects.count()) == ([], 1)


def test_a_file_changes_no_right_of_a_contact(contact, clerk, north):
    with in_school(north):
        gives(contact, clerk[0])
        assert why(load(roster(BOTH))) == []
        assert Tie.objects.get(pk=contact.pk).may_collect


def test_contacts_of_the_importers_own_child_are_a_colleagues(north):
    user, _client = staff(north, "clerk", phone="+8613800138000", name="李强")
    with in_school(north):
        load(book(WANG))
        makers.a_pupil(number="00123", name="李小明")
        child = Pupil.objects.get(number="00123")
        guardian = Guardian.objects.create(name="李强", phone="+8613800138000", user=user)
        Tie.objects.create(guardian=guardian, pupil=child, relation=Relation.FATHER, may_sign=True)
        found = take(roster((*BOTH[:2], child.school_class.name, *BOTH[3:])), by=user)
        assert [out.why for out in found.plan.left_out if out.adult == "王芳"] == [Why.OWN_CHILD]
        assert found.plan.new_guardians == []


def test_the_gate_offers_no_call_to_who_has_no_number():
    assert "tel:" not in render_to_string("care/parts/number.html", {"phone": ""})
    assert "tel:+8613800138000" in render_to_string("care/parts/number.html", {"phone": "+8613800138000"})


def test_the_preview_and_the_result_name_contacts(north, clerk):
    address, page = previewed(clerk[1], roster(BOTH))
    assert "没有手机号的联系人" in page.content.decode()
    done = clerk[1].get(apply(clerk[1], address, page).headers["Location"]).content.decode()
    assert "登记为联系人" in done


@pytest.mark.parametrize(("word", "kin"), [
    ("邻居", "no_kin"), ("朋友", "no_kin"), ("同事", "no_kin"), ("其他", "no_kin"), ("neighbour", "no_kin"),
    ("其他监护人", "other"), ("姑姑", "other"), ("外婆", "grandparent"),
])  # fmt: skip
def test_who_is_no_relative_comes_in_without_the_right_to_sign(north, word, kin):
    """S13: such an adult may collect; whoever signs already is left as they are, and the office is told."""
    head = ("学籍号", "姓名", "班级", "家长姓名", "家长电话", "关系")
    with in_school(north):
        load(book((*LI, "父亲"), head=head))
        load(book((*LI[:3], "钱立", PHONE, word), head=head))
        tie = Tie.objects.get(guardian__name="钱立")
        assert (tie.relation, tie.may_sign, tie.may_collect) == (kin, kin != "no_kin", True)
        done = load(book((*LI, word), head=head))
        father = Tie.objects.get(guardian__name="李强")
        assert father.may_sign
        assert father.relation == ("father" if kin == "no_kin" else kin)
        assert [row["why"] for row in done.left_out] == ["no_kin"] * (kin == "no_kin")
