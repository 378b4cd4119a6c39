"""Pages of a list that was made in one piece, and how an operation is written in the description."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.utils.urls import remove_query_param, replace_query_param

from afterbell.accounts.models import User

Handler = TypeVar("Handler", bound=Callable[..., Any])


def described(
    name: str,
    answers: type[serializers.Serializer[Any]],
    example: object,
    takes: type[serializers.Serializer[Any]] | None = None,
) -> Callable[[Handler], Handler]:
    """In the schema: parameters, and the answer with an example."""
    one = OpenApiExample("example", value=example, response_only=True, status_codes=["200"])
    wrap: Callable[[Handler], Handler] = extend_schema(
        operation_id=name,
        parameters=[takes] if takes else None,
        responses={(200, "application/json"): answers},
        examples=[one],
    )
    return wrap


def page(request: Request, rows: Sequence[Any] | QuerySet[Any], number: int, size: int) -> dict[str, Any]:
    """count, next, previous, results. Raises NotFound."""
    count = rows.count() if isinstance(rows, QuerySet) else len(rows)
    pages = max(1, -(-count // size))
    if number > pages:
        raise NotFound(_("没有第 %(number)s 页，一共 %(pages)s 页。") % {"number": number, "pages": pages})
    here = request.build_absolute_uri()
    return {
        "count": count,
        "next": replace_query_param(here, "page", number + 1) if number < pages else None,
        "previous": _before(here, number) if number > 1 else None,
        "results": list(rows[(number - 1) * size : number * size]),
    }


def _before(here: str, number: int) -> str:
    return (
        str(replace_query_param(here, "page", number - 1))
        if number > 2
        else str(remove_query_param(here, "page"))
    )


def me(request: Request) -> User:
    """DeclaredPermission let only users in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
