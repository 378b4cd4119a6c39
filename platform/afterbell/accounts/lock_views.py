"""Pages of failed logins and locked doors: of the security administrator, and of the head of a school."""

from datetime import timedelta

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from afterbell.accounts import lock_actions, locked_doors
from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.accounts.tables import DoorTable
from afterbell.accounts.views import UserRequest
from afterbell.pages.tables import shown


@require_GET
@never_cache
@requires(Permission.SECURITY_READ)
def doors(request: UserRequest) -> HttpResponse:
    """Of the last day; locked ones first."""
    found = locked_doors.doors(timezone.now())
    may_lift = request.user.has(Permission.SECURITY_MANAGE)
    table = DoorTable(found, may_lift=may_lift, own=request.user.pk)
    context = {
        "table": shown(table, request),
        "locked": sum(door.is_locked for door in found),
        "limit": settings.AXES_FAILURE_LIMIT,
        "minutes": settings.AXES_COOLOFF_TIME // timedelta(minutes=1),
    }
    return render(request, "accounts/doors.html", context)


@never_cache
@requires(Permission.SECURITY_MANAGE)
@require_http_methods(["GET", "POST"])
def lift(request: UserRequest, attempt_id: int) -> HttpResponse:
    """Asks first; whoever asked for it should be the person."""
    if request.method == "POST":
        user = lock_actions.lift(attempt=attempt_id, by=request.user, now=timezone.now())
        messages.success(request, _("已解除 %(name)s 的登录锁定，现在可以再试。") % {"name": user.name})
        return redirect("accounts:doors")
    try:
        door = locked_doors.door(attempt_id, timezone.now())
    except AccessAttempt.DoesNotExist:
        raise lock_actions.NotLocked from None
    if not door.is_locked:
        raise lock_actions.NotLocked
    lock_actions.refuse(door, request.user)  # before anybody is asked
    return render(request, "accounts/lift.html", {"door": door, "limit": settings.AXES_FAILURE_LIMIT})
