"""Money that came in, each with its receipt."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.privacy import classify
from afterbell.kernel.records import Record
from schools.enrolment.models import Agreement
from schools.finance.models.persons import person_or_nobody
from schools.finance.models.undoing import Undoable


class Payment(Undoable, Record):
    """收款 with its receipt; a provider's notice counts once, and never with another amount."""

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="payments")
    receipt_number = models.CharField(_("收据编号"), max_length=20)
    provider_key = models.CharField(_("支付流水号"), max_length=64)
    amount_fen = models.BigIntegerField(_("金额（分）"))
    paid_at = models.DateTimeField(_("支付时间"))
    recorded_at = models.DateTimeField()
    by = person_or_nobody(blank=False)

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
