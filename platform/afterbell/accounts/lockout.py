"""How django-axes sees this house: which name and address an attempt belongs to, and the page of a locked door."""

import math
from collections.abc import Mapping
from datetime import timedelta

from allauth.account.adapter import get_adapter
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone


def name_of(_request: HttpRequest, credentials: Mapping[str, str] | None) -> str | None:
    """What was typed into the login field, cleaned; axes asks with its own credentials and with Django's."""
    given = credentials or {}
    name = given.get("username") or given.get("login") or given.get("phone")
    return str(name).lower() if name else None


def address_of(request: HttpRequest) -> str:
    """The same address as allauth's limits: X-Forwarded-For counts only behind a trusted proxy."""
    return str(get_adapter().get_client_ip(request))


def locked_page(
    request: HttpRequest, _response: HttpResponse | None, credentials: Mapping[str, str]
) -> HttpResponse:
    """429 with the minutes to wait."""
    seconds = _seconds_left(request, credentials)
    minutes = math.ceil(seconds / 60)
    response = render(request, "accounts/locked.html", {"minutes": minutes}, status=429)
    response["Retry-After"] = str(seconds)
    return response


def _seconds_left(request: HttpRequest, credentials: Mapping[str, str]) -> int:
    """Until the cool-off after the last failure is over."""
    cool_off: timedelta = settings.AXES_COOLOFF_TIME
    attempts = AccessAttempt.objects.filter(
        username=name_of(request, credentials), ip_address=address_of(request)
    )
    last = attempts.aggregate(last=Max("attempt_time"))["last"] or timezone.now()
    return max(1, math.ceil((last + cool_off - timezone.now()).total_seconds()))
