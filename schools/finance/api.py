"""The API of the books: the same rights and the same actions as the pages, the provider's payment notice among them."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import declares, open_to_all
from afterbell.kernel.dates import in_our_years
from afterbell.kernel.money import LONGEST, yuan
from afterbell.pages.fields import MomentField
from schools.finance import (
    actions,
    bills,
    gathering,
    leavers,
    queries,
    rules,
    runs,
    spending,
    statements,
    waiving,
)
from schools.finance.actions.refunds import refuse_sent_since
from schools.finance.models import (
    Charge,
    ChargeRun,
    Expenditure,
    Payment,
    Refund,
    Settlement,
    Statement,
    Transfer,
    Waiver,
)
from schools.finance.spending import Payee, PayeeKind
from schools.finance.states import ReversalReason, WaiverState
from schools.people.doors import or_404, user_of

TERM = OpenApiParameter("term", str, required=True, description="2026-2027-1")
MONTH = OpenApiParameter("month", str, required=True, description="2026-09")
STATE = OpenApiParameter("state", str, enum=WaiverState.values)


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


class ChargeShownIn(ChargeIn):
    """With the digest of the preview: what was shown is what is charged, or nothing is."""

    shown = serializers.CharField(max_length=64)


class ChargePreviewOut(serializers.Serializer[object]):
    """What a run would do; `digest` goes back with the order to do it."""

    families = serializers.IntegerField()
    total_fen = serializers.IntegerField()
    charged_before = serializers.IntegerField()
    more_families = serializers.IntegerField()
    more_fen = serializers.IntegerField()
    leavers = serializers.IntegerField(
        help_text="Families that left before; the rule gives them back at once."
    )
    returned_at_once_fen = serializers.IntegerField()
    digest = serializers.CharField()


class ChargeRunOut(serializers.ModelSerializer[ChargeRun]):
    """What a run did."""

    class Meta:
        model = ChargeRun
        fields = ("id", "term_code", "period", "families", "total_fen", "posted_at", "taken_back_at")
        read_only_fields = fields


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
            "first_date",
            "last_date",
            "unit",
            "units",
            "fee_fen",
            "gross_fen",
            "waived_fen",
            "credited_fen",
            "cap_fen",
            "collector",
            "taken_back_at",
        )
        read_only_fields = fields


class WaiverIn(serializers.Serializer[object]):
    """A charge, a reason of the policy, the proof; the amount in yuan where the policy names no share."""

    charge = serializers.UUIDField()
    reason = serializers.CharField(max_length=40)
    proof = serializers.CharField(max_length=200)
    amount = serializers.CharField(max_length=LONGEST, required=False, help_text="50.00")

    def validate_amount(self, value: str) -> object:
        return yuan(value)


class WaiverOut(serializers.ModelSerializer[Waiver]):
    """One waiver, by its agreement's number."""

    agreement = serializers.CharField(source="charge.agreement.number")
    period = serializers.CharField(source="charge.period")

    class Meta:
        model = Waiver
        fields = (
            "id", "charge", "agreement", "period", "reason", "proof", "asked_fen", "state", "requested_at", "decided_at",
            "refusal_reason", "withdrawn_at", "withdrawal_reason",
        )  # fmt: skip
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
    item = serializers.ChoiceField(choices=[(item.code, item.name) for item in spending.ITEMS])
    title = serializers.CharField(max_length=120)
    amount = serializers.CharField(max_length=LONGEST, help_text="130.00")
    spent_date = serializers.DateField(validators=[in_our_years])
    payee_kind = serializers.ChoiceField(choices=PayeeKind.choices)
    payee = serializers.CharField(
        max_length=60, required=False, allow_blank=True, default="", help_text="A shop's or provider's name."
    )
    contract = serializers.UUIDField(
        required=False,
        allow_null=True,
        default=None,
        help_text="Of the hired person; staff without one is paid by the pay sheet.",
    )
    provider = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="On the bureau's register."
    )

    key = serializers.UUIDField(
        required=False,
        allow_null=True,
        default=None,
        help_text="Made by the caller: sent twice, it is one request.",
    )

    def validate_amount(self, value: str) -> object:
        return yuan(value)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The four fields of the payee are one thing."""
        kind, name = attrs.pop("payee_kind"), attrs.pop("payee")
        payee = Payee(kind, name, contract_id=attrs.pop("contract"), provider_id=attrs.pop("provider"))
        return {**attrs, "payee": payee}


class ExpenditureOut(serializers.ModelSerializer[Expenditure]):
    """One expenditure."""

    class Meta:
        model = Expenditure
        fields = (
            "id", "term_code", "kind", "item", "title", "amount_fen", "spent_date", "payee_kind", "payee", "contract",
            "provider_id", "warning", "state", "decision_reason", "refusal_reason",
        )  # fmt: skip
        read_only_fields = fields


class ApprovalIn(serializers.Serializer[object]):
    """Why, where a word warned."""

    reason = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class ReasonIn(serializers.Serializer[object]):
    """Why not."""

    reason = serializers.CharField(max_length=200)


class CloseIn(serializers.Serializer[object]):
    """A month of a term, with the digest of its preview: what was shown is what is published, or nothing is."""

    term_code = serializers.CharField(max_length=11)
    month = serializers.CharField(max_length=7)
    shown = serializers.CharField(max_length=64)


class ClosePreviewOut(serializers.Serializer[object]):
    """What would be published; `digest` goes back with the order to close."""

    closing_fen = serializers.IntegerField()
    text = serializers.CharField()
    digest = serializers.CharField()


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


class RefundOut(serializers.ModelSerializer[Refund]):
    """One refund, by its agreement's number."""

    agreement = serializers.CharField(source="agreement.number")

    class Meta:
        model = Refund
        fields = (
            "id", "agreement", "term_code", "cause", "amount_fen", "state", "sent", "created_at", "issued_at",
        )  # fmt: skip
        read_only_fields = fields


