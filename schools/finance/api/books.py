"""The API of the books: months, rows, undoing a row."""

from uuid import UUID

from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import declares
from afterbell.pages import api
from afterbell.pages.problems import problem
from schools.finance import actions, gathering, queries
from schools.finance.api.base import TermIn, term_asked
from schools.finance.models import Transfer
from schools.finance.states import ReversalReason
from schools.people.doors import or_404, user_of
from schools.people.word_asking import asking
from tenants.exchange.names import NamesAChild


class MonthOut(serializers.Serializer[object]):
    """A month of the books."""

    month = serializers.CharField()
    opening_fen = serializers.IntegerField(source="opening")
    received_fen = serializers.IntegerField(source="flows.received")
    staff_fen = serializers.IntegerField(source="flows.staff")
    materials_fen = serializers.IntegerField(source="flows.materials")
    other_fen = serializers.IntegerField(source="flows.other")
    refunded_fen = serializers.IntegerField(source="flows.refunded")
    closing_fen = serializers.IntegerField(source="closing")


class TransferOut(serializers.ModelSerializer[Transfer]):
    """One row of the books, its accounts by their codes; `is_reversed` says that it was undone."""

    debit = serializers.CharField(source="debit.code")
    credit = serializers.CharField(source="credit.code")
    is_reversed = serializers.SerializerMethodField()

    class Meta:
        model = Transfer
        fields = (
            "id", "position", "kind", "term_code", "month", "debit", "credit", "amount_fen", "cost_kind", "reverses",
            "reason", "note", "posted_at", "is_reversed", "hash",
        )  # fmt: skip
        read_only_fields = fields

    def get_is_reversed(self, row: Transfer) -> bool:
        return bool(getattr(row, "is_reversed", False))


class ReversalIn(serializers.Serializer[object]):
    """Why a row is undone: one of the reasons, and in own words where there is more to say."""

    reason = serializers.ChoiceField(choices=ReversalReason.choices)
    note = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


@declares(Permission.BOOKS_READ)
class Books(APIView):
    """Opening, in, out, closing of each month of a term."""

    @extend_schema(parameters=[TermIn], responses=MonthOut(many=True), operation_id="books_list")
    def get(self, request: Request) -> Response:
        term = term_asked(request)
        return Response(MonthOut(gathering.month_lines(term.code), many=True).data)


@declares(Permission.BOOKS_READ)
class Transfers(APIView):
    """Rows of the books, in the order of the chain."""

    pagination_class = api.Pages

    @extend_schema(parameters=[TermIn], responses=TransferOut(many=True), operation_id="transfers_list")
    def get(self, request: Request) -> Response:
        term = term_asked(request)
        return api.listed(self, request, queries.transfers(term.code).order_by("position"), TransferOut)


@declares(Permission.EXPENDITURE_APPROVE)
class ReverseTransfer(APIView):
    """Undo a payment or an expenditure by its opposite, once: the second time is 409 and writes nothing."""

    @extend_schema(
        request=ReversalIn, responses={201: TransferOut, 409: OpenApiResponse(description="Undone already.")}
    )
    def post(self, request: Request, transfer_id: UUID) -> HttpResponseBase:
        given, by = api.given(ReversalIn, request), user_of(request)
        found = or_404(queries.transfer, transfer_id)
        try:
            with asking([given["note"]], by=by):
                made = actions.reverse_transfer(transfer=found, **given, by=by, now=timezone.now())
        except NamesAChild as refusal:  # answered, not raised: the question stays
            return problem(refusal.status, str(refusal), code=refusal.code)
        return Response(TransferOut(made).data, status=201)
