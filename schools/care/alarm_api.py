"""The API of alarms: the same people see and take in hand the same alarms as on the pages (S23, S24)."""

from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import declares
from afterbell.pages import api
from schools.care import alarm_actions, alarms
from schools.care.api import AHundred
from schools.care.models import Alarm
from schools.people.doors import or_404, user_of


class AlarmOut(serializers.ModelSerializer[Alarm]):
    """One alarm; `by` is null where the platform noticed it, `seen_at` while nobody who leads has looked."""

    sentence = serializers.SerializerMethodField()

    class Meta:
        model = Alarm
        fields = (
            "id",
            "kind",
            "session",
            "pupil",
            "sentence",
            "at",
            "right_until",
            "told_at",
            "by",
            "level",
            "seen_at",
            "seen_by",
        )
        read_only_fields = fields

    def get_sentence(self, alarm: Alarm) -> str:
        return alarms.sentence(alarm)


@declares(Permission.INCIDENTS_REPORT)
class Alarms(APIView):
    """All that the user may see, newest first."""

    pagination_class = AHundred

    @extend_schema(
        operation_id="care_alarms_list",
        responses=AlarmOut(many=True),
    )
    def get(self, request: Request) -> Response:
        rows = alarms.for_user(user_of(request)).order_by("-told_at", "-pk")
        return api.listed(self, request, rows, AlarmOut)


@declares(Permission.INCIDENTS_REPORT)
class SeeAlarm(APIView):
    """The user has looked and takes it in hand; the first one counts."""

    @extend_schema(request=None, responses=AlarmOut)
    def post(self, request: Request, alarm_id: UUID) -> Response:
        found = or_404(alarms.one, user_of(request), alarm_id)
        alarm_actions.see(alarm=found, by=user_of(request), now=timezone.now())
        return Response(AlarmOut(or_404(alarms.one, user_of(request), alarm_id)).data)
