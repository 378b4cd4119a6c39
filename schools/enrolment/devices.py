"""A device's own cookie: many consents from one device are a sign of forcing (S25). Only its digest is kept.

The digest is keyed by the school and says nothing elsewhere; the cookie is read on the way of an application alone.
"""

import re
from secrets import token_urlsafe
from typing import Final

from django.conf import settings
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from afterbell.kernel.records import schema_of

NAME: Final = "device"
TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")
AGE: Final = 365 * 24 * 3600


def cookie_name() -> str:
    """As all cookies of the house."""
    return f"__Host-{NAME}" if settings.SECURE_COOKIES else NAME


def digest(request: HttpRequest) -> str:
    """64 signs; a device without a cookie counts as one of its own."""
    token = _token(request) or token_urlsafe(32)
    purpose = f"enrolment.device:{schema_of(connections['default'])}"
    return salted_hmac(purpose, token, algorithm="sha256").hexdigest()


def remember(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Give the device its cookie, once."""
    if not _token(request):
        response.set_cookie(
            cookie_name(),
            token_urlsafe(32),
            max_age=AGE,
            secure=settings.SECURE_COOKIES,
            httponly=True,
            samesite="Lax",
        )
    return response


def _token(request: HttpRequest) -> str:
    given = request.COOKIES.get(cookie_name(), "")
    return given if TOKEN.fullmatch(given) else ""
