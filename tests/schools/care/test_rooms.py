"""Rooms: out of use only when empty, sessions that move to another one, and who hears of it (S2, S34)."""

from datetime import date, time, timedelta

import pytest

from schools.care import actions, refusals, room_actions, room_queries
from schools.care.models import Condition, Room, Session
from schools.care.states import SessionState
from schools.notices.models import Delivery, Notice
from tenants.context import in_city, in_school
from tenants.policies import ready
from tests import makers
from tests.city import NOON
from tests.schools.care.stage import FOUR, a_gate, logged_in

pytestmark = pytest.mark.usefixtures("at_four")
TODAY = makers.MONDAY
NEXT = TODAY + timedelta(days=7)


@pytest.fixture
def gate(north):
    """A session today with two children, another a week later, and an empty room that is large enough."""
    with in_school(north):
        gate = a_gate(2)
        gate.later = makers.a_session(gate.session.activity, day=NEXT)
        gate.room = Room.objects.get(pk=gate.session.room_id)
        gate.hall = makers.a_room(name="体育馆", places=400)
        gate.clerk = makers.a_user("clerk")
        return gate


def keep(gate, room=None, **changed):
    room = room or gate.room
    said = {"name": room.name, "places": room.places, "condition": Condition(room.condition), **changed}
    return room_actions.keep_room(room=room, **said, by=gate.clerk, now=FOUR)


def move(gate, *sessions, to=None, reason="一楼漏水"):
    return room_actions.move_sessions(
        sessions=sessions or (gate.session, gate.later),
        to=to or gate.hall,
        reason=reason,
        by=gate.clerk,
        now=FOUR,
    )


def rooms_of(*sessions):
    return [Session.objects.get(pk=row.pk).room.name for row in sessions]


def test_a_room_with_planned_sessions_does_not_fall_out_of_use_silently(north, gate):
    with in_school(north):
        with pytest.raises(room_actions.RoomInUse, match=r"2 次.*2026-09-07 至 2026-09-14"):
            keep(gate, condition=Condition.CLOSED)
        keep(gate, condition=Condition.REPAIR)  # a lamp that flickers closes nothing
        move(gate)
        keep(gate, condition=Condition.CLOSED)
        assert room_queries.rooms_in_use() == [(gate.hall.pk, "体育馆", 400)]


def test_a_room_is_not_made_smaller_than_what_is_planned_in_it(north, gate):
    with in_school(north):
        with pytest.raises(room_actions.RoomTooSmall):
            keep(gate, places=1)
        keep(gate, gate.hall, places=1)


def test_families_and_who_is_on_duty_hear_where_it_takes_place(north, gate):
    with in_school(north):
        assert move(gate) == 2
        assert rooms_of(gate.session, gate.later) == ["体育馆", "体育馆"]
        notice = Notice.objects.get()
        assert "体育馆" in notice.title
        for word in ("2026-09-07", "2026-09-14", "一楼漏水"):
            assert word in notice.body
        told = Delivery.objects.filter(notice=notice)
        assert told.filter(guardian__in=gate.guardians).count() == 2
        assert told.filter(user=gate.teacher).count() == 1


def test_moved_twice_says_that_nothing_is_left_and_back_it_goes_the_same_way(north, gate):
    with in_school(north):
        move(gate)
        with pytest.raises(room_actions.RoomsMoved):
            move(gate)  # the page of before
        gate.session.refresh_from_db()
        gate.later.refresh_from_db()
        with pytest.raises(room_actions.NothingToMove):
            move(gate)
        move(gate, to=gate.room)
        assert rooms_of(gate.session, gate.later) == [gate.room.name, gate.room.name]


@pytest.mark.parametrize("state", [SessionState.OPEN, SessionState.CANCELLED])
def test_what_began_or_was_cancelled_meanwhile_moves_nothing(north, gate, state):
    with in_school(north):
        cancelled = {"cancel_reason": "台风"} if state == SessionState.CANCELLED else {"opened_at": FOUR}
        Session.objects.filter(pk=gate.later.pk).update(state=state, **cancelled)
        with pytest.raises(room_actions.RoomsMoved, match="共 1 次"):
            move(gate)
        assert rooms_of(gate.session) == [gate.room.name]


def test_yesterdays_session_does_not_move(north, gate):
    with in_school(north), pytest.raises(room_actions.RoomsMoved):
        room_actions.move_sessions(
            sessions=[gate.session], to=gate.hall, reason="漏水", by=gate.clerk, now=FOUR + timedelta(days=1)
        )


def test_two_sessions_don_t_share_a_room_at_one_time(north, gate):
    with in_school(north):
        other = makers.an_activity(gate.session.activity.plan, title="篮球", room=gate.hall)
        makers.a_session(other, day=NEXT)
        with pytest.raises(room_actions.RoomTaken, match="篮球"):
            move(gate)
        assert rooms_of(gate.session, gate.later) == [gate.room.name, gate.room.name]
        assert move(gate, gate.session) == 2


def test_two_that_move_together_don_t_meet_either(north, gate):
    with in_school(north):
        other = makers.an_activity(gate.session.activity.plan, title="篮球")
        beside = makers.a_session(other, day=TODAY)
        with pytest.raises(room_actions.RoomTaken):
            move(gate, gate.session, beside)


def test_one_after_the_other_fits(north, gate):
    with in_school(north):
        other = makers.an_activity(
            gate.session.activity.plan, title="篮球", room=gate.hall, starts=time(17, 30), ends=time(18, 0)
        )
        makers.a_session(other, day=TODAY)
        assert move(gate, gate.session) == 2


