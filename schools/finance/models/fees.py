"""What families are charged: runs, charges, and waivers that two persons stand for."""

from datetime import datetime
from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DecimalRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.privacy import classify
from afterbell.kernel.records import Record
from schools.enrolment.models import Agreement
from schools.finance.models.persons import person, person_or_nobody
from schools.finance.states import WaiverState
from schools.planning.models import Plan


class ChargeRun(Record):
    """开具费用: one period charged for one plan, as it was previewed; taken back as a whole or not at all."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="charge_runs", db_index=False)
    term_code = models.CharField(max_length=11)
    period = models.CharField(_("期间"), max_length=11)
    families = models.PositiveIntegerField(_("户数"))
    total_fen = models.BigIntegerField(_("合计（分）"))
    """After waivers that are carried on."""
    preview_sha256 = models.CharField(max_length=64)
    """Of what the person saw before saying yes (charging.digest)."""
    posted_at = models.DateTimeField(_("开具时间"))
    posted_by = person()
    taken_back_at = models.DateTimeField(null=True, blank=True)
    taken_back_by = person_or_nobody()
    taken_back_reason = models.CharField(_("撤回原因"), max_length=200, blank=True, default="")

    field_classes: ClassVar = classify(
        internal="id plan term_code period families total_fen preview_sha256 posted_at posted_by taken_back_at "
        "taken_back_by taken_back_reason"
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(taken_back_at__isnull=True, taken_back_by__isnull=True, taken_back_reason="")
                | (Q(taken_back_at__isnull=False, taken_back_by__isnull=False) & ~Q(taken_back_reason="")),
                name="run_taken_back_by_somebody_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(families__gt=0, total_fen__gte=0), name="run_charges_somebody"
            ),
        ]

    def __str__(self) -> str:
        return self.period


class Charge(Record):
    """应收: one agreement, one period. Waived and charged stand beside each other; charged ≤ the cap."""

    run = models.ForeignKey(ChargeRun, null=True, on_delete=models.PROTECT, related_name="charges")
    """Null for charges from before there were runs."""
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="charges")
    term_code = models.CharField(max_length=11)
    period = models.CharField(_("期间"), max_length=11)
    """A month (2026-09) or the whole term (2026-2027-1)."""
    first_date = models.DateField(_("计费首日"), null=True)
    last_date = models.DateField(_("计费末日"), null=True)
    """Days that this charge stands for: those of the agreement in the period; an exit cuts them off."""
    covers = DecimalRangeField(default="empty")
    """Child and days as one range (charging.covers); no two charges of a child share a day. Empty once taken back."""
    unit = models.CharField(_("计费方式"), max_length=10, blank=True, default="")
    units = models.PositiveIntegerField(_("数量"))
    """Months, terms or class hours that were charged."""
    fee_fen = models.BigIntegerField(_("单价（分）"), null=True)
    """Of one unit; gross = units × fee, at most the cap. Null for charges from before it was kept."""
    gross_fen = models.BigIntegerField(_("标准金额（分）"))
    waived_fen = models.BigIntegerField(_("减免（分）"), default=0)
    waiver_reason = models.CharField(_("减免原因"), max_length=40, blank=True, default="")
    credited_fen = models.BigIntegerField(_("退减（分）"), default=0)
    """Given back on paper for an exit or absences, or charged again: what the child no longer pays of it."""
    again_fen = models.BigIntegerField(_("重复收费（分）"), default=0)
    """Of the gross: paid for under an earlier agreement of the child, known since its exit was corrected (charged_again)."""
    again_units = models.PositiveIntegerField(default=0)
    """Of the class hours: the same."""
    again_until = models.DateField(null=True, blank=True)
    """Their last day; the fee of this charge is for those after it."""
    cap_fen = models.BigIntegerField(null=True, blank=True)
    collector = models.CharField(_("收费主体"), max_length=10)
    created_at = models.DateTimeField()
    hours_at = models.DateTimeField(null=True, blank=True)
    """When class hours were added to it last (AddedHours)."""
    taken_back_at = models.DateTimeField(null=True, blank=True)
    taken_back_by = person_or_nobody()
    taken_back_reason = models.CharField(_("撤回原因"), max_length=200, blank=True, default="")
    """Of a doubled charge from before there were runs, taken back by itself; of others the run says it."""

    field_classes: ClassVar = classify(
        internal="id run term_code period first_date last_date unit units fee_fen gross_fen waived_fen credited_fen cap_fen "
        "again_fen again_units again_until collector created_at hours_at taken_back_at taken_back_by taken_back_reason",
        personal="agreement covers",
        sensitive="waiver_reason",
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["agreement", "period"],
                condition=Q(taken_back_at__isnull=True),
                name="charged_once_a_period",
            ),
            ExclusionConstraint(
                name="no_day_of_a_child_charged_twice", expressions=[("covers", RangeOperators.OVERLAPS)]
            ),
            models.CheckConstraint(
                condition=Q(taken_back_at__isnull=True) | Q(covers__isempty=True),
                name="charge_taken_back_covers_nothing",
            ),
            models.CheckConstraint(
                condition=Q(run__isnull=False, taken_back_by__isnull=True, taken_back_reason="")
                | Q(taken_back_at__isnull=True, taken_back_by__isnull=True, taken_back_reason="")
                | (Q(run__isnull=True, taken_back_by__isnull=False) & ~Q(taken_back_reason="")),
                name="charge_taken_back_with_its_run_or_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(first_date__isnull=True) | Q(last_date__gte=F("first_date")),
                name="charge_days_in_order",
            ),
            models.CheckConstraint(
                condition=Q(gross_fen__gte=0, waived_fen__gte=0, waived_fen__lte=F("gross_fen")),
                name="not_more_waived_than_charged",
            ),
            models.CheckConstraint(
                condition=Q(credited_fen__gte=0, credited_fen__lte=F("gross_fen") - F("waived_fen")),
                name="not_more_credited_than_charged",
            ),
            models.CheckConstraint(
                condition=Q(again_fen__gte=0, again_fen__lte=F("gross_fen"), again_units__lte=F("units")),
                name="not_more_again_than_charged",
            ),
            models.CheckConstraint(
                condition=Q(waived_fen=0) | ~Q(waiver_reason=""), name="waiver_has_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(cap_fen__isnull=True) | Q(gross_fen__lte=F("cap_fen")),
                name="charge_within_the_cap",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period} {self.gross_fen}"

    @property
    def charged_at(self) -> datetime:
        """A fee by the class hour is for the places that had been given by then."""
        return self.hours_at or self.created_at


class AddedHours(Record):
    """补收: class hours that came after their period was charged, added to that charge by a later run of the period."""

    run = models.ForeignKey(ChargeRun, on_delete=models.PROTECT, related_name="added_hours", db_index=False)
    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="added_hours", db_index=False)
    units = models.PositiveIntegerField(_("数量"))
    gross_fen = models.BigIntegerField(_("标准金额（分）"))
    """0 where a cap makes them free: the charge is for them all the same, when lessons are cancelled or the child leaves."""
    waived_fen = models.BigIntegerField(_("减免（分）"), default=0)
    """The share that was waived of the charge by then."""
    cap_before_fen = models.BigIntegerField(null=True, blank=True)
    hours_before_at = models.DateTimeField(null=True, blank=True)
    """As the charge was before: taken back with its run."""

    field_classes: ClassVar = classify(
        internal="id run units gross_fen waived_fen cap_before_fen hours_before_at", personal="charge"
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(units__gt=0, gross_fen__gte=0, waived_fen__gte=0, waived_fen__lte=F("gross_fen")),
                name="added_hours_add_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.units} {self.gross_fen}"


class Waiver(Record):
    """减免: asked for with proof by one person, decided by another; it stands for later charges of the child, too."""

    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="waivers")
    reason = models.CharField(_("减免原因"), max_length=40)
    """A code of the policy's list."""
    proof = models.CharField(_("证明材料"), max_length=200)
    """Which document, its number, who saw it and when; the paper stays in the school's file."""
    asked_fen = models.BigIntegerField(_("申请金额（分）"), null=True, blank=True)
    """Where the policy names no share."""
    state = models.CharField(max_length=9, choices=WaiverState.choices, default=WaiverState.REQUESTED)
    requested_by = person()
    requested_at = models.DateTimeField()
    decided_by = person_or_nobody()
    decided_at = models.DateTimeField(null=True, blank=True)
    refusal_reason = models.CharField(max_length=200, blank=True, default="")
    withdrawn_by = person_or_nobody()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawal_reason = models.CharField(max_length=200, blank=True, default="")

    field_classes: ClassVar = classify(
        internal="id asked_fen state requested_by requested_at decided_by decided_at refusal_reason withdrawn_by "
        "withdrawn_at withdrawal_reason",
        personal="charge",
        sensitive="reason proof",
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["charge"], condition=Q(state__in=["requested", "granted"]), name="one_waiver_a_charge"
            ),
            models.CheckConstraint(condition=~Q(proof="") & ~Q(reason=""), name="waiver_has_a_proof"),
            models.CheckConstraint(
                condition=Q(asked_fen__isnull=True) | Q(asked_fen__gt=0), name="waiver_asks_for_something"
            ),
            models.CheckConstraint(
                condition=Q(state="requested", decided_by__isnull=True)
                | (~Q(state="requested") & Q(decided_by__isnull=False) & ~Q(decided_by=F("requested_by"))),
                name="waiver_needs_two_persons",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(refusal_reason=""), name="refused_waiver_says_why"
            ),
            models.CheckConstraint(
                condition=(
                    Q(state="withdrawn", withdrawn_by__isnull=False, withdrawn_at__isnull=False)
                    & ~Q(withdrawal_reason="")
                    & ~Q(withdrawn_by=F("decided_by"))
                )
                | (~Q(state="withdrawn") & Q(withdrawn_by__isnull=True, withdrawn_at__isnull=True)),
                name="waiver_withdrawn_by_another_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.reason
