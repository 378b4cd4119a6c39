"""S24: the deny list of a child means a person, under each name and number by which the school knew them."""

import pytest

from schools.notices.models import Delivery, Dispatch
from schools.people import adult_actions, correction_actions, denials, queries
from schools.people.models import AdultQuestion, Change, Relation, Tie
from schools.people.rights import Rights
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.people.stage import client_of, lifted, parent

pytestmark = pytest.mark.django_db
OTHER = "+8613700137000"
FIRST = "+8613900139000"


@pytest.fixture
def clerk(north):
    with in_school(north):
        return makers.a_user("clerk", name="周老师")


@pytest.fixture
def stage(north, clerk):
    """Alice signs for Ming; Charlie (王强) was denied by the clerk."""
    with in_school(north):
        ming = makers.a_pupil(name="李小明")
        alice = parent(ming, name="李静")
        charlie = makers.a_guardian(ming, name="王强", phone=FIRST)
        adult_actions.deny(tie=charlie.ties.get(), reason="法院裁定 12 号", by=clerk, now=NOON)
    return {"ming": ming, "alice": alice, "charlie": charlie}


def add(pupil, by, **more):
    given = {
        "name": "王强",
        "phone": OTHER,
        "relation": Relation.FATHER,
        "may_sign": True,
        "may_collect": True,
    }
    return adult_actions.add_adult(pupil=pupil, **{**given, **more}, by=by, now=NOON)


@pytest.mark.parametrize("name", ["王强", "王 强", " 王　强", "王\u200b强"])
def test_a_denied_adult_is_not_added_again_under_a_second_number(north, stage, clerk, name):
    with in_school(north):
        with pytest.raises(denials.DeniedBefore) as refused:
            add(stage["ming"], clerk, name=name)
        said = str(refused.value)
        assert all(word in said for word in ("李小明", "王强", "周老师", "2026-09-01", "法院裁定 12 号"))
        assert not Tie.objects.filter(guardian__phone=OTHER).exists()


def test_nor_under_a_second_name_with_the_number(north, stage, clerk):
    with in_school(north), pytest.raises(denials.DeniedBefore, match="手机号"):
        add(stage["ming"], clerk, name="王大强", phone=FIRST)


@pytest.mark.parametrize("name", ["Ａｎｎ Lee", "ann lee", "ANNLEE"])
def test_latin_names_are_compared_without_width_capitals_and_blanks(north, stage, clerk, name):
    with in_school(north):
        ann = makers.a_guardian(stage["ming"], name="Ann Lee")
        adult_actions.deny(tie=ann.ties.get(), reason="监护人要求", by=clerk, now=NOON)
        with pytest.raises(denials.DeniedBefore):
            add(stage["ming"], clerk, name=name)


def test_for_another_child_the_same_name_is_nobodys_business(north, stage, clerk):
    with in_school(north):
        assert add(makers.a_pupil(), clerk).may_sign


def test_the_way_on_is_to_lift_the_denial_with_a_reason_that_stays_in_the_history(north, stage, clerk):
    with in_school(north):
        tie = Tie.objects.get(is_denied=True)
        lifted(tie, by=clerk, yes=stage["alice"].user)
        add(stage["ming"], clerk)
        rows = list(Change.objects.order_by("at", "pk").values_list("kind", "reason", "by__name"))
        assert rows == [("denied", "法院裁定 12 号", "周老师"), ("lifted", "法院撤销 3 号", "李静")]


def test_who_is_denied_is_denied_under_every_number_of_the_child(north, clerk):
    with in_school(north):
        ming = makers.a_pupil()
        one, two = (makers.a_guardian(ming, name=name) for name in ("王强", "王 强"))
        tie = one.ties.get()
        adult_actions.deny(tie=tie, reason="法院裁定", by=clerk, now=NOON)
        assert tie.is_denied
        assert set(ming.ties.filter(is_denied=True).values_list("guardian", flat=True)) == {one.pk, two.pk}
        assert not queries.collectors_of(ming).exists()


def test_an_ended_tie_of_the_name_is_not_opened_again(north, stage, clerk):
    with in_school(north):
        old = makers.a_guardian(name="王强", phone=OTHER)
        makers.a_tie(old, stage["ming"], ended_at=NOON)
        with pytest.raises(denials.DeniedBefore):
            add(stage["ming"], clerk)


def test_a_tie_of_before_the_denial_is_given_no_more_rights(north, stage, clerk):
    with in_school(north):
        old = makers.a_tie(makers.a_guardian(name="王强", phone=OTHER), stage["ming"])
        with pytest.raises(denials.DeniedBefore):
            adult_actions.change_rights(
                tie=old, before=Rights.of(old), relation=Relation.FATHER, may_sign=False, may_collect=True,
                reason="要求", by=clerk, now=NOON,
            )  # fmt: skip


@pytest.mark.parametrize("how", ["name", "phone"])
def test_nobody_becomes_the_denied_adult_by_a_correction(north, stage, clerk, how):
    with in_school(north):
        aunt = makers.a_guardian(stage["ming"], name="赵敏", phone=OTHER)
        with pytest.raises(denials.DeniedBefore):
            if how == "name":
                correct(correction_actions.correct_name, aunt, "赵敏", clerk, name="王强")
            else:
                correct(correction_actions.correct_phone, aunt, OTHER, clerk, phone=FIRST)


