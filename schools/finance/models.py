"""The ledger and everything that posts to it. Amounts are whole fen; rows of money are written once."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.privacy import classify
from afterbell.kernel.records import Record
from schools.enrolment.models import Agreement
from schools.finance.states import ExpenditureState, RefundState, SettlementState
from schools.planning.models import CostKind

TERM_FORM = r"^20[0-9]{2}-20[0-9]{2}-[12]$"
MONTH_FORM = r"^20[0-9]{2}-(0[1-9]|1[0-2])$"


class Account(Record):
    """An account of the school's after-school books, one set a term. The balance moves with its transfers alone.

    Codes: `cash` (money held), `family:<agreement>` (what a family owes, negative when we owe it), `fees` (earned),
    `cost:<kind>`. Balance = debits − credits.
    """

    term_code = models.CharField(max_length=11)
    code = models.CharField(max_length=60)
    agreement = models.ForeignKey(
        Agreement, null=True, blank=True, on_delete=models.PROTECT, related_name="accounts"
    )
    balance_fen = models.BigIntegerField(default=0)
    may_go_below_zero = models.BooleanField(default=True)

    field_classes: ClassVar = classify(
        internal="id term_code code balance_fen may_go_below_zero", personal="agreement"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["term_code", "code"], name="account_once_a_term"),
            models.CheckConstraint(
                condition=Q(may_go_below_zero=True) | Q(balance_fen__gte=0), name="no_money_that_is_not_there"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class TransferKind(models.TextChoices):
    """Why money moved."""

    CHARGE = "charge", _("应收")
    WAIVER = "waiver", _("减免")
    PAYMENT = "payment", _("收款")
    EXPENDITURE = "expenditure", _("支出")
    REFUND = "refund", _("退费")
    REVERSAL = "reversal", _("冲正")


class Transfer(Record):
    """记账: from one account to another, balanced by construction, chained by hash, never changed (architecture §8)."""

    position = models.PositiveBigIntegerField(_("序号"))
    kind = models.CharField(_("类别"), max_length=11, choices=TransferKind.choices)
    key = models.CharField(max_length=80)
    """Idempotency: the same thing posted twice is one transfer."""
    term_code = models.CharField(_("学期"), max_length=11)
    month = models.CharField(_("月份"), max_length=7)
    debit = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="debits")
    credit = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="credits")
    amount_fen = models.PositiveBigIntegerField(_("金额（分）"))
    cost_kind = models.CharField(max_length=9, choices=CostKind.choices, blank=True, default="")
    reverses = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="reversed_by"
    )
    posted_at = models.DateTimeField(_("记账时间"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    before_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    field_classes: ClassVar = classify(
        internal="id position kind key term_code month debit credit amount_fen cost_kind reverses posted_at by "
        "before_hash hash"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["position"], name="transfer_position_once"),
            models.UniqueConstraint(fields=["key"], name="transfer_key_once"),
            models.UniqueConstraint(fields=["before_hash"], name="transfer_chain_does_not_fork"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="transfer_moves_something"),
            models.CheckConstraint(condition=~Q(debit=F("credit")), name="transfer_between_two_accounts"),
            models.CheckConstraint(condition=Q(kind__in=TransferKind.values), name="transfer_kind_known"),
            models.CheckConstraint(condition=Q(term_code__regex=TERM_FORM), name="transfer_term_form"),
            models.CheckConstraint(condition=Q(month__regex=MONTH_FORM), name="transfer_month_form"),
            models.CheckConstraint(
                condition=Q(kind="reversal", reverses__isnull=False)
                | (~Q(kind="reversal") & Q(reverses__isnull=True)),
                name="reversal_names_what_it_reverses",
            ),
            models.CheckConstraint(
                condition=~Q(kind="expenditure") | Q(cost_kind__in=CostKind.values),
                name="expenditure_has_a_kind",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["term_code", "month", "kind"], name="transfer_by_month")]

    def __str__(self) -> str:
        return f"{self.position} {self.kind} {self.amount_fen}"


class Books(Record):
    """The end of the ledger's chain; its row is locked to post."""

    singleton = models.BooleanField(default=True)
    position = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)

    field_classes: ClassVar = classify(internal="id singleton position hash")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["singleton"], name="one_set_of_books"),
            models.CheckConstraint(condition=Q(singleton=True), name="books_are_single"),
        ]

    def __str__(self) -> str:
        return f"{self.position}"


