"""Makes facts of schools for tests of the city: plausible counts and sums, without the school behind them.

Call them outside every school; then `rolled()` makes the roll-ups, as a bulk load does. Each takes **more to change a
field. A term with its dates is makers.a_term(): days belong to no term without it.
"""

from datetime import date, datetime, timedelta
from uuid import uuid4

from oversight.facts import rollups
from oversight.facts.models import ClassFact, DayFact, MonthFact, TermFact
from tenants.models import School
from tests.city import NOON
from tests.makers import FIRST, MONDAY, TERM, number

LATER = NOON + timedelta(days=60)
MONTH = "2026-09"


def a_day_fact(school: School, day: date = MONDAY, **more) -> DayFact:
    """Ten sessions held, 300 children expected, 285 of them came and were handed over."""
    return DayFact.objects.create(
        **{
            "school": school, "date": day, "sessions_planned": 10, "sessions_held": 10, "sessions_cancelled": 0,
            "class_hours": 20, "expected": 300, "present": 285, "excused": 10, "handed_over": 285,
            "pupil_minutes": 285 * 80, "staff": 10, "duties_without_clearance": 0, "incidents": 0,
            "version": 1, "computed_at": NOON, **more,
        }
    )  # fmt: skip


def a_month_fact(school: School, month: str = MONTH, **more) -> MonthFact:
    """39,000 yuan charged and paid, 20,000 spent; the statement is due on the 10th of the next month and out on the 5th."""
    after = (date.fromisoformat(f"{month}-01") + timedelta(days=31)).replace(day=10)
    published = datetime.fromisoformat(f"{after.replace(day=5)}T04:00:00+00:00")
    return MonthFact.objects.create(
        **{
            "school": school, "month": month, "term_code": TERM, "charged_fen": 3_900_000, "waived_fen": 0,
            "received_fen": 3_900_000, "staff_fen": 1_800_000, "materials_fen": 150_000, "other_fen": 50_000,
            "refunded_fen": 0, "statement_due_date": after, "statement_published_at": published,
            "statement_sha256": "0" * 64, "complaints": 0, "complaints_forced": 0,
            "complaints_answered_in_time": 0, "complaints_overdue": 0, "version": 1, "computed_at": NOON, **more,
        }
    )  # fmt: skip


def a_term_fact(school: School, **more) -> TermFact:
    """400 on the roll, 300 take part; a published plan at 130 yuan a month under a cap of 150; 25 people, all checked."""
    return TermFact.objects.create(
        **{
            "school": school, "term_code": TERM, "pupils_on_roll": 400, "consultation_asked": 400,
            "consultation_yes": 300, "consultation_no": 80, "applications": 310, "waiting": 5, "participants": 300,
            "five_day_participants": 210, "hardship_participants": 12, "plan_state": "published",
            "plan_published_at": NOON, "collector": "school", "fee_unit": "month", "fee_fen": 13_000,
            "cap_fen": 15_000, "weekly_minutes": 400, "survey_invited": 300, "survey_answers": 200,
            "survey_score_sum": 880, "survey_high": 180, "staff_contracted": 25, "staff_outside": 5,
            "staff_checks_due": 25, "staff_checks_valid": 25, "collector_due": "school", "version": 1,
            "computed_at": NOON, **more,
        }
    )  # fmt: skip


def a_class_fact(school: School, **more) -> ClassFact:
    """40 pupils of one class, 30 take part, nothing forced."""
    return ClassFact.objects.create(
        **{
            "school": school, "term_code": TERM, "class_id": uuid4(), "class_name": f"一年级{number()}班", "grade": 1,
            "pupils": 40, "participants": 30, "asked_answers": 38, "asked_no": 8, "consents": 30,
            "consents_in_burst": 6, "consents_one_device": 1, "consents_before_close": 0, "version": 1,
            "computed_at": NOON, **more,
        }
    )  # fmt: skip


def a_known_school(school: School, *, days: int = 5, **more) -> TermFact:
    """A school with a term, its first month and so many days of it (one a weekday); **more goes to the term."""
    day, made = FIRST, 0
    while made < days:
        if day.isoweekday() <= 5:
            a_day_fact(school, day)
            made += 1
        day += timedelta(days=1)
    a_month_fact(school)
    return a_term_fact(school, **more)


def rolled(now: datetime = LATER) -> None:
    """Roll-ups of schools and areas, made from these facts."""
    rollups.roll_everything(now=now)
