"""A service whose hour has gone is no service that has not begun (S21, S24)."""

from datetime import timedelta

import pytest

from afterbell.kernel.errors import Refused
from schools.care import actions, day_actions
from schools.care.models import Session
from schools.notices.models import Notice
from tenants.context import in_school
from tests import makers
from tests.schools.care.stage import FOUR, a_gate
from tests.schools.care.test_days import MONDAY, the_term  # noqa: F401

pytestmark = pytest.mark.usefixtures("at_four", "the_term")
EVENING = FOUR + timedelta(hours=5)
"""21:00, hours after the children went home."""


def test_in_the_evening_a_day_that_is_over_is_not_cancelled(north):
    with in_school(north):
        a_gate(2)
        shown = Session.objects.filter(date=MONDAY, state="planned")
        assert shown
        with pytest.raises(Refused):
            day_actions.cancel_day(
                day=MONDAY, sessions=shown, reason="忘了开课", by=makers.a_user("clerk"), now=EVENING
            )
        assert not Notice.objects.filter(body__contains="按平时放学时间接孩子").exists()


def test_in_the_evening_one_session_that_is_over_is_not_cancelled(north):
    with in_school(north):
        gate = a_gate(2)
        with pytest.raises(Refused):
            actions.cancel_session(
                session=gate.session, reason="忘了开课", by=makers.a_user("clerk"), now=EVENING
            )
