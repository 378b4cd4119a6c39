"""Where each school's audit chain ended, hour by hour, and what did not lie on it any more. Written once (tenants.roles)."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from afterbell.audit.chain import HASH
from afterbell.kernel.privacy import classify
from afterbell.kernel.records import Record
from tenants.models import School


class ChainAnchor(Record):
    """The head of a school's chain at a moment, as the city found it."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="chain_anchors")
    position = models.PositiveBigIntegerField(_("序号"))
    hash = models.CharField(_("散列值"), max_length=64)
    at = models.DateTimeField(_("时间"))

    public_only = True
    field_classes: ClassVar = classify(internal="id school position hash at")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school", "position"], name="one_anchor_a_position"),
            models.CheckConstraint(condition=Q(position__gte=1), name="anchor_position_from_one"),
            models.CheckConstraint(condition=Q(hash__regex=HASH), name="anchor_hash_is_sha256"),
        ]

    def __str__(self) -> str:
        return f"{self.position}:{self.hash}"


class ChainFlaw(Record):
    """A pass found that a school's chain does not lie on its anchors; said once for an anchor."""

    anchor = models.ForeignKey(ChainAnchor, on_delete=models.PROTECT, related_name="flaws", db_index=False)
    flaw = models.CharField(max_length=10, choices=[("cut", _("记录少了")), ("rewritten", _("记录被改写"))])
    at = models.DateTimeField(_("发现时间"))

    public_only = True
    field_classes: ClassVar = classify(internal="id anchor flaw at")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["anchor", "flaw"], name="flaw_of_an_anchor_once"),
            models.CheckConstraint(condition=Q(flaw__in=["cut", "rewritten"]), name="flaw_known"),
        ]

    def __str__(self) -> str:
        return f"{self.anchor_id} {self.flaw}"
