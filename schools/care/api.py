"""The gate's API: phones send what was done, as often as they like; leaders mend what was not written down."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import declares
from afterbell.pages import api
from afterbell.pages.problems import problem
from afterbell.pages.text import ReadableJSON
from schools.care import actions, operations, queries, roll_actions
from schools.care.models import LateDeed, Session
from schools.care.operations import Answer, Sent
from schools.care.refusals import TooManyOperations, WithoutId
from schools.care.roll import Kind
from schools.people.doors import or_404, user_of
from schools.people.word_asking import asking
from tenants.exchange.names import NamesAChild

LONGEST_ECHO: Final = 100
"""Of what stands where an id should."""


class OperationIn(serializers.Serializer[Any]):
    """What one operation holds; `kind` says what it needs."""

    id = serializers.UUIDField(
        help_text="Made by the phone; each id has one effect, however often it is sent."
    )
    at = serializers.DateTimeField(help_text="When it was done, with its time zone.")
    kind = serializers.ChoiceField(choices=[kind.value for kind in Kind])
    session = serializers.UUIDField()
    pupil = serializers.UUIDField(required=False, help_text="For everything but open and close.")
    collector = serializers.UUIDField(
        required=False, help_text="For handover: the guardian who takes the child."
    )
    note = serializers.CharField(
        required=False, max_length=operations.LONGEST_NOTE, help_text="For close: the record."
    )


class OperationOut(serializers.Serializer[Any]):
    """What became of it."""

    id = serializers.CharField(
        allow_null=True,
        help_text="As it was sent where it is no UUID; null where it is no text that can be kept.",
    )
    result = serializers.ChoiceField(choices=[operations.APPLIED, operations.DUPLICATE, operations.REFUSED])
    code = serializers.CharField(required=False, help_text="Of the refusal; stable.")
    reason = serializers.CharField(required=False, help_text="Of the refusal; a sentence.")


@declares(Permission.SESSIONS_HOLD)
class Operations(APIView):
    """POST a list of at most 500 operations."""

    parser_classes = (
        ReadableJSON,
    )  # a text that can't be kept is refused with its operation, not with the list

    @extend_schema(
        operation_id="care_operations",
        request=OperationIn(many=True),
        responses={200: OperationOut(many=True)},
        description="Answers stand in the order of the list; one that is refused, or has no id, keeps no other from "
        "being done.",
    )
    def post(self, request: Request) -> Response:
        now = timezone.now()
        items = request.data
        if not isinstance(items, list):
            raise ValidationError([_("请提交一个操作列表。")])
        if len(items) > operations.MOST:
            raise TooManyOperations
        read = [_read(item, now) for item in items]
        sent = [one for one in read if isinstance(one, Sent)]
        answers = iter(operations.apply(sent=sent, by=user_of(request), now=now) if sent else ())
        return Response([_written(next(answers)) if isinstance(one, Sent) else one for one in read])


def _read(item: object, now: datetime) -> Sent | dict[str, str | None]:
    """The operation; or the answer to one without an id, which is answered by its place in the list alone."""
    said = item.get("id") if isinstance(item, dict) else None
    try:
        if isinstance(item, dict) and isinstance(said, str):
            return operations.read(item, operation_id=UUID(said), now=now)
    except ValueError:
        pass
    echo = said if isinstance(said, str) and len(said) <= LONGEST_ECHO and operations.is_plain(said) else None
    refusal = WithoutId()
    return {"id": echo, "result": operations.REFUSED, "code": refusal.code, "reason": str(refusal)}


def _written(answer: Answer) -> dict[str, str | None]:
    said: dict[str, str | None] = {"id": str(answer.id), "result": answer.result}
    return said | {"code": answer.code, "reason": answer.reason} if answer.code else said


class LateOut(serializers.ModelSerializer[LateDeed]):
    """One operation that came on a later day than it was done."""

    kind = serializers.CharField(source="operation.kind")
    result = serializers.CharField(source="operation.result")
    code = serializers.CharField(source="operation.reason")
    said_at = serializers.DateTimeField(source="operation.said_at")
    received_at = serializers.DateTimeField(source="operation.received_at")
    by = serializers.CharField(source="operation.by.name")

    class Meta:
        model = LateDeed
        fields = (
            "id",
            "session",
            "pupil",
            "kind",
            "result",
            "code",
            "said_at",
            "received_at",
            "by",
            "seen_at",
        )
        read_only_fields = fields


class AHundred(api.Pages):
    """A hundred at a time."""

    page_size = 100


@declares(Permission.SESSIONS_READ)
class LateDeeds(APIView):
    """What phones sent on a later day for the sessions that the user leads, newest first."""

    pagination_class = AHundred

    @extend_schema(
        operation_id="care_late_list",
        responses=LateOut(many=True),
    )
    def get(self, request: Request) -> Response:
        rows = queries.late_deeds(user_of(request)).order_by("-operation__received_at", "-pk")
        return api.listed(self, request, rows, LateOut)


class SessionReasonIn(serializers.Serializer[Any]):
    """Why."""

    reason = serializers.CharField(max_length=200)


class SessionOut(serializers.ModelSerializer[Session]):
    """A session's state after a leader's deed."""

    class Meta:
        model = Session
        fields = ("id", "date", "state", "unaccounted", "late_reason", "cancel_reason")
        read_only_fields = fields


class OfSession(APIView):
    """A leader's deed on a session of a past day."""

    def session(self, request: Request, session_id: UUID) -> Session:
        """404 for who does not see it; who does not lead it is refused by the action."""
        return or_404(queries.session_for, user_of(request), session_id)

    def answer(self, session_id: UUID) -> Response:
        return Response(SessionOut(queries.session(session_id)).data)


@declares(Permission.SESSIONS_READ)
class SeeLate(OfSession):
    """Everything that came late for the session has been looked at."""

    @extend_schema(request=None, responses=SessionOut)
    def post(self, request: Request, session_id: UUID) -> Response:
        found = self.session(request, session_id)
        roll_actions.see_late(session=found, by=user_of(request), now=timezone.now())
        return self.answer(session_id)


@declares(Permission.SESSIONS_READ)
class OpenLate(OfSession):
    """It was held and nobody had opened it: the roll is filled, children are marked one by one."""

    @extend_schema(request=SessionReasonIn, responses=SessionOut)
    def post(self, request: Request, session_id: UUID) -> Response:
        found = self.session(request, session_id)
        given = api.given(SessionReasonIn, request)
        roll_actions.open_late(session=found, **given, by=user_of(request), now=timezone.now())
        return self.answer(session_id)


@declares(Permission.SESSIONS_READ)
class NotHeld(OfSession):
    """It was not held, and nobody had cancelled it; the families read the reason."""

    @extend_schema(request=SessionReasonIn, responses=SessionOut)
    def post(self, request: Request, session_id: UUID) -> HttpResponseBase:
        found, by = self.session(request, session_id), user_of(request)
        given = api.given(SessionReasonIn, request)
        try:
            with asking([given["reason"]], by=by):
                actions.say_not_held(session=found, **given, by=by, now=timezone.now())
        except NamesAChild as refusal:  # answered, not raised: the question stays
            return problem(refusal.status, str(refusal), code=refusal.code)
        return self.answer(session_id)
