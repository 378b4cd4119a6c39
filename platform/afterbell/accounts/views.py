"""Pages of one's own account, the setting link, and the demo's outbox."""

from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from afterbell.accounts import actions, by_code, links, number_actions, phones, queries, senders
from afterbell.accounts.forms import LinkPasswordForm, OwnNumberForm
from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import open_to_all, requires
from afterbell.accounts.roles import Role


class UserRequest(HttpRequest):
    """A request behind `requires`: somebody has logged in."""

    user: User


@require_GET
@requires(Permission.ACCOUNT_SELF)
def me(request: UserRequest) -> HttpResponse:
    """Name, roles, second factor, sessions, language."""
    user = request.user
    context = {
        "roles": [Role(role).label for role in user.rights.scopes],
        "phone": phones.shown(user.phone) if user.phone else "",
        "sessions": queries.sessions(user),
        "here": request.session.session_key,
        "rights": user.rights,
        "withheld": by_code.in_words(user),
    }
    return render(request, "accounts/me.html", context)


@require_POST
@requires(Permission.ACCOUNT_SELF)
def end_sessions(request: UserRequest) -> HttpResponse:
    """Log out everywhere but here."""
    keep = request.session.session_key or ""
    ended = actions.end_other_sessions(user=request.user, keep=keep, by=request.user, now=timezone.now())
    said = (
        ngettext("已退出 %(n)s 处登录。", "已退出 %(n)s 处登录。", ended) if ended else _("没有别处的登录。")
    )
    messages.success(request, said % {"n": ended} if ended else said)
    return redirect("accounts:me")


@open_to_all("who holds the link sets the password; the link is the proof")
@never_cache
@sensitive_post_parameters("password1", "password2")
def set_by_link(request: HttpRequest, user_id: UUID, token: str) -> HttpResponse:
    """A new password through an administrator's one-time link."""
    user = links.user_for(user_id, token)
    if user is None:
        return render(request, "accounts/link_invalid.html", status=410)
    form = LinkPasswordForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        actions.set_password(user=user, password=form.cleaned_data["password1"], by=user, now=timezone.now())
        get_adapter().logout(request)
        messages.success(request, _("新密码已设好，请登录。"))
        return redirect("account_login")
    return render(request, "accounts/link_password.html", {"form": form, "owner": user})


@open_to_all("who holds the link has the phone; the link and the name are the proof")
@never_cache
def own_number(request: HttpRequest, claim_id: UUID, token: str) -> HttpResponse:
    """The first colleague of a new school says yes or no to the own number, and goes on to a password."""
    claim = links.claim_for(claim_id, token)
    if claim is None:
        return render(request, "accounts/link_invalid.html", status=410)
    here = request.user if isinstance(request.user, User) else None
    if here is not None and here.pk != claim.user_id:
        raise number_actions.OnYourOwnPhone
    form = OwnNumberForm(request.POST if request.POST.get("answer") == "yes" else None)
    now = timezone.now()
    if request.method == "POST" and request.POST.get("answer") == "no":
        number_actions.refuse_number(claim=claim, by=claim.user, now=now)
        messages.success(request, _("已否定，号码没有登记。"))
        return redirect("account_login")
    if form.is_valid() and not ratelimit.consume(request, action="own_number", key=str(claim.pk)):
        form.add_error("name", str(number_actions.TooManyGuesses()))
        late = render(request, "accounts/own_number.html", {"form": form, "claim": claim}, status=429)
        late["Retry-After"] = str(settings.PASSWORD_RESET_TIMEOUT)
        return late
    if form.is_valid():
        try:
            secret = number_actions.accept_as_owner(claim=claim, **form.cleaned_data, here=here, now=now)
        except number_actions.OtherName as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, _("号码已确认，请设置密码。"))
            return redirect("accounts:set_by_link", claim.user_id, secret)
    context = {"form": form, "claim": claim}
    return render(request, "accounts/own_number.html", context, status=400 if form.errors else 200)


@require_GET
@open_to_all("the demo's own mailbox; outside the demo there is no such page")
@never_cache
def outbox(request: HttpRequest) -> HttpResponse:
    """The codes that the demo has sent on this host."""
    if not settings.DEMO:
        raise Http404
    return render(request, "accounts/outbox.html", {"messages_sent": senders.outbox()})
