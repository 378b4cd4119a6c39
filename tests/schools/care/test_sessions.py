"""Sessions of a term from plan and calendar, rooms, cancelling."""

from datetime import date, time, timedelta

import pytest

from afterbell.audit.models import Entry
from afterbell.outbox.models import Mark
from schools.care import actions, refusals, room_actions, room_queries
from schools.care.models import Condition, Room, Session
from schools.care.states import SessionState
from schools.notices.models import Delivery
from schools.people.models import Tie
from tenants.context import in_city, in_school
from tenants.exchange import names
from tenants.models import CalendarOverride
from tenants.policies import ready
from tests import makers
from tests.city import NOON
from tests.schools.care.stage import FOUR, a_gate, enrol, opened


@pytest.fixture
def term(north):
    """The term, the seed's rules, and a plan of two weeks in September 2026 and the National Day week."""
    with in_city():
        makers.a_term()
        makers.a_policy(ready.document("seed"))
        CalendarOverride.objects.create(
            date=date(2026, 9, 20), is_school_day=True, follows_weekday=4, reason="国庆调休"
        )
        CalendarOverride.objects.create(date=date(2026, 10, 10), is_school_day=True, reason="未定")
    return north


def make(school, plan, now=NOON):
    return actions.make_sessions(plan=plan, school=school, by=makers.a_user("clerk"), now=now)


def test_a_term_is_made_from_activities_and_calendar(term):
    """S21: holidays have none, a make-up day runs the weekday that the city said."""
    with in_school(term):
        plan = makers.a_plan(first_date=date(2026, 9, 14), last_date=date(2026, 10, 16))
        monday = makers.an_activity(plan)
        thursday = makers.an_activity(plan, weekday=4, title="篮球", starts=time(16, 0), ends=time(17, 30))
        made = make(term, plan)
        days = list(Session.objects.filter(activity=monday).order_by("date").values_list("date", flat=True))
        assert days == [
            date(2026, 9, 14),
            date(2026, 9, 21),
            date(2026, 9, 28),
            date(2026, 10, 12),
        ]  # not 10-05
        days = list(Session.objects.filter(activity=thursday).order_by("date").values_list("date", flat=True))
        assert days == [date(2026, 9, day) for day in (17, 20, 24)] + [date(2026, 10, 8), date(2026, 10, 15)]
        assert made.created == 9
        assert made.unsettled == [date(2026, 10, 10)]
        session = Session.objects.get(activity=monday, date=date(2026, 9, 14))
        assert (session.starts_at.isoformat(), session.planned_units) == ("2026-09-14T08:00:00+00:00", 2)
        assert (
            Session.objects.filter(activity=thursday).first().planned_units == 2
        )  # 90 minutes: two whole units


def test_made_again_nothing_is_doubled_and_what_is_missing_is_added(term):
    """Double submit."""
    with in_school(term):
        plan = makers.a_plan(first_date=date(2026, 9, 14), last_date=date(2026, 9, 30))
        makers.an_activity(plan)
        assert make(term, plan).created == 3
        assert make(term, plan).created == 0
        makers.an_activity(plan, weekday=2)
        assert make(term, plan).created == 3
        assert Session.objects.count() == 6


def test_nothing_is_made_up_for_the_past(term):
    with in_school(term):
        plan = makers.a_plan(first_date=date(2026, 9, 14), last_date=date(2026, 9, 30))
        makers.an_activity(plan)
        assert make(term, plan, now=NOON + timedelta(days=21)).created == 1  # from 09-22: only 09-28


def test_months_that_the_calendar_does_not_know_are_told_and_do_not_keep_the_others(term):
    with in_school(term):
        plan = makers.a_plan(first_date=date(2026, 12, 21), last_date=date(2027, 1, 22))
        makers.an_activity(plan)
        made = make(term, plan)
        assert made.created == 2
        assert [refusal.code for refusal in made.unknown] == ["calendar.unknown"]


def test_sessions_on_days_that_are_no_longer_school_days_are_counted(term):
    with in_school(term):
        plan = makers.a_plan(first_date=date(2026, 9, 14), last_date=date(2026, 9, 30))
        makers.an_activity(plan)
        make(term, plan)
    with in_city():
        CalendarOverride.objects.create(date=date(2026, 9, 21), is_school_day=False, reason="台风")
    with in_school(term):
        assert make(term, plan).strays == 1


