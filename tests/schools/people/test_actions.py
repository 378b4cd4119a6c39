"""Pupils join, move and leave; adults get, change and lose rights; denials hold."""

from datetime import date, timedelta

import pytest

from afterbell.accounts.models import Assignment, User
from afterbell.audit.models import Entry
from afterbell.outbox.models import Mark
from schools.people import adult_actions, denials, pupil_actions, queries, refusals
from schools.people.models import Guardian, Pupil, Relation, Tie
from schools.people.rights import Rights
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.people.stage import lifted, parent

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 1)


@pytest.fixture
def clerk(north):
    with in_school(north):
        return makers.a_user("clerk")


def add(pupil, by, **more):
    given = {"name": "王芳", "phone": "+8613900139000", "relation": Relation.MOTHER, **more}
    return adult_actions.add_adult(pupil=pupil, **given, may_sign=True, may_collect=True, by=by, now=NOON)


def test_a_pupil_joins_once(north, clerk):
    with in_school(north):
        given = {"number": "0077", "name": "李小明", "school_class": makers.a_class(), "joined_date": TODAY}
        pupil = pupil_actions.admit_pupil(**given, by=clerk, now=NOON)
        assert Pupil.objects.get() == pupil
        with pytest.raises(refusals.NumberTaken):
            pupil_actions.admit_pupil(**given, by=clerk, now=NOON)


def test_a_pupil_moves_but_not_to_where_it_is(north, clerk):
    with in_school(north):
        pupil, other = makers.a_pupil(), makers.a_class()
        pupil_actions.move_class(pupil=pupil, school_class=other, by=clerk, now=NOON)
        assert Pupil.objects.get().school_class_id == other.pk
        with pytest.raises(refusals.SameClass):
            pupil_actions.move_class(pupil=pupil, school_class=other, by=clerk, now=NOON)


def test_a_pupil_leaves_once_and_comes_back(north, clerk):
    with in_school(north):
        pupil = makers.a_pupil(joined_date=TODAY - timedelta(days=9))
        pupil_actions.leave(pupil=pupil, on=TODAY, by=clerk, now=NOON)
        assert queries.on_roll(TODAY) == 1
        assert queries.on_roll(TODAY + timedelta(days=1)) == 0
        for refused in (
            lambda: pupil_actions.leave(pupil=pupil, on=TODAY, by=clerk, now=NOON),
            lambda: pupil_actions.move_class(pupil=pupil, school_class=makers.a_class(), by=clerk, now=NOON),
            lambda: add(pupil, clerk),
        ):
            with pytest.raises(refusals.NotOnRoll):
                refused()
        pupil_actions.readmit(pupil=pupil, school_class=pupil.school_class, by=clerk, now=NOON)
        assert Pupil.objects.get().left_date is None
        with pytest.raises(refusals.OnRoll):
            pupil_actions.readmit(pupil=pupil, school_class=pupil.school_class, by=clerk, now=NOON)


@pytest.mark.parametrize("on", [TODAY + timedelta(days=1), date(2026, 8, 1)])
def test_nobody_leaves_before_joining_or_in_the_future(north, clerk, on):
    with in_school(north):
        pupil = makers.a_pupil(joined_date=TODAY - timedelta(days=9))
        with pytest.raises(refusals.WrongDay):
            pupil_actions.leave(pupil=pupil, on=on, by=clerk, now=NOON)


def test_all_are_marked_as_left_or_none(north, clerk):
    with in_school(north):
        here, gone = makers.a_pupil(), makers.a_pupil(left_date=TODAY)
        with pytest.raises(refusals.NotOnRoll):
            pupil_actions.mark_left(pupils=[here, gone], on=TODAY, by=clerk, now=NOON)
        assert Pupil.objects.get(pk=here.pk).left_date is None


def test_an_adult_who_is_added_can_log_in_and_stands_once_for_two_children(north, clerk):
    with in_school(north):
        add(makers.a_pupil(), clerk)
        add(makers.a_pupil(), clerk)
        guardian = Guardian.objects.get()
        assert User.objects.get(phone="+8613900139000") == guardian.user
        assert Assignment.objects.get(user=guardian.user).role == "guardian"
        assert guardian.ties.count() == 2


def test_an_adult_is_added_once(north, clerk):
    with in_school(north):
        pupil = makers.a_pupil()
        add(pupil, clerk)
        with pytest.raises(refusals.AlreadyTied):
            add(pupil, clerk)


def test_a_known_phone_under_another_name_is_refused(north, clerk):
    with in_school(north):
        add(makers.a_pupil(), clerk)
        with pytest.raises(refusals.AnotherName):
            add(makers.a_pupil(), clerk, name="王静")


def test_an_ended_tie_is_opened_again_by_adding(north, clerk):
    with in_school(north):
        pupil = makers.a_pupil()
        makers.a_guardian(pupil)  # who signs and is told; else it is two persons' (test_no_signer_left)
        tie = add(pupil, clerk)
        adult_actions.end_tie(tie=tie, reason="不再接送", by=clerk, now=NOON)
        assert not queries.may_sign(tie.guardian, pupil)
        add(pupil, clerk)
        assert queries.may_sign(tie.guardian, pupil)
        assert Tie.objects.count() == 2