class SentIn(serializers.Serializer[object]):
    """How often the refund had been sent when it was read: another sending since then is another thing."""

    sent = serializers.IntegerField(min_value=0, max_value=999)


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
    charges = BillChargeOut(many=True)
    payments = PaymentOut(many=True)
    refunds = BillRefundOut(many=True)
    shares = BillShareOut(many=True)
    calculations = BillCalculationOut(many=True)


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
    """What closing a month would publish; then close it and publish exactly that."""

    @extend_schema(parameters=[TERM, MONTH], responses=ClosePreviewOut, operation_id="close_preview")
    def get(self, request: Request) -> Response:
        term, month = rules.term(request.query_params.get("term", "")), request.query_params.get("month", "")
        actions.months.to_close(term, month, timezone.localdate())
        found = gathering.month_of_books(rules.school_here().code, term.code, month)
        text = statements.text_of(found)
        shown = {"closing_fen": found.closing, "text": text, "digest": statements.sha256_of(text)}
        return Response(ClosePreviewOut(shown).data)

    @extend_schema(request=CloseIn, responses={201: StatementOut})
    def post(self, request: Request) -> Response:
        given = _given(CloseIn, request)
        closed = actions.close_month(**given, by=user_of(request), now=timezone.now())
        return Response(StatementOut(closed).data, status=201)


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
class Transfers(APIView):
    """Rows of the books, in the order of the chain."""

    @extend_schema(parameters=[TERM], responses=TransferOut(many=True), operation_id="transfers_list")
    def get(self, request: Request) -> Response:
        term = rules.term(request.query_params.get("term", ""))
        pages = Pages()
        rows = pages.paginate_queryset(queries.transfers(term.code).order_by("position"), request, view=self)
        return pages.get_paginated_response(TransferOut(rows, many=True).data)


@declares(Permission.EXPENDITURE_APPROVE)
class ReverseTransfer(APIView):
    """Undo a payment or an expenditure by its opposite, once: the second time is 409 and writes nothing."""

    @extend_schema(
        request=ReversalIn, responses={201: TransferOut, 409: OpenApiResponse(description="Undone already.")}
    )
    def post(self, request: Request, transfer_id: UUID) -> Response:
        given = _given(ReversalIn, request)
        found = or_404(queries.transfer, transfer_id)
        made = actions.reverse_transfer(transfer=found, **given, by=user_of(request), now=timezone.now())
        return Response(TransferOut(made).data, status=201)


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

    @extend_schema(request=ChargeShownIn, responses={201: ChargeRunOut})
    @declares(Permission.CHARGES_MANAGE)
    def post(self, request: Request) -> Response:
        given = _given(ChargeShownIn, request)
        run = actions.charge_period(
            plan=or_404(queries.plan, given["plan"]),
            period=given["period"],
            agreements=given.get("agreements"),
            shown=given["shown"],
            by=user_of(request),
            now=timezone.now(),
        )
        return Response(ChargeRunOut(run).data, status=201)


