"""The API of consultation and plan: a guardian's answer, plans to read; the same rights and actions as the pages."""

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
from schools.people.models import Pupil
from schools.planning import amendment_queries, consultation_actions, consultation_queries, queries
from schools.planning.models import Activity, Amendment, Consultation, CostLine, Plan, PlanFee, Wish
from schools.planning.states import ConsultationState


class ConsultationOut(serializers.ModelSerializer[Consultation]):
    """A consultation as families see it."""

    class Meta:
        model = Consultation
        fields = ("id", "term_code", "title", "text", "state", "closes_at")
        read_only_fields = fields


class AnswerIn(serializers.Serializer[object]):
    """One child's wish."""

    pupil = serializers.UUIDField()
    wish = serializers.ChoiceField(choices=Wish.choices)


class AnswerOut(serializers.Serializer[object]):
    """What was recorded."""

    pupil = serializers.UUIDField(source="pupil_id")
    wish = serializers.ChoiceField(choices=Wish.choices)
    at = serializers.DateTimeField()


class ActivityOut(serializers.ModelSerializer[Activity]):
    """An activity with its places."""

    class Meta:
        model = Activity
        fields = (
            "id", "title", "kind", "weekday", "starts", "ends", "room_id", "grade_from", "grade_to", "capacity", "taken",
        )  # fmt: skip
        read_only_fields = fields


class CostLineOut(serializers.ModelSerializer[CostLine]):
    """A line of the planned cost (S3)."""

    class Meta:
        model = CostLine
        fields = ("kind", "title", "amount_fen")
        read_only_fields = fields


class PlanFeeOut(serializers.ModelSerializer[PlanFee]):
    """What some grades pay, by the plan's unit."""

    class Meta:
        model = PlanFee
        fields = ("grade_from", "grade_to", "fee_fen", "cap_fen")
        read_only_fields = fields


class PlanOut(serializers.ModelSerializer[Plan]):
    """A plan's head. `fee_fen` and `cap_fen` are the lowest grade's; `fees` is empty where every grade pays that."""

    fees = PlanFeeOut(many=True, read_only=True)

    class Meta:
        model = Plan
        fields = (
            "id", "term_code", "version", "name", "state", "first_date", "last_date", "fee_unit", "fee_fen", "cap_fen",
            "fees", "collector", "expected_participants", "published_at",
        )  # fmt: skip
        read_only_fields = fields


class WholePlanOut(serializers.ModelSerializer[Plan]):
    """A plan with activities and costs."""

    activities = serializers.SerializerMethodField()
    cost_lines = serializers.SerializerMethodField()

    class Meta:
        model = Plan
        fields = (*PlanOut.Meta.fields, "activities", "cost_lines")
        read_only_fields = fields

    @extend_schema_field(ActivityOut(many=True))
    def get_activities(self, plan: Plan) -> object:
        return ActivityOut(queries.activities(plan), many=True).data

    @extend_schema_field(CostLineOut(many=True))
    def get_cost_lines(self, plan: Plan) -> object:
        return CostLineOut(queries.cost_lines(plan), many=True).data


@declares(Permission.CONSULTATION_ANSWER)
class Consultations(APIView):
    """What families were or are asked, newest term first."""

    pagination_class = api.Pages

    @extend_schema(responses=ConsultationOut(many=True), operation_id="consultations_list")
    def get(self, request: Request) -> Response:
        return api.listed(self, request, consultation_queries.for_families(), ConsultationOut)


@declares(Permission.CONSULTATION_ANSWER)
class Answers(APIView):
    """The answers of the own family, and a new or changed one."""

    @extend_schema(responses=AnswerOut(many=True), operation_id="consultation_answers_list")
    def get(self, request: Request, consultation_id: UUID) -> Response:
        lines = consultation_queries.lines_of(_me(request), _consultation(consultation_id))
        return Response(AnswerOut([line.answer for line in lines if line.answer], many=True).data)

    @extend_schema(request=AnswerIn, responses=AnswerOut)
    def post(self, request: Request, consultation_id: UUID) -> Response:
        given = api.given(AnswerIn, request)
        try:
            pupil = consultation_queries.child_of(_me(request), given["pupil"])
        except Pupil.DoesNotExist:
            raise Http404 from None
        answer = consultation_actions.answer(
            consultation=_consultation(consultation_id),
            pupil=pupil,
            wish=Wish(given["wish"]),
            by=_me(request),
            now=timezone.now(),
        )
        return Response(AnswerOut(answer).data)


@declares(Permission.PLAN_READ)
class Plans(APIView):
    """Plans that the user may see, newest first."""

    pagination_class = api.Pages

    @extend_schema(responses=PlanOut(many=True), operation_id="plans_list")
    def get(self, request: Request) -> Response:
        return api.listed(self, request, queries.in_list_order(queries.plans_for(_me(request))), PlanOut)


class AmendmentOut(serializers.ModelSerializer[Amendment]):
    """A change of a published plan: why, and what differs, field by field in words."""

    changes = serializers.SerializerMethodField()

    class Meta:
        model = Amendment
        fields = ("id", "plan", "version", "state", "reason", "changes", "created_at", "in_force_at")
        read_only_fields = fields

    def get_changes(self, row: Amendment) -> list[str]:
        return amendment_queries.changes(row)


@declares(Permission.PLAN_READ)
class Amendments(APIView):
    """Changes of one plan that the user may see, newest first."""

    pagination_class = api.Pages

    @extend_schema(responses=AmendmentOut(many=True), operation_id="amendments_list")
    def get(self, request: Request, plan_id: UUID) -> Response:
        try:
            plan = queries.plan_for(_me(request), plan_id)
        except Plan.DoesNotExist:
            raise Http404 from None
        found = amendment_queries.amendments_for(_me(request)).filter(plan=plan)
        return api.listed(self, request, found.order_by("-version", "-created_at", "pk"), AmendmentOut)


@declares(Permission.PLAN_READ)
class OnePlan(APIView):
    """One plan with its activities and costs."""

    @extend_schema(responses=WholePlanOut)
    def get(self, request: Request, plan_id: UUID) -> Response:
        try:
            plan = queries.plan_for(_me(request), plan_id)
        except Plan.DoesNotExist:
            raise Http404 from None
        return Response(WholePlanOut(plan).data)


def _consultation(consultation_id: UUID) -> Consultation:
    try:
        found = consultation_queries.consultation(consultation_id)
    except Consultation.DoesNotExist:
        raise Http404 from None
    if found.state == ConsultationState.DRAFT:
        raise Http404
    return found


def _me(request: Request) -> User:
    """DeclaredPermission let only users in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