def test_a_plan_that_is_not_published_has_no_sessions(term):
    """S38."""
    with in_school(term), pytest.raises(actions.PlanNotPublished):
        make(term, makers.a_plan(state="draft"))


@pytest.mark.parametrize("condition", [Condition.CLOSED, None])
def test_a_session_needs_a_registered_room_that_is_in_use(term, condition):
    """S2."""
    with in_school(term):
        plan = makers.a_plan()
        activity = makers.an_activity(plan)
        if condition:
            Room.objects.update(condition=condition)
        else:
            Room.objects.filter(pk=activity.room_id).delete()
        with pytest.raises(room_actions.RoomUnfit):
            make(term, plan)
        assert not Session.objects.exists()


def test_rooms_are_kept_once_by_name_and_planning_sees_those_in_use(north):
    """S2, S34."""
    with in_school(north):
        clerk = makers.a_user("clerk")
        keep = {"places": 45, "condition": Condition.GOOD, "by": clerk, "now": NOON}
        hall = room_actions.keep_room(room=None, name="操场", **keep)
        with pytest.raises(room_actions.RoomKnown):
            room_actions.keep_room(room=None, name="操场", **keep)
        assert room_queries.rooms_in_use() == [(hall.pk, "操场", 45)]
        room_actions.keep_room(room=hall, name="操场", **{**keep, "condition": Condition.CLOSED})
        assert room_queries.rooms_in_use() == []


def test_a_cancelled_session_tells_its_families_and_frees_its_teacher(north):
    """Families told through notices; who is denied is not."""
    with in_school(north):
        gate = a_gate(2)
        uncle = makers.a_guardian()
        makers.a_tie(uncle, gate.pupils[0], is_denied=True, denied_reason="法院禁止")
        left = enrol(gate, state="ended", ended_at=FOUR, until_date=date(2026, 9, 4))
        told = actions.cancel_session(
            session=gate.session, reason="台风停课", by=makers.a_user("clerk"), now=NOON
        )
        assert told == 2
        assert set(Delivery.objects.filter(guardian=None).values_list("user", flat=True)) == {gate.teacher.pk}
        adults = set(Delivery.objects.exclude(guardian=None).values_list("guardian", flat=True))
        assert adults == {guardian.pk for guardian in gate.guardians[:2]}
        assert not adults & {uncle.pk, Tie.objects.get(pupil=left).guardian_id}
        row = Session.objects.get()
        assert (row.state, row.cancel_reason, row.duties.count()) == (SessionState.CANCELLED, "台风停课", 0)
        assert Mark.objects.filter(grain="day", bucket="2026-09-07").exists()
        assert Entry.objects.filter(verb="care.session.cancel").exists()


def test_the_reason_of_a_cancelled_session_names_no_child(north):
    """Thirty other families read it."""
    with in_school(north):
        gate, clerk = a_gate(2), makers.a_user("clerk")
        name = gate.pupils[0].name
        with pytest.raises(names.NamesAChild):
            actions.cancel_session(session=gate.session, reason=f"{name}受伤", by=clerk, now=NOON)
        later = {"session": gate.session, "by": makers.a_user("principal"), "now": FOUR + timedelta(days=1)}
        with pytest.raises(names.NamesAChild):
            actions.say_not_held(reason=f"{name} 受伤", **later)
        assert (Session.objects.get().state, Delivery.objects.count()) == (SessionState.PLANNED, 0)


def test_a_session_is_cancelled_with_a_reason_before_it_begins_and_before_its_day_is_over(north):
    with in_school(north):
        gate = opened(1)
        clerk = makers.a_user("clerk")
        with pytest.raises(refusals.NoReason):
            actions.cancel_session(session=gate.session, reason=" ", by=clerk, now=NOON)
        with pytest.raises(actions.DayIsOver):
            actions.cancel_session(
                session=gate.session, reason="台风", by=clerk, now=FOUR + timedelta(days=1)
            )
        gate.session.refresh_from_db()
        with pytest.raises(actions.Refused):
            actions.cancel_session(session=gate.session, reason="台风", by=clerk, now=FOUR)
        assert Session.objects.get().state == SessionState.OPEN