@declares(Permission.CHARGES_MANAGE)
class PreviewCharges(APIView):
    """What charging a plan's agreements for a period would do; nothing is written."""

    @extend_schema(request=ChargeIn, responses=ChargePreviewOut)
    def post(self, request: Request) -> Response:
        given = _given(ChargeIn, request)
        draft = runs.draft(or_404(queries.plan, given["plan"]), given["period"], only=given.get("agreements"))
        returned = leavers.returned(draft)
        said = {
            "families": len(draft.lines),
            "total_fen": draft.total,
            "charged_before": draft.charged_before,
            "more_families": draft.more_families,
            "more_fen": draft.more_fen,
            "leavers": len(returned),
            "returned_at_once_fen": sum(returned.values()),
            "digest": draft.digest,
        }
        return Response(ChargePreviewOut(said).data)


@declares(Permission.CHARGES_MANAGE)
class TakeBackCharges(APIView):
    """Undo a whole run by reversals, while nobody has paid for it."""

    @extend_schema(request=ReasonIn, responses=ChargeRunOut)
    def post(self, request: Request, run_id: UUID) -> Response:
        reason = _given(ReasonIn, request)["reason"]
        found = or_404(queries.run, run_id)
        actions.take_back(run=found, reason=reason, by=user_of(request), now=timezone.now())
        return Response(ChargeRunOut(queries.run(run_id)).data)


@declares(Permission.CHARGES_MANAGE)
class TakeBackDoubled(APIView):
    """Undo one of two charges for the same days, from before runs."""

    @extend_schema(request=ReasonIn, responses=ChargeOut)
    def post(self, request: Request, charge_id: UUID) -> Response:
        reason = _given(ReasonIn, request)["reason"]
        found = or_404(queries.charge, charge_id)
        actions.take_back_doubled(charge=found, reason=reason, by=user_of(request), now=timezone.now())
        return Response(ChargeOut(queries.charge(charge_id)).data)


class Waivers(APIView):
    """Waivers of a term, for who asks or decides; a new question."""

    @extend_schema(parameters=[TERM, STATE], responses=WaiverOut(many=True), operation_id="waivers_list")
    @declares(Permission.BOOKS_READ)
    def get(self, request: Request) -> Response:
        if not {Permission.CHARGES_MANAGE, Permission.WAIVERS_DECIDE} & user_of(request).rights.permissions:
            raise PermissionDenied
        term = rules.term(request.query_params.get("term", ""))
        state = request.query_params.get("state", "")
        state = state if state in WaiverState.values else ""
        pages = Pages()
        found = waiving.waivers(term.code, state=state).order_by("requested_at", "pk")
        rows = pages.paginate_queryset(found, request, view=self)
        return pages.get_paginated_response(WaiverOut(rows, many=True).data)

    @extend_schema(request=WaiverIn, responses={201: WaiverOut})
    @declares(Permission.CHARGES_MANAGE)
    def post(self, request: Request) -> Response:
        given = _given(WaiverIn, request)
        asked = actions.request_waiver(
            charge=or_404(queries.charge, given["charge"]),
            reason=given["reason"],
            proof=given["proof"],
            amount=given.get("amount"),
            by=user_of(request),
            now=timezone.now(),
        )
        return Response(WaiverOut(asked).data, status=201)


@declares(Permission.WAIVERS_DECIDE)
class GrantWaiver(APIView):
    """By another person than who asked, and not for the own child."""

    @extend_schema(request=None, responses=WaiverOut)
    def post(self, request: Request, waiver_id: UUID) -> Response:
        found = or_404(waiving.waiver, waiver_id)
        granted = actions.grant_waiver(waiver=found, by=user_of(request), now=timezone.now())
        return Response(WaiverOut(granted).data)


@declares(Permission.WAIVERS_DECIDE)
class RefuseWaiver(APIView):
    """With a reason."""

    @extend_schema(request=ReasonIn, responses=WaiverOut)
    def post(self, request: Request, waiver_id: UUID) -> Response:
        reason = _given(ReasonIn, request)["reason"]
        found = or_404(waiving.waiver, waiver_id)
        refused = actions.refuse_waiver(waiver=found, reason=reason, by=user_of(request), now=timezone.now())
        return Response(WaiverOut(refused).data)


