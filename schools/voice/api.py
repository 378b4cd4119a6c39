"""The API of surveys and complaints: the same rights and the same actions as the pages."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import declares
from afterbell.kernel.ids import uuid7
from afterbell.pages import api
from afterbell.pages.fields import MomentField
from schools.people.doors import or_404
from schools.staffing import queries as staffing
from schools.voice import complaint_actions, complaint_queries, survey_actions, survey_queries
from schools.voice.models import Addressee, Complaint, Survey
from schools.voice.states import ComplaintState
from tenants.letterbox.family_actions import Wanted
from tenants.letterbox.models import Accused, ComplaintKind
from tenants.models import School


class SchoolCall(Request):
    """A call in a school, behind `declares`: somebody has logged in. REST framework hands the school through."""

    user: User
    school: School


class IntervalOut(serializers.Serializer[Any]):
    """Shares from 0 to 1."""

    low = serializers.FloatField()
    high = serializers.FloatField()


class ScoreOut(serializers.Serializer[Any]):
    """Of at least five answers."""

    mean = serializers.FloatField()
    high = serializers.IntegerField()
    share = serializers.FloatField()
    interval = IntervalOut()


class ResultsOut(serializers.Serializer[Any]):
    """`score` is null where too few answered."""

    invited = serializers.IntegerField()
    n = serializers.IntegerField()
    response_rate = serializers.FloatField(allow_null=True)
    score = ScoreOut(allow_null=True)


class SurveyOut(serializers.ModelSerializer[Survey]):
    """A survey; `results` is null before the close."""

    answers = serializers.IntegerField(read_only=True)
    results = serializers.SerializerMethodField()

    class Meta:
        model = Survey
        fields = (
            "id",
            "term_code",
            "contract",
            "state",
            "opened_at",
            "closes_at",
            "closed_at",
            "invited",
            "answers",
            "results",
        )
        read_only_fields = fields

    @extend_schema(responses=ResultsOut)
    def get_results(self, row: Survey) -> dict[str, Any] | None:
        found = self.context["results"].get(row.pk)
        return dict(ResultsOut(found).data) if found else None


class SurveyIn(serializers.Serializer[Any]):
    """Whom, in which term, until when."""

    contract = serializers.UUIDField()
    term_code = serializers.RegexField(r"^20[0-9]{2}-20[0-9]{2}-[12]$")
    closes_at = MomentField()


class InvitationOut(serializers.Serializer[Any]):
    """What a guardian is asked."""

    id = serializers.UUIDField(source="pk")
    name = serializers.CharField(source="survey.contract.candidate.name")
    closes_at = serializers.DateTimeField(source="survey.closes_at")


class RatingIn(serializers.Serializer[Any]):
    """One to five, and a word if one likes."""

    score = serializers.IntegerField(min_value=1, max_value=5)
    comment = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class ComplaintOut(serializers.ModelSerializer[Complaint]):
    """A complaint, for who made it and for who answers it."""

    class Meta:
        model = Complaint
        fields = (
            "id", "number", "term_code", "kind", "addressee", "accused", "text", "state", "submitted_at", "due_at", "answer",
            "answered_at", "escalated_at",
        )  # fmt: skip
        read_only_fields = fields


class ComplaintIn(serializers.Serializer[Any]):
    """To the school. With an id of the sender's own, sending twice is sending once.

    To the bureau: family/bureau-complaints/.
    """

    id = serializers.UUIDField(required=False)
    kind = serializers.ChoiceField(choices=ComplaintKind.choices)
    addressee = serializers.ChoiceField(choices=[Addressee.SCHOOL.value], required=False)
    accused = serializers.ChoiceField(choices=Accused.choices, required=False, default=Accused.NOBODY.value)
    accused_name = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    text = serializers.CharField(max_length=complaint_actions.MOST_SIGNS)


class ComplaintsIn(serializers.Serializer[Any]):
    """The filters of the school's list."""

    state = serializers.ChoiceField(choices=ComplaintState.choices, required=False)
    kind = serializers.ChoiceField(choices=ComplaintKind.choices, required=False)


class ComplaintAnswerIn(serializers.Serializer[Any]):
    """The school's answer."""

    text = serializers.CharField(max_length=complaint_actions.MOST_SIGNS)


class Surveys(APIView):
    """All surveys; a new one."""

    pagination_class = api.Pages

    @declares(Permission.SURVEYS_READ)
    @extend_schema(responses=SurveyOut(many=True), operation_id="surveys_list")
    def get(self, request: SchoolCall) -> Response:
        return api.paged(self, request, survey_queries.surveys().order_by("-opened_at", "pk"), _surveys)

    @declares(Permission.SURVEYS_MANAGE)
    @extend_schema(request=SurveyIn, responses={201: SurveyOut})
    def post(self, request: SchoolCall) -> Response:
        given = api.given(SurveyIn, request)
        made = survey_actions.open_survey(
            contract=or_404(staffing.contract_for, given["contract"]),
            term_code=given["term_code"],
            closes_at=given["closes_at"],
            by=request.user,
            now=timezone.now(),
        )
        return Response(_surveys([survey_queries.survey(made.pk)])[0], status=201)


@declares(Permission.SURVEYS_READ)
class OneSurvey(APIView):
    """One of them."""

    @extend_schema(responses=SurveyOut, operation_id="surveys_retrieve")
    def get(self, request: SchoolCall, survey_id: UUID) -> Response:  # noqa: ARG002  (REST framework's signature)
        return Response(_surveys([or_404(survey_queries.survey, survey_id)])[0])


