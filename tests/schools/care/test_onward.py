"""A child in two sessions of one day: from the first to the second it is moved on, never sent home (S24)."""

import threading
import time
from datetime import time as hour

import pytest
from django.db import IntegrityError, connections, transaction

from afterbell.audit.models import Entry
from schools.care import actions, alarm_actions, boards, facts, families, minutes, refusals, roll_actions
from schools.care.models import Alarm, Handover, RollEntry, Session
from schools.care.roll import Deed, Kind
from schools.care.states import SessionState
from tenants.context import in_school
from tests import makers
from tests.schools.care.stage import (
    FOUR,
    Gate,
    count_is_right,
    entry,
    item,
    logged_in,
    opened,
    send,
)  # fmt: skip
from tests.schools.care.stage import (
    minutes as of_minutes,
)

pytestmark = pytest.mark.usefixtures("at_four")
TWENTY_PAST_FIVE = FOUR + of_minutes(80)


def a_later_one(gate, *pupils, starts=hour(17, 20), ends=hour(18, 20), title="足球", leader=None) -> Gate:
    """Another activity of the same day, for these children of the first, with a teacher of its own."""
    activity = makers.an_activity(gate.session.activity.plan, title=title, starts=starts, ends=ends)
    teacher = makers.a_user("care_staff", name="王老师")
    contract = makers.a_contract(user=teacher)
    later = Gate(teacher, contract, makers.a_session(activity, contract=contract), [], [])
    for pupil in pupils:
        agreement = gate.agreements[gate.pupils.index(pupil)]
        makers.a_place(agreement, activity)
        later.pupils.append(pupil)
    if leader is not None:
        makers.a_duty(later.session, leader, role="leader")
    return later


def a_leader(name="赵主任"):
    user = makers.a_user("care_staff", name=name)
    contract = makers.a_contract(user=user)
    contract.candidate.name = name
    contract.candidate.save()
    return user, contract


@pytest.fixture
def two(north):
    """Two children at four; the first of them plays football later, under a duty leader."""
    with in_school(north):
        gate = opened(2)
        user, contract = a_leader()
        later = a_later_one(gate, gate.pupils[0], leader=contract)
        for pupil in gate.pupils:
            roll_actions.mark_present(session=gate.session, pupil=pupil, by=gate.teacher, now=FOUR)
        return gate, later, user


def moves(gate, pupil, now=TWENTY_PAST_FIVE):
    roll_actions.move_on(session=gate.session, pupil=pupil, by=gate.teacher, now=now)


def test_the_first_session_closes_without_a_false_word_and_the_child_is_awaited(north, two):
    gate, later, leader = two
    one, other = gate.pupils
    with in_school(north):
        moves(gate, one)
        row = entry(gate, one)
        assert (row.state, row.left_at) == ("moved", TWENTY_PAST_FIVE)
        given = Handover.objects.get()
        assert (given.way, given.next_session, given.collector) == ("next", later.session, None)
        assert (given.keeper, given.by) == (leader, gate.teacher)
        steps = {"session": gate.session, "by": gate.teacher, "now": TWENTY_PAST_FIVE}
        roll_actions.hand_over(pupil=other, collector=gate.guardians[1], **steps)
        roll_actions.close_session(note="完", **steps)
        assert Session.objects.get(pk=gate.session.pk).state == SessionState.CLOSED
        roll_actions.open_session(session=later.session, by=later.teacher, now=TWENTY_PAST_FIVE)
        with pytest.raises(refusals.ChildrenLeft):
            roll_actions.close_session(
                session=later.session, note="完", by=later.teacher, now=TWENTY_PAST_FIVE
            )
        assert count_is_right(gate.session)
        assert count_is_right(later.session)
        assert Entry.objects.filter(verb="care.roll.next").count() == 1


def test_a_child_without_a_later_session_is_not_moved_anywhere(north, two):
    gate, _later, _leader = two
    with in_school(north), pytest.raises(refusals.NoNextSession):
        moves(gate, gate.pupils[1])


