"""The API of numbers that wait for a yes or no: those that the caller may answer, and the answer."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from afterbell.accounts import number_actions
from afterbell.accounts import queries as accounts
from afterbell.accounts.models import NumberClaim
from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import declares
from afterbell.pages import api
from schools.people.doors import or_404, user_of


class OpenNumberOut(serializers.ModelSerializer[NumberClaim]):
    """A claimed number, whose it should be, and from when a second person's yes counts (null: now)."""

    account = serializers.CharField(source="user.name", read_only=True)
    by = serializers.CharField(source="by.name", read_only=True)
    is_own = serializers.SerializerMethodField()
    waits_until = serializers.SerializerMethodField()

    class Meta:
        model = NumberClaim
        fields = ("id", "account", "phone", "reason", "by", "at", "is_own", "waits_until", "is_accepted")
        read_only_fields = fields

    def get_is_own(self, row: NumberClaim) -> bool:
        return bool(row.user_id == self.context["user"].pk)

    def get_waits_until(self, row: NumberClaim) -> str | None:
        until = accounts.waits_until(row)
        return until.isoformat() if until else None


class OwnAnswerIn(serializers.Serializer[Any]):
    """Yes: it is the account's number. No: it is not."""

    is_yes = serializers.BooleanField()


@declares(Permission.ACCOUNT_SELF)
class Numbers(APIView):
    """Numbers that wait for the caller: of the own account, and those that the caller may vouch for."""

    @extend_schema(responses=OpenNumberOut(many=True), operation_id="numbers_list")
    def get(self, request: Request) -> Response:
        user = user_of(request)
        return Response(OpenNumberOut(accounts.open_claims(user), many=True, context={"user": user}).data)


@declares(Permission.ACCOUNT_SELF)
class NumberAnswer(APIView):
    """Yes or no to one of them, by the rules of the page; the first answer counts."""

    @extend_schema(request=OwnAnswerIn, responses=OpenNumberOut)
    def post(self, request: Request, claim_id: UUID) -> Response:
        user = user_of(request)
        claim = or_404(accounts.claim_for, user, claim_id)
        is_yes = api.given(OwnAnswerIn, request)["is_yes"]
        deed = number_actions.accept_number if is_yes else number_actions.refuse_number
        deed(claim=claim, by=user, now=timezone.now())
        return Response(OpenNumberOut(accounts.claim(claim_id), context={"user": user}).data)
