"""The API of notices: what the user has received, what is open to all; reading, and saying that one has read."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import declares, open_to_all
from afterbell.pages import api
from schools.notices import actions, news, queries
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


@declares(Permission.NOTICES_READ)
class Received(APIView):
    """What the user has received, unread first."""

    pagination_class = api.Pages

    @extend_schema(responses=DeliveryOut(many=True), operation_id="notices_list")
    def get(self, request: Request) -> Response:
        return api.listed(
            self, request, queries.unread_first(queries.deliveries_to(user_of(request))), DeliveryOut
        )


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


class NewsOut(serializers.Serializer[Any]):
    """One thing that happened about an own child; `about` and `what` together are its key."""

    about = serializers.UUIDField(source="news.about")
    what = serializers.CharField(source="news.what")
    pupil = serializers.UUIDField(source="news.pupil_id")
    kind = serializers.CharField(source="news.kind")
    title = serializers.CharField(source="news.title")
    at = serializers.DateTimeField(source="news.at")
    is_read = serializers.BooleanField()


class NewsWithLines(NewsOut):
    """With what there is to say about it, line by line."""

    lines = serializers.SerializerMethodField()

    def get_lines(self, own: news.Own) -> list[str]:
        return own.news.lines()


@declares(Permission.NOTICES_READ)
class FamilyNews(APIView):
    """Charges, waivers, refunds, shares and applications of the own children, newest first."""

    pagination_class = api.Pages

    @extend_schema(responses=NewsOut(many=True), operation_id="news_list")
    def get(self, request: Request) -> Response:
        return api.listed(self, request, news.of(user_of(request)), NewsOut)


@declares(Permission.NOTICES_READ)
class OneNews(APIView):
    """One of them with its lines; asking for it does not mark it as read."""

    @extend_schema(responses=NewsWithLines)
    def get(self, request: Request, about: UUID, what: str) -> Response:
        return Response(NewsWithLines(_own(user_of(request), about, what)).data)


@declares(Permission.NOTICES_READ)
class ReadNews(APIView):
    """The user has read it; the first time counts."""

    @extend_schema(request=None, responses=NewsWithLines)
    def post(self, request: Request, about: UUID, what: str) -> Response:
        user = user_of(request)
        actions.read_news(about=about, what=what, by=user, now=timezone.now())
        return Response(NewsWithLines(_own(user, about, what)).data)


def _own(user: User, about: UUID, what: str) -> news.Own:
    found = news.one_of(user, about, what)
    if found is None:
        raise Http404
    return found


@open_to_all("open notices are for everybody")
class OpenNotices(APIView):
    """What everybody may read, newest first."""

    pagination_class = api.Pages

    @extend_schema(responses=NoticeOut(many=True), operation_id="open_notices_list")
    def get(self, request: Request) -> Response:
        return api.listed(self, request, queries.open_notices().order_by("-published_at", "-pk"), NoticeOut)
