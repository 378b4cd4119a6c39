"""Says that the hired people have changed: days of duty and terms are computed anew."""

from datetime import date, datetime, timedelta

from afterbell.kernel.dates import local_date
from afterbell.outbox import actions as outbox
from tenants.models import Term

LONGEST = timedelta(days=366)
"""Checks are repeated yearly: what an older one changes lies in terms that are over."""


def staff_changed(*, first: date, last: date, now: datetime) -> None:
    """Call it in the action's transaction, with the days on which it makes a difference."""
    today = local_date(now)
    begin = max(first, today - LONGEST)
    days = [begin + timedelta(days=number) for number in range((today - begin).days + 1)]
    terms = (
        Term.objects.filter(first_date__lte=last, last_date__gte=begin)
        .order_by("code")
        .values_list("code", flat=True)
    )
    outbox.mark(now=now, days=[*days, today], terms=list(terms))
