"""Children who were charged twice for the same days, whatever the column says that forbids it.

By agreements, labels and the days that a charge names: who came back on the last day of the first agreement has that day
in both, and is charged for it once. An agreement that never began stands for no day, as soon as its exit was reckoned:
what was charged under it otherwise is doubled like any other. Days after an exit count where the charge still names them;
those after an early end of the service do not. A label that is no month stands for the whole term.
"""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from tenants.models import Term

MONTH = "^20[0-9]{2}-(0[1-9]|1[0-2])$"
DOUBLED = """
WITH days AS (
    SELECT charge.id, agreement.pupil_id,
           greatest(agreement.from_date, charge.first_date, CASE WHEN charge.period ~ %(month)s
                    THEN to_date(charge.period, 'YYYY-MM') ELSE %(first)s::date END) AS first_date,
           least(charge.last_date, CASE WHEN charge.last_date IS NULL OR isempty(charge.covers)
                 THEN least(agreement.until_date, plan.ended_date) END, CASE WHEN charge.period ~ %(month)s
                 THEN (to_date(charge.period, 'YYYY-MM') + interval '1 month' - interval '1 day')::date
                 ELSE %(last)s::date END) AS last_date
    FROM finance_charge AS charge JOIN enrolment_agreement AS agreement ON agreement.id = charge.agreement_id
         JOIN planning_plan AS plan ON plan.id = agreement.plan_id
    WHERE charge.term_code = %(term)s AND charge.taken_back_at IS NULL AND charge.gross_fen > 0
      AND (agreement.state <> 'void' OR NOT isempty(charge.covers) OR NOT EXISTS (
           SELECT FROM finance_calculation AS gone WHERE gone.agreement_id = agreement.id AND gone.cause = 'exit'
           AND gone.at >= charge.created_at))
), beside AS (
    SELECT id, pupil_id, first_date, lag(id) OVER child AS before_id,
           max(last_date) OVER (child ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before_last
    FROM days WHERE first_date <= last_date WINDOW child AS (PARTITION BY pupil_id ORDER BY first_date, id)
)
SELECT pupil_id, before_id, id FROM beside WHERE first_date <= before_last ORDER BY id
"""


class Doubled(NamedTuple):
    """Two standing charges of one child that share a day."""

    pupil_id: UUID
    first_id: UUID
    second_id: UUID


def charges(term: Term) -> list[Doubled]:
    """All of a term. One statement."""
    given: dict[str, str | date] = {
        "term": term.code, "first": term.first_date, "last": term.last_date, "month": MONTH
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(DOUBLED, given)
        return [Doubled(*row) for row in cursor.fetchall()]
