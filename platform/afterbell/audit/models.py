"""The audit entries of one schema, chained by hash, and the head that is locked to append."""

from datetime import UTC
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from afterbell.audit.chain import FORMAT, HASH, TARGET, VERB, ZEROS
from afterbell.kernel.privacy import classify
from afterbell.kernel.records import Record


class Entry(Record):
    """One thing that somebody did. The database lets roles insert and read, not change (tenants.roles).

    It names people and things by id alone, so that an export of the chain holds nothing personal.
    """

    format = models.PositiveSmallIntegerField(_("格式"), default=FORMAT)
    """Version of the text that was hashed: a later one may add lines, this entry stays as it is."""
    position = models.PositiveBigIntegerField(_("序号"))
    at = models.DateTimeField(_("时间"))
    by_id = models.UUIDField(_("操作人编号"), null=True)
    """Null for what the system does by itself."""
    verb = models.CharField(_("动作"), max_length=80)
    target = models.CharField(_("对象"), max_length=120)
    details = models.JSONField(_("说明"), default=dict)
    """Ids, codes and numbers only: afterbell.audit.details."""
    before_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    field_classes: ClassVar = classify(
        internal="id format position at by_id verb target details before_hash hash"
    )

    class Meta:
        db_table = "audit_entry"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["position"], name="audit_position_once"),
            models.UniqueConstraint(fields=["before_hash"], name="audit_chain_does_not_fork"),
            models.CheckConstraint(condition=Q(position__gte=1), name="audit_position_from_one"),
            models.CheckConstraint(
                condition=Q(position=1, before_hash=ZEROS) | (Q(position__gt=1) & ~Q(before_hash=ZEROS)),
                name="audit_only_the_first_begins",
            ),
            models.CheckConstraint(
                condition=Q(hash__regex=HASH) & Q(before_hash__regex=HASH), name="audit_hash_is_sha256"
            ),
            models.CheckConstraint(
                condition=Q(verb__regex=VERB) & Q(target__regex=TARGET), name="audit_one_line_each"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.verb}"

    def as_line(self) -> dict[str, object]:
        """The fields as they stand in the hashed text and in the export."""
        return {
            "format": self.format,
            "position": self.position,
            "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "by": str(self.by_id) if self.by_id else None,
            "verb": self.verb,
            "target": self.target,
            "details": self.details,
            "before": self.before_hash,
            "hash": self.hash,
        }


class Head(Record):
    """The end of the chain; its row is locked while an entry is appended, so that entries stand in line."""

    singleton = models.BooleanField(default=True)
    position = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=ZEROS)

    field_classes: ClassVar = classify(internal="id singleton position hash")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["singleton"], name="one_audit_head"),
            models.CheckConstraint(condition=Q(singleton=True), name="audit_head_is_single"),
            models.CheckConstraint(condition=Q(hash__regex=HASH), name="audit_head_hash_is_sha256"),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.hash}"
