"""The API of enrolment: a guardian's own applications, and the reviews of the two sides; the same rights as the pages.

Only a guardian's login reaches an address that begins an application (S1).
"""

from typing import Any
from uuid import UUID

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
from afterbell.kernel.dates import local_date
from afterbell.pages import api
from schools.enrolment import actions, devices, queries, signing, wording
from schools.enrolment.models import Agreement, Application, ChosenActivity, Placing, Side, SignatureMode
from schools.enrolment.refusals import OnlyGuardians, UnknownActivity
from schools.enrolment.states import ApplicationState
from schools.enrolment.wording import Wanted
from schools.people.doors import or_404
from tenants.models import School


class SchoolCall(Request):
    """A call in a school, behind `declares`: somebody has logged in. REST framework hands the school through."""

    user: User
    school: School


class PlaceOut(serializers.ModelSerializer[ChosenActivity]):
    """What became of one chosen activity. `waits`: no place yet, as long as the application lives."""

    waits = serializers.BooleanField(source="is_open")

    class Meta:
        model = ChosenActivity
        fields = ("activity", "holds_place", "placed_from", "waits", "ended_at")
        read_only_fields = fields


class ApplicationOut(serializers.ModelSerializer[Application]):
    """An application as the API shows it; the signature stays on the page and in the PDF."""

    activities = serializers.SerializerMethodField()
    places = PlaceOut(source="choices", many=True, read_only=True)
    agreement = serializers.SerializerMethodField()

    class Meta:
        model = Application
        fields = (
            "id", "number", "plan", "pupil", "state", "placing", "goes_home_alone", "text", "text_sha256", "agreement_text",
            "signature_mode", "submitted_at", "decided_at", "waiting_since", "activities", "places", "agreement",
        )  # fmt: skip
        read_only_fields = fields

    def get_activities(self, row: Application) -> list[UUID]:
        return [choice.activity_id for choice in row.choices.all()]

    def get_agreement(self, row: Application) -> UUID | None:
        agreement = getattr(row, "agreement", None)
        return agreement.pk if agreement else None


class AgreementOut(serializers.ModelSerializer[Agreement]):
    """An agreement."""

    class Meta:
        model = Agreement
        fields = (
            "id", "number", "application", "state", "text", "text_sha256", "guardian_signed_at", "school_signed_at",
            "from_date", "until_date", "ended_at", "end_reason", "goes_home_alone",
        )  # fmt: skip
        read_only_fields = fields


class ChoosableOut(serializers.Serializer[Any]):
    """What may be chosen."""

    id = serializers.UUIDField(source="activity.pk")
    title = serializers.CharField(source="activity.title")
    weekday = serializers.IntegerField(source="activity.weekday")
    starts = serializers.TimeField(source="activity.starts")
    ends = serializers.TimeField(source="activity.ends")
    free = serializers.IntegerField()
    waiting = serializers.IntegerField()


class OfferOut(serializers.Serializer[Any]):
    """A child, a plan, and what stands already."""

    plan = serializers.UUIDField(source="plan.pk")
    pupil = serializers.UUIDField(source="pupil.pk")
    term_code = serializers.CharField(source="plan.term_code")
    application = serializers.UUIDField(source="application.pk", allow_null=True, default=None)
    activities = serializers.SerializerMethodField()

    @extend_schema_field(ChoosableOut(many=True))
    def get_activities(self, row: queries.Offer) -> list[dict[str, Any]]:
        found = queries.choosable(row.plan, row.pupil.school_class.grade)
        return list(ChoosableOut(found, many=True).data)


class WantedIn(serializers.Serializer[Any]):
    """What a guardian asks for."""

    plan = serializers.UUIDField()
    pupil = serializers.UUIDField()
    activities = serializers.ListField(child=serializers.UUIDField(), max_length=100)
    goes_home_alone = serializers.BooleanField()
    placing = serializers.ChoiceField(
        choices=Placing.choices,
        required=False,
        default=Placing.ALL,
        help_text="`all`: all activities or none. `each`: what has a place now, and the others wait.",
    )


