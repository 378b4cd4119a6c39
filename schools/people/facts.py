"""What the city may know of the roll: how many children."""

from datetime import date

from django.db.models import Q

from schools.people.models import Pupil


def on_roll(day: date) -> int:
    """Children of the school on this day."""
    return Pupil.objects.filter(
        Q(left_date__isnull=True) | Q(left_date__gt=day), joined_date__lte=day
    ).count()