@pytest.mark.parametrize("state", ["cancelled", "closed", "earlier", "excused"])
def test_only_a_session_that_waits_for_the_child_is_a_next_one(north, two, state):
    gate, later, _leader = two
    with in_school(north):
        if state == "cancelled":
            actions.cancel_session(session=later.session, reason="雨", by=makers.a_user("clerk"), now=FOUR)
        elif state == "closed":
            Session.objects.filter(pk=later.session.pk).update(state="closed", closed_at=FOUR)
        elif state == "earlier":
            Session.objects.filter(pk=later.session.pk).update(starts_at=FOUR - of_minutes(60))
        else:
            roll_actions.open_session(session=later.session, by=later.teacher, now=FOUR)
            roll_actions.mark_excused(session=later.session, pupil=gate.pupils[0], by=later.teacher, now=FOUR)
        with pytest.raises(refusals.NoNextSession):
            moves(gate, gate.pupils[0])


def test_of_two_later_sessions_it_is_the_earlier_one(north, two):
    gate, later, _leader = two
    with in_school(north):
        a_later_one(gate, gate.pupils[0], starts=hour(18, 30), ends=hour(19, 0), title="书法")
        moves(gate, gate.pupils[0])
        assert Handover.objects.get().next_session == later.session


def test_who_answers_for_it_on_the_way_is_on_duty_by_fact(north):
    """The leader of the session that waits, or of the one it leaves, or the teacher who has had it."""
    with in_school(north):
        gate = opened(3)
        own, own_contract = a_leader("孙主任")
        next_one, next_contract = a_leader("赵主任")
        later = a_later_one(gate, *gate.pupils)
        for pupil in gate.pupils:
            roll_actions.mark_present(session=gate.session, pupil=pupil, by=gate.teacher, now=FOUR)
        moves(gate, gate.pupils[0])
        makers.a_duty(gate.session, own_contract, role="leader")
        moves(gate, gate.pupils[1])
        makers.a_duty(later.session, next_contract, role="leader")
        moves(gate, gate.pupils[2])
        keepers = Handover.objects.order_by("pk").values_list("keeper", flat=True)
        assert list(keepers) == [gate.teacher.pk, own.pk, next_one.pk]


def test_pressed_twice_it_counts_once_and_a_child_not_there_is_not_moved(north, two):
    gate, _later, _leader = two
    one = gate.pupils[0]
    with in_school(north):
        moves(gate, one)
        with pytest.raises(refusals.AlreadySo):
            moves(gate, one)
        with pytest.raises(refusals.AlreadySo):
            roll_actions.hand_over(
                session=gate.session, pupil=one, collector=gate.guardians[0], by=gate.teacher, now=FOUR
            )
        assert Handover.objects.count() == 1


def test_it_is_taken_back_until_the_next_session_has_the_child(north, two):
    gate, later, _leader = two
    one = gate.pupils[0]
    steps = {"session": gate.session, "pupil": one, "by": gate.teacher, "now": TWENTY_PAST_FIVE}
    with in_school(north):
        moves(gate, one)
        roll_actions.undo(**steps)
        assert entry(gate, one).state == "present"
        moves(gate, one)
        roll_actions.open_session(session=later.session, by=later.teacher, now=TWENTY_PAST_FIVE)
        there = {"session": later.session, "pupil": one, "by": later.teacher, "now": TWENTY_PAST_FIVE}
        roll_actions.mark_present(**there)
        with pytest.raises(refusals.AlreadyThere):
            roll_actions.undo(**steps)
        roll_actions.undo(**there)
        roll_actions.undo(**steps)
        assert Handover.objects.filter(undone_at=None).count() == 0
        assert count_is_right(gate.session)
        assert count_is_right(later.session)


def test_a_session_to_which_children_were_sent_is_not_cancelled(north, two):
    gate, later, _leader = two
    with in_school(north):
        moves(gate, gate.pupils[0])
        with pytest.raises(actions.ChildrenOnTheirWay):
            actions.cancel_session(session=later.session, reason="雨", by=makers.a_user("clerk"), now=FOUR)


