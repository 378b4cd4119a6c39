"""A cap that the city lets in after a period was charged, and class hours that come after that (S27, S36)."""

from datetime import date

import pytest

from schools.finance import promises, queries
from tenants.context import in_city, in_school
from tests import makers
from tests.schools.finance import stage
from tests.schools.finance.test_exit_corrected_beside import at, charges, owes


@pytest.mark.parametrize("per", ["month", "class_hour"])
def test_hours_that_came_after_a_lower_cap_break_no_run(north, per):
    """October, charged on 28 September: 42 hours at 2.50 are 105.00. On the 29th the city publishes a profile in force
    from 1 October: 70.00 a month, or 2.00 an hour at most. Football comes on the 10th."""
    stage.the_term("national-2024")
    with in_school(north):
        them = stage.people()
        plan = makers.a_plan(fee_unit="class_hour", fee_fen=250)
        reading = makers.an_activity(plan, title="阅读")
        football = makers.an_activity(plan, title="足球", weekday=2)
        stage.sessions(reading, date(2026, 10, 1), 21, state="closed")
        stage.sessions(football, date(2026, 10, 12), 3, state="closed")
        family = stage.a_family(plan, reading, school_signed_by=them.principal)
        charges(plan, "2026-10", them, at(9, 28))
        assert owes(family) == 10500
    with in_city():
        caps = [{"per": per, "fen": 7000 if per == "month" else 200, "meaning": "ceiling"}]
        makers.a_policy(
            stage.rules("national-2024", caps=caps), valid_from_date=date(2026, 10, 1), created_at=at(9, 29)
        )
    with in_school(north):
        makers.a_place(family, football, placed_at=at(10, 10), placed_from=date(2026, 10, 10))
        (told,) = queries.not_charged_after(makers.TERM)
        run = charges(plan, "2026-10", them, at(10, 11))
        assert (run.families, run.total_fen, owes(family)) == (1, told.fen, 10500 + told.fen)
        assert promises.broken_promise() is None
