"""Addresses of login and account pages. allauth's views stand here one by one, each behind our declaration."""

from functools import wraps

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, URLResolver, include, path
from django.utils import timezone

from afterbell.accounts import lock_views, people_views, views
from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import View, open_to_all, requires
from afterbell.accounts.second_factor_actions import audited_changes
from afterbell.accounts.views import UserRequest

WAIT = "60"
BEFORE_LOGIN = "the way in"


def _patient(view: View) -> View:
    """allauth answers 429 without saying how long to wait."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if response.status_code == 429:
            response.headers.setdefault("Retry-After", WAIT)
        return response

    return wrapped


def _open(view: View, reason: str = BEFORE_LOGIN) -> View:
    return open_to_all(reason)(_patient(view))


def _own(view: View) -> View:
    return requires(Permission.ACCOUNT_SELF)(_patient(view))


def _own_factor(view: View) -> View:
    """allauth writes the second factors itself, and signals only after the transaction: the audit row stands in it."""

    @wraps(view)
    def wrapped(request: UserRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        with audited_changes(user=request.user, by=request.user, now=timezone.now()):
            return view(request, *args, **kwargs)

    return _own(wrapped)


own: list[URLPattern | URLResolver] = [
    path("me/", views.me, name="me"),
    path("sessions/end/", views.end_sessions, name="end_sessions"),
    path("outbox/", views.outbox, name="outbox"),
    path("set-password/<uuid:user_id>/<str:token>/", views.set_by_link, name="set_by_link"),
    path("locks/", lock_views.doors, name="doors"),
    path("locks/<int:attempt_id>/lift/", lock_views.lift, name="lift"),
    path("users/", people_views.people, name="users"),
    path("users/new/", people_views.new, name="new_user"),
    path("users/<uuid:user_id>/", people_views.person, name="user"),
    path("users/<uuid:user_id>/roles/", people_views.give_role, name="give_role"),
    path(
        "users/<uuid:user_id>/roles/<uuid:assignment_id>/withdraw/", people_views.take_role, name="take_role"
    ),
    path("users/<uuid:user_id>/deactivate/", people_views.deactivate, name="deactivate"),
    path("users/<uuid:user_id>/reactivate/", people_views.reactivate, name="reactivate"),
    path("users/<uuid:user_id>/number/", people_views.claim_number, name="claim_number"),
    path("numbers/", people_views.numbers, name="numbers"),
    path("numbers/<uuid:claim_id>/", people_views.answer_number, name="answer_number"),
    path("numbers/<uuid:claim_id>/ask/", people_views.ask_owner, name="ask_owner"),
    path("numbers/<uuid:claim_id>/own/<str:token>/", views.own_number, name="own_number"),
    path("users/<uuid:user_id>/reset-password/", people_views.reset, name="reset_password"),
    path(
        "users/<uuid:user_id>/clear-second-factor/",
        people_views.clear_second_factor,
        name="clear_second_factor",
    ),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include((own, "accounts"))),
    path("login/", _open(account.login), name="account_login"),
    path("login/code/", _open(account.request_login_code), name="account_request_login_code"),
    path("login/code/confirm/", _open(account.confirm_login_code), name="account_confirm_login_code"),
    path("login/second/", _open(mfa.authenticate), name="mfa_authenticate"),
    path(
        "logout/", _open(account.logout, "ends whatever has begun, also half a login"), name="account_logout"
    ),
    path("inactive/", _open(account.account_inactive), name="account_inactive"),
    path("again/", _own(account.reauthenticate), name="account_reauthenticate"),
    path("again/second/", _own(mfa.reauthenticate), name="mfa_reauthenticate"),
    path("password/change/", _own(account.password_change), name="account_change_password"),
    path("password/set/", _own(account.password_set), name="account_set_password"),
    path("second-factor/", _own(mfa.index), name="mfa_index"),
    path("second-factor/set-up/", _own_factor(totp.activate_totp), name="mfa_activate_totp"),
    path("second-factor/remove/", _own_factor(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("second-factor/recovery/", _own(recovery_codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "second-factor/recovery/new/",
        _own_factor(recovery_codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "second-factor/recovery/file/",
        _own(recovery_codes.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
]
