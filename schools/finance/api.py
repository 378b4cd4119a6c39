"""The API of the books: the same rights and the same actions as the pages, the provider's payment notice among them."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import declares, open_to_all
from afterbell.kernel.dates import in_our_years
from afterbell.kernel.money import LONGEST, yuan
from afterbell.pages.fields import MomentField
from schools.finance import actions, gathering, queries, rules
from schools.finance.models import Charge, Expenditure, Payment, Refund, Settlement, Statement
from schools.people.doors import or_404, user_of

TERM = OpenApiParameter("term", str, required=True, description="2026-2027-1")


class Pages(PageNumberPagination):
    """Fifty at a time."""

    page_size = 50


class StatementOut(serializers.ModelSerializer[Statement]):
    """A published month."""

    class Meta:
        model = Statement
        fields = (
            "term_code", "month", "opening_fen", "received_fen", "spent_fen", "refunded_fen", "closing_fen", "sha256",
            "due_date", "published_at", "text",
        )  # fmt: skip
        read_only_fields = fields


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


class ChargeIn(serializers.Serializer[object]):
    """A plan and a period: 2026-09, or the term's code."""

    plan = serializers.UUIDField()
    period = serializers.CharField(max_length=11)
    agreements = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=5000)


class ChargeRunOut(serializers.Serializer[object]):
    """What a run did."""

    charged = serializers.IntegerField()
    skipped = serializers.IntegerField()
    total_fen = serializers.IntegerField()


class ChargeOut(serializers.ModelSerializer[Charge]):
    """One charge, by its agreement's number."""

    agreement = serializers.CharField(source="agreement.number")

    class Meta:
        model = Charge
        fields = (
            "id",
            "agreement",
            "term_code",
            "period",
            "units",
            "gross_fen",
            "waived_fen",
            "cap_fen",
            "collector",
        )
        read_only_fields = fields


class NoticeIn(serializers.Serializer[object]):
    """A provider's payment notice; the amount in yuan as text, so that no float comes in between."""

    agreement = serializers.CharField(max_length=20, help_text="X20260901-8F3K2QXM")
    amount = serializers.CharField(max_length=LONGEST, help_text="130.00")
    provider_key = serializers.CharField(max_length=64)
    paid_at = MomentField()

    def validate_amount(self, value: str) -> object:
        return yuan(value)


class PaymentOut(serializers.ModelSerializer[Payment]):
    """A booked payment with its receipt number."""

    agreement = serializers.CharField(source="agreement.number")

    class Meta:
        model = Payment
        fields = ("id", "receipt_number", "agreement", "provider_key", "amount_fen", "paid_at", "recorded_at")
        read_only_fields = fields


class ExpenditureIn(serializers.Serializer[object]):
    """Money asked for."""

    term_code = serializers.CharField(max_length=11)
    kind = serializers.CharField(max_length=20)
    title = serializers.CharField(max_length=120)
    amount = serializers.CharField(max_length=LONGEST, help_text="130.00")
    spent_date = serializers.DateField(validators=[in_our_years])

    def validate_amount(self, value: str) -> object:
        return yuan(value)


class ExpenditureOut(serializers.ModelSerializer[Expenditure]):
    """One expenditure."""

    class Meta:
        model = Expenditure
        fields = ("id", "term_code", "kind", "title", "amount_fen", "spent_date", "state", "refusal_reason")
        read_only_fields = fields


class ReasonIn(serializers.Serializer[object]):
    """Why not."""

    reason = serializers.CharField(max_length=200)


class CloseIn(serializers.Serializer[object]):
    """A month of a term."""

    term_code = serializers.CharField(max_length=11)
    month = serializers.CharField(max_length=7)


class TermIn(serializers.Serializer[object]):
    """A term."""

    term_code = serializers.CharField(max_length=11)


class SettlementOut(serializers.ModelSerializer[Settlement]):
    """A settlement and its sums."""

    class Meta:
        model = Settlement
        fields = (
            "id", "term_code", "state", "key", "received_fen", "spent_fen", "refunded_fen", "pool_fen", "ledger_position",
            "resolution_id",
        )  # fmt: skip
        read_only_fields = fields


class RefundOut(serializers.ModelSerializer[Refund]):
    """One refund, by its agreement's number."""

    agreement = serializers.CharField(source="agreement.number")

    class Meta:
        model = Refund
        fields = ("id", "agreement", "term_code", "cause", "amount_fen", "state", "created_at", "issued_at")
        read_only_fields = fields


