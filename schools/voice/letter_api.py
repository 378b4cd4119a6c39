"""The API of a family's complaints to the bureau: the same rights and the same actions as the pages."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import declares
from afterbell.kernel.ids import uuid7
from afterbell.pages import api
from schools.people.doors import or_404
from schools.voice import letters
from schools.voice.api import SchoolCall
from tenants.letterbox.family_actions import MOST_SIGNS, Wanted
from tenants.letterbox.models import Accused, BureauComplaint, ComplaintKind, StepKind


class LetterStepOut(serializers.Serializer[Any]):
    """What happened, and the family's own words."""

    kind = serializers.ChoiceField(choices=StepKind.choices)
    at = serializers.DateTimeField()
    said = serializers.CharField(allow_blank=True)


class LetterOut(serializers.ModelSerializer[BureauComplaint]):
    """A complaint to the bureau, for who made it."""

    class Meta:
        model = BureauComplaint
        fields = (
            "id", "number", "term_code", "kind", "may_name", "accused", "accused_name", "text", "state", "submitted_at",
            "due_at", "answer", "answered_at",
        )  # fmt: skip
        read_only_fields = fields


class WholeLetterOut(serializers.Serializer[Any]):
    """With its history."""

    complaint = LetterOut()
    steps = LetterStepOut(many=True)


class LetterIn(serializers.Serializer[Any]):
    """With an id of the sender's own, sending twice is sending once."""

    id = serializers.UUIDField(required=False)
    kind = serializers.ChoiceField(choices=ComplaintKind.choices)
    may_name = serializers.BooleanField(required=False, default=False)
    accused = serializers.ChoiceField(choices=Accused.choices, required=False, default=Accused.NOBODY.value)
    accused_name = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    text = serializers.CharField(max_length=MOST_SIGNS)


class LetterWordsIn(serializers.Serializer[Any]):
    """More words, or why one is not content."""

    text = serializers.CharField(max_length=MOST_SIGNS)


@declares(Permission.COMPLAINTS_MAKE)
class OwnLetters(APIView):
    """A guardian's own, the newest first; a new one."""

    pagination_class = api.Pages

    @extend_schema(responses=LetterOut(many=True), operation_id="family_bureau_complaints_list")
    def get(self, request: SchoolCall) -> Response:
        return api.listed(self, request, letters.own(request.user), LetterOut)

    @extend_schema(request=LetterIn, responses={201: LetterOut})
    def post(self, request: SchoolCall) -> Response:
        given = api.given(LetterIn, request)
        key = given.pop("id", None) or uuid7()
        wanted = Wanted(kind=ComplaintKind(given.pop("kind")), accused=Accused(given.pop("accused")), **given)
        made = letters.submit(
            school=request.school, key=key, wanted=wanted, by=request.user, now=timezone.now()
        )
        return Response(LetterOut(made).data, status=201)


@declares(Permission.COMPLAINTS_MAKE)
class OwnLetter(APIView):
    """One of them, with its history."""

    @extend_schema(responses=WholeLetterOut, operation_id="family_bureau_complaints_retrieve")
    def get(self, request: SchoolCall, complaint_id: UUID) -> Response:
        return _whole(request, complaint_id)


@declares(Permission.COMPLAINTS_MAKE)
class Additions(APIView):
    """More words, while the bureau is at it."""

    @extend_schema(request=LetterWordsIn, responses={201: WholeLetterOut})
    def post(self, request: SchoolCall, complaint_id: UUID) -> Response:
        found = or_404(letters.one, request.user, complaint_id)
        given = api.given(LetterWordsIn, request)
        letters.add(complaint=found, text=given["text"], by=request.user, now=timezone.now())
        return _whole(request, complaint_id, status=201)


@declares(Permission.COMPLAINTS_MAKE)
class Reopening(APIView):
    """Not content with the answer."""

    @extend_schema(request=LetterWordsIn, responses=WholeLetterOut)
    def post(self, request: SchoolCall, complaint_id: UUID) -> Response:
        found = or_404(letters.one, request.user, complaint_id)
        given = api.given(LetterWordsIn, request)
        letters.reopen(complaint=found, text=given["text"], by=request.user, now=timezone.now())
        return _whole(request, complaint_id)


@declares(Permission.COMPLAINTS_MAKE)
class LetterClosing(APIView):
    """Content with the answer."""

    @extend_schema(request=None, responses=WholeLetterOut)
    def post(self, request: SchoolCall, complaint_id: UUID) -> Response:
        found = or_404(letters.one, request.user, complaint_id)
        letters.close(complaint=found, by=request.user, now=timezone.now())
        return _whole(request, complaint_id)


def _whole(request: SchoolCall, complaint_id: UUID, *, status: int = 200) -> Response:
    found = or_404(letters.whole, request.user, complaint_id)
    return Response(WholeLetterOut(found).data, status=status)
