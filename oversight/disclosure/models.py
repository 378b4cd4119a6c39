"""What was published of children, day by day: written once, and kept."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.privacy import classify
from afterbell.kernel.records import Record


class Release(Record):
    """公布: the tables of participation of one term as one day shows them.

    Two readings of one day are the same, so that nothing is learnt by taking one from the other (calculations.md
    "Suppression").
    """

    term_code = models.CharField(_("学期"), max_length=11)
    day = models.DateField(_("公布日期"))
    as_of = models.DateTimeField(_("数据截至"), null=True)
    tables = models.JSONField()
    """participation.kept: figures rounded and hidden already; nothing else of the children is in it."""
    made_at = models.DateTimeField()

    public_only = True
    field_classes: ClassVar = classify(public="id term_code day as_of tables made_at")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["term_code", "day"], name="one_release_a_day"),
            models.CheckConstraint(condition=~Q(tables=[]), name="release_has_tables"),
        ]

    def __str__(self) -> str:
        return f"{self.term_code} {self.day}"
