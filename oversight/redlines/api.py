"""The API of the alerts: the list, one with its history, note and close; the same rights and actions as the pages."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import declares
from afterbell.pages import api
from oversight import scope as scopes
from oversight.redlines import actions, queries
from oversight.redlines.forms import NOTE_MOST
from oversight.redlines.models import Alert
from oversight.redlines.queries import Happened, Shown
from oversight.redlines.states import AlertState, EventKind, Level, RuleCode
from tenants.models import Kind, Stage


@dataclass(frozen=True)
class Whole(Shown):
    """An alert with its history."""

    history: list[Happened]


class AlertOut(serializers.Serializer[Any]):
    """One alert in a list."""

    id = serializers.UUIDField()
    school_code = serializers.CharField(source="school.code")
    school_name = serializers.CharField(source="school.name")
    district = serializers.CharField(source="school.district.code")
    term = serializers.CharField(source="alert.term_code")
    rule = serializers.ChoiceField(choices=RuleCode.choices, source="alert.rule")
    rule_name = serializers.CharField()
    level = serializers.ChoiceField(choices=Level.choices, source="alert.level")
    state = serializers.ChoiceField(choices=AlertState.choices, source="alert.state")
    cause = serializers.CharField(
        source="cause_name", help_text="The month or the class; empty where there is one only."
    )
    finding = serializers.CharField(
        source="sentence", help_text="What was found, with its numbers, as a sentence."
    )
    raised_at = serializers.DateTimeField()
    first_raised_at = serializers.DateTimeField(source="alert.first_raised_at")
    times = serializers.IntegerField(source="alert.times", help_text="How often it came up.")


class FigureOut(serializers.Serializer[Any]):
    """A number as it may be shown: c is a count of 1 to 4."""

    name = serializers.CharField()
    value = serializers.CharField()


class HappenedOut(serializers.Serializer[Any]):
    """A line of the history."""

    at = serializers.DateTimeField(source="event.at")
    kind = serializers.ChoiceField(choices=EventKind.choices, source="event.kind")
    who = serializers.CharField(allow_blank=True)
    note = serializers.CharField(source="event.note", allow_blank=True)
    finding = serializers.CharField(source="sentence", allow_blank=True)


class WholeAlertOut(AlertOut):
    """With its figures, the rule and the history."""

    clauses = serializers.ListField(child=serializers.CharField(), source="rule.clauses")
    rule_text = serializers.CharField(source="rule.text")
    formula = serializers.CharField(source="rule.formula")
    figures = serializers.SerializerMethodField()
    history = HappenedOut(many=True)

    @extend_schema_field(FigureOut(many=True))
    def get_figures(self, shown: Whole) -> list[dict[str, str]]:
        return [{"name": str(label), "value": value} for label, value in shown.figures]


class AlertsIn(serializers.Serializer[object]):
    """The filters of the list; without a state only unresolved ones."""

    term = serializers.CharField(max_length=11, required=False)
    district = serializers.CharField(max_length=6, required=False)
    stage = serializers.ChoiceField(choices=Stage.choices, required=False)
    kind = serializers.ChoiceField(choices=Kind.choices, required=False)
    rule = serializers.ChoiceField(choices=RuleCode.choices, required=False)
    level = serializers.ChoiceField(choices=Level.choices, required=False)
    state = serializers.ChoiceField(choices=[*AlertState.values, "all"], required=False)
    school = serializers.CharField(max_length=80, required=False)


class AlertNoteIn(serializers.Serializer[object]):
    """What an officer found or did."""

    note = serializers.CharField(max_length=NOTE_MOST)


class ClosingReasonIn(serializers.Serializer[object]):
    """Why an alert is over."""

    reason = serializers.CharField(max_length=NOTE_MOST)


@declares(Permission.ALERTS_READ)
class Alerts(APIView):
    """Of the user's districts, red first, then the newest."""

    pagination_class = api.Pages

    @extend_schema(
        responses=AlertOut(many=True),
        operation_id="alerts_list",
        parameters=[AlertsIn],
    )
    def get(self, request: Request) -> Response:
        wanted = api.asked(AlertsIn, request)
        scope = scopes.of_user(_me(request))
        found = queries.narrowed(queries.alerts(scope), **wanted)
        with scope.reading():
            return api.paged(self, request, found.order_by(*queries.SEVERITY), _shown)


@declares(Permission.ALERTS_READ)
class OneAlert(APIView):
    """One alert, whole."""

    @extend_schema(responses=WholeAlertOut)
    def get(self, request: Request, alert_id: UUID) -> Response:
        return _whole(request, alert_id)


@declares(Permission.ALERTS_HANDLE)
class Note(APIView):
    """An officer has looked at it."""

    @extend_schema(request=AlertNoteIn, responses=WholeAlertOut)
    def post(self, request: Request, alert_id: UUID) -> Response:
        given = api.given(AlertNoteIn, request)
        text, me = given["note"], _me(request)
        actions.note(alert=_alert(request, alert_id).alert, text=text, by=me, now=timezone.now())
        return _whole(request, alert_id)


@declares(Permission.ALERTS_HANDLE)
class Close(APIView):
    """An officer ends it, with a reason."""

    @extend_schema(request=ClosingReasonIn, responses=WholeAlertOut)
    def post(self, request: Request, alert_id: UUID) -> Response:
        given = api.given(ClosingReasonIn, request)
        reason, me = given["reason"], _me(request)
        actions.close(alert=_alert(request, alert_id).alert, reason=reason, by=me, now=timezone.now())
        return _whole(request, alert_id)


def _shown(rows: list[Alert]) -> list[Any]:
    return list(AlertOut([Shown(row) for row in rows], many=True).data)


def _whole(request: Request, alert_id: UUID) -> Response:
    shown = _alert(request, alert_id)
    history = queries.history(scopes.of_user(_me(request)), shown)
    return Response(WholeAlertOut(Whole(shown.alert, history)).data)


def _alert(request: Request, alert_id: UUID) -> Shown:
    try:
        return queries.alert_for(scopes.of_user(_me(request)), alert_id)
    except Alert.DoesNotExist:
        raise Http404 from None


def _me(request: Request) -> User:
    """DeclaredPermission let only users in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
