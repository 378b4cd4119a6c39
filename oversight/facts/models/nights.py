"""The nightly pass, a row for each school and night, and one for the city: what is done, what failed, what had drifted."""

from typing import ClassVar

from django.db import models

from afterbell.kernel.privacy import classify
from afterbell.kernel.records import Record
from tenants.models import School


class Night(Record):
    """Tried until it is done. Without a school it is the city's own last step: sums of areas, and rules."""

    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="+", null=True)
    night_date = models.DateField()
    """The local date on which it began."""
    tried_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    drift = models.PositiveBigIntegerField(null=True)
    """Facts that differed from their recomputation; None until it is done."""
    failure = models.CharField(max_length=80, blank=True, default="")
    """The kind of the last try's error, without its text: that may name a child."""

    public_only = True
    field_classes: ClassVar = classify(internal="id school night_date tried_at done_at drift failure")

    class Meta:
        db_table = "oversight_night"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["night_date", "school"], name="one_row_a_school_and_night", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=models.Q(done_at__isnull=True) | models.Q(failure=""), name="night_done_or_failed"
            ),
            models.CheckConstraint(
                condition=models.Q(drift__isnull=True) | models.Q(done_at__isnull=False),
                name="night_drift_when_done",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.night_date} {self.school_id}"
