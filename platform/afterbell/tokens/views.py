"""Pages of the tokens: the list, a new one and its text, once, and revoking."""

from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.accounts.views import UserRequest
from afterbell.kernel.errors import Refused
from afterbell.pages.tables import shown
from afterbell.tokens import actions, queries
from afterbell.tokens.forms import NewTokenForm, TokenFilter
from afterbell.tokens.models import Token
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
@never_cache
@require_http_methods(["GET", "POST"])
def new(request: UserRequest) -> HttpResponse:
    """The answer shows the token; it is not kept, so no address shows it again."""
    form = NewTokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            token, text = actions.create_token(**form.cleaned_data, by=request.user, now=timezone.now())
        except Refused as refusal:
            form.add_error("user", str(refusal))
        else:
            example = request.build_absolute_uri(EXAMPLE)
            context = {"token": token, "text": text, "example": example}
            return render(request, "tokens/made.html", context)
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
    return render(request, "tokens/revoke.html", {"token": token})