class BillOut(serializers.Serializer[object]):
    """A family's own account of one agreement."""

    agreement = serializers.CharField(source="agreement.number")
    term_code = serializers.CharField(source="agreement.plan.term_code")
    owes_fen = serializers.IntegerField(source="owes")
    gets_fen = serializers.IntegerField(source="gets")
    charges = ChargeOut(many=True)
    payments = PaymentOut(many=True)
    refunds = RefundOut(many=True)


@declares(Permission.BOOKS_READ)
class Books(APIView):
    """Opening, in, out, closing of each month of a term."""

    @extend_schema(parameters=[TERM], responses=MonthOut(many=True), operation_id="books_list")
    def get(self, request: Request) -> Response:
        term = rules.term(request.query_params.get("term", ""))
        return Response(MonthOut(gathering.month_lines(term.code), many=True).data)


@open_to_all("the school's accounts are published to everybody (S36, S43)")
class Statements(APIView):
    """Published months with text and hash."""

    @extend_schema(responses=StatementOut(many=True), operation_id="statements_list")
    def get(self, request: Request) -> Response:
        pages = Pages()
        rows = pages.paginate_queryset(queries.statements(), request, view=self)
        return pages.get_paginated_response(StatementOut(rows, many=True).data)


@declares(Permission.STATEMENT_CLOSE)
class Close(APIView):
    """Close a month and publish its statement."""

    @extend_schema(request=CloseIn, responses={201: StatementOut})
    def post(self, request: Request) -> Response:
        given = _given(CloseIn, request)
        closed = actions.close_month(**given, by=user_of(request), now=timezone.now())
        return Response(StatementOut(closed).data, status=201)


class Charges(APIView):
    """Charges of a term; a new run over a plan's agreements."""

    @extend_schema(parameters=[TERM], responses=ChargeOut(many=True), operation_id="charges_list")
    @declares(Permission.BOOKS_READ)
    def get(self, request: Request) -> Response:
        term = rules.term(request.query_params.get("term", ""))
        pages = Pages()
        rows = pages.paginate_queryset(
            queries.charges(term.code).order_by("period", "pk"), request, view=self
        )
        return pages.get_paginated_response(ChargeOut(rows, many=True).data)

    @extend_schema(request=ChargeIn, responses={201: ChargeRunOut})
    @declares(Permission.CHARGES_MANAGE)
    def post(self, request: Request) -> Response:
        given = _given(ChargeIn, request)
        run = actions.charge_period(
            plan=or_404(queries.plan, given["plan"]),
            period=given["period"],
            agreements=given.get("agreements"),
            by=user_of(request),
            now=timezone.now(),
        )
        said = {"charged": len(run.charges), "skipped": run.skipped, "total_fen": run.total}
        return Response(ChargeRunOut(said).data, status=201)


@declares(Permission.PAYMENTS_RECORD)
class Payments(APIView):
    """A provider's notice: the same one twice is one payment; with another amount it is refused."""

    @extend_schema(request=NoticeIn, responses={201: PaymentOut})
    def post(self, request: Request) -> Response:
        given = _given(NoticeIn, request)
        agreement = queries.agreement_by_number(given.pop("agreement"))
        if agreement is None:
            raise serializers.ValidationError({"agreement": [_("没有这个协议编号，请核对。")]})
        paid = actions.record_payment(agreement=agreement, **given, by=user_of(request), now=timezone.now())
        return Response(PaymentOut(paid).data, status=201)


class Expenditures(APIView):
    """Expenditure of a term; a new request."""

    @extend_schema(parameters=[TERM], responses=ExpenditureOut(many=True), operation_id="expenditures_list")
    @declares(Permission.BOOKS_READ)
    def get(self, request: Request) -> Response:
        term = rules.term(request.query_params.get("term", ""))
        pages = Pages()
        found = queries.expenditures(term.code).order_by("-spent_date", "pk")
        return pages.get_paginated_response(
            ExpenditureOut(pages.paginate_queryset(found, request, view=self), many=True).data
        )

    @extend_schema(request=ExpenditureIn, responses={201: ExpenditureOut})
    @declares(Permission.EXPENDITURE_REQUEST)
    def post(self, request: Request) -> Response:
        given = _given(ExpenditureIn, request)
        asked = actions.request_expenditure(**given, by=user_of(request), now=timezone.now())
        return Response(ExpenditureOut(asked).data, status=201)