class TextsOut(serializers.Serializer[Any]):
    """What will be signed; send `sha256` back with the signature."""

    form = serializers.CharField()
    agreement = serializers.CharField()
    sha256 = serializers.CharField()


class ApplicationIn(WantedIn):
    """With the hash of what was read, and the signature: a path, or the full name."""

    read_sha256 = serializers.RegexField(r"^[0-9a-f]{64}$")
    signature_mode = serializers.ChoiceField(choices=SignatureMode.choices)
    signature = serializers.CharField(max_length=signing.MOST_SIGNS)


class ExitIn(serializers.Serializer[Any]):
    """Why; nobody has to say."""

    reason = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class ApplicationsIn(serializers.Serializer[Any]):
    """The filters of the reviewers' list; `todo` is a side that has not said its word."""

    state = serializers.ChoiceField(choices=ApplicationState.choices, required=False)
    todo = serializers.ChoiceField(choices=Side.choices, required=False)
    school_class = serializers.UUIDField(required=False, source="class_id", help_text="A class's id.")


class ReviewIn(serializers.Serializer[Any]):
    """One side's word."""

    is_approval = serializers.BooleanField()
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


@declares(Permission.ENROLMENT_APPLY)
class Offers(APIView):
    """For which child, what can be chosen."""

    @extend_schema(responses=OfferOut(many=True), operation_id="enrolment_offers")
    def get(self, request: SchoolCall) -> Response:
        found = queries.offers(request.user, local_date(timezone.now()))
        return Response(OfferOut(found, many=True).data)


@declares(Permission.ENROLMENT_APPLY)
class Texts(APIView):
    """The texts of a choice, to be read before signing; writes nothing."""

    @extend_schema(request=WantedIn, responses=TextsOut)
    def post(self, request: SchoolCall) -> Response:
        given = api.given(WantedIn, request)
        return Response(TextsOut(wording.texts(_wanted(request, given))).data)


@declares(Permission.ENROLMENT_APPLY)
class OwnApplications(APIView):
    """A family's applications; a new one."""

    pagination_class = api.Pages

    @extend_schema(responses=ApplicationOut(many=True), operation_id="family_applications_list")
    def get(self, request: SchoolCall) -> Response:
        return _listed(self, request, queries.of_family(request.user).order_by("-submitted_at", "-pk"))

    @extend_schema(request=ApplicationIn, responses={201: ApplicationOut})
    def post(self, request: SchoolCall) -> Response:
        given = api.given(ApplicationIn, request)
        wanted = _wanted(request, given)
        is_drawn = given["signature_mode"] == SignatureMode.DRAWN
        made = actions.submit_application(
            school=wanted.school,
            plan=wanted.plan,
            pupil=wanted.pupil,
            activities=wanted.activities,
            goes_home_alone=wanted.goes_home_alone,
            placing=wanted.placing,
            signature=signing.drawn(given["signature"])
            if is_drawn
            else signing.typed(given["signature"], of=wanted.guardian.name),
            read_sha256=given["read_sha256"],
            device=devices.digest(request),
            by=request.user,
            now=timezone.now(),
        )
        return Response(ApplicationOut(made).data, status=201)


@declares(Permission.ENROLMENT_APPLY)
class OwnApplication(APIView):
    """One of them."""

    @extend_schema(responses=ApplicationOut, operation_id="family_applications_retrieve")
    def get(self, request: SchoolCall, application_id: UUID) -> Response:
        return Response(ApplicationOut(or_404(queries.family_application, request.user, application_id)).data)


@declares(Permission.ENROLMENT_WITHDRAW)
class Withdrawal(APIView):
    """Take it back."""

    @extend_schema(request=None, responses=ApplicationOut)
    def post(self, request: SchoolCall, application_id: UUID) -> Response:
        found = or_404(queries.family_application, request.user, application_id)
        actions.withdraw(application=found, by=request.user, now=timezone.now())
        return Response(ApplicationOut(queries.family_application(request.user, application_id)).data)


