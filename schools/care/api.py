"""The gate's API: phones send what was done, as often as they like."""

from typing import Any
from uuid import UUID

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
from afterbell.pages.text import ReadableJSON
from schools.care import operations
from schools.care.operations import Answer, Sent
from schools.care.refusals import TooManyOperations
from schools.care.roll import Kind


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

    id = serializers.UUIDField()
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
        description="Answers stand in the order of the list; one that is refused keeps no other from being done.",
    )
    def post(self, request: Request) -> Response:
        now = timezone.now()
        items = request.data
        if not isinstance(items, list):
            raise ValidationError([_("请提交一个操作列表。")])
        if len(items) > operations.MOST:
            raise TooManyOperations
        sent = [_read(item, place, now) for place, item in enumerate(items)]
        answers = operations.apply(sent=sent, by=request.user, now=now) if sent else []  # type: ignore[arg-type]  # a User, by the permission
        return Response([_written(answer) for answer in answers])


def _read(item: object, place: int, now: Any) -> Sent:
    """Without an id there is nobody to answer to: the whole list is refused."""
    try:
        if not isinstance(item, dict) or not isinstance(item.get("id"), str):
            raise ValueError("an operation is an object with an id")
        return operations.read(item, operation_id=UUID(item["id"]), now=now)
    except ValueError as error:
        raise ValidationError({str(place): {"id": [_("每条操作都要有一个 UUID 编号。")]}}) from error


def _written(answer: Answer) -> dict[str, str]:
    said = {"id": str(answer.id), "result": answer.result}
    return said | {"code": answer.code, "reason": answer.reason} if answer.code else said
