"""What the city may know of the roll: how many children."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from schools.people.models import Pupil, SchoolClass


def on_roll(day: date) -> int:
    """Children of the school on this day."""
    return Pupil.objects.filter(
        Q(left_date__isnull=True) | Q(left_date__gt=day), joined_date__lte=day
    ).count()


def classes_on(day: date) -> dict[UUID, dict[str, Any]]:
    """Classes with children on this day: name, grade and how many."""
    here = Q(pupils__joined_date__lte=day) & (
        Q(pupils__left_date__isnull=True) | Q(pupils__left_date__gt=day)
    )
    rows = SchoolClass.objects.annotate(children=Count("pupils", filter=here)).filter(children__gt=0)
    return {row.pk: {"class_name": row.name, "grade": row.grade, "pupils": row.children} for row in rows}