def test_a_denied_adult_who_is_renamed_or_renumbered_is_known_by_what_was_before_too(north, stage, clerk):
    with in_school(north):
        charlie = stage["charlie"]
        correct(correction_actions.correct_name, charlie, "王强", clerk, name="王大强")
        correct(correction_actions.correct_phone, charlie, FIRST, clerk, phone="+8613600136000")
        for name, phone in (("王强", OTHER), ("赵六", FIRST), ("王大强", OTHER), ("赵六", "+8613600136000")):
            with pytest.raises(denials.DeniedBefore):
                add(stage["ming"], clerk, name=name, phone=phone)


def correct(action, guardian, before, by, **more):
    action(guardian=guardian, before=before, **more, reason="写错了", by=by, now=NOON)


def test_a_parent_does_not_learn_who_was_denied_and_why(north, stage):
    with in_school(north):
        alice = stage["alice"]
        given = {"name": "王强", "phone": OTHER, "relation": Relation.FATHER}
        with pytest.raises(denials.Denied) as refused:
            adult_actions.add_collector(pupil=stage["ming"], **given, by=alice.user, now=NOON)
        assert type(refused.value) is denials.Denied
        assert "法院" not in str(refused.value)


def test_a_new_adult_and_more_rights_are_told_to_the_adults_who_sign(north, stage, clerk):
    with in_school(north):
        before = Delivery.objects.count()
        grandma = add(stage["ming"], clerk, name="赵奶奶", may_sign=False, may_collect=False)
        letters = Delivery.objects.order_by("sent_at", "pk")[before:]
        assert [(row.guardian, row.pupil) for row in letters] == [(stage["alice"], stage["ming"])]
        assert "赵奶奶" in letters[0].notice.body
        assert OTHER[-8:] not in letters[0].notice.body
        adult_actions.change_rights(
            tie=grandma, before=Rights.of(grandma), relation=Relation.GRANDPARENT, may_sign=True, may_collect=False,
            reason="要求", by=clerk, now=NOON,
        )  # fmt: skip
        assert Delivery.objects.filter(guardian=stage["alice"]).count() == before + 2
        assert not Delivery.objects.filter(guardian=grandma.guardian_id).exists()


@pytest.mark.parametrize(("may_sign", "may_collect", "urgent"), [(1, 0, 1), (0, 1, 1), (0, 0, 0)])
def test_who_gets_a_right_over_a_child_is_told_on_the_phones_of_who_was_there(
    north, stage, clerk, may_sign, may_collect, urgent
):
    """As an adult more, and as one who gets it afterwards."""
    with in_school(north):
        hers = Dispatch.objects.filter(delivery__guardian=stage["alice"])
        before = hers.count()
        grandma = add(
            stage["ming"], clerk, name="赵奶奶", may_sign=bool(may_sign), may_collect=bool(may_collect)
        )
        assert hers.count() == before + urgent
        adult_actions.change_rights(
            tie=grandma, before=Rights.of(grandma), relation=Relation.GRANDPARENT, may_sign=True, may_collect=True,
            reason="要求", by=clerk, now=NOON,
        )  # fmt: skip
        assert hers.count() == before + urgent + 1


def test_the_others_hear_of_a_denial_and_of_its_end_without_the_reason(north, stage, clerk):
    with in_school(north):
        lifted(Tie.objects.get(is_denied=True), by=clerk, yes=stage["alice"].user)
        letters = Delivery.objects.select_related("notice")
        assert {row.guardian for row in letters} == {stage["alice"]}
        assert letters.count() == 3  # denied, asked, lifted
        assert not any("法院" in row.notice.body for row in letters)


# --- pages
def test_the_page_stops_and_says_who_when_and_why_and_ticks_nothing(north, stage, clerk):
    client = client_of(north, clerk)
    at = f"/desk/pupils/{stage['ming'].pk}/adults/new/"
    assert "checked" not in client.get(at).content.decode()
    given = {"name": "王 强", "phone": "137 0013 7000", "relation": "father", "may_sign": "on"}
    answer = client.post(at, given)
    assert answer.status_code == 400
    assert all(word in answer.content.decode() for word in ("周老师", "法院裁定 12 号", "2026-09-01"))
    assert client.post(at, {**given, "confirm": "on", "force": "1"}).status_code == 400
    with in_school(north):
        assert not Tie.objects.filter(guardian__phone=OTHER).exists()


def test_lifting_asks_for_a_reason(north, stage, clerk):
    client = client_of(north, clerk)
    with in_school(north):
        tie = Tie.objects.get(is_denied=True)
    at = f"/desk/pupils/{stage['ming'].pk}/adults/{tie.pk}/lift/"
    assert client.post(at, {"reason": " "}).status_code == 400
    kept = client.post(at, {"reason": "法院\x00撤销"})
    assert (kept.status_code, "法院撤销</textarea>" in kept.content.decode()) == (400, True)
    assert client.post(at, {"reason": "法院撤销"}).status_code == 302
    with in_school(north):
        address = f"/adults/questions/{AdultQuestion.objects.get().pk}/"
    assert client_of(north, stage["alice"].user).post(address, {"answer": "yes"}).status_code == 302
    page = client.get(f"/desk/pupils/{stage['ming'].pk}/").content.decode()
    assert "法院撤销" in page
    assert "法院裁定 12 号" in page
