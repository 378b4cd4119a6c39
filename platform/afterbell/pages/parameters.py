"""An address with a parameter that nobody declared is bad input: a filter that is passed over in silence would be a lie.

What an operation takes stands in its description alone: the serializers of `extend_schema(parameters=…)`, and `page`
where its view gives pages (`pagination_class`). The views check the values (api.asked); the names are checked here.
"""

from collections.abc import Iterable
from typing import Any, Final

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

PAGE: Final = "page"


class OnlyDeclared(BasePermission):
    """One of REST framework's DEFAULT_PERMISSION_CLASSES, after who may come in: it is asked before any view runs."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Raises ValidationError with the parameters that there are."""
        if not request.query_params:
            return True
        known = list(declared(view, str(request.method)))
        strangers = sorted(set(request.query_params).difference(known))
        if strangers:
            raise serializers.ValidationError({name: [_sentence(known)] for name in strangers})
        return True


def declared(view: Any, method: str) -> Iterable[str]:
    """Names of the parameters, in the order of the description. Raises TypeError for one without a serializer."""
    handler = getattr(view, method.lower(), None)
    made = getattr(handler, "kwargs", {}).get("schema")  # by extend_schema on the method; else on the class
    schema = made() if made else view.schema
    schema.view, schema.method = view, method
    for form in schema.get_override_parameters():
        yield from form().fields
    if getattr(view, "pagination_class", None) and method in ("GET", "HEAD"):
        yield PAGE


def _sentence(known: list[str]) -> str:
    if not known:
        return _("没有这个参数；这个地址不带参数。")
    return _("没有这个参数。可用的参数：%(names)s。") % {"names": "、".join(known)}
