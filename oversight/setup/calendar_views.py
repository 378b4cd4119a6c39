"""The calendar: a year as months, one day changed with a reason, and the days of a year that nobody has said yet."""

from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import holds, requires
from afterbell.accounts.views import UserRequest
from afterbell.kernel.dates import Period, local_date
from afterbell.kernel.errors import Refused
from afterbell.pages.steps import form_step, sent
from oversight.setup import queries
from oversight.setup.forms import WEEKDAYS, DayForm, DaysForm, YearForm, seen_from, seen_of
from tenants import calendar, calendar_actions
from tenants.models import CalendarOverride, District

YEARS_BESIDE = 1


@require_GET
@requires(Permission.CALENDAR_READ)
def year(request: HttpRequest) -> HttpResponse:
    """Twelve months; first what the city has still to say."""
    today = local_date(timezone.now())
    form = YearForm(request.GET or {"year": today.year}, districts=_districts())
    number, district = form.chosen(today=today)
    context = {
        "filter": form,
        "year": number,
        "seen": queries.year(number, district, today=today),
        "is_known": calendar.is_year_known(number),
        "district": district,
        "weekdays": [str(label)[-1] for _value, label in WEEKDAYS],
        "today": today,
        "may": holds(request.user, Permission.CALENDAR_MANAGE),
        "query": f"?{urlencode({'district': district.code})}" if district else "",
        "before": _year_url(number - YEARS_BESIDE, district),
        "after": _year_url(number + YEARS_BESIDE, district),
    }
    return render(request, "setup/calendar.html", context)


@requires(Permission.CALENDAR_MANAGE)
@require_http_methods(["GET", "POST"])
def day(request: UserRequest, day: date) -> HttpResponse:
    """What counts on it, who says so, and what schools have planned on it already."""
    district = _district(request)
    own = _own(day, district)
    shown = queries.day(day, district)
    initial = {
        "is_school_day": "" if shown.is_open is None else "yes" if shown.is_open else "no",
        "follows_weekday": own.follows_weekday if own else "",
        "reason": own.reason if own else "",
        "seen": seen_of(own),
    }
    form = DayForm(sent(request), initial=initial)

    def deed(given: dict[str, Any], now: datetime) -> HttpResponse:
        calendar_actions.change_day(
            day=day,
            is_school_day=given["is_school_day"],
            follows_weekday=given["follows_weekday"],
            reason=given["reason"],
            district=district,
            seen=seen_from(given["seen"]),
            by=request.user,
            now=now,
        )
        messages.success(request, _("已保存：%(date)s。") % {"date": day})
        return redirect(_year_url(day.year, district))

    context = {
        "day": day,
        "district": district,
        "shown": shown,
        "own": own,
        "sessions": queries.schools_with_sessions(day, district),
        "is_past": day < local_date(timezone.now()),
        "may_restore": own is not None and (district is not None or calendar.is_year_known(day.year)),
        "back": _year_url(day.year, district),
        "query": f"?{urlencode({'district': district.code})}" if district else "",
    }
    return form_step(request, form, deed, "setup/day.html", context)


@requires(Permission.CALENDAR_MANAGE)
@require_http_methods(["GET", "POST"])
def restore(request: UserRequest, day: date) -> HttpResponse:
    """The national calendar counts again, or the city's for a district; asks first."""
    district = _district(request)
    own = _own(day, district)
    refusal: Refused | None = None
    if request.method == "POST":
        seen = seen_from(str(request.POST.get("seen", ""))[:200])
        try:
            calendar_actions.forget_day(
                day=day, district=district, seen=seen, by=request.user, now=timezone.now()
            )
        except Refused as refused:
            refusal = refused
        else:
            messages.success(request, _("已恢复：%(date)s。") % {"date": day})
            return redirect(_year_url(day.year, district))
    context = {
        "day": day, "own": own, "district": district, "refusal": refusal, "fields": {"seen": seen_of(own)},
        "back": _year_url(day.year, district), "sessions": queries.schools_with_sessions(day, district),
    }  # fmt: skip
    return render(request, "setup/restore_day.html", context, status=409 if refusal else 200)


@requires(Permission.CALENDAR_MANAGE)
@require_http_methods(["GET", "POST"])
def enter(request: UserRequest) -> HttpResponse:
    """The notice of a year, typed in: only days of which nobody has said anything are written."""
    today = local_date(timezone.now())
    district = _district(request)
    number, _same = YearForm(request.GET, districts=_districts()).chosen(today=today)
    gap = queries.year(number, district, today=today).unknown
    initial = {
        "first": gap.first if gap else date(number, 1, 1),
        "last": gap.last if gap else date(number, 12, 31),
        "reason": _("%(year)s年放假安排") % {"year": number},
    }
    form = DaysForm(sent(request), initial=initial)

    def deed(given: dict[str, Any], now: datetime) -> HttpResponse:
        written = calendar_actions.enter_days(
            period=Period(given["first"], given["last"]),
            holidays=given["holidays"],
            make_up_days=given["make_up_days"],
            reason=given["reason"],
            by=request.user,
            now=now,
            district=district,
        )
        messages.success(
            request, _("已录入 %(count)s 天。以前录入过的日子没有改动，可以逐日修改。") % {"count": written}
        )
        return redirect(_year_url(given["first"].year, district))

    context = {
        "title": _("录入放假安排"),
        "button": _("录入"),
        "lede": _("按国务院办公厅的通知填写。周一至周五除放假外都上课，周六、周日除调休外都不上课。"),
        "back": _year_url(number, district),
        "back_to": _("校历"),
    }
    return form_step(request, form, deed, "setup/form.html", context)


def _districts() -> list[District]:
    return list(District.objects.order_by("position", "code"))


def _district(request: HttpRequest) -> District | None:
    """None: the whole city. A code that no district has, as of a tab that is older than its end, is nobody's page."""
    code = request.GET.get("district", "")
    if not code:
        return None
    try:
        return District.objects.get(code=code)
    except (District.DoesNotExist, ValueError):
        raise Http404 from None


def _own(day: date, district: District | None) -> CalendarOverride | None:
    """What this scope itself has said of the day."""
    return CalendarOverride.objects.filter(date=day, district=district).first()


def _year_url(number: int, district: District | None) -> str:
    asked = {"year": number} | ({"district": district.code} if district else {})
    return f"{reverse('setup:calendar')}?{urlencode(asked)}"