@pytest.mark.parametrize(
    ("hall", "refusal"),
    [
        ({"condition": Condition.CLOSED}, room_actions.RoomUnfit),
        ({"places": 1}, room_actions.RoomTooSmall),
    ],
)
def test_where_it_can_t_take_place_it_is_not_moved(north, gate, hall, refusal):
    with in_school(north):
        Room.objects.filter(pk=gate.hall.pk).update(**hall)
        with pytest.raises(refusal):
            move(gate)
        assert not Notice.objects.exists()


@pytest.mark.parametrize("reason", ["", "   "])
def test_without_a_reason_nobody_is_sent_elsewhere(north, gate, reason):
    with in_school(north), pytest.raises(refusals.NoReason):
        move(gate, reason=reason)


def test_what_is_made_later_follows_to_the_room_where_it_takes_place_now(north):
    """The plan names a room that is out of use by then."""
    with in_city():
        makers.a_term()
        makers.a_policy(ready.document("seed"))
    with in_school(north):
        clerk = makers.a_user("clerk")
        plan = makers.a_plan(first_date=date(2026, 9, 14), last_date=date(2026, 9, 30))
        activity = makers.an_activity(plan)
        hall = makers.a_room(name="体育馆", places=400)
        actions.make_sessions(plan=plan, school=north, by=clerk, now=NOON)
        found = list(Session.objects.all())
        room_actions.move_sessions(sessions=found, to=hall, reason="漏水", by=clerk, now=NOON)
        room = Room.objects.get(pk=activity.room_id)
        room_actions.keep_room(
            room=room, name=room.name, places=room.places, condition=Condition.CLOSED, by=clerk, now=NOON
        )
        Session.objects.filter(date=date(2026, 9, 21)).delete()
        actions.make_sessions(plan=plan, school=north, by=clerk, now=NOON)
        assert {row.room_id for row in Session.objects.all()} == {hall.pk}


# --- pages ---------------------------------------------------------------------------------------------------------


def test_the_office_moves_a_rooms_sessions_in_one_step(north, gate):
    with in_school(north):
        clerk = logged_in(north, gate.clerk)
    refused = clerk.post(
        f"/desk/rooms/{gate.room.pk}/",
        {"name": gate.room.name, "places": gate.room.places, "condition": "closed"},
    )
    assert refused.status_code == 400
    page = refused.content.decode()
    assert "还有 2 次服务排在这里" in page
    assert f"/desk/rooms/{gate.room.pk}/move/" in page
    address = f"/desk/rooms/{gate.room.pk}/move/"
    page = clerk.get(address).content.decode()
    assert "下列 2 次服务" in page
    assert "体育馆" in page
    said = {"to": gate.hall.pk, "reason": "一楼漏水", "sessions": f"{gate.session.pk},{gate.later.pk}"}
    for wrong in ({"reason": ""}, {"sessions": "x"}, {"sessions": "\x00"}, {"to": ""}):
        assert clerk.post(address, {**said, **wrong}).status_code == 400
    done = clerk.post(address, said, follow=True)
    assert "已通知 2 位家长" in done.content.decode()
    twice = clerk.post(address, said, follow=True)
    assert "这个场地今后没有排服务" in twice.content.decode()
    with in_school(north):
        assert rooms_of(gate.session, gate.later) == ["体育馆", "体育馆"]


def test_some_days_only(north, gate):
    with in_school(north):
        clerk = logged_in(north, gate.clerk)
    address = f"/desk/rooms/{gate.room.pk}/move/?first={NEXT}&last={NEXT}"
    page = clerk.get(address).content.decode()
    assert "下列 1 次服务" in page
    clerk.post(address, {"to": gate.hall.pk, "reason": "漏水", "sessions": str(gate.later.pk)})
    with in_school(north):
        assert rooms_of(gate.session, gate.later) == [gate.room.name, "体育馆"]


def test_one_session_moves_from_its_own_page(north, gate):
    with in_school(north):
        clerk = logged_in(north, gate.clerk)
    address = f"/desk/sessions/{gate.later.pk}/room/"
    assert address in clerk.get(f"/desk/sessions/{gate.later.pk}/").content.decode()
    said = {"to": gate.hall.pk, "reason": "漏水", "sessions": str(gate.later.pk)}
    assert clerk.post(address, said).status_code == 302
    with in_school(north):
        assert rooms_of(gate.later) == ["体育馆"]


def test_a_hall_that_somebody_took_meanwhile_is_told_at_its_field(north, gate):
    with in_school(north):
        clerk = logged_in(north, gate.clerk)
        other = makers.an_activity(gate.session.activity.plan, title="篮球", room=gate.hall)
        makers.a_session(other, day=NEXT)
    address = f"/desk/sessions/{gate.later.pk}/room/"
    done = clerk.post(address, {"to": gate.hall.pk, "reason": "漏水", "sessions": str(gate.later.pk)})
    assert done.status_code == 400
    assert "已经排了“篮球”" in done.content.decode()
    assert "漏水" in done.content.decode()


def test_who_may_not_keep_rooms_moves_none(north, gate):
    with in_school(north):
        teacher = logged_in(north, gate.teacher)
    assert teacher.get(f"/desk/rooms/{gate.room.pk}/move/").status_code == 403
    assert teacher.post(f"/desk/sessions/{gate.later.pk}/room/", {}).status_code == 403