@declares(Permission.WAIVERS_DECIDE)
class WithdrawWaiver(APIView):
    """Take back what was granted, by another person than who granted it."""

    @extend_schema(request=ReasonIn, responses=WaiverOut)
    def post(self, request: Request, waiver_id: UUID) -> Response:
        reason = _given(ReasonIn, request)["reason"]
        found = or_404(waiving.waiver, waiver_id)
        taken = actions.withdraw_waiver(waiver=found, reason=reason, by=user_of(request), now=timezone.now())
        return Response(WaiverOut(taken).data)


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

    @extend_schema(request=ApprovalIn, responses=ExpenditureOut)
    def post(self, request: Request, expenditure_id: UUID) -> Response:
        reason = _given(ApprovalIn, request)["reason"]
        found = or_404(queries.expenditure, expenditure_id)
        decided = actions.approve_expenditure(
            expenditure=found, reason=reason, by=user_of(request), now=timezone.now()
        )
        return Response(ExpenditureOut(decided).data)


@declares(Permission.EXPENDITURE_APPROVE)
class RefuseExpenditure(APIView):
    """With a reason."""

    @extend_schema(request=ReasonIn, responses=ExpenditureOut)
    def post(self, request: Request, expenditure_id: UUID) -> Response:
        reason = _given(ReasonIn, request)["reason"]
        found = or_404(queries.expenditure, expenditure_id)
        decided = actions.refuse_expenditure(
            expenditure=found, reason=reason, by=user_of(request), now=timezone.now()
        )
        return Response(ExpenditureOut(decided).data)


@declares(Permission.SETTLEMENT_PREPARE)
class Settlements(APIView):
    """A preview from the books as they stand."""

    @extend_schema(request=PreviewIn, responses={201: SettlementOut})
    def post(self, request: Request) -> Response:
        given = _given(PreviewIn, request)
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


class EndIn(serializers.Serializer[object]):
    """A term, and why its service ends before its last day."""

    term_code = serializers.CharField(max_length=11)
    reason = serializers.CharField(max_length=200)


class EndOut(serializers.Serializer[object]):
    """How many lessons were cancelled."""

    cancelled = serializers.IntegerField()


@declares(Permission.SETTLEMENT_APPROVE)
class ServiceEnd(APIView):
    """Today is the last day of the service; families and the bureau are told why."""

    @extend_schema(request=EndIn, responses=EndOut)
    def post(self, request: Request) -> Response:
        given, now = _given(EndIn, request), timezone.now()
        plan = queries.running_plan(rules.term(given["term_code"]).code, now)
        if plan is None:
            raise Http404
        cancelled = actions.end_service(plan=plan, reason=given["reason"], by=user_of(request), now=now)
        return Response(EndOut({"cancelled": cancelled}).data)


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

    @extend_schema(request=SentIn, responses=RefundOut)
    def post(self, request: Request, refund_id: UUID) -> Response:
        found = _as_seen(request, refund_id)
        actions.issue_refund(refund=found, by=user_of(request), now=timezone.now())
        return Response(RefundOut(found).data)


@declares(Permission.REFUNDS_APPROVE)
class ConfirmRefund(APIView):
    """The money has arrived."""

    @extend_schema(request=SentIn, responses=RefundOut)
    def post(self, request: Request, refund_id: UUID) -> Response:
        found = _as_seen(request, refund_id)
        actions.confirm_refund(refund=found, by=user_of(request), now=timezone.now())
        return Response(RefundOut(found).data)


@declares(Permission.REFUNDS_APPROVE)
class FailRefund(APIView):
    """The bank sent it back."""

    @extend_schema(request=SentIn, responses=RefundOut)
    def post(self, request: Request, refund_id: UUID) -> Response:
        found = _as_seen(request, refund_id)
        actions.fail_refund(refund=found, by=user_of(request), now=timezone.now())
        return Response(RefundOut(found).data)


@declares(Permission.OWN_BILLS_READ)
class Bills(APIView):
    """A family's own."""

    @extend_schema(responses=BillOut(many=True), operation_id="bills_list")
    def get(self, request: Request) -> Response:
        own = queries.own_bills(user_of(request))
        return Response(BillOut(own, many=True, context={"lines": bills.lines_of(own)}).data)


def _given(form: type[serializers.Serializer[object]], request: Request) -> dict[str, Any]:
    """What was sent, checked."""
    read = form(data=request.data)
    read.is_valid(raise_exception=True)
    return dict(read.validated_data)


def _as_seen(request: Request, refund_id: UUID) -> Refund:
    """The refund, unless it was sent again since the caller read it. Raises SentSince."""
    sent = _given(SentIn, request)["sent"]
    found = or_404(queries.refund, refund_id)
    refuse_sent_since(found, sent)
    return found
