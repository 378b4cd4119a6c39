"""The audit entries of one schema, chained by hash, and the head that is locked to append."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.privacy import classify
from afterbell.kernel.records import Record


class Entry(Record):
    """One thing that somebody did. The database lets roles insert and read, not change (tenants.roles)."""

    position = models.PositiveBigIntegerField(_("序号"))
    at = models.DateTimeField(_("时间"))
    by_id = models.UUIDField(_("操作人编号"), null=True)
    by_name = models.CharField(_("操作人"), max_length=60, blank=True, default="")
    verb = models.CharField(_("动作"), max_length=80)
    target = models.CharField(_("对象"), max_length=120)
    details = models.JSONField(_("说明"), default=dict)
    before_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    field_classes: ClassVar = classify(
        internal="id position at by_id verb target before_hash hash", personal="by_name details"
    )

    class Meta:
        db_table = "audit_entry"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["position"], name="audit_position_once"),
            models.UniqueConstraint(fields=["before_hash"], name="audit_chain_does_not_fork"),
            models.CheckConstraint(condition=Q(position__gte=1), name="audit_position_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.verb}"


class Head(Record):
    """The end of the chain; its row is locked while an entry is appended, so that entries stand in line."""

    singleton = models.BooleanField(default=True)
    position = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)

    field_classes: ClassVar = classify(internal="id singleton position hash")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["singleton"], name="one_audit_head"),
            models.CheckConstraint(condition=Q(singleton=True), name="audit_head_is_single"),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.hash}"
