"""The API of going home alone: a signing guardian's word, as on the page (S24)."""

from typing import Any
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
from schools.care import homeward, homeward_actions
from schools.care.roll import Consent, day_of
from schools.people.doors import or_404, user_of


class HomeOut(serializers.Serializer[Consent]):
    """Whether the child may go home alone now. `is_open`: whose word it was signs no longer, a new one is waited for."""

    may_go_alone = serializers.BooleanField(source="holds")
    is_open = serializers.BooleanField()
    until = serializers.DateTimeField(allow_null=True)
    word_at = serializers.DateTimeField(allow_null=True)


class HomeIn(serializers.Serializer[Any]):
    """Alone or not; `seen` is the `word_at` that the caller has read, null where there was none."""

    alone = serializers.BooleanField()
    seen = serializers.DateTimeField(allow_null=True, default=None)


@declares(Permission.CHILD_MANAGE)
class Home(APIView):
    """What stands on one of the family's agreements that says "alone", and a guardian's word about it."""

    @extend_schema(responses=HomeOut, operation_id="home_alone_retrieve")
    def get(self, request: Request, agreement_id: UUID) -> Response:
        return Response(HomeOut(_consent(request, agreement_id)).data)

    @extend_schema(request=HomeIn, responses=HomeOut, operation_id="home_alone_say")
    def post(self, request: Request, agreement_id: UUID) -> Response:
        given = api.given(HomeIn, request)
        now = timezone.now()
        found = or_404(homeward.one_of_family, user_of(request), agreement_id, day_of(now))
        homeward_actions.say(
            agreement=found, is_yes=given["alone"], seen=given["seen"], by=user_of(request), now=now
        )
        return Response(HomeOut(_consent(request, agreement_id)).data)


def _consent(request: Request, agreement_id: UUID) -> Consent:
    today = day_of(timezone.now())
    return homeward.of(or_404(homeward.one_of_family, user_of(request), agreement_id, today))