@declares(Permission.ENROLMENT_WITHDRAW)
class StopWaiting(APIView):
    """Take back what still waits; what the child has stays."""

    @extend_schema(request=None, responses=ApplicationOut)
    def post(self, request: SchoolCall, application_id: UUID) -> Response:
        found = or_404(queries.family_application, request.user, application_id)
        actions.stop_waiting(application=found, by=request.user, now=timezone.now())
        return Response(ApplicationOut(queries.family_application(request.user, application_id)).data)


@declares(Permission.ENROLMENT_WITHDRAW)
class Exit(APIView):
    """Leave in writing, from tomorrow."""

    @extend_schema(request=ExitIn, responses=AgreementOut)
    def post(self, request: SchoolCall, agreement_id: UUID) -> Response:
        given = api.given(ExitIn, request)
        ended = actions.exit_agreement(
            agreement=or_404(queries.family_agreement, request.user, agreement_id),
            reason=given["reason"],
            by=request.user,
            now=timezone.now(),
        )
        return Response(AgreementOut(ended).data)


@declares(Permission.ENROLMENT_READ)
class Applications(APIView):
    """What a reviewer may see."""

    pagination_class = api.Pages

    @extend_schema(
        responses=ApplicationOut(many=True), operation_id="applications_list", parameters=[ApplicationsIn]
    )
    def get(self, request: SchoolCall) -> Response:
        found = queries.application_list(request.user, **api.asked(ApplicationsIn, request))
        return _listed(self, request, found.order_by("submitted_at", "pk"))


@declares(Permission.ENROLMENT_READ)
class WaitingList(APIView):
    """The queue, in its order."""

    pagination_class = api.Pages

    @extend_schema(responses=ApplicationOut(many=True), operation_id="applications_waiting")
    def get(self, request: SchoolCall) -> Response:
        return _listed(self, request, queries.waiting_list(request.user))


@declares(Permission.ENROLMENT_READ)
class OneApplication(APIView):
    """One of them."""

    @extend_schema(responses=ApplicationOut, operation_id="applications_retrieve")
    def get(self, request: SchoolCall, application_id: UUID) -> Response:
        return Response(ApplicationOut(or_404(queries.staff_application, request.user, application_id)).data)


class _Reviews(APIView):
    """One side's word."""

    side: Side

    @extend_schema(request=ReviewIn, responses={201: ApplicationOut})
    def post(self, request: SchoolCall, application_id: UUID) -> Response:
        given = api.given(ReviewIn, request)
        actions.review(
            application=or_404(queries.staff_application, request.user, application_id),
            side=self.side,
            by=request.user,
            now=timezone.now(),
            **given,
        )
        found = queries.staff_application(request.user, application_id)
        return Response(ApplicationOut(found).data, status=201)


@declares(Permission.ENROLMENT_READ, Permission.ENROLMENT_REVIEW_SCHOOL)
class SchoolReviews(_Reviews):
    """The school's."""

    side = Side.SCHOOL


@declares(Permission.ENROLMENT_READ, Permission.ENROLMENT_REVIEW_COMMITTEE)
class CommitteeReviews(_Reviews):
    """The parents' committee's."""

    side = Side.COMMITTEE


def _wanted(request: SchoolCall, given: dict[str, Any]) -> Wanted:
    """Only own children, and open plans; anything else is not there."""
    today = local_date(timezone.now())
    offer = queries.offer(request.user, given["plan"], given["pupil"], today)
    if offer is None:
        raise Http404
    guardian = queries.guardian_of(request.user, offer.pupil)
    if guardian is None:
        raise OnlyGuardians
    chosen = tuple(queries.activities(offer.plan, given["activities"]))
    if len(chosen) != len(given["activities"]):
        raise UnknownActivity
    return Wanted(
        request.school,
        offer.plan,
        offer.pupil,
        guardian,
        chosen,
        given["goes_home_alone"],
        Placing(given["placing"]),
    )


def _listed(view: APIView, request: SchoolCall, found: Any) -> Response:
    return api.listed(view, request, found, ApplicationOut)