@declares(Permission.EXPENDITURE_APPROVE)
class ApproveExpenditure(APIView):
    """By another person than who asked."""

    @extend_schema(request=None, responses=ExpenditureOut)
    def post(self, request: Request, expenditure_id: UUID) -> Response:
        found = or_404(queries.expenditure, expenditure_id)
        actions.approve_expenditure(expenditure=found, by=user_of(request), now=timezone.now())
        return Response(ExpenditureOut(found).data)


@declares(Permission.EXPENDITURE_APPROVE)
class RefuseExpenditure(APIView):
    """With a reason."""

    @extend_schema(request=ReasonIn, responses=ExpenditureOut)
    def post(self, request: Request, expenditure_id: UUID) -> Response:
        reason = _given(ReasonIn, request)["reason"]
        found = or_404(queries.expenditure, expenditure_id)
        actions.refuse_expenditure(expenditure=found, reason=reason, by=user_of(request), now=timezone.now())
        return Response(ExpenditureOut(found).data)


@declares(Permission.SETTLEMENT_PREPARE)
class Settlements(APIView):
    """A preview from the books as they stand."""

    @extend_schema(request=TermIn, responses={201: SettlementOut})
    def post(self, request: Request) -> Response:
        given = _given(TermIn, request)
        made = actions.preview_settlement(**given, by=user_of(request), now=timezone.now())
        return Response(SettlementOut(made).data, status=201)


@declares(Permission.SETTLEMENT_APPROVE)
class BatchSettlement(APIView):
    """Make the refunds of a settlement that the committee has passed."""

    @extend_schema(request=None, responses={201: RefundOut(many=True)})
    def post(self, request: Request, settlement_id: UUID) -> Response:
        found = or_404(queries.settlement, settlement_id)
        actions.batch_settlement(settlement=found, by=user_of(request), now=timezone.now())
        rows = queries.refunds(found.term_code).filter(settlement=found).order_by("pk")
        return Response(RefundOut(rows, many=True).data, status=201)


@declares(Permission.BOOKS_READ)
class Refunds(APIView):
    """Refunds of a term."""

    @extend_schema(parameters=[TERM], responses=RefundOut(many=True), operation_id="refunds_list")
    def get(self, request: Request) -> Response:
        term = rules.term(request.query_params.get("term", ""))
        pages = Pages()
        rows = pages.paginate_queryset(
            queries.refunds(term.code).order_by("created_at", "pk"), request, view=self
        )
        return pages.get_paginated_response(RefundOut(rows, many=True).data)


@declares(Permission.REFUNDS_APPROVE)
class IssueRefund(APIView):
    """By another person than who computed it."""

    @extend_schema(request=None, responses=RefundOut)
    def post(self, request: Request, refund_id: UUID) -> Response:
        found = or_404(queries.refund, refund_id)
        actions.issue_refund(refund=found, by=user_of(request), now=timezone.now())
        return Response(RefundOut(found).data)


@declares(Permission.REFUNDS_APPROVE)
class ConfirmRefund(APIView):
    """The money has arrived."""

    @extend_schema(request=None, responses=RefundOut)
    def post(self, request: Request, refund_id: UUID) -> Response:
        found = or_404(queries.refund, refund_id)
        actions.confirm_refund(refund=found, by=user_of(request), now=timezone.now())
        return Response(RefundOut(found).data)


@declares(Permission.REFUNDS_APPROVE)
class FailRefund(APIView):
    """The bank sent it back."""

    @extend_schema(request=None, responses=RefundOut)
    def post(self, request: Request, refund_id: UUID) -> Response:
        found = or_404(queries.refund, refund_id)
        actions.fail_refund(refund=found, by=user_of(request), now=timezone.now())
        return Response(RefundOut(found).data)


@declares(Permission.OWN_BILLS_READ)
class Bills(APIView):
    """A family's own."""

    @extend_schema(responses=BillOut(many=True), operation_id="bills_list")
    def get(self, request: Request) -> Response:
        return Response(BillOut(queries.own_bills(user_of(request)), many=True).data)


def _given(form: type[serializers.Serializer[object]], request: Request) -> dict[str, Any]:
    """What was sent, checked."""
    read = form(data=request.data)
    read.is_valid(raise_exception=True)
    return dict(read.validated_data)
