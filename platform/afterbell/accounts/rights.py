"""Who may do what: each view and API action declares a permission, and nothing is open by forgetting.

Function views wear `@requires(Permission…)` or `@open_to_all("why")`. API classes and viewset actions wear
`@declares(Permission…)` or `@open_to_all("why")`; DeclaredPermission, the API's default, lets nobody in without one.
A test walks all addresses of both hosts and fails for a view that declares nothing.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from types import MappingProxyType
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.pages import problems

View = Callable[..., HttpResponseBase]
Declared = TypeVar("Declared", bound=Callable[..., Any])
OPEN_BELOW: Final[Mapping[str, str]] = MappingProxyType(
    {
        "django.views.i18n.set_language": "everybody chooses a language, also before login",
        "afterbell.pages.theme.choose": "everybody chooses light or dark, also before login",
    }
)
"""Views below accounts in the house's order, which can't wear a decorator of ours: dotted name → why they are open."""


def requires(*permissions: Permission) -> Callable[[View], View]:
    """A function view for users who hold all of these permissions."""
    if not permissions:
        raise ValueError("name a permission, or open the view with open_to_all")

    def around(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            user = request.user
            if not isinstance(user, User):
                return _log_in_first(request)
            if not user.rights.permissions.issuperset(permissions):
                raise PermissionDenied  # afterbell.pages.errors answers: a page, or problem JSON
            return view(request, *args, **kwargs)

        return declares(*permissions)(guarded)

    return around


def declares(*permissions: Permission) -> Callable[[Declared], Declared]:
    """An API class, or one action of a viewset: DeclaredPermission asks for all of these."""
    return _mark("required_permissions", frozenset(permissions))


def open_to_all(reason: str) -> Callable[[Declared], Declared]:
    """Anybody may come in, logged in or not; the reason stands beside the view."""
    if not reason.strip():
        raise ValueError("say why everybody may come in")
    return _mark("open_reason", reason)


def holds(user: User | AnonymousUser, permission: Permission | str) -> bool:
    """For navigation and templates: nobody who has not logged in holds anything."""
    return isinstance(user, User) and user.has(permission)


def may_open(user: User | AnonymousUser, address: str) -> bool:
    """Whether an address of this host would let the user in: for lists that lead to pages of other rooms.

    What an address asks for is what its view declares. Rows that only some may see are the page's own business.
    """
    try:
        view = resolve(urlsplit(address).path).func
    except Resolver404:
        return False
    asked: frozenset[Permission] = getattr(view, "required_permissions", frozenset())
    return bool(getattr(view, "open_reason", "")) or (
        isinstance(user, User) and user.rights.permissions.issuperset(asked)
    )


class DeclaredPermission(BasePermission):
    """API default: without a declared permission nobody gets in."""

    def has_permission(self, request: Request, view: Any) -> bool:
        handler = _handler(request, view)
        if getattr(handler, "open_reason", "") or getattr(view, "open_reason", ""):
            return True
        declared = getattr(handler, "required_permissions", None) or getattr(
            view, "required_permissions", None
        )
        if not declared or not isinstance(request.user, User):
            return False
        return request.user.rights.permissions.issuperset(declared)


class SessionLogin(SessionAuthentication):
    """The browser's session; a request without one is answered 401, not 403."""

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002  (REST framework's signature)
        return "Session"


def _mark(name: str, value: object) -> Callable[[Declared], Declared]:
    def around(target: Declared) -> Declared:
        setattr(target, name, value)
        made_class = getattr(target, "cls", None)  # what @api_view or as_view() made
        if made_class is not None:
            setattr(made_class, name, value)
        return target

    return around


def _handler(request: Request, view: Any) -> object:
    """The method that will answer: a viewset's action, or get, post, …"""
    return getattr(view, getattr(view, "action", None) or str(request.method).lower(), None)


def _log_in_first(request: HttpRequest) -> HttpResponseBase:
    if not problems.wanted(request):
        return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
    answer = problems.problem(401, _("这个接口需要登录后使用。"))
    answer["WWW-Authenticate"] = "Session"
    return answer
