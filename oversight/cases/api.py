"""The API of the filing desk: filings to read, accept and return; the same rights and actions as the pages."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import declares
from afterbell.pages import api
from oversight.cases import queries
from oversight.cases.queries import Filing
from tenants.exchange import actions
from tenants.exchange.models import Envelope


class FilingOut(serializers.Serializer[Any]):
    """One filing in a list."""

    id = serializers.UUIDField()
    school_code = serializers.CharField()
    school_name = serializers.CharField()
    district = serializers.CharField(source="district_code")
    term = serializers.CharField(source="term_code")
    subject = serializers.CharField()
    state = serializers.CharField()
    sent_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)
    answer = serializers.CharField(allow_blank=True)
    answer_note = serializers.CharField(allow_blank=True)


class WholeFilingOut(FilingOut):
    """With what was filed, and its hash."""

    payload = serializers.JSONField()
    payload_sha256 = serializers.CharField()


class ReturnReasonIn(serializers.Serializer[object]):
    """Why a plan goes back."""

    note = serializers.CharField(max_length=500)


class FilingsIn(serializers.Serializer[object]):
    """The filters of the list."""

    school = serializers.CharField(max_length=80, required=False)
    district = serializers.CharField(max_length=6, required=False)
    term = serializers.CharField(max_length=11, required=False)
    state = serializers.ChoiceField(choices=[queries.WAITING, queries.LATE, queries.ANSWERED], required=False)


@declares(Permission.FILINGS_READ)
class Filings(APIView):
    """Of the user's districts, waiting first."""

    pagination_class = api.Pages

    @extend_schema(
        responses=FilingOut(many=True),
        operation_id="filings_list",
        parameters=[FilingsIn],
    )
    def get(self, request: Request) -> Response:
        wanted = api.asked(FilingsIn, request)
        found = queries.narrowed(queries.filings_for(_me(request)), now=timezone.now(), **wanted)
        return api.listed(self, request, queries.waiting_first(found), FilingOut)


@declares(Permission.FILINGS_READ)
class OneFiling(APIView):
    """One filing, whole."""

    @extend_schema(responses=WholeFilingOut)
    def get(self, request: Request, filing_id: UUID) -> Response:
        return Response(WholeFilingOut(_filing(request, filing_id).envelope).data)


@declares(Permission.FILINGS_DECIDE)
class Accept(APIView):
    """The bureau accepts."""

    @extend_schema(request=None, responses=WholeFilingOut)
    def post(self, request: Request, filing_id: UUID) -> Response:
        return _answered(request, filing_id, "accepted", "")


@declares(Permission.FILINGS_DECIDE)
class SendBack(APIView):
    """The bureau returns, with a reason."""

    @extend_schema(request=ReturnReasonIn, responses=WholeFilingOut)
    def post(self, request: Request, filing_id: UUID) -> Response:
        given = api.given(ReturnReasonIn, request)
        return _answered(request, filing_id, "returned", given["note"])


def _answered(request: Request, filing_id: UUID, answer: str, note: str) -> Response:
    envelope = _filing(request, filing_id).envelope
    actions.answer(envelope=envelope, answer=answer, note=note, by=_me(request), now=timezone.now())
    return Response(WholeFilingOut(envelope).data)


def _filing(request: Request, filing_id: UUID) -> Filing:
    try:
        return queries.filing_for(_me(request), filing_id)
    except Envelope.DoesNotExist:
        raise Http404 from None


def _me(request: Request) -> User:
    """DeclaredPermission let only users in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
