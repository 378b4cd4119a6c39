"""Money that goes back: settlements with their shares, what a rule gave, refunds."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.privacy import classify
from afterbell.kernel.records import Record
from schools.enrolment.models import Agreement
from schools.finance.models.fees import ChargeRun
from schools.finance.models.persons import person_or_nobody
from schools.finance.states import RefundState, SettlementState


class Settlement(Record):
    """结算 of a term: received = allowed expenditure + refunds, to the fen (S37).

    The first is the term's; a later one (补充结算) shares what came in or back after it.
    """

    term_code = models.CharField(max_length=11)
    round = models.PositiveSmallIntegerField(_("第几次"), default=1)
    state = models.CharField(max_length=8, choices=SettlementState.choices, default=SettlementState.PREVIEW)
    key = models.CharField(_("分摊方式"), max_length=16)
    received_fen = models.BigIntegerField()
    spent_fen = models.BigIntegerField()
    refunded_fen = models.BigIntegerField()
    pool_fen = models.BigIntegerField(_("结余（分）"))
    """Negative: nothing to return, the gap is shown and reported."""
    ledger_position = models.PositiveBigIntegerField()
    """The end of the books at the preview; another end voids it."""
    basis_sha256 = models.CharField(max_length=64, blank=True, default="")
    """Of everything else that the preview rests on (basis.py): another one voids it, too."""
    pay_note = models.CharField(_("报酬说明"), max_length=200, blank=True, default="")
    """Why less pay was booked than the hours held come to, where that is so."""
    resolution_id = models.UUIDField(null=True, blank=True)
    previewed_at = models.DateTimeField()
    previewed_by = person_or_nobody(blank=False)
    batched_at = models.DateTimeField(null=True, blank=True)
    batched_by = person_or_nobody()

    field_classes: ClassVar = classify(
        internal="id term_code round state key received_fen spent_fen refunded_fen pool_fen ledger_position basis_sha256 "
        "pay_note resolution_id previewed_at previewed_by batched_at batched_by"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["term_code"],
                condition=Q(state__in=["preview", "resolved"]),
                name="one_open_settlement_a_term",
            ),
            models.UniqueConstraint(
                fields=["term_code", "round"], condition=~Q(state="void"), name="settled_once_a_round"
            ),
            models.CheckConstraint(
                condition=Q(pool_fen=F("received_fen") - F("spent_fen") - F("refunded_fen")),
                name="settlement_pool_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["preview", "void"]) | Q(resolution_id__isnull=False),
                name="settlement_needs_a_resolution",
            ),
            models.CheckConstraint(
                condition=Q(batched_by__isnull=True)
                | Q(previewed_by__isnull=True)
                | ~Q(batched_by=F("previewed_by")),
                name="settlement_needs_two_persons",
            ),
        ]

    def __str__(self) -> str:
        return self.term_code


class Share(Record):
    """One family's part of the pool, with the weight and the cap that it was made from: its own proof."""

    settlement = models.ForeignKey(
        Settlement, on_delete=models.CASCADE, related_name="shares", db_index=False
    )
    """The unique pair with the agreement is its index."""
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="shares")
    cap_fen = models.BigIntegerField()
    """What the family paid, less what went back or is on its way back."""
    credit_fen = models.BigIntegerField(default=0)
    """Taken off its fees because planned hours were not held; posted with the batch."""
    own_fen = models.BigIntegerField(default=0)
    """Paid above what it owes after that: comes back first, before anything is shared."""
    weight = models.BigIntegerField()
    """Its part in the rest, by the settlement's key."""
    before_fen = models.BigIntegerField(default=0)
    """What earlier rounds have shared with it: it is part of what all rounds share (decision 21)."""
    amount_fen = models.BigIntegerField()
    """Own money and share of the rest."""

    field_classes: ClassVar = classify(
        internal="id settlement cap_fen credit_fen own_fen weight before_fen amount_fen", personal="agreement"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["settlement", "agreement"], name="one_share_a_family"),
            models.CheckConstraint(
                condition=Q(amount_fen__gte=0, amount_fen__lte=F("cap_fen")),
                name="share_within_what_was_paid",
            ),
            models.CheckConstraint(
                condition=Q(credit_fen__gte=0, own_fen__gte=0, own_fen__lte=F("cap_fen"), weight__gte=0),
                name="share_parts_not_below_zero",
            ),
            models.CheckConstraint(condition=Q(before_fen__gte=0), name="share_before_not_below_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.amount_fen}"


class RefundCause(models.TextChoices):
    """Why money goes back."""

    EXIT = "exit", _("中途退出")
    ABSENCE = "absence", _("缺勤")
    SETTLEMENT = "settlement", _("学期结算")
    CANCELLED = "cancelled", _("服务取消")
    AGAIN = "again", _("重复收费")


class Calculation(Record):
    """What the policy's rule gave for one exit, or for one period's absences: once, with its sum in words.

    Where the fee changes after it, another one gives the difference (actions.differences).
    """

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="calculations")
    term_code = models.CharField(max_length=11)
    cause = models.CharField(_("原因"), max_length=10, choices=RefundCause.choices)
    period = models.CharField(_("期间"), max_length=11, blank=True, default="")
    """Of absences, and of what was charged again; an exit looks at all periods."""
    key = models.CharField(max_length=80)
    credit_fen = models.BigIntegerField(_("减免（分）"))
    """Taken off what the family owes; 0 where the rule gives nothing; below zero where it is calculated again for less."""
    text = models.TextField(_("计算说明"))
    at = models.DateTimeField()
    by = person_or_nobody(blank=False)
    run = models.ForeignKey(
        ChargeRun, null=True, blank=True, on_delete=models.PROTECT, related_name="calculations"
    )
    """The charge run that looked at an exit again, or that charged again what was paid for: it is undone with it. Of
    absences: the run with which they were undone."""
    undone_at = models.DateTimeField(null=True, blank=True)

    field_classes: ClassVar = classify(
        internal="id term_code cause period key credit_fen at by run undone_at", personal="agreement text"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["key"], name="calculated_once"),
            models.CheckConstraint(
                condition=Q(credit_fen__gte=0) | Q(key__startswith="again:"),
                name="calculation_gives_not_less_than_nothing",
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True) | Q(run__isnull=False),
                name="calculation_undone_with_its_run",
            ),
        ]

    def __str__(self) -> str:
        return self.key


