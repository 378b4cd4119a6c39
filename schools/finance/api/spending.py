"""The API of expenditure: asked for by one person, decided by another."""

from typing import Any
from uuid import UUID

from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import declares
from afterbell.kernel.dates import in_our_years
from afterbell.kernel.money import LONGEST, yuan
from afterbell.pages import api
from afterbell.pages.problems import problem
from schools.finance import actions, findings, payees, queries, spending
from schools.finance.api.base import BooksReasonIn, Step, TermIn, UndoneOut, does, term_asked
from schools.finance.findings import Fact, Finding
from schools.finance.models import Expenditure
from schools.finance.spending import Payee, PayeeKind
from schools.people import named, word_actions
from schools.people.doors import user_of
from schools.planning.cost_words import Topic
from tenants.exchange.names import NamesAChild


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


class FindingOut(serializers.Serializer[Finding]):
    """What both persons are asked about."""

    kind = serializers.ChoiceField(choices=[*Topic.choices, *Fact.choices])
    word = serializers.CharField()
    sentence = serializers.CharField(help_text="What was found, and what to do.")


class ExpenditureOut(UndoneOut, serializers.ModelSerializer[Expenditure]):
    """One expenditure, and whether it still stands."""

    findings = serializers.SerializerMethodField()

    class Meta:
        model = Expenditure
        fields = (
            "id", "term_code", "kind", "item", "title", "amount_fen", "spent_date", "payee_kind", "payee", "contract",
            "provider_id", "warning", "findings", "state", "decision_reason", "refusal_reason", "undone_at",
            "undone_reason",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(FindingOut(many=True))
    def get_findings(self, row: Expenditure) -> list[object]:
        return [FindingOut(found).data for found in findings.read(row.findings)]


class ApprovalIn(serializers.Serializer[object]):
    """Why, where a word warned."""

    reason = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class Expenditures(APIView):
    """Expenditure of a term; a new request."""

    pagination_class = api.Pages

    @extend_schema(parameters=[TermIn], responses=ExpenditureOut(many=True), operation_id="expenditures_list")
    @declares(Permission.BOOKS_READ)
    def get(self, request: Request) -> Response:
        term = term_asked(request)
        return api.listed(
            self, request, queries.expenditures(term.code).order_by("-spent_date", "pk"), ExpenditureOut
        )

    @extend_schema(request=ExpenditureIn, responses={201: ExpenditureOut})
    @declares(Permission.EXPENDITURE_REQUEST)
    def post(self, request: Request) -> HttpResponseBase:
        given = api.given(ExpenditureIn, request)
        try:
            asked = actions.request_expenditure(**given, by=user_of(request), now=timezone.now())
        except NamesAChild as refusal:
            doubts = named.doubts(payees.own_words(given["item"], given["title"], given["payee"].name))
            word_actions.ask(
                doubts=doubts, by=user_of(request), now=timezone.now()
            )  # answered, not raised: it stays
            return problem(refusal.status, str(refusal), code=refusal.code)
        return Response(ExpenditureOut(queries.expenditure(asked.pk)).data, status=201)


@declares(Permission.EXPENDITURE_APPROVE)
@does(actions.approve_expenditure, expenditure=queries.expenditure, asks=ApprovalIn, gives=ExpenditureOut)
class ApproveExpenditure(Step):
    """By another person than who asked. Where a pupil is named: refused, and asked about as on the page."""

    def post(self, request: Request, **address: UUID) -> HttpResponseBase:
        try:
            return super().post(request, **address)
        except NamesAChild as refusal:
            (key,) = address.values()
            found = queries.expenditure(key)
            doubts = named.doubts(payees.own_words(found.item, found.title, found.payee))
            word_actions.ask(
                doubts=doubts, by=user_of(request), now=timezone.now(), writer=found.requested_by
            )  # answered, not raised: it stays
            return problem(refusal.status, str(refusal), code=refusal.code)


@declares(Permission.EXPENDITURE_APPROVE)
@does(actions.refuse_expenditure, expenditure=queries.expenditure, asks=BooksReasonIn, gives=ExpenditureOut)
class RefuseExpenditure(Step):
    """With a reason."""
