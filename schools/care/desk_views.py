"""Pages of the desk: sessions and incidents."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.kernel.errors import Refused
from afterbell.pages.tables import shown
from schools.care import (
    actions,
    day_queries,
    duty_queries,
    families,
    incident_actions,
    incident_queries,
    mend_views,
    queries,
    refusals,
)
from schools.care.forms import (
    CancelForm,
    IncidentFilter,
    OutcomeForm,
    SessionFilter,
)
from schools.care.models import DutyRole, Incident, Session
from schools.care.roll import day_of
from schools.care.states import SessionState
from schools.care.tables import IncidentTable, SessionTable
from schools.people.word_asking import asking
from schools.staffing.views import DeskRequest
from tenants.exchange.names import NamesAChild

AHEAD: Final = timedelta(days=14)


@require_GET
@requires(Permission.SESSIONS_READ)
def sessions(request: DeskRequest) -> HttpResponse:
    """All sessions, from today on unless asked otherwise; care staff see their own."""
    today = timezone.localdate()
    form = SessionFilter(request.GET or {"first": today, "last": today + AHEAD})
    form.is_valid()
    chosen = form.cleaned_data
    found = queries.filtered(
        queries.sessions_for(request.user),
        first=chosen.get("first"),
        last=chosen.get("last"),
        state=chosen.get("state", ""),
        unstaffed=chosen.get("unstaffed", False),
    )
    table = SessionTable(queries.with_teachers(queries.with_counts(found)))
    may_manage = request.user.has(Permission.ROSTER_MANAGE)
    context = {
        "filter": form,
        "table": shown(table, request),
        "may_manage": may_manage,
        "plan": queries.plan_to_run() if may_manage else None,
        "late": queries.late_sessions(today).count() if may_manage else 0,
        "yesterday": today - timedelta(days=1),
    }
    return render(request, "care/sessions.html", context)


@require_POST
@requires(Permission.ROSTER_MANAGE)
def make(request: DeskRequest) -> HttpResponse:
    """The whole term's sessions from the published plan and the calendar; pressing again adds what is missing."""
    plan = queries.plan_to_run()
    if plan is None:
        raise actions.PlanNotPublished
    made = actions.make_sessions(plan=plan, school=request.school, by=request.user, now=timezone.now())
    messages.success(request, _("新生成 %(n)s 次服务。") % {"n": made.created})
    if made.unsettled:
        days = "、".join(day.isoformat() for day in made.unsettled)
        messages.warning(
            request, _("调休上课日 %(days)s 还没有规定按星期几的课表，没有生成。") % {"days": days}
        )
    for refusal in made.unknown:
        messages.warning(request, str(refusal))
    if made.strays:
        messages.warning(
            request, _("有 %(n)s 次服务落在不上课的日子，请在“按天调整”中取消。") % {"n": made.strays}
        )
    return redirect("care:sessions")


@require_GET
@requires(Permission.SESSIONS_READ)
def session(request: DeskRequest, session_id: UUID) -> HttpResponse:
    """The record of one session: people, roll, handovers, note, incidents."""
    found = _session(request, session_id)
    entries = queries.roll_of(found)
    today = day_of(timezone.now())
    manages = request.user.has(Permission.ROSTER_MANAGE)
    duties = list(duty_queries.duties_of(found))
    taken = {duty.role for duty in duties}
    context = {
        "session": found,
        "duties": duties,
        "empty_roles": [role for role in DutyRole if role not in taken],
        "rows": [(entry, families.standing(entry)) for entry in entries],
        "counts": queries.counted(entries),
        "incidents": incident_queries.incidents_for(request.user)
        .filter(session=found)
        .order_by("happened_at", "pk"),
        "may_staff": manages and found.state in queries.CHANGEABLE and found.date >= today,
        "may_cancel": manages and found.state == SessionState.PLANNED and found.date >= today,
        "may_restore": manages and day_queries.restorable(timezone.now()).filter(pk=found.pk).exists(),
        "may_move": request.user.has(Permission.ROOMS_MANAGE)
        and found.state == SessionState.PLANNED
        and found.date >= today,
        **mend_views.offers(request, found),
    }
    return render(request, "care/desk_session.html", context)


@requires(Permission.ROSTER_MANAGE)
@require_http_methods(["GET", "POST"])
def cancel(request: DeskRequest, session_id: UUID) -> HttpResponse:
    """With a reason that the families read."""
    found = _session(request, session_id)
    form = CancelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            reason = form.cleaned_data["reason"]
            with asking([reason], by=request.user):
                told = actions.cancel_session(
                    session=found, reason=reason, by=request.user, now=timezone.now()
                )
        except (NamesAChild, refusals.NoReason) as refusal:
            form.add_error("reason", str(refusal))
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已取消，已通知 %(n)s 位家长。") % {"n": told})
            return redirect("care:desk_session", session_id)
    heading = _("取消 %(date)s “%(title)s”") % {"date": found.date, "title": found.activity.title}
    return _form(request, form, heading=heading, button=_("取消这次服务"), session=found, kind="danger")


@require_GET
@requires(Permission.INCIDENTS_REPORT)
def incidents(request: DeskRequest) -> HttpResponse:
    """Leaders see all, everybody else the own reports."""
    form = IncidentFilter(request.GET)
    state = form.cleaned_data["state"] if form.is_valid() else ""
    found = incident_queries.incidents_for(request.user)
    table = IncidentTable(found.filter(state=state) if state else found)
    return render(request, "care/incidents.html", {"filter": form, "table": shown(table, request)})


@requires(Permission.INCIDENTS_REPORT)
@require_http_methods(["GET", "POST"])
def incident(request: DeskRequest, incident_id: UUID) -> HttpResponse:
    """What happened, who was told and has read it; a leader closes it with the outcome (S23)."""
    try:
        found = incident_queries.incident_for(request.user, incident_id)
    except Incident.DoesNotExist:
        raise Http404 from None
    may_close = request.user.has(Permission.INCIDENTS_MANAGE) and found.closed_at is None
    form = OutcomeForm(request.POST or None)
    if request.method == "POST":
        if not may_close:
            raise Http404
        if form.is_valid():
            outcome = form.cleaned_data["outcome"]
            incident_actions.close_incident(
                incident=found, outcome=outcome, by=request.user, now=timezone.now()
            )
            messages.success(request, _("已结案。"))
            return redirect("care:incident", incident_id)
    context = {
        "incident": found,
        "deliveries": incident_queries.deliveries_of(found),
        "form": form,
        "may_close": may_close,
    }
    return render(request, "care/desk_incident.html", context, status=400 if form.errors else 200)


def _form(request: DeskRequest, form: object, **context: object) -> HttpResponse:
    status = 400 if getattr(form, "errors", None) else 200
    return render(
        request,
        "care/desk_form.html",
        {"form": form, "page_heading": context.pop("heading"), **context},
        status=status,
    )


def _session(request: DeskRequest, session_id: UUID) -> Session:
    try:
        return queries.session_for(request.user, session_id)
    except Session.DoesNotExist:
        raise Http404 from None
