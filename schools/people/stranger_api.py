"""The API that denies somebody who is no adult of the child; the same action and rights as the page."""

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
from schools.people import queries, stranger_actions
from schools.people.api import AdultOut
from schools.people.doors import or_404
from schools.people.models import Relation
from schools.people.writing_api import NameIn, PeopleReasonIn, PhoneIn, corrector


class StrangerIn(PeopleReasonIn):
    """Somebody who is no adult of the child, by a name, a number or both, and why."""

    name = NameIn(required=False, default="")
    phone = PhoneIn(required=False, default="")
    relation = serializers.ChoiceField(choices=Relation.choices, default=Relation.OTHER)


@declares(Permission.PUPILS_READ)
class Strangers(APIView):
    """Somebody who is no adult of the child must not come near it; nobody gets an account by it."""

    @extend_schema(request=StrangerIn, responses={201: AdultOut})
    def post(self, request: Request, pupil_id: UUID) -> Response:
        by = corrector(request)
        pupil = or_404(queries.staffs_pupil, by, pupil_id)
        given = api.given(StrangerIn, request)
        given["relation"] = Relation(given["relation"])
        made = stranger_actions.deny_stranger(pupil=pupil, **given, by=by, now=timezone.now())
        return Response(AdultOut(made).data, status=201)
