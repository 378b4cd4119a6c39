"""The API of supplements: a guardian asks for one more activity under an agreement; the two sides review it."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import declares
from afterbell.pages import api
from schools.enrolment import (
    devices,
    further,
    queries,
    signing,
    supplement_actions,
    supplement_queries,
    supplement_wording,
)
from schools.enrolment.api import ChoosableOut, PlaceOut, ReviewIn, SchoolCall
from schools.enrolment.models import Agreement, Side, SignatureMode, Supplement
from schools.enrolment.refusals import OnlyGuardians, UnknownActivity
from schools.enrolment.states import SupplementState
from schools.enrolment.supplement_wording import Further
from schools.people.doors import or_404


class SupplementOut(serializers.ModelSerializer[Supplement]):
    """A supplement as the API shows it; the signature stays on the page and in the PDF."""

    agreement = serializers.UUIDField(source="application.agreement.pk")
    place = serializers.SerializerMethodField()

    class Meta:
        model = Supplement
        fields = (
            "id", "number", "application", "agreement", "state", "text", "text_sha256", "signature_mode", "submitted_at",
            "waiting_since", "decided_at", "place",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(PlaceOut)
    def get_place(self, row: Supplement) -> dict[str, Any]:
        """What became of its one activity."""
        (choice,) = row.choices.all()
        return dict(PlaceOut(choice).data)


class FurtherIn(serializers.Serializer[Any]):
    """The activity that is asked for."""

    activity = serializers.UUIDField()


class SupplementIn(FurtherIn):
    """With the hash of what was read, and the signature: a path, or the full name."""

    read_sha256 = serializers.RegexField(r"^[0-9a-f]{64}$")
    signature_mode = serializers.ChoiceField(choices=SignatureMode.choices)
    signature = serializers.CharField(max_length=signing.MOST_SIGNS)


class SupplementTextOut(serializers.Serializer[Any]):
    """What will be signed; send `sha256` back with the signature."""

    text = serializers.CharField()
    sha256 = serializers.CharField()


class SupplementsIn(serializers.Serializer[Any]):
    """The filters of the reviewers' list; `todo` is a side that has not said its word."""

    state = serializers.ChoiceField(choices=SupplementState.choices, required=False)
    todo = serializers.ChoiceField(choices=Side.choices, required=False)
    school_class = serializers.UUIDField(required=False, source="class_id", help_text="A class's id.")


@declares(Permission.ENROLMENT_APPLY)
class FurtherActivities(APIView):
    """What may be asked for under an agreement; nothing where it has ended."""

    @extend_schema(responses=ChoosableOut(many=True), operation_id="family_agreement_further")
    def get(self, request: SchoolCall, agreement_id: UUID) -> Response:
        found = further.choosable(_agreement(request, agreement_id), timezone.now())
        return Response(ChoosableOut(found, many=True).data)


@declares(Permission.ENROLMENT_APPLY)
class SupplementTexts(APIView):
    """The text of a supplement, to be read before signing; writes nothing."""

    @extend_schema(request=FurtherIn, responses=SupplementTextOut)
    def post(self, request: SchoolCall, agreement_id: UUID) -> Response:
        given = api.given(FurtherIn, request)
        wanted = _further(request, agreement_id, given["activity"])
        return Response(SupplementTextOut(supplement_wording.text(wanted)).data)


@declares(Permission.ENROLMENT_APPLY)
class OwnSupplements(APIView):
    """A family's supplements to one agreement; a new one."""

    pagination_class = api.Pages

    @extend_schema(responses=SupplementOut(many=True), operation_id="family_supplements_list")
    def get(self, request: SchoolCall, agreement_id: UUID) -> Response:
        agreement = _agreement(request, agreement_id)
        found = supplement_queries.of_family(request.user).filter(application=agreement.application_id)
        return api.listed(self, request, found.order_by("-submitted_at", "-pk"), SupplementOut)

    @extend_schema(request=SupplementIn, responses={201: SupplementOut})
    def post(self, request: SchoolCall, agreement_id: UUID) -> Response:
        given = api.given(SupplementIn, request)
        wanted = _further(request, agreement_id, given["activity"])
        is_drawn = given["signature_mode"] == SignatureMode.DRAWN
        made = supplement_actions.submit_supplement(
            school=request.school,
            agreement=wanted.agreement,
            activity=wanted.activity,
            signature=signing.drawn(given["signature"])
            if is_drawn
            else signing.typed(given["signature"], of=wanted.guardian.name),
            read_sha256=given["read_sha256"],
            device=devices.digest(request),
            by=request.user,
            now=timezone.now(),
        )
        return _own(request, made.pk, status=201)


