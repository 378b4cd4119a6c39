"""A waiver holds for the rest of the term: also for class hours that came after a charge of 0.00 (S27, S36)."""

from datetime import date

import pytest

from schools.care.models import Session
from tenants.context import in_school
from tests import makers
from tests.schools.finance import stage
from tests.schools.finance.test_class_hours_added import holds
from tests.schools.finance.test_exit_corrected_beside import at, charges, owes


@pytest.mark.parametrize("profile", ["shandong", "longling", "national-2024"])
def test_lessons_made_after_a_charge_of_nothing_are_waived_as_those_made_before(north, profile):
    """Hardship, all of September waived (half where the policy names no share). October's football was not in the timetable
    yet when October was charged; reading's was. The run of a day later charges football."""
    stage.the_term(profile)
    found = []
    with in_school(north):
        them = stage.people()
        plan = makers.a_plan(fee_unit="class_hour", fee_fen=250)
        reading = makers.an_activity(plan, title="阅读")
        football = makers.an_activity(plan, title="足球", weekday=2)
        for activity in (reading, football):
            stage.sessions(activity, date(2026, 9, 1), 10, state="closed")
        stage.sessions(reading, date(2026, 10, 9), 5)
        timely, late = (stage.a_family(plan, football, school_signed_by=them.principal) for _ in "ab")
        makers.a_place(timely, reading)
        makers.a_place(late, reading, placed_from=date(2026, 11, 1))
        charges(plan, "2026-09", them, at(9, 1))
        for family in (timely, late):
            fen = family.charges.get().gross_fen // 2 if profile == "national-2024" else None
            stage.waives(family.charges.get(), them, fen=fen, now=at(9, 2))
        before = [owes(timely), owes(late)]
        charges(plan, "2026-10", them, at(9, 28))
        stage.sessions(football, date(2026, 10, 9), 5)
        Session.objects.filter(activity=football, date__gte=date(2026, 10, 1)).update(made_at=at(9, 29))
        charges(plan, "2026-10", them, at(9, 30))
        for family in (timely, late):
            row = family.charges.get(period="2026-10")
            found.append((row.gross_fen, row.waived_fen))
        holds()
    waived = [fen for _gross, fen in found]
    share = 1 if profile != "national-2024" else 2
    assert waived == [gross // share for gross, _fen in found], (found, before)
