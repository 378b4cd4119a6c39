"""Pages of days: those that the city has changed, one that is cancelled as a whole, and what takes place after all."""

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.kernel.errors import Refused
from schools.care import day_actions, day_queries, day_telling, queries, refusals, restore_actions
from schools.care.forms import CancelDayForm, DayForm, RestoreForm
from schools.care.models import Session
from schools.people.word_asking import asking
from schools.staffing.views import DeskRequest
from tenants.exchange.names import NamesAChild


@require_GET
@requires(Permission.ROSTER_MANAGE)
def changed(request: DeskRequest) -> HttpResponse:
    """What is to be done since the city changed days; and any other day to cancel."""
    return _days(request, DayForm(initial={"day": timezone.localdate()}))


@require_http_methods(["GET", "POST"])
@requires(Permission.ROSTER_MANAGE)
def cancel(request: DeskRequest) -> HttpResponse:
    """All of a day that has not begun, named one by one, with a reason that the families read."""
    asked = DayForm(request.GET)
    if not asked.is_valid():
        return _days(request, asked)
    day: date = asked.cleaned_data["day"]
    planned = list(
        queries.sessions()
        .filter(pk__in=day_queries.planned_on(day, timezone.now()))
        .order_by("starts_at", "pk")
    )
    no_school = next(
        (each.reason for each in day_queries.changed_days(timezone.now()) if each.date == day), ""
    )
    form = CancelDayForm(request.POST or None, sessions=planned, initial={"reason": no_school})
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            with asking([reason], by=request.user):
                number, told = day_actions.cancel_day(
                    day=day,
                    sessions=form.cleaned_data["sessions"],
                    reason=reason,
                    by=request.user,
                    now=timezone.now(),
                )
        except (NamesAChild, refusals.NoReason) as refusal:
            form.add_error("reason", str(refusal))
        except Refused as refusal:
            form = CancelDayForm({"reason": reason, "sessions": form.initial["sessions"]}, sessions=planned)
            form.add_error(None, str(refusal))
        else:
            said = _("已取消 %(date)s 的 %(n)s 次服务，已通知 %(told)s 位家长。")
            messages.success(request, said % {"date": day, "n": number, "told": told})
            return redirect("care:days")
    context = {
        "form": form,
        "day": day,
        "planned": planned,
        "letter": day_telling.of_day(day, _("（您填写的原因）")),
        "back": reverse("care:days"),
    }
    return render(request, "care/cancel_day.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires(Permission.ROSTER_MANAGE)
def restore_day(request: DeskRequest) -> HttpResponse:
    """All of a day that was cancelled and has not begun."""
    asked = DayForm(request.GET)
    if not asked.is_valid():
        return _days(request, asked)
    found = day_queries.restorable(timezone.now()).filter(date=asked.cleaned_data["day"])
    return _restore(request, found, back=reverse("care:days"), back_word=_("按天调整"))


@require_http_methods(["GET", "POST"])
@requires(Permission.ROSTER_MANAGE)
def restore_one(request: DeskRequest, session_id: UUID) -> HttpResponse:
    """One session, of a day whose others stay as they are."""
    try:
        found = queries.sessions().get(pk=session_id)
    except Session.DoesNotExist:
        raise Http404 from None
    back = reverse("care:desk_session", args=[session_id])
    rows = day_queries.restorable(timezone.now()).filter(pk=session_id)
    return _restore(request, rows, back=back, back_word=found.activity.title)


def _restore(request: DeskRequest, found: QuerySet[Session], *, back: str, back_word: str) -> HttpResponse:
    rows = list(queries.sessions().filter(pk__in=found).order_by("starts_at", "pk"))
    form = RestoreForm(request.POST or None, sessions=rows)
    if request.method == "POST" and form.is_valid():
        shown, reason = form.cleaned_data["sessions"], form.cleaned_data["reason"]
        try:
            with asking([reason], by=request.user):
                told = restore_actions.restore(
                    sessions=shown, reason=reason, by=request.user, now=timezone.now()
                )
        except (NamesAChild, refusals.NoReason) as refusal:
            form.add_error("reason", str(refusal))
        except Refused as refusal:
            form = RestoreForm({"reason": reason, "sessions": form.initial["sessions"]}, sessions=rows)
            form.add_error(None, str(refusal))
        else:
            said = _("已恢复 %(n)s 次服务，已通知 %(told)s 位家长。值班要重新安排。")
            messages.success(request, said % {"n": len(shown), "told": told})
            return redirect(back)
    context = {"form": form, "rows": rows, "back": back, "back_word": back_word}
    return render(request, "care/restore.html", context, status=400 if form.errors else 200)


def _days(request: DeskRequest, form: DayForm) -> HttpResponse:
    context = {
        "days": day_queries.changed_days(timezone.now()),
        "restorable": day_queries.restorable_days(timezone.now()),
        "plan": queries.plan_to_run(),
        "form": form,
    }
    return render(request, "care/days.html", context, status=400 if form.errors else 200)