class Charge(Record):
    """应收: one agreement, one period. Waived and charged stand beside each other; charged ≤ the cap."""

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="charges")
    term_code = models.CharField(max_length=11)
    period = models.CharField(_("期间"), max_length=11)
    """A month (2026-09) or the whole term (2026-2027-1)."""
    units = models.PositiveSmallIntegerField(_("数量"))
    """Months, terms or class hours that were charged."""
    gross_fen = models.PositiveIntegerField(_("标准金额（分）"))
    waived_fen = models.PositiveIntegerField(_("减免（分）"), default=0)
    waiver_reason = models.CharField(_("减免原因"), max_length=40, blank=True, default="")
    cap_fen = models.PositiveIntegerField(null=True, blank=True)
    collector = models.CharField(_("收费主体"), max_length=10)
    created_at = models.DateTimeField()
    waived_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    field_classes: ClassVar = classify(
        internal="id term_code period units gross_fen waived_fen cap_fen collector created_at waived_by",
        personal="agreement",
        sensitive="waiver_reason",
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["agreement", "period"], name="charged_once_a_period"),
            models.CheckConstraint(
                condition=Q(waived_fen__lte=F("gross_fen")), name="not_more_waived_than_charged"
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


class Payment(Record):
    """收款 with its receipt; a provider's notice counts once, and never with another amount."""

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="payments")
    receipt_number = models.CharField(_("收据编号"), max_length=20)
    provider_key = models.CharField(_("支付流水号"), max_length=64)
    amount_fen = models.PositiveIntegerField(_("金额（分）"))
    paid_at = models.DateTimeField(_("支付时间"))
    recorded_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    field_classes: ClassVar = classify(
        internal="id receipt_number provider_key amount_fen paid_at recorded_at by", personal="agreement"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["receipt_number"], name="receipt_number_once"),
            models.UniqueConstraint(fields=["provider_key"], name="provider_key_once"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="payment_has_an_amount"),
        ]

    def __str__(self) -> str:
        return self.receipt_number


