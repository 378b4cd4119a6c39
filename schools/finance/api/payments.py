"""The API of payments: the provider's notice of money that came."""

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import declares
from afterbell.kernel.money import LONGEST, yuan
from afterbell.pages import api
from afterbell.pages.fields import MomentField
from schools.finance import actions, queries
from schools.finance.actions.payments import is_known
from schools.finance.ledger import BIGGEST
from schools.finance.models import Payment
from schools.people.doors import user_of


class NoticeIn(serializers.Serializer[object]):
    """A provider's payment notice; the amount in yuan as text, so that no float comes in between."""

    agreement = serializers.CharField(max_length=20, help_text="X20260901-8F3K2QXM")
    amount = serializers.CharField(max_length=LONGEST, help_text="130.00")
    provider_key = serializers.CharField(max_length=64)
    paid_at = MomentField()
    seen_owed_fen = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        min_value=-BIGGEST,
        max_value=BIGGEST,
        help_text="what the family owed, where more than that has come: the refusal says it",
    )

    def validate_amount(self, value: str) -> object:
        return yuan(value)


class PaymentOut(serializers.ModelSerializer[Payment]):
    """A booked payment with its receipt number."""

    agreement = serializers.CharField(source="agreement.number")

    class Meta:
        model = Payment
        fields = ("id", "receipt_number", "agreement", "provider_key", "amount_fen", "paid_at", "recorded_at")
        read_only_fields = fields


@declares(Permission.PAYMENTS_RECORD)
class Payments(APIView):
    """A provider's notice: the same one twice is one payment, 200 the second time; with other contents it is refused."""

    @extend_schema(request=NoticeIn, responses={200: PaymentOut, 201: PaymentOut})
    def post(self, request: Request) -> Response:
        given = api.given(NoticeIn, request)
        agreement = queries.agreement_by_number(given.pop("agreement"))
        if agreement is None:
            raise serializers.ValidationError({"agreement": [_("没有这个协议编号，请核对。")]})
        seen = given.pop("seen_owed_fen")
        now = timezone.now()
        paid = actions.record_payment(
            agreement=agreement, **given, seen_owed=seen, by=user_of(request), now=now
        )
        return Response(PaymentOut(paid).data, status=200 if is_known(paid, now) else 201)