def test_a_denied_adult_has_no_rights_until_the_denial_is_lifted_and_rights_are_given_anew(north, clerk):
    """S24."""
    with in_school(north):
        pupil = makers.a_pupil()
        tie = add(pupil, clerk)
        adult_actions.deny(tie=tie, reason="法院文书", by=clerk, now=NOON)
        assert not queries.may_sign(tie.guardian, pupil)
        assert pupil.ties.get(is_denied=True) == tie
        assert not queries.collectors_of(pupil).exists()
        assert not queries.guardians_to_ask().exists()
        for refused in (
            lambda: adult_actions.change_rights(
                tie=tie,
                before=Rights.of(tie),
                relation=Relation.FATHER,
                may_sign=True,
                may_collect=True,
                reason="要求",
                by=clerk,
                now=NOON,
            ),
            lambda: adult_actions.end_tie(tie=tie, reason="不再接送", by=clerk, now=NOON),
            lambda: add(pupil, clerk),
        ):
            with pytest.raises(denials.Denied):
                refused()
        lifted(tie, by=clerk, yes=makers.a_user("principal"))
        tie = Tie.objects.get()
        assert (tie.is_denied, tie.may_sign, tie.may_collect, tie.denied_reason) == (False, False, False, "")
        with pytest.raises(refusals.NotDenied):
            lifted(tie, by=clerk, yes=clerk)


def test_staff_give_themselves_no_child(north):
    with in_school(north):
        clerk = makers.a_user("clerk", phone="+8613900139000")
        pupil = makers.a_pupil()
        with pytest.raises(refusals.OwnAccount):
            add(pupil, clerk)
        own = makers.a_tie(makers.a_guardian(user=clerk), pupil)
        with pytest.raises(refusals.OwnAccount):
            adult_actions.change_rights(
                tie=own, before=Rights.of(own), relation=Relation.FATHER, may_sign=True, may_collect=True,
                reason="要求", by=clerk, now=NOON,
            )  # fmt: skip


def collector(pupil, by, **more):
    given = {"name": "赵奶奶", "phone": "+8613700137000", "relation": Relation.GRANDPARENT, **more}
    return adult_actions.add_collector(pupil=pupil, **given, by=by, now=NOON)


def test_a_parent_names_who_may_collect_and_takes_them_off_again(north):
    """S24."""
    with in_school(north):
        pupil = makers.a_pupil()
        alice = parent(pupil)
        tie = collector(pupil, alice.user)
        assert (tie.may_sign, tie.may_collect) == (False, True)
        adult_actions.remove_collector(tie=tie, by=alice.user, now=NOON)
        assert [row.guardian_id for row in queries.collectors_of(pupil)] == [alice.pk]


def test_who_may_only_collect_names_nobody(north):
    with in_school(north):
        pupil = makers.a_pupil()
        bob = parent(pupil, may_sign=False)
        with pytest.raises(refusals.NotYourChild):
            collector(pupil, bob.user)
        with pytest.raises(refusals.NotYourChild):
            collector(pupil, makers.a_user("guardian"))


def test_a_parent_takes_no_rights_from_the_other_parent(north):
    with in_school(north):
        pupil = makers.a_pupil()
        alice, other = parent(pupil), makers.a_guardian(pupil, name="王芳")
        with pytest.raises(refusals.NotACollector):
            adult_actions.remove_collector(tie=other.ties.get(), by=alice.user, now=NOON)


def test_a_parent_cannot_get_round_a_denial(north):
    """S24: neither by adding the adult again nor by removing the tie."""
    with in_school(north):
        pupil = makers.a_pupil()
        alice = parent(pupil)
        denied = makers.a_guardian(name="赵奶奶", phone="+8613700137000")
        tie = makers.a_tie(denied, pupil, is_denied=True, denied_reason="法院文书")
        with pytest.raises(denials.Denied):
            collector(pupil, alice.user)
        with pytest.raises(denials.Denied):
            adult_actions.remove_collector(tie=tie, by=alice.user, now=NOON)


def test_every_deed_leaves_an_audit_entry_without_names_or_phones_and_marks_the_roll(north, clerk):
    with in_school(north):
        school_class = makers.a_class()
        given = {"number": "77", "name": "李小明", "school_class": school_class, "joined_date": TODAY}
        pupil = pupil_actions.admit_pupil(**given, by=clerk, now=NOON)
        tie = add(pupil, clerk)
        adult_actions.deny(tie=tie, reason="法院文书", by=clerk, now=NOON)
        lifted(tie, by=clerk, yes=makers.a_user("principal"))
        tie.refresh_from_db()
        adult_actions.end_tie(tie=tie, reason="不再接送", by=clerk, now=NOON)
        pupil_actions.leave(pupil=pupil, on=TODAY, by=clerk, now=NOON)
        entries = list(Entry.objects.order_by("position"))
        assert [entry.verb for entry in entries] == [
            "people.pupil.admit", "people.tie.add", "people.tie.deny", "people.tie.ask_lift", "people.adult.answer",
            "people.tie.lift_denial", "people.tie.end", "notices.publish", "people.pupil.leave",
        ]  # fmt: skip
        written = "".join(str(entry.details) for entry in entries)
        assert not any(secret in written for secret in ("李小明", "王芳", "139001", "法院"))
        assert Mark.objects.filter(grain="day", bucket="2026-09-01").count() == 2


def test_children_of_are_those_one_may_sign_for(north):
    with in_school(north):
        signs, collects, left = makers.a_pupil(), makers.a_pupil(), makers.a_pupil(left_date=TODAY)
        alice = parent(signs, left)
        makers.a_tie(alice, collects, may_collect=True)
        assert set(queries.children_of(alice.user)) == {signs}
        assert set(queries.family_of(alice.user)) == {signs, collects}
        assert {tie.pupil for tie in queries.guardians_to_ask()} == {signs}
