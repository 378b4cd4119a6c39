"""A session that moves to another room while somebody changes its duties: neither loses sight of it."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from time import sleep

from django.db import connection, transaction

from schools.care import duty_actions, room_actions
from schools.care.models import Duty, Session
from tenants.context import in_school
from tests import makers
from tests.schools.care.stage import FOUR


def test_a_duty_is_taken_off_while_its_session_moves(committed_gate):
    """The row that waited points to another room when it is read: a join over the room would have dropped it."""
    school, gate = committed_gate
    with in_school(school):
        hall, clerk = makers.a_room(name="体育馆", places=400), makers.a_user("clerk")
        duty = Duty.objects.get(session=gate.session)
    moved, may_commit = Event(), Event()

    def move():
        with in_school(school), transaction.atomic():
            room_actions.move_sessions(sessions=[gate.session], to=hall, reason="漏水", by=clerk, now=FOUR)
            moved.set()
            may_commit.wait(10)
        connection.close()

    def take_off():
        moved.wait(10)
        with in_school(school):
            duty_actions.take_off(duty=duty, by=clerk, now=FOUR)
        connection.close()

    with ThreadPoolExecutor(2) as people:
        one, other = people.submit(move), people.submit(take_off)
        moved.wait(10)
        sleep(0.5)  # until the second stands in line
        may_commit.set()
        one.result(20)
        other.result(20)
    with in_school(school):
        assert Session.objects.get(pk=gate.session.pk).room_id == hall.pk
        assert not Duty.objects.exists()
