"""Reads the months of a plan whose lessons nobody has made yet (S37).

A fee for the whole term can't be divided by them; a fee by the class hour has nothing to be charged for in them.
"""

from datetime import date

from afterbell.kernel.dates import ONE_DAY, Month, Period
from schools.care.models import Session
from schools.finance import rules
from schools.planning.models import FeeUnit, Plan
from tenants import calendar


def months(plan: Plan, after: date) -> list[Month]:
    """Months after this day in which a plan with a fee for the term has no lesson, though it may have school days.

    What is not made can't be cancelled, so nothing would come off the fee. Fees by the month or by the class hour know
    no lesson that was not made: such a month is not paid for. Two queries, and two for each month without lessons.
    """
    if plan.fee_unit != FeeUnit.TERM or after >= plan.last_date:
        return []
    return _without_lessons(plan, Period(after + ONE_DAY, plan.last_date))


def of_period(plan: Plan, days: Period) -> list[Month]:
    """Months of a period for which a run by the class hour has no lessons to charge yet. Queries as `months`."""
    served = days.overlap(Period(plan.first_date, plan.ended_date or plan.last_date))
    return _without_lessons(plan, served) if plan.fee_unit == FeeUnit.CLASS_HOUR and served else []


def has_lessons(plan: Plan, days: Period) -> bool:
    """Cancelled ones too: they were made."""
    return Session.objects.filter(activity__plan=plan, date__range=(days.first, days.last)).exists()


def _without_lessons(plan: Plan, left: Period) -> list[Month]:
    days = Session.objects.filter(activity__plan=plan).values_list("date", flat=True).distinct()
    made = {Month.of(day) for day in days}
    weekdays = set(plan.activities.values_list("weekday", flat=True))
    parts = [month.period.overlap(left) for month in left.months() if month not in made]
    return [Month.of(part.first) for part in parts if part is not None and _may_have_lessons(part, weekdays)]


def _may_have_lessons(part: Period, weekdays: set[int]) -> bool:
    """Also where the calendar can't tell yet, or not which weekday's timetable a day has."""
    try:
        days = calendar.school_calendar(part.first, part.last, rules.school_here().district)
    except calendar.CalendarUnknown:
        return bool(weekdays)
    return any(day.weekday is None or day.weekday in weekdays for day in days)
