"""The API of months: what is published to everybody, and closing one."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import declares, open_to_all
from afterbell.pages import api
from schools.finance import actions, gathering, queries, rules, statements
from schools.finance.api.base import TermIn
from schools.finance.models import Statement
from schools.people.doors import user_of


class MonthIn(TermIn):
    """Which month of which term."""

    month = serializers.CharField(max_length=7, help_text="2026-09")


class StatementOut(serializers.ModelSerializer[Statement]):
    """A published month."""

    class Meta:
        model = Statement
        fields = (
            "term_code", "month", "opening_fen", "received_fen", "spent_fen", "refunded_fen", "closing_fen", "sha256",
            "due_date", "published_at", "text",
        )  # fmt: skip
        read_only_fields = fields


class CloseIn(serializers.Serializer[object]):
    """A month of a term, with the digest of its preview: what was shown is what is published, or nothing is."""

    term_code = serializers.CharField(max_length=11)
    month = serializers.CharField(max_length=7)
    shown = serializers.CharField(max_length=64)


class ClosePreviewOut(serializers.Serializer[object]):
    """What would be published; `digest` goes back with the order to close."""

    closing_fen = serializers.IntegerField()
    text = serializers.CharField()
    digest = serializers.CharField()


@open_to_all("the school's accounts are published to everybody (S36, S43)")
class Statements(APIView):
    """Published months with text and hash."""

    pagination_class = api.Pages

    @extend_schema(responses=StatementOut(many=True), operation_id="statements_list")
    def get(self, request: Request) -> Response:
        return api.listed(self, request, queries.statements(), StatementOut)


@declares(Permission.STATEMENT_CLOSE)
class Close(APIView):
    """What closing a month would publish; then close it and publish exactly that."""

    @extend_schema(parameters=[MonthIn], responses=ClosePreviewOut, operation_id="close_preview")
    def get(self, request: Request) -> Response:
        asked = api.asked(MonthIn, request)
        term, month = rules.term(asked["term"]), asked["month"]
        actions.months.to_close(term, month, timezone.localdate())
        found = gathering.month_of_books(rules.school_here().code, term.code, month)
        text = statements.text_of(found)
        shown = {"closing_fen": found.closing, "text": text, "digest": statements.sha256_of(text)}
        return Response(ClosePreviewOut(shown).data)

    @extend_schema(request=CloseIn, responses={201: StatementOut})
    def post(self, request: Request) -> Response:
        given = api.given(CloseIn, request)
        closed = actions.close_month(**given, by=user_of(request), now=timezone.now())
        return Response(StatementOut(closed).data, status=201)
