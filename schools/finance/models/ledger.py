"""The ledger: accounts, transfers chained by hash, and the end of the chain that is locked to post."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.privacy import classify
from afterbell.kernel.records import Record
from schools.enrolment.models import Agreement
from schools.finance.models.persons import person_or_nobody
from schools.finance.states import ReversalReason
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
    holder = models.CharField(_("收款主体"), max_length=10, blank=True, default="")
    """Whose account it is, for cash alone: `school` or `committee`. Nobody else puts money into it (S3, S27)."""

    field_classes: ClassVar = classify(
        internal="id term_code code balance_fen may_go_below_zero holder", personal="agreement"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["term_code", "code"], name="account_once_a_term"),
            models.CheckConstraint(
                condition=Q(may_go_below_zero=True) | Q(balance_fen__gte=0), name="no_money_that_is_not_there"
            ),
            models.CheckConstraint(
                condition=Q(code="cash", holder__in=["school", "committee"])
                | (~Q(code="cash") & Q(holder="")),
                name="cash_has_a_holder",
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
    reason = models.CharField(
        _("冲正原因"), max_length=12, choices=ReversalReason.choices, blank=True, default=""
    )
    note = models.CharField(_("说明"), max_length=200, blank=True, default="")
    """Of a reversal, in somebody's own words; both are part of what is hashed."""
    posted_at = models.DateTimeField(_("记账时间"))
    by = person_or_nobody(blank=False)
    before_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    field_classes: ClassVar = classify(
        internal="id position kind key term_code month debit credit amount_fen cost_kind reverses reason note posted_at by "
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
                condition=Q(kind="reversal") | Q(reason="", note=""), name="only_a_reversal_has_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(reason__in=["", *ReversalReason.values]), name="reversal_reason_known"
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