class Refund(Record):
    """退费: a row of its own with its own states; computed, never typed."""

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="refunds")
    term_code = models.CharField(max_length=11)
    cause = models.CharField(_("原因"), max_length=10, choices=RefundCause.choices)
    key = models.CharField(max_length=80)
    amount_fen = models.BigIntegerField(_("金额（分）"))
    explanation = models.TextField(_("计算说明"))
    state = models.CharField(max_length=9, choices=RefundState.choices, default=RefundState.DRAFT)
    sent = models.PositiveSmallIntegerField(_("发放次数"), default=0)
    """Each sending has a posting of its own: what was read before another one decides nothing."""
    settlement = models.ForeignKey(
        Settlement, null=True, blank=True, on_delete=models.PROTECT, related_name="refunds"
    )
    created_at = models.DateTimeField()
    prepared_by = person_or_nobody(blank=False)
    issued_at = models.DateTimeField(null=True, blank=True)
    issued_by = person_or_nobody()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    """Never sent: the day that it rests on was corrected, or the child was charged after it; another one was calculated."""

    field_classes: ClassVar = classify(
        internal="id term_code cause key amount_fen state sent settlement created_at prepared_by issued_at issued_by "
        "confirmed_at voided_at",
        personal="agreement explanation",
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["key"], name="refund_key_once"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="refund_has_an_amount"),
            models.CheckConstraint(condition=Q(state__in=RefundState.values), name="refund_state_known"),
            models.CheckConstraint(condition=Q(cause__in=RefundCause.values), name="refund_cause_known"),
            models.CheckConstraint(
                condition=Q(state="void", voided_at__isnull=False)
                | (~Q(state="void") & Q(voided_at__isnull=True)),
                name="refund_voided_at_goes_with_state",
            ),
            models.CheckConstraint(
                condition=Q(issued_by__isnull=True)
                | Q(prepared_by__isnull=True)
                | ~Q(issued_by=F("prepared_by")),
                name="refund_needs_two_persons",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cause} {self.amount_fen}"
