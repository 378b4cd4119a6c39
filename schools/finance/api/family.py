"""The API of a family's own bills, in numbers and in words."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import declares
from schools.finance import bills, queries
from schools.finance.api.base import UndoneOut
from schools.finance.api.charging import ChargeOut
from schools.finance.api.payments import PaymentOut
from schools.finance.api.refunds import RefundOut
from schools.people.doors import user_of


class InWords(serializers.Serializer[Any]):
    """A row of a family's bills, with how it came about; the lines come in the context (bills.lines_of)."""

    lines = serializers.SerializerMethodField()

    def get_lines(self, row: Any) -> list[str]:
        found: list[str] = self.context["lines"][row.pk]
        return found


class BillChargeOut(InWords, ChargeOut):
    """A charge of the family, in words too."""

    class Meta(ChargeOut.Meta):
        fields = (*ChargeOut.Meta.fields, "lines")  # type: ignore[assignment]


class BillPaymentOut(UndoneOut, PaymentOut):
    """A payment of the family, and whether it still stands."""

    class Meta(PaymentOut.Meta):
        fields = (*PaymentOut.Meta.fields, "undone_at", "undone_reason")  # type: ignore[assignment]


class BillRefundOut(InWords, RefundOut):
    """A refund of the family, in words too."""

    class Meta(RefundOut.Meta):
        fields = (*RefundOut.Meta.fields, "lines")  # type: ignore[assignment]


class BillShareOut(InWords):
    """The family's part of a settlement, step by step."""

    amount_fen = serializers.IntegerField()


class BillCalculationOut(InWords):
    """What the rule gave for an exit or absences where no refund says it."""

    cause = serializers.CharField()
    period = serializers.CharField()
    credit_fen = serializers.IntegerField()


class BillOut(serializers.Serializer[object]):
    """A family's own account of one agreement."""

    agreement = serializers.CharField(source="agreement.number")
    term_code = serializers.CharField(source="agreement.plan.term_code")
    owes_fen = serializers.IntegerField(source="owes")
    gets_fen = serializers.IntegerField(source="gets")
    ended = serializers.CharField(source="said_at_the_end", help_text="empty while the service runs")
    too_little = serializers.CharField(
        help_text="Why less may come back than gets_fen, with the sum; empty where all of it is held."
    )
    charges = BillChargeOut(many=True)
    payments = BillPaymentOut(many=True)
    refunds = BillRefundOut(many=True)
    shares = BillShareOut(many=True)
    calculations = BillCalculationOut(many=True)


@declares(Permission.OWN_BILLS_READ)
class Bills(APIView):
    """A family's own."""

    @extend_schema(responses=BillOut(many=True), operation_id="bills_list")
    def get(self, request: Request) -> Response:
        own = queries.own_bills(user_of(request))
        return Response(BillOut(own, many=True, context={"lines": bills.lines_of(own)}).data)
