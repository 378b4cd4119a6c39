"""Pupil minutes: how long children were there, in one meaning for the city's facts and for a family's share of a surplus.

Of each session that was held and closed, for each present child: from the session's start to the handover, or to its end
where there was none; at most the session's length, never below zero, whole minutes (calculations.md). When a child was
ticked on the roll says nothing: the room is open and the teacher is there from the start.

Worked, a session from 16:00 to 17:30: handed over at 17:00 is 60; ticked at 16:20 and handed over at 17:00 is 60 too; there
to the end, or fetched at 17:45, is 90; fetched at 16:00:59 is 0; fetched before the start is 0; away is nothing.
"""

from typing import Final
from uuid import UUID

from django.db import connection

from schools.planning.models import Plan

MINUTES: Final = """coalesce(
    sum(floor(greatest(date_part('epoch', least(roll.left_at, session.ends_at) - session.starts_at), 0) / 60))
    FILTER (WHERE session.state = 'closed' AND roll.arrived_at IS NOT NULL), 0)::bigint"""
"""SQL over `session` and its `roll`. Who has an arrival is present or has left (roll_times_go_with_state); `least` looks
past the missing handover."""

OF_AGREEMENTS: Final = """
SELECT roll.agreement_id, {minutes}
FROM care_rollentry AS roll JOIN care_session AS session ON session.id = roll.session_id
JOIN enrolment_agreement AS agreement ON agreement.id = roll.agreement_id
WHERE agreement.plan_id = %(plan)s GROUP BY roll.agreement_id
"""


def of_agreements(plan: Plan) -> dict[UUID, int]:
    """Minutes of each agreement of a plan whose child is on any roll, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(OF_AGREEMENTS.format(minutes=MINUTES), {"plan": plan.pk})
        return dict(cursor.fetchall())
