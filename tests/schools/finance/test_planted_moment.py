"""`plan.last_moment` is kept out of the seals because the runs are sealed: then `verify` has to compare it with them."""

from django.db import connection

from afterbell.audit import queries as audit
from schools.finance import promises
from tenants.context import as_owner, in_school
from tests.schools.finance import stage
from tests.schools.finance.test_supplements_charged import Month


def test_a_moment_planted_in_the_future_is_named(north):
    """Who gets a place after it begins on 1 January 2099 (placed_from), is charged by no run, and nothing says so."""
    stage.the_term("national-2024", caps=[])
    with in_school(north):
        on = Month(north)
        on.charge()
    with as_owner(north.schema_name), connection.cursor() as cursor:
        cursor.execute("UPDATE planning_plan SET last_moment = '2099-01-01 00:00:00+00'")
    with in_school(north):
        assert list(promises.broken_promises()) or list(audit.broken_promises())
