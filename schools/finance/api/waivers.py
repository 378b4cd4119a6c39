"""The API of waivers: asked for, decided by another person, taken back."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import declares
from afterbell.kernel.money import LONGEST, yuan
from afterbell.pages import api
from schools.finance import actions, queries, rules, waiving
from schools.finance.api.base import BooksReasonIn, Step, TermIn, does
from schools.finance.models import Waiver
from schools.finance.states import WaiverState
from schools.people.doors import or_404, user_of


class WaiversIn(TermIn):
    """Of which term, in which state."""

    state = serializers.ChoiceField(choices=WaiverState.choices, required=False)


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


class Waivers(APIView):
    """Waivers of a term, for who asks or decides; a new question."""

    pagination_class = api.Pages

    @extend_schema(parameters=[WaiversIn], responses=WaiverOut(many=True), operation_id="waivers_list")
    @declares(Permission.BOOKS_READ)
    def get(self, request: Request) -> Response:
        if not {Permission.CHARGES_MANAGE, Permission.WAIVERS_DECIDE} & user_of(request).rights.permissions:
            raise PermissionDenied
        asked = api.asked(WaiversIn, request)
        term, state = rules.term(asked["term"]), asked.get("state", "")
        found = waiving.waivers(term.code, state=state).order_by("requested_at", "pk")
        return api.listed(self, request, found, WaiverOut)

    @extend_schema(request=WaiverIn, responses={201: WaiverOut})
    @declares(Permission.CHARGES_MANAGE)
    def post(self, request: Request) -> Response:
        given = api.given(WaiverIn, request)
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
@does(actions.grant_waiver, waiver=waiving.waiver, gives=WaiverOut)
class GrantWaiver(Step):
    """By another person than who asked, and not for the own child."""


@declares(Permission.WAIVERS_DECIDE)
@does(actions.refuse_waiver, waiver=waiving.waiver, asks=BooksReasonIn, gives=WaiverOut)
class RefuseWaiver(Step):
    """With a reason."""


@declares(Permission.WAIVERS_DECIDE)
@does(actions.withdraw_waiver, waiver=waiving.waiver, asks=BooksReasonIn, gives=WaiverOut)
class WithdrawWaiver(Step):
    """Take back what was granted, by another person than who granted it."""
