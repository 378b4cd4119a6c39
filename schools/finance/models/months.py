"""Closed months, published and never edited."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.privacy import classify
from afterbell.kernel.records import Record


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
