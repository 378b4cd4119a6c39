"""Money that went out: asked for by one person, approved by another."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.privacy import classify
from afterbell.kernel.records import Record
from schools.finance import spending
from schools.finance.models.persons import person, person_or_nobody
from schools.finance.models.undoing import Undoable
from schools.finance.states import ExpenditureState
from schools.planning.models import CostKind


class Expenditure(Undoable, Record):
    """支出: asked for by one person, approved by another (S2: no venue, rent, water or power)."""

    term_code = models.CharField(max_length=11)
    kind = models.CharField(_("类别"), max_length=9, choices=CostKind.choices)
    item = models.CharField(_("项目"), max_length=20, blank=True, default="")
    """What it is for, from the list of what may be spent (spending.py); empty for those from before the list."""
    title = models.CharField(_("事由"), max_length=120)
    payee_kind = models.CharField(_("收款方"), max_length=8, blank=True, default="")
    payee = models.CharField(_("收款方名称"), max_length=60, blank=True, default="")
    """Empty for staff paid by the pay sheet."""
    contract = models.ForeignKey(
        "staffing.Contract", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    """Of the hired person who is paid; nobody decides on the own pay."""
    provider_id = models.UUIDField(null=True, blank=True)
    """A company of the bureau's register (S26); it lives in the city's schema, so no key."""
    warning = models.CharField(_("提示词"), max_length=200, blank=True, default="")
    """What made the house ask, in words; the second person answers it in `decision_reason`."""
    findings = models.JSONField(default=list, blank=True)
    """The same, each with its kind and whom a register means by it (findings.py); empty in rows from before."""
    decision_reason = models.CharField(_("批准理由"), max_length=200, blank=True, default="")
    amount_fen = models.PositiveBigIntegerField(_("金额（分）"))
    spent_date = models.DateField(_("日期"))
    state = models.CharField(
        max_length=9, choices=ExpenditureState.choices, default=ExpenditureState.REQUESTED
    )
    requested_by = person()
    requested_at = models.DateTimeField()
    decided_by = person_or_nobody(blank=False)
    decided_at = models.DateTimeField(null=True, blank=True)
    refusal_reason = models.CharField(max_length=200, blank=True, default="")

    field_classes: ClassVar = classify(
        internal="id term_code kind item title payee_kind provider_id decision_reason amount_fen spent_date state "
        "requested_by requested_at decided_by decided_at refusal_reason",
        personal="payee contract warning findings",
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="expenditure_has_an_amount"),
            models.CheckConstraint(condition=Q(kind__in=CostKind.values), name="expenditure_kind_known"),
            models.CheckConstraint(
                condition=Q(item="")
                | Q(payee_kind="staff", kind="staff", provider_id__isnull=True)
                | (Q(payee_kind="supplier", kind="materials") & ~Q(payee="") & Q(contract__isnull=True))
                | Q(payee_kind="provider", kind="other", provider_id__isnull=False, contract__isnull=True),
                name="expenditure_payee_goes_with_its_kind",
            ),
            models.CheckConstraint(
                condition=Q(warning="") | ~Q(state="approved") | ~Q(decision_reason=""),
                name="expenditure_warned_of_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(state="requested", decided_by__isnull=True)
                | (~Q(state="requested") & Q(decided_by__isnull=False) & ~Q(decided_by=F("requested_by"))),
                name="expenditure_needs_two_persons",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def item_word(self) -> str:
        """The item for people; rows from before the list have their kind alone."""
        return str(spending.BY_CODE[self.item].name) if self.item else self.get_kind_display()

    @property
    def payee_word(self) -> str:
        """Who gets it, for people; nothing in rows from before the list."""
        if self.payee_kind == spending.PayeeKind.STAFF and not self.payee:
            return str(_("按课时费表发给服务人员"))
        return self.payee
