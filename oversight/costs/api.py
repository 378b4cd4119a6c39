"""The API of the cost summary: the page's rows as JSON, CSV or XLSX, under the same rights."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import declares
from afterbell.pages import api
from oversight import scope as scopes
from oversight.costs import columns, files, queries, summary
from oversight.costs.forms import NARROWING
from oversight.costs.report import FLAGS, STATES, Report
from oversight.costs.summary import Row
from oversight.costs.views import download
from tenants.models import Kind, Stage

MOST_ROWS: Final = 5_000
NOT_THERE: Final[dict[str, Any]] = {"invalid_choice": _("没有“{input}”。")}


class SummaryIn(serializers.Serializer[Any]):
    """Which rows, and how they are written. Without `page` all rows come at once."""

    term = serializers.CharField(max_length=11, help_text="2026-2027-1")
    district = serializers.CharField(max_length=6, required=False, help_text="330102")
    stage = serializers.ChoiceField(choices=Stage.choices, required=False, error_messages=NOT_THERE)
    kind = serializers.ChoiceField(choices=Kind.choices, required=False, error_messages=NOT_THERE)
    school = serializers.CharField(max_length=80, required=False, help_text="code, or a part of the name")
    state = serializers.ChoiceField(choices=list(STATES), required=False, error_messages=NOT_THERE)
    flag = serializers.ChoiceField(choices=list(FLAGS), required=False, error_messages=NOT_THERE)
    format = serializers.ChoiceField(
        choices=["json", "csv", "xlsx"], required=False, default="json", error_messages=NOT_THERE
    )
    page = serializers.IntegerField(min_value=1, max_value=100_000, required=False)
    page_size = serializers.IntegerField(min_value=1, max_value=MOST_ROWS, required=False, default=100)

    def validate_term(self, code: str) -> str:
        return self._known(code, self.context["terms"])

    def validate_district(self, code: str) -> str:
        """Another district's is not there either."""
        return self._known(code, self.context["districts"])

    def _known(self, code: str, known: Mapping[str, str]) -> str:
        if code not in known:
            raise serializers.ValidationError(_("没有“%(code)s”。") % {"code": code})
        return code


class SummaryOut(serializers.Serializer[Any]):
    """Rows as objects; the keys are `columns`, in this order. What is not known, or hidden to protect children, is null."""

    term = serializers.CharField()
    as_of = serializers.DateTimeField(allow_null=True)
    count = serializers.IntegerField()
    columns = serializers.ListField(child=serializers.CharField())
    results = serializers.ListField(child=serializers.DictField())


class AsAsked(BaseContentNegotiation):
    """`format` is a parameter like the others: an unknown one is bad input, not a page that is not there."""

    def select_parser(self, _request: Any, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, _request: Any, renderers: Any, _format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


EXAMPLE: Final = OpenApiExample(
    "json",
    value={
        "term": "2026-2027-1",
        "as_of": "2026-11-23T18:00:00+08:00",
        "count": 1,
        "columns": list(columns.CODES),
        "results": [{"school_code": "3301020001", "school_name": "湖滨区第一小学", "state": "estimate"}],
    },
    response_only=True,
    media_type="application/json",
)


@declares(Permission.COSTS_READ)
class CostSummary(APIView):
    """The cost summary of a term, one row a school in service."""

    content_negotiation_class = AsAsked

    @extend_schema(
        operation_id="costs_summary",
        parameters=[SummaryIn],
        responses={
            (200, "application/json"): SummaryOut,
            (200, "text/csv"): OpenApiTypes.STR,
            (200, files.XLSX): OpenApiTypes.BINARY,
        },
        examples=[EXAMPLE],
    )
    def get(self, request: Request) -> HttpResponse:
        scope = scopes.of_user(_me(request))
        terms = {term.code: term.name for term in queries.terms()}
        districts = dict(queries.districts(scope))
        wanted = api.asked(SummaryIn, request, terms=terms, districts=districts)
        narrowing = {name: wanted[name] for name in NARROWING if name in wanted}
        found = summary.narrowed(summary.of_term(scope, wanted["term"]), **narrowing)
        report = Report(found, terms[wanted["term"]], districts, list(narrowing.items()))
        if wanted["format"] != "json":
            return download(report, wanted["format"])
        return Response(_as_json(report, wanted.get("page"), wanted["page_size"]))


def _as_json(report: Report, page: int | None, size: int) -> dict[str, Any]:
    rows = report.summary.rows
    shown = rows if page is None else rows[(page - 1) * size : page * size]
    return {
        "term": report.summary.term,
        "as_of": report.summary.as_of,
        "count": len(rows),
        "columns": list(columns.CODES),
        "results": [_plain(row) for row in shown],
    }


def _plain(row: Row) -> dict[str, object]:
    """Numbers as JSON numbers; two decimals at most survive a float whole."""
    return {
        name: float(cell)
        if isinstance(cell, Decimal)
        else cell.isoformat()
        if isinstance(cell, datetime)
        else cell
        for name, cell in zip(columns.CODES, row, strict=True)
    }


def _me(request: Request) -> User:
    """DeclaredPermission let only users in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
