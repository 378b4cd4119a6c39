"""The API of people: pupils of my classes, my children; the same rights as the pages. What writes is in writing_api."""

from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import declares
from afterbell.pages import api
from schools.people import queries
from schools.people.doors import or_404, user_of
from schools.people.models import Pupil, Tie


class ClassOut(serializers.Serializer[object]):
    """A pupil's class."""

    id = serializers.UUIDField()
    grade = serializers.IntegerField()
    name = serializers.CharField()


class AdultOut(serializers.ModelSerializer[Tie]):
    """An adult and what it may do."""

    name = serializers.CharField(source="guardian.name")
    phone = serializers.CharField(source="guardian.phone")

    class Meta:
        model = Tie
        fields = ("id", "name", "phone", "relation", "may_sign", "may_collect", "is_denied")
        read_only_fields = fields


class PupilOut(serializers.ModelSerializer[Pupil]):
    """A pupil in a list."""

    school_class = ClassOut()

    class Meta:
        model = Pupil
        fields = ("id", "number", "name", "school_class", "joined_date", "left_date")
        read_only_fields = fields


class OnePupilOut(serializers.ModelSerializer[Pupil]):
    """A pupil with the adults who are not gone."""

    school_class = ClassOut()
    adults = serializers.SerializerMethodField()

    class Meta:
        model = Pupil
        fields = ("id", "number", "name", "school_class", "joined_date", "left_date", "adults")
        read_only_fields = fields

    @extend_schema_field(AdultOut(many=True))
    def get_adults(self, pupil: Pupil) -> list[dict[str, object]]:
        ties = [tie for tie in queries.adults_of(pupil) if tie.ended_at is None]
        return list(AdultOut(ties, many=True).data)


class ChildOut(serializers.ModelSerializer[Pupil]):
    """An own child."""

    school_class = ClassOut()
    may_sign = serializers.BooleanField(source="own_tie_signs")

    class Meta:
        model = Pupil
        fields = ("id", "name", "school_class", "may_sign")
        read_only_fields = fields


class PupilsIn(serializers.Serializer[object]):
    """The filter of the list."""

    school_class = serializers.UUIDField(required=False, help_text="A class's id.")


class AClass(api.Pages):
    """A hundred at a time: more than a class."""

    page_size = 100


@declares(Permission.PUPILS_READ)
class Pupils(APIView):
    """The pupils on the roll whom the user may see: all, or those of the own classes."""

    pagination_class = AClass

    @extend_schema(
        responses=PupilOut(many=True),
        operation_id="pupils_list",
        parameters=[PupilsIn],
    )
    def get(self, request: Request) -> Response:
        class_id = str(api.asked(PupilsIn, request).get("school_class", ""))
        found = queries.pupil_list(user_of(request), class_id=class_id)
        return api.listed(self, request, found.order_by("number", "pk"), PupilOut)


@declares(Permission.PUPILS_READ)
class OnePupil(APIView):
    """One of them with the adults."""

    @extend_schema(responses=OnePupilOut)
    def get(self, request: Request, pupil_id: UUID) -> Response:
        return Response(OnePupilOut(or_404(queries.staffs_pupil, user_of(request), pupil_id)).data)


@declares(Permission.CHILD_READ)
class Children(APIView):
    """The user's own children."""

    @extend_schema(responses=ChildOut(many=True), operation_id="children_list")
    def get(self, request: Request) -> Response:
        return Response(ChildOut(queries.family_of(user_of(request)).order_by("pk"), many=True).data)


@declares(Permission.CHILD_READ)
class OneChild(APIView):
    """One of them."""

    @extend_schema(responses=ChildOut)
    def get(self, request: Request, pupil_id: UUID) -> Response:
        return Response(ChildOut(or_404(queries.child_of, user_of(request), pupil_id)).data)
