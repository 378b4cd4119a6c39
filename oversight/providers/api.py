"""The API of the register: approved organisations to read."""

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import declares
from afterbell.kernel.dates import local_date
from afterbell.pages import api
from oversight import scope as scopes
from oversight.providers.forms import STATES
from tenants.models import Provider
from tenants.providers import queries


class ProviderOut(serializers.ModelSerializer[Provider]):
    """One approval; without a district it holds for the whole city."""

    district = serializers.CharField(source="district.code", allow_null=True, default=None)

    class Meta:
        model = Provider
        fields = (
            "id", "name", "credit_code", "services", "district", "approved_from_date", "approved_until_date",
            "decision_number", "revoked_date", "revoke_reason",
        )  # fmt: skip
        read_only_fields = fields


class ProvidersIn(serializers.Serializer[object]):
    """The filters of the list."""

    name = serializers.CharField(max_length=60, required=False)
    state = serializers.ChoiceField(choices=STATES, required=False)


@declares(Permission.PROVIDERS_APPROVE)
class Providers(APIView):
    """Of the whole city and of the user's districts, by name."""

    pagination_class = api.Pages

    @extend_schema(
        responses=ProviderOut(many=True),
        operation_id="providers_list",
        parameters=[ProvidersIn],
    )
    def get(self, request: Request) -> Response:
        wanted = api.asked(ProvidersIn, request)
        if not isinstance(request.user, User):  # DeclaredPermission let only users in
            raise PermissionDenied
        found = queries.register(
            scopes.of_user(request.user).districts, day=local_date(timezone.now()), **wanted
        )
        return api.listed(self, request, found.order_by("name", "pk"), ProviderOut)