@declares(Permission.SURVEYS_MANAGE)
class SurveyClosing(APIView):
    """After the deadline."""

    @extend_schema(request=None, responses=SurveyOut)
    def post(self, request: SchoolCall, survey_id: UUID) -> Response:
        found = or_404(survey_queries.survey, survey_id)
        survey_actions.close_survey(survey=found, by=request.user, now=timezone.now())
        return Response(_surveys([survey_queries.survey(survey_id)])[0])


@declares(Permission.SURVEYS_ANSWER)
class Invitations(APIView):
    """What this guardian may still answer."""

    @extend_schema(responses=InvitationOut(many=True), operation_id="invitations_list")
    def get(self, request: SchoolCall) -> Response:
        found = survey_queries.invitations_of(request.user, _now()).order_by("survey__closes_at", "pk")
        return Response(InvitationOut(found, many=True).data)


@declares(Permission.SURVEYS_ANSWER)
class Ratings(APIView):
    """One answer, once."""

    @extend_schema(request=RatingIn, responses={204: None})
    def post(self, request: SchoolCall, invitation_id: UUID) -> Response:
        found = or_404(survey_queries.invitation_for, request.user, invitation_id)
        given = api.given(RatingIn, request)
        survey_actions.answer_survey(invitation=found, **given, by=request.user, now=_now())
        return Response(status=204)


@declares(Permission.COMPLAINTS_MAKE)
class OwnComplaints(APIView):
    """A guardian's own; a new one."""

    pagination_class = api.Pages

    @extend_schema(responses=ComplaintOut(many=True), operation_id="family_complaints_list")
    def get(self, request: SchoolCall) -> Response:
        return _listed(
            self, request, complaint_queries.of_family(request.user).order_by("-submitted_at", "-pk")
        )

    @extend_schema(request=ComplaintIn, responses={201: ComplaintOut})
    def post(self, request: SchoolCall) -> Response:
        given = api.given(ComplaintIn, request)
        made = complaint_actions.complain(
            school=request.school,
            key=given.get("id") or uuid7(),
            wanted=Wanted(
                kind=ComplaintKind(given["kind"]),
                text=given["text"],
                accused=Accused(given["accused"]),
                accused_name=given["accused_name"],
            ),
            by=request.user,
            now=_now(),
        )
        return Response(ComplaintOut(made).data, status=201)


class _OwnStep(APIView):
    """A step of the complainant's own complaint."""

    def step(self, request: SchoolCall, found: Complaint) -> None:
        raise NotImplementedError

    @extend_schema(request=None, responses=ComplaintOut)
    def post(self, request: SchoolCall, complaint_id: UUID) -> Response:
        found = or_404(complaint_queries.family_complaint, request.user, complaint_id)
        self.step(request, found)
        return Response(ComplaintOut(complaint_queries.family_complaint(request.user, complaint_id)).data)


@declares(Permission.COMPLAINTS_MAKE)
class OwnComplaint(APIView):
    """One of them."""

    @extend_schema(responses=ComplaintOut, operation_id="family_complaints_retrieve")
    def get(self, request: SchoolCall, complaint_id: UUID) -> Response:
        return Response(
            ComplaintOut(or_404(complaint_queries.family_complaint, request.user, complaint_id)).data
        )


@declares(Permission.COMPLAINTS_MAKE)
class Closing(_OwnStep):
    """Content with the answer."""

    def step(self, request: SchoolCall, found: Complaint) -> None:
        complaint_actions.close(complaint=found, by=request.user, now=_now())


@declares(Permission.COMPLAINTS_MAKE)
class Escalation(_OwnStep):
    """To the bureau."""

    def step(self, request: SchoolCall, found: Complaint) -> None:
        complaint_actions.escalate(complaint=found, school=request.school, by=request.user, now=_now())


@declares(Permission.COMPLAINTS_READ)
class Complaints(APIView):
    """The school's."""

    pagination_class = api.Pages

    @extend_schema(
        responses=ComplaintOut(many=True), operation_id="complaints_list", parameters=[ComplaintsIn]
    )
    def get(self, request: SchoolCall) -> Response:
        found: Any = complaint_queries.complaints(request.user, **api.asked(ComplaintsIn, request))
        return _listed(self, request, found.order_by("urgency", "due_at", "pk"))


@declares(Permission.COMPLAINTS_READ)
class OneComplaint(APIView):
    """One of them."""

    @extend_schema(responses=ComplaintOut, operation_id="complaints_retrieve")
    def get(self, request: SchoolCall, complaint_id: UUID) -> Response:
        return Response(ComplaintOut(or_404(complaint_queries.complaint, request.user, complaint_id)).data)


@declares(Permission.COMPLAINTS_READ, Permission.COMPLAINTS_ANSWER)
class Answers(APIView):
    """The school's answer."""

    @extend_schema(request=ComplaintAnswerIn, responses={201: ComplaintOut})
    def post(self, request: SchoolCall, complaint_id: UUID) -> Response:
        found = or_404(complaint_queries.complaint, request.user, complaint_id)
        given = api.given(ComplaintAnswerIn, request)
        complaint_actions.answer(complaint=found, text=given["text"], by=request.user, now=_now())
        return Response(
            ComplaintOut(complaint_queries.complaint(request.user, complaint_id)).data, status=201
        )


def _surveys(rows: Any) -> list[Any]:
    """With their results, two queries for all of them."""
    context = {"results": survey_queries.results_of(rows)}
    return list(SurveyOut(rows, many=True, context=context).data)


def _listed(view: APIView, request: SchoolCall, found: Any) -> Response:
    return api.listed(view, request, found, ComplaintOut)


def _now() -> datetime:
    return timezone.now()
