"""Pages of the duty roster: the week, who stands in, swaps, a whole series (S21)."""

from datetime import date, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.kernel.dates import YEARS, week_of
from afterbell.kernel.errors import Refused
from schools.care import duty_actions, duty_queries, queries
from schools.care.forms import PersonForm, SeriesForm, SwapForm
from schools.care.models import Duty, DutyRole, Session
from schools.care.roster import week_table
from schools.planning.models import Activity
from schools.staffing import queries as staffing
from schools.staffing.views import DeskRequest

WEEK = timedelta(days=7)


@require_GET
@requires(Permission.ROSTER_READ)
def week(request: DeskRequest) -> HttpResponse:
    """The week as a table, for the wall too."""
    day = _day(request.GET.get("day", ""))
    period = week_of(day)
    found = list(duty_queries.duties_between(period.first, period.last))
    context = {
        "table": week_table(found, period),
        "period": period,
        "before": period.first - WEEK,
        "after": period.first + WEEK,
        "may_manage": request.user.has(Permission.ROSTER_MANAGE),
    }
    return render(request, "care/duties.html", context)


@requires(Permission.ROSTER_MANAGE)
@require_http_methods(["GET", "POST"])
def person(request: DeskRequest, session_id: UUID, role: str) -> HttpResponse:
    """Assign somebody, or let somebody take over."""
    if role not in DutyRole.values:
        raise Http404
    found = _session(session_id)
    held = next((duty for duty in duty_queries.duties_of(found) if duty.role == role), None)
    form = PersonForm(request.POST or None, people=duty_queries.may_stand_in(found, role))
    act = duty_actions.substitute if held else duty_actions.assign
    if request.method == "POST" and form.is_valid():
        contract = form.cleaned_data["person"]
        try:
            act(session=found, contract=contract, role=DutyRole(role), by=request.user, now=timezone.now())
        except Refused as refusal:
            form.add_error("person", str(refusal))
        else:
            messages.success(request, _("已排班：%(name)s。") % {"name": contract.candidate.name})
            return redirect("care:desk_session", session_id)
    heading = _("替班") if held else _("排班")
    context = {
        "form": form,
        "session": found,
        "held": held,
        "role_word": DutyRole(role).label,
        "page_heading": heading,
        "nobody": not form.people,
    }
    return render(request, "care/duty_form.html", context, status=400 if form.errors else 200)


@requires(Permission.ROSTER_MANAGE)
@require_http_methods(["GET", "POST"])
def swap(request: DeskRequest, duty_id: UUID) -> HttpResponse:
    """Two people change places."""
    duty = _duty(duty_id)
    others = {str(other.pk): other for other in duty_queries.may_swap_with(duty, today=timezone.localdate())}
    choices = [(key, _line(other)) for key, other in others.items()]
    form = SwapForm(request.POST or None, choices=choices)
    if request.method == "POST" and form.is_valid():
        other = others[form.cleaned_data["other"]]
        try:
            duty_actions.swap(first=duty, second=other, by=request.user, now=timezone.now())
        except Refused as refusal:
            form.add_error("other", str(refusal))
        else:
            messages.success(request, _("已对调。"))
            return redirect("care:desk_session", duty.session_id)
    context = {"form": form, "session": duty.session, "held": duty, "page_heading": _("对调")}
    return render(request, "care/duty_form.html", context, status=400 if form.errors else 200)


@require_POST
@requires(Permission.ROSTER_MANAGE)
def take_off(request: DeskRequest, duty_id: UUID) -> HttpResponse:
    """The session then waits for somebody."""
    duty = _duty(duty_id)
    duty_actions.take_off(duty=duty, by=request.user, now=timezone.now())
    messages.success(request, _("已取消值班，这次服务待排班。"))
    return redirect("care:desk_session", duty.session_id)


@requires(Permission.ROSTER_MANAGE)
@require_http_methods(["GET", "POST"])
def series(request: DeskRequest, activity_id: UUID) -> HttpResponse:
    """One person for every session of an activity that has nobody yet."""
    try:
        activity = queries.activity(activity_id)
    except Activity.DoesNotExist:
        raise Http404 from None
    today = timezone.localdate()
    days = duty_queries.days_of_series(activity, first_date=today)
    form = SeriesForm(request.POST or None, people=staffing.cleared_on_some(days))
    if request.method == "POST" and form.is_valid():
        made = duty_actions.assign_series(
            activity=activity,
            contract=form.cleaned_data["person"],
            role=form.cleaned_data["role"],
            first_date=today,
            by=request.user,
            now=timezone.now(),
        )
        messages.success(
            request, ngettext("已排班 %(n)d 次。", "已排班 %(n)d 次。", made.assigned) % {"n": made.assigned}
        )
        for _day_left_out, refusal in made.left_out[:10]:
            messages.warning(request, str(refusal))
        return redirect("care:sessions")
    context = {
        "form": form,
        "activity": activity,
        "page_heading": _("整学期排班"),
        "is_full": not days,
        "nobody": not form.people,
    }
    return render(request, "care/duty_form.html", context, status=400 if form.errors else 200)


def _line(duty: Duty) -> str:
    """09-14 16:00 作业辅导 陈静."""
    start = timezone.localtime(duty.session.starts_at)
    return f"{start:%m-%d %H:%M} {duty.session.activity.title} {duty.clearance.contract.candidate.name}"


def _day(text: str) -> date:
    """Nonsense in the address is today, and so is a day that has no week before or after it."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return timezone.localdate()
    return day if day.year in YEARS else timezone.localdate()


def _session(session_id: UUID) -> Session:
    try:
        return queries.session(session_id)
    except Session.DoesNotExist:
        raise Http404 from None


def _duty(duty_id: UUID) -> Duty:
    try:
        return duty_queries.duty_for(duty_id)
    except Duty.DoesNotExist:
        raise Http404 from None
