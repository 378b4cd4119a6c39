"""The API of the reports: to read and to note; the same rights and actions as the pages."""

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
from oversight.reports import queries
from oversight.reports.forms import MOST_NOTE, STATES
from oversight.reports.words import ABOUT
from tenants.exchange import actions
from tenants.exchange.models import Envelope


class ReportOut(serializers.Serializer[Any]):
    """One report, whole, with what the bureau said to it."""

    id = serializers.UUIDField()
    school_code = serializers.CharField()
    school_name = serializers.CharField()
    district = serializers.CharField(source="district_code")
    about = serializers.ChoiceField(choices=list(ABOUT), source="payload.about")
    subject = serializers.CharField()
    note = serializers.CharField(source="payload.note", default="")
    sent_at = serializers.DateTimeField()
    state = serializers.SerializerMethodField()
    answer_note = serializers.CharField(allow_blank=True)
    answered_at = serializers.DateTimeField(allow_null=True)

    def get_state(self, report: Envelope) -> str:
        return queries.state_of(report)


class ReportNoteIn(serializers.Serializer[object]):
    """What the bureau says to it; nothing is enough."""

    note = serializers.CharField(max_length=MOST_NOTE, required=False, allow_blank=True, default="")


class ReportsIn(serializers.Serializer[object]):
    """The filters of the list."""

    school = serializers.CharField(max_length=80, required=False)
    district = serializers.CharField(max_length=6, required=False)
    state = serializers.ChoiceField(choices=STATES, required=False)


@declares(Permission.REPORTS_READ)
class Reports(APIView):
    """Of the user's districts, the newest first."""

    pagination_class = api.Pages

    @extend_schema(
        responses=ReportOut(many=True),
        operation_id="reports_list",
        parameters=[ReportsIn],
    )
    def get(self, request: Request) -> Response:
        wanted = api.asked(ReportsIn, request)
        found = queries.narrowed(queries.reports_for(_me(request)), **wanted)
        return api.listed(self, request, found, ReportOut)


@declares(Permission.REPORTS_ANSWER)
class Note(APIView):
    """The bureau has read it."""

    @extend_schema(request=ReportNoteIn, responses=ReportOut)
    def post(self, request: Request, report_id: UUID) -> Response:
        given = api.given(ReportNoteIn, request)
        try:
            found = queries.report_for(_me(request), report_id)
        except Envelope.DoesNotExist:
            raise Http404 from None
        actions.answer(envelope=found, answer="noted", by=_me(request), now=timezone.now(), **given)
        return Response(ReportOut(found).data)


def _me(request: Request) -> User:
    """DeclaredPermission let only users in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
