"""The API of the parents' committee: resolutions to read, votes to cast; the same rights as the pages."""

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
from schools.committee import actions, queries
from schools.committee.models import Choice, Resolution


class ResolutionOut(serializers.ModelSerializer[Resolution]):
    """A resolution as the API shows it."""

    class Meta:
        model = Resolution
        fields = (
            "id", "number", "subject", "object_id", "title", "text", "text_sha256", "state", "quorum", "opened_at",
            "closed_at",
        )  # fmt: skip
        read_only_fields = fields


class ResolutionNowOut(ResolutionOut):
    """One by itself: also why it carries no longer, where that is so."""

    void_because = serializers.SerializerMethodField()

    class Meta(ResolutionOut.Meta):
        fields = (*ResolutionOut.Meta.fields, "void_because")  # type: ignore[assignment]

    def get_void_because(self, row: Resolution) -> str:
        return queries.why_void(row)


class VoteIn(serializers.Serializer[object]):
    """One of yes, no, abstain."""

    choice = serializers.ChoiceField(choices=Choice.choices)


class VoteOut(serializers.Serializer[object]):
    """What was recorded."""

    id = serializers.UUIDField()
    resolution = serializers.UUIDField(source="resolution_id")
    choice = serializers.ChoiceField(choices=Choice.choices)
    at = serializers.DateTimeField()


@declares(Permission.COMMITTEE_READ)
class Resolutions(APIView):
    """What the user may read, open votes first."""

    pagination_class = api.Pages

    @extend_schema(responses=ResolutionOut(many=True), operation_id="resolutions_list")
    def get(self, request: Request) -> Response:
        found = queries.in_list_order(queries.resolutions_for(_me(request)))
        return api.listed(self, request, found, ResolutionOut)


@declares(Permission.COMMITTEE_READ)
class OneResolution(APIView):
    """One of them."""

    @extend_schema(responses=ResolutionNowOut)
    def get(self, request: Request, resolution_id: UUID) -> Response:
        return Response(ResolutionNowOut(_resolution(request, resolution_id)).data)


@declares(Permission.RESOLUTIONS_VOTE)
class Votes(APIView):
    """A member's vote, once."""

    @extend_schema(request=VoteIn, responses={201: VoteOut})
    def post(self, request: Request, resolution_id: UUID) -> Response:
        given = api.given(VoteIn, request)
        cast = actions.vote(
            resolution=_resolution(request, resolution_id),
            choice=Choice(given["choice"]),
            by=_me(request),
            now=timezone.now(),
        )
        return Response(VoteOut(cast).data, status=201)


def _resolution(request: Request, resolution_id: UUID) -> Resolution:
    try:
        return queries.resolution_for(_me(request), resolution_id)
    except Resolution.DoesNotExist:
        raise Http404 from None


def _me(request: Request) -> User:
    """DeclaredPermission let only users in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
