"""Pages of alarms: the strip that every page of the school carries, one alarm, and the list (S23, S24)."""

import hashlib
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import open_to_all, requires
from schools.care import alarm_actions, alarms, telling
from schools.care.models import Alarm
from schools.notices import queries as notices
from schools.staffing.views import DeskRequest

LOOK_AGAIN = "X-Look-Again"
"""Answer header: seconds until a screen should ask again."""
PER_PAGE = 50
MOST_LETTERS = 5
"""To a parent; staff have the alarm itself."""


@require_GET
@transaction.non_atomic_requests
@open_to_all("who is not logged in learns nothing: an empty answer")
def live(request: HttpRequest) -> HttpResponse:
    """What this person must hear of now. Asked again and again: while nothing has changed, neither session nor user
    is read, and the answer is 304."""
    version = alarms.version(timezone.now())
    cookie = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    tag = f'"{version.tag}-{hashlib.sha256(cookie.encode()).hexdigest()[:12]}"'
    if cookie and request.headers.get("If-None-Match") == tag:
        return HttpResponse(status=304, headers={"ETag": tag})
    user = request.user
    if not isinstance(user, User):
        return HttpResponse(status=403)
    now = timezone.now()
    is_staff = user.has(Permission.INCIDENTS_REPORT)
    with transaction.atomic():
        context = {
            "alarms": alarms.shown(user, now) if is_staff else [],
            "letters": list(notices.urgent_to(user).filter(user=None)[:MOST_LETTERS]),
        }
        answer = render(request, "care/parts/live.html", context)
        answer[LOOK_AGAIN] = str(alarms.look_again(user, version, now))
    answer["ETag"] = tag
    return answer


@require_GET
@requires(Permission.INCIDENTS_REPORT)
def alarm(request: DeskRequest, alarm_id: UUID) -> HttpResponse:
    """What happened, whom to call, who was told and who has looked."""
    found = _alarm(request, alarm_id)
    context = {
        "alarm": found,
        "title_of": alarms.title(found),
        "sentence": alarms.sentence(found),
        "may_see": found.seen_at is None and alarms.may_see(request.user, found),
        "contacts": telling.contacts(found.session),
        "deliveries": alarms.told(found),
    }
    return render(request, "care/alarm.html", context)


@require_POST
@requires(Permission.INCIDENTS_REPORT)
def see(request: DeskRequest, alarm_id: UUID) -> HttpResponse:
    """I have looked, and take it in hand."""
    found = _alarm(request, alarm_id)
    if alarm_actions.see(alarm=found, by=request.user, now=timezone.now()):
        messages.success(request, _("已记录您看到了。请马上处理，并与老师、家长通话。"))
    else:
        messages.info(request, _("已经有人看到了，正在处理。"))
    return redirect("care:alarm", alarm_id)


@require_GET
@requires(Permission.INCIDENTS_REPORT)
def listed(request: DeskRequest) -> HttpResponse:
    """All that this person may see, newest first."""
    rows = alarms.for_user(request.user).order_by("-told_at", "-pk")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    found = [(row, alarms.title(row)) for row in page.object_list]
    return render(request, "care/alarms.html", {"page": page, "rows": found})


def _alarm(request: DeskRequest, alarm_id: UUID) -> Alarm:
    try:
        return alarms.one(request.user, alarm_id)
    except Alarm.DoesNotExist:
        raise Http404 from None
