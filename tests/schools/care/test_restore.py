"""Cancelled sessions that take place after all: who may, when, once, and who hears of it (S21, S24)."""

from datetime import timedelta

import pytest

from afterbell.audit.models import Entry
from afterbell.outbox.models import Mark
from schools.care import actions, refusals, restore_actions, room_actions
from schools.care.models import Condition, Room, Session
from schools.care.states import SessionState
from schools.notices.models import Notice
from schools.planning.models import Plan
from tenants.context import in_school
from tenants.exchange import names
from tests import makers
from tests.city import NOON
from tests.schools.care.stage import a_gate
from tests.schools.care.test_days import cancels, says, the_term, two_of_a_day  # noqa: F401  (a fixture)
from tests.schools.care.test_desk_pages import as_role

pytestmark = pytest.mark.usefixtures("at_four", "the_term")

MONDAY = makers.MONDAY
A_WEEK = timedelta(days=7)
LATER = NOON + timedelta(minutes=5)
WHY = "台风没有登陆"


def restores(sessions=None, *, by=None, reason=WHY, now=LATER):
    rows = Session.objects.filter(state="cancelled") if sessions is None else sessions
    return restore_actions.restore(sessions=rows, reason=reason, by=by or makers.a_user("clerk"), now=now)


def cancelled(gate, *, now=NOON):
    actions.cancel_session(session=gate.session, reason="台风停课", by=makers.a_user("clerk"), now=now)
    gate.session.refresh_from_db()
    return gate.session


def test_a_day_that_was_cancelled_is_restored_as_a_whole_and_each_family_told_once(north):
    with in_school(north):
        gate = two_of_a_day()
        cancels(MONDAY, makers.a_user("clerk"))
        Mark.objects.all().delete()
        assert restores() == 2
        rows = Session.objects.filter(date=MONDAY)
        assert set(rows.values_list("state", "cancel_reason")) == {(SessionState.PLANNED, "")}
        assert {row.restored_at for row in rows} == {LATER}
        letter = Notice.objects.latest("published_at")
        assert "恢复开展" in letter.body
        assert "足球" in letter.body
        assert WHY in letter.body
        assert letter.deliveries.count() == len(gate.guardians)
        assert Mark.objects.filter(grain="day", bucket=f"{MONDAY}").exists()
        said = Entry.objects.get(verb="care.sessions.restore").details
        assert (len(said["sessions"]), said["told"]) == (2, 2)


def test_who_was_on_duty_is_asked_anew(north):
    with in_school(north):
        gate = a_gate(1)
        session = cancelled(gate)
        restores([session])
        assert session.duties.count() == 0


def test_twice_is_told_and_a_second_cancelling_can_not_be_restored(north):
    """Two gaps between charges could not be told apart."""
    with in_school(north):
        gate = a_gate(1)
        session = cancelled(gate)
        first = session.cancelled_at
        restores([session])
        with pytest.raises(restore_actions.NotToRestore):
            restores([session])
        session = cancelled(gate, now=LATER + timedelta(minutes=1))
        assert session.cancelled_at == first
        with pytest.raises(restore_actions.NotToRestore):
            restores([session])


def test_a_request_that_waited_for_the_cancelling_is_dated_after_it(north):
    """Its moment is earlier: the constraint would have made it an internal error."""
    with in_school(north):
        session = cancelled(a_gate(1), now=LATER)
        restores([session], now=NOON)
        session.refresh_from_db()
        assert session.restored_at > session.cancelled_at == LATER


def test_what_has_had_its_hour_or_its_plan_stays_cancelled(north):
    with in_school(north):
        gate = a_gate(1)
        session = cancelled(gate)
        with pytest.raises(restore_actions.NotToRestore):
            restores([session], now=session.starts_at)
        Plan.objects.update(last_date=session.date - timedelta(days=1))
        with pytest.raises(restore_actions.NotToRestore):
            restores([session])


def test_sessions_of_two_days_or_one_that_stands_are_nothing_to_restore(north):
    with in_school(north):
        gate = two_of_a_day()
        session = cancelled(gate)
        standing = Session.objects.get(date=MONDAY + A_WEEK)
        with pytest.raises(restore_actions.NotToRestore):
            restores([session, standing])
        with pytest.raises(restore_actions.NotToRestore):
            restores([])
        session.refresh_from_db()
        assert session.state == SessionState.CANCELLED


def test_a_day_off_is_restored_when_the_city_says_so(north):
    with in_school(north):
        session = cancelled(a_gate(1))
    says(MONDAY, is_open=False)
    with in_school(north), pytest.raises(restore_actions.NoSchoolThatDay):
        restores([session])


def test_a_room_that_was_given_away_or_closed_is_named(north):
    with in_school(north):
        gate = a_gate(1)
        session = cancelled(gate)
        other = makers.a_session(makers.an_activity(gate.session.activity.plan, title="足球"), day=MONDAY)
        Session.objects.filter(pk=other.pk).update(room=session.room_id)
        with pytest.raises(room_actions.RoomTaken) as refused:
            restores([session])
        assert "足球" in str(refused.value)
        actions.cancel_session(session=other, reason="没有老师", by=makers.a_user("clerk"), now=NOON)
        Room.objects.filter(pk=session.room_id).update(condition=Condition.CLOSED)
        with pytest.raises(room_actions.RoomUnfit):
            restores([session])


@pytest.mark.parametrize("reason", ["", "  "])
def test_it_says_why(north, reason):
    with in_school(north):
        session = cancelled(a_gate(1))
        with pytest.raises(refusals.NoReason):
            restores([session], reason=reason)


def test_the_reason_names_no_child(north):
    with in_school(north):
        gate = a_gate(1)
        session = cancelled(gate)
        with pytest.raises(names.NamesAChild):
            restores([session], reason=f"{gate.pupils[0].name}的家长要求")


def test_the_office_restores_a_day_and_one_session_by_the_pages(north):
    day = MONDAY + timedelta(days=1)
    with in_school(north):
        gate = a_gate(1, day=day)
        makers.a_session(makers.an_activity(gate.session.activity.plan, title="足球"), day=day)
        cancels(day, makers.a_user("clerk"))
    clerk = as_role(north, "clerk")
    days = clerk.get("/desk/sessions/days/").content.decode()
    address = f"/desk/sessions/days/restore/?day={day}"
    assert address in days
    page = clerk.get(address)
    shown = page.context["form"].initial["sessions"]
    assert clerk.post(address, {"sessions": shown, "reason": ""}).status_code == 400
    one = f"/desk/sessions/{gate.session.pk}/restore/"
    assert one in clerk.get(f"/desk/sessions/{gate.session.pk}/").content.decode()
    assert clerk.post(one, {"sessions": f"{gate.session.pk}", "reason": WHY}).status_code == 302
    refused = clerk.post(address, {"sessions": shown, "reason": WHY})
    assert refused.status_code == 400
    assert WHY in refused.content.decode()
    assert one not in clerk.get(f"/desk/sessions/{gate.session.pk}/").content.decode()
    left = clerk.get(address).context["form"].initial["sessions"]
    assert clerk.post(address, {"sessions": left, "reason": WHY}).status_code == 302
    assert "没有能恢复的服务" in clerk.get(address).content.decode()
    assert as_role(north, "care_staff").get(address).status_code == 403
