"""Asks staff and city accounts for their second factor before anything else."""

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from afterbell.accounts import by_code
from afterbell.accounts.models import User
from afterbell.pages import problems

ALLOWED: Final = (
    "mfa_activate_totp",
    "account_reauthenticate",
    "account_logout",
    "set_language",
    "pages:theme",
)
"""What a user without the second factor may reach: the way to it, the way out, language and colours."""


class SecondFactor:
    """Sends a user who needs a second factor and has none to set one up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        by_code.whoever_asks(request)
        if request.path == settings.LIVE_ALARMS:
            _nobody_without_one(request)
            return self.get_response(request)
        if not _lacks_one(request.user) or _is_allowed(request):
            return self.get_response(request)
        if problems.wanted(request):
            return problems.problem(403, _("您的角色必须先在网页上设置动态口令，才能使用接口。"))
        return HttpResponseRedirect(_address(request, "mfa_activate_totp"))

    def process_view(self, request: HttpRequest, *_view: object) -> HttpResponse | None:
        """A session by a code alone makes neither the password nor the second factor that would open the rest."""
        match = request.resolver_match
        user = request.user if match is not None and match.view_name in by_code.SHUT else None
        if not isinstance(user, User) or not user.rights.withheld:
            return None
        messages.info(request, by_code.in_words(user))
        return HttpResponseRedirect(_address(request, "accounts:me"))


def _nobody_without_one(request: HttpRequest) -> None:
    """For the alarms, for which screens ask every second or two: whoever lacks a second factor is nobody there, and no
    session is read while nothing has changed."""
    asks = request.user
    request.user = SimpleLazyObject(  # type: ignore[assignment]  # as Django's own middleware has it
        lambda: AnonymousUser() if _lacks_one(asks) else asks
    )


def _lacks_one(user: object) -> bool:
    """Where none is required, nobody is read."""
    return settings.SECOND_FACTOR == "required" and isinstance(user, User) and user.rights.lacks_second_factor


def _is_allowed(request: HttpRequest) -> bool:
    return request.path in {_address(request, name) for name in ALLOWED}


def _address(request: HttpRequest, name: str) -> str:
    """Before the view is found, Django does not yet know which host's addresses hold."""
    return reverse(name, urlconf=getattr(request, "urlconf", None))
