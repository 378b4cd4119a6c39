"""What a guardian says after the agreement about a child that goes home alone (S24)."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.privacy import classify
from afterbell.kernel.records import Record
from schools.enrolment.models import Agreement
from schools.people.models import Guardian


class HomeWord(Record):
    """自行离校的确认: the last word on an agreement by which a child goes home alone; earlier ones stand in the audit log.

    Its id is the agreement's: one word an agreement, without an index of its own.
    """

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="+", db_index=False)
    is_yes = models.BooleanField(_("同意自行离校"))
    guardian = models.ForeignKey(Guardian, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(_("时间"))
    held_until = models.DateTimeField(null=True, blank=True)
    """With a no: until when the child could go alone before it; a deed of before is judged by it."""
    others = models.JSONField(default=dict, blank=True)
    """With a no: other guardians' noes of before, which stand beside it: ISO moments by guardian."""

    field_classes: ClassVar = classify(
        internal="id at held_until", personal="agreement is_yes guardian others"
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(is_yes=False) | Q(held_until__isnull=True), name="only_a_no_ends_going_alone"
            ),
            models.CheckConstraint(
                condition=Q(is_yes=False) | Q(others={}), name="no_yes_beside_anothers_no"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement_id} {self.is_yes}"