def test_the_database_wants_the_next_session_and_the_keeper_named(north, two):
    gate, _later, _leader = two
    with in_school(north):
        moves(gate, gate.pupils[0])
        for wrong in ({"next_session": None}, {"keeper": None}, {"way": "alone"}, {"way": "adult"}):
            with pytest.raises(IntegrityError), transaction.atomic():
                Handover.objects.update(**wrong)


def test_a_phone_sends_it_like_every_other_deed(north, two):
    """Offline, in one list, with the arrival at the next session and a slip that is refused."""
    gate, later, _leader = two
    one = gate.pupils[0]
    with in_school(north):
        later.session.duties.filter(role="leader").delete()
        makers.a_duty(later.session, gate.contract, role="leader")  # one phone, both sessions
        said = [
            item("next", gate, one, at=FOUR + of_minutes(80)),
            item("open", later, at=FOUR + of_minutes(81)),
        ]
        assert send(gate, *said, now=FOUR + of_minutes(90)) == ["applied", "applied"]
        more = [
            item("present", later, one, at=FOUR + of_minutes(82)),
            item("undo", gate, one, at=FOUR + of_minutes(83)),
            item("next", gate, gate.pupils[1], at=FOUR + of_minutes(84)),
        ]
        answers = send(gate, *more, now=FOUR + of_minutes(90))
        assert answers == ["applied", "care.already_there", "care.no_next_session"]
        assert send(gate, *said, now=FOUR + of_minutes(91)) == ["duplicate", "duplicate"]


def test_statements_do_not_grow_with_the_children_moved(north, django_assert_max_num_queries):
    with in_school(north):
        for number in (2, 20):
            gate = opened(number)
            later = a_later_one(gate, *gate.pupils, title=f"足球{number}")
            send(gate, *(item("present", gate, pupil) for pupil in gate.pupils))
            said = [item("next", gate, pupil, at=FOUR + of_minutes(1)) for pupil in gate.pupils]
            with django_assert_max_num_queries(24):
                assert set(send(gate, *said, now=FOUR + of_minutes(2))) == {"applied"}
            assert Handover.objects.filter(next_session=later.session).count() == number


def test_figures_count_it_as_there_until_it_went_on_and_as_handed_over(north, two):
    """Facts: present at the first, handed from hand to hand, minutes up to the hour of moving on."""
    gate, _later, _leader = two
    one, other = gate.pupils
    with in_school(north):
        moves(gate, one, now=FOUR + of_minutes(50))
        steps = {"session": gate.session, "by": gate.teacher, "now": FOUR + of_minutes(60)}
        roll_actions.hand_over(pupil=other, collector=gate.guardians[1], **steps)
        roll_actions.close_session(note="完", **steps)
        day = facts.of_days([gate.session.date], required=[])[gate.session.date]
        assert (day["present"], day["handed_over"], day["pupil_minutes"]) == (2, 2, 110)
        by_agreement = minutes.of_agreements(gate.session.activity.plan)
        assert by_agreement[gate.agreements[0].pk] == 50


def test_a_leader_mends_it_afterwards(north, two, monkeypatch):
    from django.utils import timezone

    gate, later, _leader = two
    monkeypatch.setattr(timezone, "now", lambda: FOUR + of_minutes(24 * 60))
    with in_school(north):
        deputy = logged_in(north, makers.a_user("deputy"))
    here = f"/desk/sessions/{gate.session.pk}/mend/"
    assert "转到下一场“足球”" in deputy.get(f"{here}{gate.pupils[0].pk}/").content.decode()
    assert "转到下一场" not in deputy.get(f"{here}{gate.pupils[1].pk}/").content.decode()
    said = {"collector": "next", "at": "17:20"}
    assert deputy.post(f"{here}{gate.pupils[0].pk}/", said).status_code == 302
    assert deputy.post(f"{here}{gate.pupils[1].pk}/", said).status_code == 400
    with in_school(north):
        assert entry(gate, gate.pupils[0]).state == "moved"
        assert Handover.objects.get().next_session == later.session


