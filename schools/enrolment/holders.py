"""Who holds a place in an activity on a day, and who waits for one: the one reading for rosters, bills and figures."""

from datetime import date
from uuid import UUID

from django.db.models import F, Q, QuerySet

from schools.enrolment.models import LIVE, ChosenActivity
from schools.enrolment.states import BEGAN


def on(day: date | F) -> Q:
    """Of chosen activities: those in which the child has its place on this day (S15).

    By what was given and the agreement's dates, not by `holds_place`: an exit gives the place away at once, and its last
    day is still looked after.
    """
    return between(day, day)


def between(first: date | F, last: date | F) -> Q:
    """The same on any of these days."""
    return Q(
        placed_from__lte=last,
        application__agreement__state__in=BEGAN,
        application__agreement__from_date__lte=last,
        application__agreement__until_date__gte=first,
    )


def ever() -> Q:
    """Of chosen activities: those in which the child had its place for a day at least."""
    return Q(
        placed_from__lte=F("application__agreement__until_date"), application__agreement__state__in=BEGAN
    )


def waiting() -> Q:
    """Of chosen activities: those for which a child of the school has applied and holds no place yet.

    A supplement that is over has `ended_at`; the application above it lives on.
    """
    return Q(
        placed_from__isnull=True,
        ended_at__isnull=True,
        application__state__in=LIVE,
        application__pupil__left_date__isnull=True,
    )


def waits_for(application: UUID) -> QuerySet[ChosenActivity]:
    """What one application itself still waits for, without its supplements. Not ordered."""
    found: QuerySet[ChosenActivity] = ChosenActivity.objects.filter(
        waiting(), application=application, supplement=None
    )
    return found