@declares(Permission.ENROLMENT_APPLY)
class OwnSupplement(APIView):
    """One of them."""

    @extend_schema(responses=SupplementOut, operation_id="family_supplements_retrieve")
    def get(self, request: SchoolCall, supplement_id: UUID) -> Response:
        return _own(request, supplement_id)


@declares(Permission.ENROLMENT_WITHDRAW)
class SupplementWithdrawal(APIView):
    """Take it back before there is a place; the agreement stays."""

    @extend_schema(request=None, responses=SupplementOut)
    def post(self, request: SchoolCall, supplement_id: UUID) -> Response:
        found = or_404(supplement_queries.family_supplement, request.user, supplement_id)
        supplement_actions.withdraw_supplement(supplement=found, by=request.user, now=timezone.now())
        return _own(request, supplement_id)


@declares(Permission.ENROLMENT_READ)
class Supplements(APIView):
    """What a reviewer may see."""

    pagination_class = api.Pages

    @extend_schema(
        responses=SupplementOut(many=True), operation_id="supplements_list", parameters=[SupplementsIn]
    )
    def get(self, request: SchoolCall) -> Response:
        found = supplement_queries.supplement_list(request.user, **api.asked(SupplementsIn, request))
        return api.listed(self, request, found.order_by("submitted_at", "pk"), SupplementOut)


@declares(Permission.ENROLMENT_READ)
class OneSupplement(APIView):
    """One of them."""

    @extend_schema(responses=SupplementOut, operation_id="supplements_retrieve")
    def get(self, request: SchoolCall, supplement_id: UUID) -> Response:
        return _staffs(request, supplement_id)


class _Reviews(APIView):
    """One side's word."""

    side: Side

    @extend_schema(request=ReviewIn, responses={201: SupplementOut})
    def post(self, request: SchoolCall, supplement_id: UUID) -> Response:
        given = api.given(ReviewIn, request)
        supplement_actions.review_supplement(
            supplement=or_404(supplement_queries.staff_supplement, request.user, supplement_id),
            side=self.side,
            by=request.user,
            now=timezone.now(),
            **given,
        )
        return _staffs(request, supplement_id, status=201)


@declares(Permission.ENROLMENT_READ, Permission.ENROLMENT_REVIEW_SCHOOL)
class SupplementSchoolReviews(_Reviews):
    """The school's."""

    side = Side.SCHOOL


@declares(Permission.ENROLMENT_READ, Permission.ENROLMENT_REVIEW_COMMITTEE)
class SupplementCommitteeReviews(_Reviews):
    """The parents' committee's."""

    side = Side.COMMITTEE


def _agreement(request: SchoolCall, agreement_id: UUID) -> Agreement:
    return or_404(queries.family_agreement, request.user, agreement_id)


def _further(request: SchoolCall, agreement_id: UUID, activity_id: UUID) -> Further:
    """An own agreement, and an activity of its plan."""
    agreement = _agreement(request, agreement_id)
    guardian = queries.guardian_of(request.user, agreement.pupil)
    if guardian is None:
        raise OnlyGuardians
    found = queries.activities(agreement.plan, [activity_id])
    if not found:
        raise UnknownActivity
    return Further(request.school, agreement, guardian, found[0])


def _own(request: SchoolCall, supplement_id: UUID, status: int = 200) -> Response:
    found = or_404(supplement_queries.family_supplement, request.user, supplement_id)
    return Response(SupplementOut(found).data, status=status)


def _staffs(request: SchoolCall, supplement_id: UUID, status: int = 200) -> Response:
    found = or_404(supplement_queries.staff_supplement, request.user, supplement_id)
    return Response(SupplementOut(found).data, status=status)
