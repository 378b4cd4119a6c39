"""The language that was chosen, who may keep a page, refusals and wrong methods as a page or as problem JSON."""

import inspect
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils import translation

from afterbell.kernel.errors import Refused
from afterbell.kernel.strings import dotted
from afterbell.pages import problems

GetResponse = Callable[[HttpRequest], HttpResponse]


class ChosenLanguage:
    """Chinese unless this browser chose English: a browser's own language list decides nothing here."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.known = frozenset(code for code, _name in settings.LANGUAGES)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = chosen if chosen in self.known else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class OnlyTheirs:
    """What a person or a token is shown is kept by nobody: after a log-out, "back" on a shared machine shows nothing.

    By what was sent, not by what a view says of itself: a session, a token, or a first cookie set with the answer. Who
    sends none of them sees public pages only, and these say themselves how long they may be kept.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_somebody = settings.SESSION_COOKIE_NAME in request.COOKIES or "Authorization" in request.headers
        if is_somebody or response.cookies:
            response.headers["Cache-Control"] = "private, no-store"
        return response


class RefusedPage:
    """Shows `Refused` raised by a view; the view's transaction has been rolled back by then."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refused):
            return None
        if problems.wanted(request):
            return problems.refused(exception)
        return render(request, "pages/refused.html", {"refusal": exception}, status=exception.status)


class WrongMethodPage:
    """A page's address that takes no GET, or no POST, answers with a sentence and a way back instead of nothing.

    A browser asks for it by itself: after a form that was answered at once, reload, back, or the address pasted again.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 405 or problems.wanted(request):
            return response
        opened = request.method in ("GET", "HEAD")
        known = {"opened": opened, "back": _above(request) if opened else _own(request)}
        page = render(request, "pages/405.html", known, status=405)
        page["Allow"] = response["Allow"]
        return page


def _own(request: HttpRequest) -> str:
    """The address itself, or the front page for whom it does not let in."""
    return request.path if _lets_in(request, request.path) else "/"


def _above(request: HttpRequest) -> str:
    """The nearest address above this one that a browser can open and this person may, with what was asked of it: the
    term, the page."""
    query = request.META.get("QUERY_STRING", "")
    parts = request.path.strip("/").split("/")[:-1]
    while parts:
        address = f"/{'/'.join(parts)}/"
        if _opens(address, getattr(request, "urlconf", None)) and _lets_in(request, address):
            return f"{address}?{query}" if query else address
        parts.pop()
    return "/"


def _lets_in(request: HttpRequest, address: str) -> bool:
    """Who may open what is asked of settings.MAY_OPEN (user, address)."""
    user = getattr(request, "user", None)
    return user is not None and bool(dotted(settings.MAY_OPEN)(user, address))


def _opens(address: str, urlconf: Any) -> bool:
    """Whether there is a view, and its decorators let a GET through (django.views.decorators.http)."""
    try:
        view: Any = resolve(address, urlconf).func
    except Resolver404:
        return False
    while view is not None:
        inner = inspect.getclosurevars(view).nonlocals if inspect.isfunction(view) else {}
        if "GET" not in inner.get("request_method_list", ("GET",)):
            return False
        view = getattr(view, "__wrapped__", None)
    return True
