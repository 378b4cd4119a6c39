"""The API of notices: what the user has received, what is open to all; reading, and saying that one has read."""

from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import declares, open_to_all
from schools.notices import actions, queries
from schools.notices.models import Delivery, Notice
from schools.people.doors import or_404, user_of


class NoticeOut(serializers.ModelSerializer[Notice]):
    """A notice as it was published."""

    class Meta:
        model = Notice
        fields = ("id", "kind", "title", "body", "body_sha256", "is_open", "published_at")
        read_only_fields = fields


class DeliveryOut(serializers.ModelSerializer[Delivery]):
    """A notice that the user has received."""

    notice = NoticeOut()

    class Meta:
        model = Delivery
        fields = ("id", "notice", "pupil", "sent_at", "read_at")
        read_only_fields = fields


class Pages(PageNumberPagination):
    """Fifty at a time."""

    page_size = 50


@declares(Permission.NOTICES_READ)
class Received(APIView):
    """What the user has received, unread first."""

    @extend_schema(responses=DeliveryOut(many=True), operation_id="notices_list")
    def get(self, request: Request) -> Response:
        pages = Pages()
        found = queries.unread_first(queries.deliveries_to(user_of(request)))
        rows = pages.paginate_queryset(found, request, view=self)
        return pages.get_paginated_response(DeliveryOut(rows, many=True).data)


@declares(Permission.NOTICES_READ)
class OneReceived(APIView):
    """One of them; asking for it does not mark it as read."""

    @extend_schema(responses=DeliveryOut)
    def get(self, request: Request, delivery_id: UUID) -> Response:
        return Response(DeliveryOut(or_404(queries.delivery_to, user_of(request), delivery_id)).data)


@declares(Permission.NOTICES_READ)
class Acknowledge(APIView):
    """The user has read it; the first time counts."""

    @extend_schema(request=None, responses=DeliveryOut)
    def post(self, request: Request, delivery_id: UUID) -> Response:
        user = user_of(request)
        delivery = or_404(queries.delivery_to, user, delivery_id)
        actions.acknowledge(delivery=delivery, by=user, now=timezone.now())
        return Response(DeliveryOut(delivery).data)


@open_to_all("open notices are for everybody")
class OpenNotices(APIView):
    """What everybody may read, newest first."""

    @extend_schema(responses=NoticeOut(many=True), operation_id="open_notices_list")
    def get(self, request: Request) -> Response:
        pages = Pages()
        rows = pages.paginate_queryset(
            queries.open_notices().order_by("-published_at", "-pk"), request, view=self
        )
        return pages.get_paginated_response(NoticeOut(rows, many=True).data)
