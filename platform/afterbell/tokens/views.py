"""Pages of the tokens: for the administrator the list, asking and revoking; for the holder the own ones and agreeing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.accounts.views import UserRequest
from afterbell.kernel.errors import Refused
from afterbell.pages.tables import shown
from afterbell.tokens import actions, queries
from afterbell.tokens.forms import NewTokenForm, TokenFilter
from afterbell.tokens.models import READABLE, Token, in_words
from afterbell.tokens.tables import TokenTable

EXAMPLE: Final = "/api/v1/costs/summary/?term=2026-2027-1"
"""Stands in the contract; whoever holds a token may read it."""


@require_GET
@requires(Permission.CITY_API)
def tokens(request: UserRequest) -> HttpResponse:
    """All of them, the newest first; expired and revoked ones stay."""
    form = TokenFilter(request.GET)
    chosen = form.cleaned_data if form.is_valid() else {}
    now = timezone.now()
    table = shown(TokenTable(queries.tokens(now=now, **chosen), now=now), request)
    return render(request, "tokens/tokens.html", {"filter": form, "table": table})


@requires(Permission.CITY_API)
@require_http_methods(["GET", "POST"])
def new(request: UserRequest) -> HttpResponse:
    """Asks the holder; there is no key before the holder agrees."""
    form = NewTokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            asked = actions.ask_for(**form.cleaned_data, by=request.user, now=timezone.now())
        except Refused as refusal:
            form.add_error("user", str(refusal))
        else:
            said = _("已请 %(name)s 本人同意。同意后凭证只显示给他本人。") % {"name": asked.user.name}
            messages.success(request, said)
            return redirect("tokens:tokens")
    return render(request, "tokens/new.html", {"form": form}, status=400 if form.errors else 200)


@requires(Permission.CITY_API)
@require_http_methods(["GET", "POST"])
def revoke(request: UserRequest, token_id: UUID) -> HttpResponse:
    """Asks first."""
    try:
        token = queries.token(token_id)
    except Token.DoesNotExist:
        raise Http404 from None
    if request.method == "POST":
        actions.revoke_token(token=token, by=request.user, now=timezone.now())
        messages.success(request, _("凭证已撤销，用它的系统不能再读取数据。"))
        return redirect("tokens:tokens")
    return render(request, "tokens/revoke.html", {"token": token, "back": reverse("tokens:tokens")})


@require_GET
@requires(Permission.ACCOUNT_SELF)
def mine(request: UserRequest) -> HttpResponse:
    """With which tokens programs read, or want to read, in one's own name."""
    now = timezone.now()
    rows = [Held(token, now, request.user) for token in queries.own(request.user)]
    return render(request, "tokens/mine.html", {"rows": rows})


@requires(Permission.ACCOUNT_SELF)
@never_cache
@require_http_methods(["GET", "POST"])
def agree(request: UserRequest, token_id: UUID) -> HttpResponse:
    """Behind the own password or one-time code; the answer shows the token, and no address shows it again."""
    token = _own(request, token_id)
    if not did_recently_reauthenticate(request):
        return redirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': request.path})}")
    held = Held(token, timezone.now(), request.user)
    if request.method == "POST":
        text = actions.agree(token=token, by=request.user, now=timezone.now())
        shown = {"token": queries.own_token(request.user, token_id), "text": text, "held": held}
        return render(request, "tokens/made.html", {**shown, "example": request.build_absolute_uri(EXAMPLE)})
    return render(request, "tokens/agree.html", {"token": token, "held": held})


@requires(Permission.ACCOUNT_SELF)
@require_http_methods(["GET", "POST"])
def revoke_own(request: UserRequest, token_id: UUID) -> HttpResponse:
    """Asks first; before the agreement it is the holder's no."""
    token = _own(request, token_id)
    if request.method == "POST":
        actions.revoke_token(token=token, by=request.user, now=timezone.now())
        messages.success(request, _("凭证已撤销，用它的系统不能再读取数据。"))
        return redirect("tokens:mine")
    return render(request, "tokens/revoke.html", {"token": token, "back": reverse("tokens:mine")})


@dataclass(frozen=True)
class Held:
    """A token as its holder sees it: with what it may read of what the holder may."""

    token: Token
    now: datetime
    holder: User

    @property
    def waits(self) -> bool:
        return self.token.waits(self.now)

    @property
    def is_good(self) -> bool:
        return self.token.is_good(self.now)

    @property
    def reads(self) -> list[str]:
        return [in_words(one) for one in READABLE if one in self.token.may & self.holder.rights.permissions]


def _own(request: UserRequest, token_id: UUID) -> Token:
    try:
        return queries.own_token(request.user, token_id)
    except Token.DoesNotExist:
        raise Http404 from None
