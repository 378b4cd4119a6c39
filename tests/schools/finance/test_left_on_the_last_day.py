"""Who leaves on the plan's last day gets what who stays gets: a cancelled lesson comes back once (S36, S37)."""

from datetime import date

import pytest

from schools.care.models import Session
from schools.finance import actions, queries, rules
from schools.finance.timetable import exited_on
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.finance import stage
from tests.schools.finance.test_exit_before_cancelled import CASES, FEES, charged, in_all

LAST = NOON.replace(year=2027, month=1, day=22)


def is_cancelled(*days):
    for session in Session.objects.filter(date__in=days):
        session.state, session.closed_at, session.cancel_reason = "cancelled", None, "台风"
        session.save()


def leaves_at_the_end(family):
    family.refresh_from_db()
    family.state, family.ended_at = "ended", LAST
    family.save()
    actions.after_exit(agreement=family, by=None, now=LAST)


@pytest.mark.parametrize(("profile", "unit"), CASES)
@pytest.mark.parametrize("order", ["exit, cancelled", "cancelled, exit", "cancelled, exit, cancelled"])
def test_a_cancelled_lesson_comes_back_once(north, profile, unit, order):
    """It came back with the exit and with the settlement: 35.00 twice of a month of 70.00."""
    stage.the_term(profile)
    days = iter([[date(2026, 9, 15), date(2026, 9, 16)], [date(2026, 9, 17)]])
    with in_school(north):
        them = stage.people()
        collector = rules.policy_on(date(2026, 9, 1)).policy.collector
        plan = makers.a_plan(fee_unit=unit, fee_fen=FEES[unit], collector=collector)
        activity = makers.an_activity(plan)
        stage.sessions(activity, date(2026, 9, 1), 100, state="closed")
        leaver, stays = (stage.a_family(plan, activity, school_signed_by=them.principal) for _ in range(2))
        charged(plan, them, unit)
        for deed in order.split(", "):
            if deed == "exit":
                leaves_at_the_end(leaver)
                assert exited_on(leaver, plan) is None
            else:
                is_cancelled(*next(days))
        owed = [queries.owed_by(family) - (in_all(family) - given(family)) for family in (leaver, stays)]
        assert in_all(leaver) == in_all(stays)
        assert in_all(stays) or unit == "class_hour"  # a cap can bind over the lessons that are left
        assert owed[0] == owed[1]


def given(family):
    return sum(row.credit_fen for row in family.calculations.filter(undone_at=None))
