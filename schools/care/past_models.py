"""Duties that ended on their own day."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from afterbell.kernel.privacy import classify
from afterbell.kernel.records import Record


class PastDuty(Record):
    """换下的值班: who was on duty in a session and until when, where the duty was taken away on the session's day.

    What such a person's phone kept from before is taken (S21, S22). A handful a month: no index is worth its file.
    """

    session = models.ForeignKey(
        "care.Session", on_delete=models.PROTECT, related_name="past_duties", db_index=False
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    is_responsible = models.BooleanField()
    until = models.DateTimeField()

    field_classes: ClassVar = classify(internal="id session user is_responsible until")

    def __str__(self) -> str:
        return f"{self.session_id} {self.until}"
