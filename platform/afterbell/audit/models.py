"""The audit entries of one schema, chained by hash, the seals of rows that they bind, and the head, locked to append."""

import secrets
from datetime import UTC
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from afterbell.audit.chain import BEFORE_SEALS, FORMAT, HASH, TARGET, VERB, ZEROS
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
    seals = models.CharField(max_length=64, blank=True, default="")
    """Over the seals since the entry before it; empty where no sealed row was written."""
    before_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    field_classes: ClassVar = classify(
        internal="id format position at by_id verb target details seals before_hash hash"
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
        seals = {} if self.format == BEFORE_SEALS else {"seals": self.seals or None}
        return {
            "format": self.format,
            "position": self.position,
            "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "by": str(self.by_id) if self.by_id else None,
            "verb": self.verb,
            "target": self.target,
            "details": self.details,
            **seals,
            "before": self.before_hash,
            "hash": self.hash,
        }


class Seal(Record):
    """The rows of one table that a transaction wrote, each with a digest of how it left them (audit.sealing).

    Bound by the entry at `position`: that of the deed itself, or where a transaction has none, the next one.
    """

    number = models.PositiveBigIntegerField()
    position = models.PositiveBigIntegerField()
    model = models.CharField(max_length=60)
    form = models.CharField(max_length=12)
    """Which columns went into the digests, of those that the head knows; empty: the rows wait for a migration's end."""
    rows = models.BinaryField()
    """By key, 32 bytes each: the key, and the first half of the SHA-256; zeros for a row that was deleted."""

    field_classes: ClassVar = classify(internal="id number position model form rows")

    class Meta:
        db_table = "audit_seal"
        # No index on the number: only `verify` reads seals, all of them in order, and sees whether one is there twice.

    def __str__(self) -> str:
        return f"{self.number} {self.model}"


def a_salt() -> str:
    """32 random bytes in hex."""
    return secrets.token_hex(32)


class Head(Record):
    """The end of the chain; its row is locked while an entry is appended, so that entries stand in line."""

    singleton = models.BooleanField(default=True)
    position = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=ZEROS)
    sealed = models.PositiveBigIntegerField(default=0)
    """The number of the last seal."""
    seals = models.CharField(max_length=64, blank=True, default="")
    """Over the seals that no entry has bound yet."""
    salt = models.CharField(max_length=64, blank=True, default=a_salt)
    """Goes into every digest, so that nobody who sees an export can guess a vote; empty before the first seal."""
    forms = models.JSONField(default=dict)
    """By table and form: the columns."""
    tables = models.JSONField(default=list)
    """Whose rows all have seals: from the first one on, or because they were sealed as they were found."""
    known = models.CharField(max_length=64, blank=True, default="")
    """Of all forms of the code that has caught up here: who has the same need not read `forms`."""

    field_classes: ClassVar = classify(
        internal="id singleton position hash sealed seals forms tables known", sensitive="salt"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["singleton"], name="one_audit_head"),
            models.CheckConstraint(condition=Q(singleton=True), name="audit_head_is_single"),
            models.CheckConstraint(condition=Q(hash__regex=HASH), name="audit_head_hash_is_sha256"),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.hash}"
