"""Where each audit chain ended, hour by hour, what did not lie on it any more, and how far a verification is.

In all of them no school means the city's own chain. Anchors and flaws are written once (tenants.roles); how a chain stands
is computed by passes and verifications, and again by the next ones.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from afterbell.audit.chain import HASH
from afterbell.kernel.privacy import classify
from afterbell.kernel.records import Record
from tenants.models import School

FLAWS = [("cut", _("记录少了")), ("rewritten", _("记录被改写"))]
"""What can be wrong where a chain was anchored (afterbell.audit.chain.Flaw)."""


class ChainAnchor(Record):
    """The head of a chain at a moment, as the city found it.

    One position may have two hashes: a chain that was rewritten goes on, and its new ends are anchored too.
    """

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="chain_anchors", null=True)
    position = models.PositiveBigIntegerField(_("序号"))
    hash = models.CharField(_("散列值"), max_length=64)
    at = models.DateTimeField(_("时间"))

    public_only = True
    field_classes: ClassVar = classify(internal="id school position hash at")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["school", "position", "hash"], name="anchor_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=Q(position__gte=1), name="anchor_position_from_one"),
            models.CheckConstraint(condition=Q(hash__regex=HASH), name="anchor_hash_is_sha256"),
        ]

    def __str__(self) -> str:
        return f"{self.position}:{self.hash}"


class ChainFlaw(Record):
    """A pass found that a chain does not lie on an anchor; said once for an anchor and flaw, and never taken back."""

    anchor = models.ForeignKey(ChainAnchor, on_delete=models.PROTECT, related_name="flaws", db_index=False)
    flaw = models.CharField(max_length=10, choices=FLAWS)
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


class Verification(Record):
    """Somebody has chains verified: one school's, or all; one runs at a time."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+", null=True)
    """Empty: the city's and all schools'."""
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, related_name="+")
    """Nothing is looked up here when a user of a school goes; the database refuses where it is the city's."""
    begun_at = models.DateTimeField()
    moved_at = models.DateTimeField()
    """The last sign of life: one that gives none for long was given up."""
    done_at = models.DateTimeField(null=True)
    chains = models.PositiveBigIntegerField()
    broken = models.PositiveBigIntegerField(null=True)
    unread = models.PositiveBigIntegerField(null=True)
    """Counts of its chains, when it is done; a given up one has none."""

    public_only = True
    field_classes: ClassVar = classify(internal="id school by begun_at moved_at done_at chains broken unread")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["done_at"],
                condition=Q(done_at__isnull=True),
                nulls_distinct=False,
                name="one_verification_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(broken__isnull=True, unread__isnull=True)
                | Q(broken__isnull=False, unread__isnull=False, done_at__isnull=False),
                name="verification_counts_when_done",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.begun_at:%Y-%m-%d %H:%M}"


class Verdict(models.TextChoices):
    """What the last verification of a chain found."""

    NONE = "", _("尚未核验")
    HOLDS = "holds", _("完好")
    BROKEN = "broken", _("有问题")
    UNREAD = "unread", _("没能核验")


class ChainState(Record):
    """How a chain stands: what the last pass saw of its end, and what the last verification found."""

    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="+", null=True)
    position = models.PositiveBigIntegerField(default=0)
    last_entry_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    """When a pass last read it; empty before the first."""
    failure = models.CharField(max_length=80, blank=True, default="")
    """The kind of error with which the last pass could not read it, without its text."""
    flaw = models.CharField(max_length=10, choices=FLAWS, blank=True, default="")
    """What the last pass found at `flaw_position`, its last anchor or its end; empty where both lie on the chain."""
    flaw_position = models.PositiveBigIntegerField(default=0)
    verdict = models.CharField(max_length=10, choices=Verdict, blank=True, default="")
    findings = models.JSONField(default=list)
    """Each with what it is, its position, and the row: afterbell.audit.queries.Finding."""
    verification = models.ForeignKey(Verification, on_delete=models.PROTECT, related_name="+", null=True)
    verified_at = models.DateTimeField(null=True)

    public_only = True
    field_classes: ClassVar = classify(
        internal="id school position last_entry_at seen_at failure flaw flaw_position verdict findings verification"
        " verified_at"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school"], name="one_state_a_chain", nulls_distinct=False),
            models.CheckConstraint(condition=Q(verdict__in=Verdict.values), name="chain_verdict_known"),
            models.CheckConstraint(condition=Q(flaw__in=["", "cut", "rewritten"]), name="chain_flaw_known"),
            models.CheckConstraint(
                condition=Q(verdict="", verified_at__isnull=True, verification__isnull=True)
                | (~Q(verdict="") & Q(verified_at__isnull=False, verification__isnull=False)),
                name="chain_verdict_of_a_verification",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.school_id} {self.position}"
