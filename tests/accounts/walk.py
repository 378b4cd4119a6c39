"""Walks all addresses of a host and finds the views that declare nothing."""

from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any

from django.urls import URLPattern, URLResolver

from afterbell.accounts.rights import OPEN_BELOW

HTTP_METHODS = ("get", "post", "put", "patch", "delete")


def undeclared(urlconf: str) -> list[str]:
    """Addresses of views, or of single API methods, without a permission and without a reason to be open."""
    return [
        f"{address} {what}".strip()
        for address, view in addresses(import_module(urlconf).urlpatterns)
        for what in _silent_parts(view)
    ]


def addresses(patterns: Iterable[URLPattern | URLResolver], prefix: str = "/") -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, address)
        else:
            yield address, pattern.callback


def _silent_parts(view: Any) -> list[str]:
    if _speaks(view) or f"{view.__module__}.{view.__qualname__}" in OPEN_BELOW:
        return []
    api = getattr(view, "cls", None)
    if api is None:
        return [""] if not _speaks(getattr(view, "view_class", None)) else []
    if _speaks(api):
        return []
    handlers = getattr(view, "actions", None) or {
        method: method for method in HTTP_METHODS if hasattr(api, method)
    }
    return [f"{method}" for method, name in handlers.items() if not _speaks(getattr(api, name))]


def _speaks(target: Any) -> bool:
    return bool(getattr(target, "required_permissions", None) or getattr(target, "open_reason", None))
