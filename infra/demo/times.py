"""When things happen in a demo term: its school days, and the moment of each step."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from afterbell.kernel.dates import Month, Period, local_date
from tenants import calendar
from tenants.models import School, Term

SERVICE_BEGINS = 10
"""School days of a term before the first session: asking, deciding, filing, applying."""
REST = timedelta(days=7)
"""Between the last session and the end of the term: for the settlement."""


@dataclass(frozen=True)
class Times:
    """One term of one school, seen at `now`."""

    code: str
    first_date: date
    last_date: date
    days: tuple[date, ...]
    now: datetime

    @property
    def service(self) -> Period:
        """First and last day of the plan."""
        return Period(self.days[SERVICE_BEGINS], max(d for d in self.days if d <= self.last_date - REST))

    @property
    def today(self) -> date:
        return local_date(self.now)

    @property
    def is_over(self) -> bool:
        return self.today > self.last_date

    def day(self, number: int, hour: int, minute: int = 0) -> datetime:
        """A moment of the n-th school day of the term, from 0."""
        return at(self.days[number], hour, minute)

    @property
    def service_months(self) -> list[Month]:
        """Months with sessions that have begun."""
        return [m for m in self.service.months() if m.period.first <= self.today]

    def closes(self, month: Month) -> datetime:
        """When a month's statement is published, in time: the sixth; the last month of a term once its service is over."""
        if self.is_over and month == Month.of(self.service.last):
            return at(self.service.last + timedelta(days=1), 16)
        return at(month.period.last + timedelta(days=6), 16)

    @property
    def previewed(self) -> datetime:
        return at(self.last_date - timedelta(days=3), 15)

    @property
    def batched(self) -> datetime:
        return at(self.last_date - timedelta(days=1), 10)

    @property
    def issued(self) -> datetime:
        return at(self.last_date + timedelta(days=3), 10)

    @property
    def confirmed(self) -> datetime:
        return at(self.last_date + timedelta(days=6), 11)


def of_term(term: Term, school: School, now: datetime) -> Times:
    """Reads the calendar once."""
    days = calendar.school_days(term.first_date, term.last_date, school.district)
    return Times(term.code, term.first_date, term.last_date, tuple(days), now)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment at the school."""
    return timezone.make_aware(datetime.combine(day, time(hour, minute)))
