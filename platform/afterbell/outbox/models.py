"""Dirty marks: which facts of which day, month or term must be computed anew."""

from typing import ClassVar

from django.db import models

from afterbell.kernel.privacy import classify
from afterbell.kernel.records import Record


class Grain(models.TextChoices):
    """Bucket of a fact: a day (2026-09-01), a month (2026-09) or a term (2026-2027-1)."""

    DAY = "day"
    MONTH = "month"
    TERM = "term"


class Mark(Record):
    """Appended by actions, taken away by the roll-up with DELETE … RETURNING. The outbox is the truth; Redis only wakes."""

    grain = models.CharField(max_length=5, choices=Grain.choices)
    bucket = models.CharField(max_length=11)
    marked_at = models.DateTimeField()

    field_classes: ClassVar = classify(internal="id grain bucket marked_at")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(grain__in=Grain.values), name="mark_grain_known"),
        ]

    def __str__(self) -> str:
        return f"{self.grain} {self.bucket}"
