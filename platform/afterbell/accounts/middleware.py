"""Asks staff and city accounts for their second factor before anything else."""

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
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
        user = request.user if _makes_one(request) else None
        if isinstance(user, User) and user.rights.withheld:
            messages.info(request, by_code.in_words(user))
            return HttpResponseRedirect(_address(request, "accounts:me"))
        if settings.SECOND_FACTOR != "required" or not _lacks_one(request.user) or _is_allowed(request):
            return self.get_response(request)
        if problems.wanted(request):
            return problems.problem(403, _("您的角色必须先在网页上设置动态口令，才能使用接口。"))
        return HttpResponseRedirect(_address(request, "mfa_activate_totp"))


def _lacks_one(user: object) -> bool:
    return isinstance(user, User) and user.rights.lacks_second_factor


def _makes_one(request: HttpRequest) -> bool:
    return request.path in {_address(request, name) for name in by_code.SHUT}


def _is_allowed(request: HttpRequest) -> bool:
    return request.path in {_address(request, name) for name in ALLOWED}


def _address(request: HttpRequest, name: str) -> str:
    """Before the view is found, Django does not yet know which host's addresses hold."""
    return reverse(name, urlconf=getattr(request, "urlconf", None))
