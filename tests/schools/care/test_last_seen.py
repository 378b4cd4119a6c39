"""A child that the roll still has there has not left before (S24, S36)."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connections

from afterbell.kernel.errors import Refused
from schools.care import boards, queries, waiting
from schools.care.models import RollEntry
from schools.people import pupil_actions, refusals
from schools.people.models import Pupil
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.care.stage import FOUR, item, send
from tests.schools.finance import stage

TODAY = NOON.date()
DAYS_AGO = (TODAY - timedelta(days=20), TODAY - timedelta(days=6))


@pytest.fixture
def child(north):
    stage.the_term()
    with in_school(north):
        activity = makers.an_activity(stage.monthly_plan())
        yield stage.a_family(activity.plan, activity, pupil=makers.a_pupil(joined_date=DAYS_AGO[0])), activity


def was(child, day, state):
    agreement, activity = child
    held = makers.a_session(activity, day=day, state="closed", closed_at=NOON)
    times = {"present": {"arrived_at": NOON}, "left": {"arrived_at": NOON, "left_at": NOON}}.get(state, {})
    RollEntry.objects.create(session=held, agreement=agreement, pupil=agreement.pupil, state=state, **times)


def leaves(child, day):
    pupil_actions.leave(pupil=child[0].pupil, on=day, by=makers.a_user("clerk"), now=NOON)


@pytest.mark.parametrize("state", ["present", "left"])
def test_nobody_leaves_before_a_day_on_which_the_roll_has_it(child, state):
    was(child, DAYS_AGO[1], state)
    with pytest.raises(refusals.SeenLater, match=f"{DAYS_AGO[1]}"):
        leaves(child, DAYS_AGO[1] - timedelta(days=1))
    child[0].pupil.refresh_from_db()
    assert child[0].pupil.left_date is None
    leaves(child, DAYS_AGO[1])


@pytest.mark.parametrize("state", ["absent", "excused"])
def test_a_day_on_which_it_was_away_stops_nobody(child, state):
    was(child, DAYS_AGO[1], state)
    leaves(child, DAYS_AGO[1] - timedelta(days=1))
    child[0].pupil.refresh_from_db()
    assert child[0].pupil.left_date == DAYS_AGO[1] - timedelta(days=1)


# --- beside the gate ---------------------------------------------------------------------------------------------


def both(*deeds):
    """Each in its own connection; gives what each raised."""
    raised = {}

    def done(name, deed):
        try:
            deed()
        except Refused as refusal:
            raised[name] = refusal
        finally:
            connections.close_all()

    threads = [threading.Thread(target=done, args=each) for each in deeds]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return raised


@pytest.mark.parametrize("first", ["gate", "office"])
def test_a_child_that_leaves_while_the_gate_marks_it_is_seen_by_somebody(committed_gate, monkeypatch, first):
    """Left yesterday and there today: whoever comes second knows of the first, or the office is told of both."""
    school, gate = committed_gate
    with in_school(school):
        send(gate, item("open", gate))
        clerk, pupil = makers.a_user("clerk"), gate.pupils[0]
        Pupil.objects.filter(pk=pupil.pk).update(joined_date=gate.session.date - timedelta(days=20))
    in_hand = threading.Event()
    locked, seen = boards.locked, queries.last_seen

    def slow_gate(*args, **more):
        held = locked(*args, **more)
        if first == "gate":
            in_hand.set()
            time.sleep(0.8)
        return held

    def slow_office(*args, **more):
        found = seen(*args, **more)
        if first == "office":
            in_hand.set()
            time.sleep(0.8)
        return found

    monkeypatch.setattr(boards, "locked", slow_gate)
    monkeypatch.setattr(queries, "last_seen", slow_office)

    def marks():
        if first == "office":
            in_hand.wait(5)
        with in_school(school):
            send(gate, item("present", gate, pupil))

    def leaves_yesterday():
        if first == "gate":
            in_hand.wait(5)
        with in_school(school):
            pupil_actions.leave(pupil=pupil, on=gate.session.date - timedelta(days=1), by=clerk, now=FOUR)

    raised = both(("gate", marks), ("office", leaves_yesterday))
    with in_school(school):
        has_left = Pupil.objects.get(pk=pupil.pk).left_date is not None
        is_there = RollEntry.objects.get(session=gate.session, pupil=pupil).state == "present"
        told = [waits.title for waits in waiting.waiting_for(clerk, FOUR) if pupil.name in waits.title]
    assert is_there
    if first == "gate":
        assert isinstance(raised["office"], refusals.SeenLater)
        assert (has_left, told) == (False, [])
    else:
        assert raised == {}
        assert has_left
        assert told == [f"{pupil.name} 已登记离校，之后又到过课，请核对离校日期"]
