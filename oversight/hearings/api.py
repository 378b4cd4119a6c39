"""The API of the complaints' desk: the same rights and actions as the pages."""

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
from afterbell.pages.fields import MomentField
from oversight.hearings.forms import AT_SCHOOL, STATES
from tenants.letterbox import actions, queries
from tenants.letterbox.models import Accused, BureauComplaint, ComplaintKind, Origin, StepKind
from tenants.letterbox.states import LetterState


class BureauComplaintOut(serializers.Serializer[Any]):
    """One complaint in a list, without its words."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    school_code = serializers.CharField(source="school.code")
    school_name = serializers.CharField(source="school.name")
    district = serializers.CharField(source="district_code")
    term = serializers.CharField(source="term_code")
    kind = serializers.ChoiceField(choices=ComplaintKind.choices)
    origin = serializers.ChoiceField(choices=Origin.choices)
    state = serializers.ChoiceField(choices=LetterState.choices)
    submitted_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    answered_at = serializers.DateTimeField(allow_null=True)


class BureauPassingOut(serializers.Serializer[Any]):
    """What a school was asked, and what it replied."""

    text = serializers.CharField()
    is_named = serializers.BooleanField()
    passed_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    answer = serializers.CharField(allow_blank=True)
    answered_at = serializers.DateTimeField(allow_null=True)
    questions = serializers.ListField(
        child=serializers.CharField(), help_text="What was asked about its words."
    )
    why_fine = serializers.CharField(allow_blank=True)


class BureauStepOut(serializers.Serializer[Any]):
    """One line of the history."""

    kind = serializers.ChoiceField(choices=StepKind.choices)
    at = serializers.DateTimeField()
    said = serializers.CharField(allow_blank=True)
    by_family = serializers.BooleanField()


class WholeBureauComplaintOut(BureauComplaintOut):
    """With who complains, in which words, and all that was done."""

    guardian_name = serializers.CharField(allow_blank=True)
    guardian_phone = serializers.CharField(allow_blank=True)
    may_name = serializers.BooleanField()
    accused = serializers.ChoiceField(choices=Accused.choices, allow_blank=True)
    accused_name = serializers.CharField(allow_blank=True)
    school_number = serializers.CharField(allow_blank=True)
    text = serializers.CharField(allow_blank=True)
    answer = serializers.CharField(allow_blank=True)
    passings = BureauPassingOut(many=True, source="all_passings")
    steps = BureauStepOut(many=True, source="all_steps")


class BureauComplaintsIn(serializers.Serializer[object]):
    """The filters of the list."""

    search = serializers.CharField(max_length=20, required=False)
    school = serializers.CharField(max_length=80, required=False)
    district = serializers.CharField(max_length=6, required=False)
    kind = serializers.ChoiceField(choices=ComplaintKind.choices, required=False)
    origin = serializers.ChoiceField(choices=Origin.choices, required=False)
    state = serializers.ChoiceField(choices=STATES, required=False)


class BureauPassingIn(serializers.Serializer[object]):
    """What the school is told, until when it replies, who there is not to see it."""

    text = serializers.CharField(max_length=actions.MOST_PASSED)
    is_named = serializers.BooleanField(required=False, default=False)
    accused = serializers.ChoiceField(choices=AT_SCHOOL, required=False, default=Accused.NOBODY.value)
    accused_name = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    due_at = MomentField()
    why_fine = serializers.CharField(
        max_length=actions.MOST_WHY, required=False, allow_blank=True, default="",
        help_text="The answers to what was asked about the words (letterbox.look_again), a line each, in order; kept.",
    )  # fmt: skip


class BureauAnswerIn(serializers.Serializer[object]):
    """The bureau's answer to the family."""

    text = serializers.CharField(max_length=actions.MOST_ANSWER)


@declares(Permission.COMPLAINTS_HANDLE)
class Complaints(APIView):
    """Of the user's districts, unanswered ones first."""

    pagination_class = api.Pages

    @extend_schema(
        responses=BureauComplaintOut(many=True),
        operation_id="bureau_complaints_list",
        parameters=[BureauComplaintsIn],
    )
    def get(self, request: Request) -> Response:
        wanted = api.asked(BureauComplaintsIn, request)
        found = queries.narrowed(queries.complaints_for(_me(request)), now=timezone.now(), **wanted)
        return api.listed(self, request, queries.waiting_first(found), BureauComplaintOut)


@declares(Permission.COMPLAINTS_HANDLE)
class OneComplaint(APIView):
    """One complaint, whole."""

    @extend_schema(responses=WholeBureauComplaintOut, operation_id="bureau_complaints_retrieve")
    def get(self, request: Request, complaint_id: UUID) -> Response:
        return _whole(request, complaint_id)


@declares(Permission.COMPLAINTS_HANDLE)
class Receipt(APIView):
    """The bureau sees to it."""

    @extend_schema(request=None, responses=WholeBureauComplaintOut)
    def post(self, request: Request, complaint_id: UUID) -> Response:
        actions.receive(complaint=_complaint(request, complaint_id), by=_me(request), now=timezone.now())
        return _whole(request, complaint_id)


@declares(Permission.COMPLAINTS_HANDLE)
class Passings(APIView):
    """The school is asked."""

    @extend_schema(request=BureauPassingIn, responses={201: WholeBureauComplaintOut})
    def post(self, request: Request, complaint_id: UUID) -> Response:
        found, given = _complaint(request, complaint_id), api.given(BureauPassingIn, request)
        given["accused"] = Accused(given["accused"])
        actions.pass_on(complaint=found, by=_me(request), now=timezone.now(), **given)
        return _whole(request, complaint_id, status=201)


@declares(Permission.COMPLAINTS_HANDLE)
class Answers(APIView):
    """The family is answered."""

    @extend_schema(request=BureauAnswerIn, responses={201: WholeBureauComplaintOut})
    def post(self, request: Request, complaint_id: UUID) -> Response:
        found, given = _complaint(request, complaint_id), api.given(BureauAnswerIn, request)
        actions.answer(complaint=found, text=given["text"], by=_me(request), now=timezone.now())
        return _whole(request, complaint_id, status=201)


@declares(Permission.COMPLAINTS_HANDLE)
class Closing(APIView):
    """After the family's time to object."""

    @extend_schema(request=None, responses=WholeBureauComplaintOut)
    def post(self, request: Request, complaint_id: UUID) -> Response:
        actions.close(complaint=_complaint(request, complaint_id), by=_me(request), now=timezone.now())
        return _whole(request, complaint_id)


def _whole(request: Request, complaint_id: UUID, *, status: int = 200) -> Response:
    found: Any = _complaint(request, complaint_id)
    found.all_passings, found.all_steps = queries.passings_of(found), queries.steps_of(found)
    return Response(WholeBureauComplaintOut(found).data, status=status)


def _complaint(request: Request, complaint_id: UUID) -> BureauComplaint:
    try:
        return queries.complaint_for(_me(request), complaint_id)
    except BureauComplaint.DoesNotExist:
        raise Http404 from None


def _me(request: Request) -> User:
    """DeclaredPermission let only users in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