class TestScreens:
    """Both teachers and the family read the same truth."""

    @pytest.fixture
    def phones(self, north, two):
        gate, later, _leader = two
        with in_school(north):
            return logged_in(north, gate.teacher), logged_in(north, later.teacher)

    def test_it_is_offered_where_there_is_a_later_session_and_one_tap_does_it(self, north, two, phones):
        gate, _later, _leader = two
        first, _second = phones
        here = f"/care/sessions/{gate.session.pk}/"
        text = first.get(here).content.decode()
        assert text.count('name="next"') == 1
        assert "17:20" in first.get(f"{here}children/{gate.pupils[0].pk}/").content.decode()
        assert "转到下一场" not in first.get(f"{here}children/{gate.pupils[1].pk}/").content.decode()
        assert 'name="next"' in first.get(f"{here}close/").content.decode()
        said = {"next": str(gate.pupils[0].pk)}
        text = first.post(f"{here}tap/", said, follow=True).content.decode()
        assert "转到“足球”，途中由 赵主任 负责" in text
        assert "只算一次" in first.post(f"{here}tap/", said, follow=True).content.decode()
        back = first.post(f"{here}tap/", {**said, "back": "close"})
        assert back["Location"].endswith("/close/")

    def test_the_next_screen_names_who_sent_it_and_who_answers_for_it(self, north, two, phones):
        gate, later, _leader = two
        _first, second = phones
        with in_school(north):
            roll_actions.open_session(session=later.session, by=later.teacher, now=FOUR)
        here = f"/care/sessions/{later.session.pk}/"
        assert "还在“作业辅导”，没有转出" in second.get(here).content.decode()
        with in_school(north):
            moves(gate, gate.pupils[0])
        text = second.get(here).content.decode()
        assert "17:20 陈静 从“作业辅导”转来" in text
        assert "途中由 赵主任 负责" in text
        second.post(f"{here}tap/", {"present": str(gate.pupils[0].pk)})
        assert "途中由 赵主任 负责" not in second.get(here).content.decode()

    def test_a_child_that_was_fetched_at_the_first_is_not_looked_for_at_the_second(self, north, two, phones):
        gate, later, _leader = two
        with in_school(north):
            roll_actions.open_session(session=later.session, by=later.teacher, now=FOUR)
            roll_actions.hand_over(
                session=gate.session, pupil=gate.pupils[0], collector=gate.guardians[0], by=gate.teacher,
                now=TWENTY_PAST_FIVE,
            )  # fmt: skip
        text = phones[1].get(f"/care/sessions/{later.session.pk}/").content.decode()
        assert "17:20 已从“作业辅导”离校" in text

    def test_the_family_reads_that_it_is_still_at_school(self, north, two):
        gate, _later, _leader = two
        child = gate.pupils[0]
        with in_school(north):
            account = makers.a_user("guardian")
            parent = gate.guardians[0]
            parent.user = account
            parent.save()
            phone = logged_in(north, account)
            moves(gate, child)
        here = f"/family/children/{child.pk}/today/"
        text = phone.get(here).content.decode()
        assert "17:20 转到“足球”，没有离校，途中由 赵主任 负责。" in text
        assert "自行离校" not in text
        with in_school(north):
            states = [place.state for place in families.whereabouts(child, gate.session.date)]
            assert states == ["moved", "planned"]

    def test_the_page_asks_as_often_for_twenty_children_as_for_two(
        self, north, django_assert_max_num_queries
    ):
        with in_school(north):
            for number in (2, 20):
                gate = opened(number)
                a_later_one(gate, *gate.pupils, title=f"足球{number}")
                send(gate, *(item("present", gate, pupil) for pupil in gate.pupils))
                phone = logged_in(north, gate.teacher)
                with django_assert_max_num_queries(26):
                    assert phone.get(f"/care/sessions/{gate.session.pk}/").status_code == 200


