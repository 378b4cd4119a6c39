"""The API of the settlement: the preview, the batch, an early end of the service."""

from uuid import UUID

from django.http import Http404
from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import declares
from afterbell.pages import api
from afterbell.pages.problems import problem
from schools.finance import actions, queries, rules
from schools.finance.api.refunds import OfficeRefundOut
from schools.finance.models import Settlement
from schools.people.doors import or_404, user_of
from schools.people.word_asking import asking
from tenants.exchange.names import NamesAChild


class PreviewIn(serializers.Serializer[object]):
    """A term; why no more pay is to come, where less is booked than the hours held come to."""

    term_code = serializers.CharField(max_length=11)
    pay_note = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


class SettlementOut(serializers.ModelSerializer[Settlement]):
    """A settlement and its sums."""

    class Meta:
        model = Settlement
        fields = (
            "id", "term_code", "round", "state", "key", "received_fen", "spent_fen", "refunded_fen", "pool_fen",
            "ledger_position", "pay_note", "resolution_id",
        )  # fmt: skip
        read_only_fields = fields


class EndIn(serializers.Serializer[object]):
    """A term, and why its service ends before its last day."""

    term_code = serializers.CharField(max_length=11)
    reason = serializers.CharField(max_length=200)


class EndOut(serializers.Serializer[object]):
    """How many lessons were cancelled."""

    cancelled = serializers.IntegerField()


@declares(Permission.SETTLEMENT_PREPARE)
class Settlements(APIView):
    """A preview from the books as they stand."""

    @extend_schema(request=PreviewIn, responses={201: SettlementOut})
    def post(self, request: Request) -> Response:
        given = api.given(PreviewIn, request)
        made = actions.preview_settlement(**given, by=user_of(request), now=timezone.now())
        return Response(SettlementOut(made).data, status=201)


@declares(Permission.SETTLEMENT_APPROVE)
class BatchSettlement(APIView):
    """Make the refunds of a settlement that the committee has passed."""

    @extend_schema(request=None, responses={201: OfficeRefundOut(many=True)})
    def post(self, request: Request, settlement_id: UUID) -> Response:
        found = or_404(queries.settlement, settlement_id)
        actions.batch_settlement(settlement=found, by=user_of(request), now=timezone.now())
        rows = queries.refunds(found.term_code).filter(settlement=found).order_by("pk")
        return Response(OfficeRefundOut(rows, many=True).data, status=201)


@declares(Permission.SETTLEMENT_APPROVE)
class ServiceEnd(APIView):
    """Today is the last day of the service; families and the bureau are told why."""

    @extend_schema(request=EndIn, responses=EndOut)
    def post(self, request: Request) -> HttpResponseBase:
        given, by, now = api.given(EndIn, request), user_of(request), timezone.now()
        plan = queries.running_plan(rules.term(given["term_code"]).code, now)
        if plan is None:
            raise Http404
        try:
            with asking([given["reason"]], by=by):
                cancelled = actions.end_service(plan=plan, reason=given["reason"], by=by, now=now)
        except NamesAChild as refusal:  # answered, not raised: the question stays
            return problem(refusal.status, str(refusal), code=refusal.code)
        return Response(EndOut({"cancelled": cancelled}).data)
