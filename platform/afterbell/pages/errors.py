"""Error pages (handler400, 403, 404, 500 of the address tables), each as problem JSON for the API."""

import sys
from collections.abc import Iterator
from typing import Final

import psycopg_pool
from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.functional import Promise
from redis.exceptions import RedisError

from afterbell.pages import problems, theme

TOO_LARGE: Final = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
TROUBLE: Final = (OperationalError, InterfaceError, psycopg_pool.PoolTimeout, RedisError)
RETRY_AFTER: Final = "60"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, with the sentence of who said one (`BadRequest`); 413 for what is too large."""
    if isinstance(exception, TOO_LARGE):
        return _page(request, 413)
    said = exception.args[0] if isinstance(exception, BadRequest) and exception.args else ""
    return _page(request, 400, said if isinstance(said, Promise) else "")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  (Django's signature)
    """403: a whole section that this role may not enter."""
    return _page(request, 403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001  (Django's signature)
    """403: the form was left open too long, or cookies are off."""
    return (
        problems.problem(403)
        if problems.wanted(request)
        else render(request, "pages/403_form.html", status=403)
    )


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  (Django's signature)
    """404: not there, or not yours."""
    return _page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 when the database or Redis is in trouble. Asks neither of them: the page is made without a request."""
    status = 503 if any(isinstance(error, TROUBLE) for error in _chain(sys.exc_info()[1])) else 500
    response = _without_database(request, status)
    if status == 503:
        response["Retry-After"] = RETRY_AFTER
    return response


def _page(request: HttpRequest, status: int, said: str | Promise = "") -> HttpResponse:
    """`said`: what is wrong, in words for people; a programmer's English never is."""
    if problems.wanted(request):
        return problems.problem(status, said)
    return render(request, f"pages/{status}.html", {"said": said}, status=status)


def _without_database(request: HttpRequest, status: int) -> HttpResponse:
    if problems.wanted(request):
        return problems.problem(status)
    school = getattr(request, "school", None)
    known = {
        "school": school,
        "city_name": settings.CITY_NAME,
        "theme": theme.chosen(request),
        "path": request.path,
    }
    template = "pages/service_trouble.html" if status == 503 else "pages/500.html"
    return HttpResponse(render_to_string(template, known), status=status)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what it came from."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        yield error
        seen.add(id(error))
        error = error.__cause__ or error.__context__