def test_moved_on_and_called_at_the_same_moment_the_child_is_in_one_place(committed_gate, monkeypatch):
    """Both teachers press at once: the first takes it back, the second ticks it. One of them waits and sees."""
    school, gate = committed_gate
    one = gate.pupils[0]
    with in_school(school):
        later = a_later_one(gate, one)
        roll_actions.open_session(session=gate.session, by=gate.teacher, now=FOUR)
        roll_actions.open_session(session=later.session, by=later.teacher, now=FOUR)
        roll_actions.mark_present(session=gate.session, pupil=one, by=gate.teacher, now=FOUR)
        moves(gate, one)
    locked, begin, said = boards.locked, threading.Barrier(2), []

    def slowly(*args, **more):
        held = locked(*args, **more)
        time.sleep(0.3)
        return held

    monkeypatch.setattr(boards, "locked", slowly)

    def press(at, kind) -> None:
        try:
            with in_school(school):
                begin.wait()
                roll_actions.do(
                    deed=Deed(kind, at.session.pk, TWENTY_PAST_FIVE, pupil_id=one.pk), by=at.teacher,
                    now=TWENTY_PAST_FIVE,
                )  # fmt: skip
                said.append(kind)
        except refusals.AlreadyThere as refusal:
            said.append(refusal.code)
        finally:
            connections.close_all()

    people = [
        threading.Thread(target=press, args=each) for each in ((gate, Kind.UNDO), (later, Kind.PRESENT))
    ]
    for person in people:
        person.start()
    for person in people:
        person.join()
    with in_school(school):
        states = set(RollEntry.objects.filter(pupil=one).values_list("session", "state"))
        standing = Handover.objects.filter(undone_at=None).exists()
    if "care.already_there" in said:
        assert states == {(gate.session.pk, "moved"), (later.session.pk, "present")}
        assert standing
    else:  # taken back first; the second has called it, and its screen says that the first still has it
        assert sorted(said) == ["present", "undo"]
        assert not standing


# --- who vanishes on the way ---------------------------------------------------------------------------------------------


def test_marked_absent_before_it_was_sent_is_not_there(north, two):
    """17:18 the later teacher finds nobody and writes absent; 17:20 the child is sent on, and never comes."""
    gate, later, _leader = two
    with in_school(north):
        child, at = gate.pupils[0], TWENTY_PAST_FIVE
        roll_actions.open_session(session=later.session, by=later.teacher, now=at - of_minutes(2))
        roll_actions.mark_absent(session=later.session, pupil=child, by=later.teacher, now=at - of_minutes(1))
        moves(gate, child)
        raised = [alarm_actions.notice_missing(now=at + of_minutes(n)) for n in (2, 4, 10)]
        assert raised == [0, 1, 0]


def test_excused_after_it_was_sent_is_an_alarm_at_once(north, two):
    gate, later, _leader = two
    with in_school(north):
        child, at = gate.pupils[0], TWENTY_PAST_FIVE
        moves(gate, child)
        roll_actions.open_session(session=later.session, by=later.teacher, now=at)
        roll_actions.mark_excused(
            session=later.session, pupil=child, by=later.teacher, now=at + of_minutes(1)
        )
        assert Alarm.objects.filter(pupil=child).count() == 1


def test_missing_a_second_time_is_a_second_alarm(north, two):
    """The first was seen, the child was found and sent again."""
    gate, _later, leader = two
    with in_school(north):
        child, at = gate.pupils[0], TWENTY_PAST_FIVE
        moves(gate, child)
        assert alarm_actions.notice_missing(now=at + of_minutes(4)) == 1
        alarm_actions.see(alarm=Alarm.objects.get(), by=leader, now=at + of_minutes(5))
        roll_actions.undo(session=gate.session, pupil=child, by=gate.teacher, now=at + of_minutes(6))
        moves(gate, child, now=at + of_minutes(7))
        assert [alarm_actions.notice_missing(now=at + of_minutes(n)) for n in (11, 20)] == [1, 0]
