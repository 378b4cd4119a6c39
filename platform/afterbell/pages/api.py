"""What every API of the house does alike: reads what was sent, gives lists a page at a time.

A view whose list comes in pages says so: `pagination_class = api.Pages`. Its description then has the envelope, and the
address the parameter `page`.
"""

from collections.abc import Callable, Sequence
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


def asked(form: Form, request: Request, **context: Any) -> dict[str, Any]:
    """The parameters of the address, checked likewise; `context` is what the form compares them with.

    A plain dict: of a form's fields REST framework passes over the empty ones, and `?state=` is no state.
    """
    read = form(data=request.query_params.dict(), context=context)
    read.is_valid(raise_exception=True)
    return dict(read.validated_data)


def listed(
    view: APIView,
    request: Request,
    rows: QuerySet[Any] | Sequence[Any],
    out: type[serializers.BaseSerializer[Any]],
    **context: Any,
) -> Response:
    """One page of the rows, with the way to the next one. Raises NotFound for a page that there is none of."""
    return paged(view, request, rows, lambda found: out(found, many=True, context=context).data)


def paged(
    view: APIView,
    request: Request,
    rows: QuerySet[Any] | Sequence[Any],
    shown: Callable[[list[Any]], Any],
) -> Response:
    """Likewise, where the rows of a page are looked at together: `shown` makes what is answered of them."""
    pages: PageNumberPagination = view.pagination_class()  # type: ignore[attr-defined]  # said by every view with a list
    found: Any = pages.paginate_queryset(rows, request, view=view)
    return pages.get_paginated_response(shown(found))
