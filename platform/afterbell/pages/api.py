"""What every API of the house does alike: reads what was sent, gives lists a page at a time."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

Form = type[serializers.Serializer[Any]]


class Pages(PageNumberPagination):
    """Fifty at a time."""

    page_size = 50


def given(form: Form, request: Request) -> dict[str, Any]:
    """What was sent, checked; 400 with the field and a sentence otherwise."""
    read = form(data=request.data)
    read.is_valid(raise_exception=True)
    return dict(read.validated_data)


def asked(form: Form, request: Request) -> dict[str, Any]:
    """The parameters of the address, checked likewise."""
    read = form(data=request.query_params)
    read.is_valid(raise_exception=True)
    return dict(read.validated_data)


def listed(
    view: APIView,
    request: Request,
    rows: QuerySet[Any] | Sequence[Any],
    out: type[serializers.BaseSerializer[Any]],
    *,
    pages: type[PageNumberPagination] = Pages,
) -> Response:
    """One page of the rows, with the way to the next one. Raises NotFound for a page that there is none of."""
    page = pages()
    found: Any = page.paginate_queryset(rows, request, view=view)
    return page.get_paginated_response(out(found, many=True).data)