class Expenditure(Record):
    """支出: asked for by one person, approved by another (S2: no venue, rent, water or power)."""

    term_code = models.CharField(max_length=11)
    kind = models.CharField(_("类别"), max_length=9, choices=CostKind.choices)
    title = models.CharField(_("事由"), max_length=120)
    amount_fen = models.PositiveBigIntegerField(_("金额（分）"))
    spent_date = models.DateField(_("日期"))
    state = models.CharField(
        max_length=9, choices=ExpenditureState.choices, default=ExpenditureState.REQUESTED
    )
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    refusal_reason = models.CharField(max_length=200, blank=True, default="")

    field_classes: ClassVar = classify(
        internal="id term_code kind title amount_fen spent_date state requested_by requested_at decided_by decided_at "
        "refusal_reason"
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="expenditure_has_an_amount"),
            models.CheckConstraint(condition=Q(kind__in=CostKind.values), name="expenditure_kind_known"),
            models.CheckConstraint(
                condition=Q(state="requested", decided_by__isnull=True)
                | (~Q(state="requested") & Q(decided_by__isnull=False) & ~Q(decided_by=F("requested_by"))),
                name="expenditure_needs_two_persons",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Statement(Record):
    """月度收支公示: the closed month as canonical text with its hash; closed once, never edited (S36)."""

    term_code = models.CharField(max_length=11)
    month = models.CharField(_("月份"), max_length=7)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    opening_fen = models.BigIntegerField(_("期初（分）"))
    received_fen = models.BigIntegerField(_("收入（分）"))
    spent_fen = models.BigIntegerField(_("支出（分）"))
    refunded_fen = models.BigIntegerField(_("退费（分）"))
    closing_fen = models.BigIntegerField(_("期末（分）"))
    ledger_position = models.PositiveBigIntegerField()
    due_date = models.DateField(_("应公示日期"))
    published_at = models.DateTimeField(_("公示时间"))
    notice_id = models.UUIDField()

    field_classes: ClassVar = classify(
        internal="id term_code month text sha256 opening_fen received_fen spent_fen refunded_fen closing_fen "
        "ledger_position due_date published_at notice_id"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["term_code", "month"], name="month_closed_once"),
            models.CheckConstraint(
                condition=Q(
                    closing_fen=F("opening_fen") + F("received_fen") - F("spent_fen") - F("refunded_fen")
                ),
                name="statement_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return self.month


class Settlement(Record):
    """结算 of a term: received = allowed expenditure + refunds, to the fen (S37)."""

    term_code = models.CharField(max_length=11)
    state = models.CharField(max_length=8, choices=SettlementState.choices, default=SettlementState.PREVIEW)
    key = models.CharField(_("分摊方式"), max_length=16)
    received_fen = models.BigIntegerField()
    spent_fen = models.BigIntegerField()
    refunded_fen = models.BigIntegerField()
    pool_fen = models.BigIntegerField(_("结余（分）"))
    """Negative: nothing to return, the gap is shown and reported."""
    ledger_position = models.PositiveBigIntegerField()
    """The end of the books at the preview; another end voids it."""
    resolution_id = models.UUIDField(null=True, blank=True)
    previewed_at = models.DateTimeField()
    previewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    batched_at = models.DateTimeField(null=True, blank=True)
    batched_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    field_classes: ClassVar = classify(
        internal="id term_code state key received_fen spent_fen refunded_fen pool_fen ledger_position resolution_id "
        "previewed_at previewed_by batched_at batched_by"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["term_code"],
                condition=Q(state__in=["preview", "resolved", "batched"]),
                name="one_settlement_a_term",
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

    settlement = models.ForeignKey(Settlement, on_delete=models.CASCADE, related_name="shares")
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="shares")
    cap_fen = models.BigIntegerField()
    """What the family paid, less what went back or is on its way back."""
    credit_fen = models.BigIntegerField(default=0)
    """Taken off its fees because planned hours were not held; posted with the batch."""
    own_fen = models.BigIntegerField(default=0)
    """Paid above what it owes after that: comes back first, before anything is shared."""
    weight = models.BigIntegerField()
    """Its part in the rest, by the settlement's key."""
    amount_fen = models.BigIntegerField()
    """Own money and share of the rest."""

    field_classes: ClassVar = classify(
        internal="id settlement cap_fen credit_fen own_fen weight amount_fen", personal="agreement"
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
        ]

    def __str__(self) -> str:
        return f"{self.amount_fen}"


class RefundCause(models.TextChoices):
    """Why money goes back."""

    EXIT = "exit", _("中途退出")
    ABSENCE = "absence", _("缺勤")
    SETTLEMENT = "settlement", _("学期结算")
    CANCELLED = "cancelled", _("服务取消")


class Refund(Record):
    """退费: a row of its own with its own states; computed, never typed."""

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="refunds")
    term_code = models.CharField(max_length=11)
    cause = models.CharField(_("原因"), max_length=10, choices=RefundCause.choices)
    key = models.CharField(max_length=80)
    amount_fen = models.PositiveIntegerField(_("金额（分）"))
    explanation = models.TextField(_("计算说明"))
    state = models.CharField(max_length=9, choices=RefundState.choices, default=RefundState.DRAFT)
    settlement = models.ForeignKey(
        Settlement, null=True, blank=True, on_delete=models.PROTECT, related_name="refunds"
    )
    created_at = models.DateTimeField()
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    issued_at = models.DateTimeField(null=True, blank=True)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)

    field_classes: ClassVar = classify(
        internal="id term_code cause key amount_fen state settlement created_at prepared_by issued_at issued_by "
        "confirmed_at",
        personal="agreement explanation",
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["key"], name="refund_key_once"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="refund_has_an_amount"),
            models.CheckConstraint(condition=Q(state__in=RefundState.values), name="refund_state_known"),
            models.CheckConstraint(condition=Q(cause__in=RefundCause.values), name="refund_cause_known"),
            models.CheckConstraint(
                condition=Q(issued_by__isnull=True)
                | Q(prepared_by__isnull=True)
                | ~Q(issued_by=F("prepared_by")),
                name="refund_needs_two_persons",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cause} {self.amount_fen}"
