"""Pages of the gate and the classroom, for a phone: today's sessions, roll and handover, close, incident."""

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
from schools.care import (
    families,
    homeward,
    incident_actions,
    incident_queries,
    queries,
    refusals,
    roll_actions,
    telling,
)
from schools.care.forms import CloseForm, IncidentForm
from schools.care.models import RollEntry, Session
from schools.care.roll import Deed, Kind, day_of
from schools.care.states import UNACCOUNTED, SessionState
from schools.staffing.views import DeskRequest

TAPS: Final = (Kind.PRESENT, Kind.ABSENT, Kind.EXCUSED, Kind.ALONE, Kind.NEXT, Kind.UNDO)
"""What one tap on a child's row does; handover has a page of its own."""
QUIET: Final = (refusals.AlreadySo, refusals.AlreadyOpen)
"""A second tap, a second phone, the back button: what was wanted has happened."""


@require_GET
@requires(Permission.SESSIONS_HOLD)
def today(request: DeskRequest) -> HttpResponse:
    """My sessions of today."""
    day = day_of(timezone.now())
    return render(
        request, "care/today.html", {"sessions": queries.my_sessions(request.user, day), "day": day}
    )


@require_GET
@requires(Permission.SESSIONS_HOLD)
def session(request: DeskRequest, session_id: UUID) -> HttpResponse:
    """The roll, a row a child."""
    return _page(request, _mine(request, session_id))


@require_POST
@requires(Permission.SESSIONS_HOLD)
def open_session(request: DeskRequest, session_id: UUID) -> HttpResponse:
    """Begin the roll call."""
    found = _mine(request, session_id)
    try:
        roll_actions.open_session(session=found, by=request.user, now=timezone.now())
    except QUIET as refusal:
        messages.info(request, str(refusal))
    return redirect("care:session", session_id)


@require_POST
@requires(Permission.SESSIONS_HOLD)
def tap(request: DeskRequest, session_id: UUID) -> HttpResponse:
    """One tap: the button's name is the deed, its value the child. Without script the page comes anew."""
    found = _mine(request, session_id)
    named = [(kind, request.POST[kind.value]) for kind in TAPS if kind.value in request.POST]
    if len(named) != 1:
        raise Http404
    kind, pupil = named[0]
    entry = _entry(found, pupil)
    now = timezone.now()
    try:
        roll_actions.do(deed=Deed(kind, found.pk, now, pupil_id=entry.pupil_id), by=request.user, now=now)
    except QUIET as refusal:
        messages.info(request, str(refusal))
    if request.htmx:  # type: ignore[attr-defined]  # set by HtmxMiddleware
        return _page(request, found)
    back = "care:close" if request.POST.get("back") == "close" else "care:session"
    return redirect(back, session_id)


@requires(Permission.SESSIONS_HOLD)
@require_http_methods(["GET", "POST"])
def handover(request: DeskRequest, session_id: UUID, pupil_id: UUID) -> HttpResponse:
    """S24: the registered adults, large; whoever is on the deny list fills the screen."""
    found = _mine(request, session_id)
    entry = _entry(found, pupil_id)
    adults = families.adults_of(entry.pupil)
    if request.method == "POST":
        collector = next(
            (
                tie.guardian
                for tie in (*adults.authorised, *adults.denied, *adults.others)
                if str(tie.guardian_id) == request.POST.get("collector")
            ),
            None,
        )
        if collector is None:
            raise Http404
        try:
            roll_actions.hand_over(
                session=found, pupil=entry.pupil, collector=collector, by=request.user, now=timezone.now()
            )
        except refusals.DeniedAdult:
            # Answered here, not by the middleware: the entry in the audit log must stay.
            shown = {
                "session": found, "entry": entry, "collector": collector, "contacts": telling.contacts(found),
            }  # fmt: skip
            return render(request, "care/denied.html", shown, status=refusals.DeniedAdult.status)
        except QUIET as refusal:
            messages.info(request, str(refusal))
        else:
            said = _("%(child)s 已交给 %(adult)s。") % {"child": entry.pupil.name, "adult": collector.name}
            messages.success(request, said)
        return redirect("care:session", session_id)
    link = families.links(found, [entry])[entry.pupil_id]
    consent = homeward.of_agreement(entry.agreement)
    context = {
        "session": found, "entry": entry, "adults": adults, "given": families.standing(entry), "link": link,
        "consent": consent, "consented": homeward.givers([consent])[consent.giver_id] if consent else None,
    }  # fmt: skip
    return render(request, "care/handover.html", context)


@requires(Permission.SESSIONS_HOLD)
@require_http_methods(["GET", "POST"])
def close(request: DeskRequest, session_id: UUID) -> HttpResponse:
    """What is missing, or the record and the end (S22, S24)."""
    found = _mine(request, session_id)
    waiting = [entry for entry in queries.roll_of(found) if entry.state in UNACCOUNTED]
    found_links = families.links(found, waiting)
    missing = [(entry, found_links[entry.pupil_id]) for entry in waiting]
    form = CloseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            note = form.cleaned_data["note"]
            roll_actions.close_session(session=found, note=note, by=request.user, now=timezone.now())
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, _("“%(title)s”已结束，服务记录已保存。") % {"title": found.activity.title}
            )
            return redirect("care:today")
    context = {"session": found, "missing": missing, "form": form}
    return render(request, "care/close.html", context, status=400 if form.errors else 200)


@requires(Permission.INCIDENTS_REPORT, Permission.SESSIONS_HOLD)
@require_http_methods(["GET", "POST"])
def report(request: DeskRequest, session_id: UUID) -> HttpResponse:
    """S23: the child's adults and the duty leader are told at once."""
    found = _mine(request, session_id)
    pupils = [entry.pupil for entry in queries.roll_of(found)]
    now = timezone.now()
    first = {"happened": timezone.localtime(now).strftime("%H:%M"), "pupil": request.GET.get("pupil", "")}
    form = IncidentForm(request.POST or None, session=found, pupils=pupils, initial=first)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            incident = incident_actions.report_incident(
                session=found,
                pupil=given["pupil"],
                summary=given["summary"],
                happened_at=given["happened"],
                is_missing=given["is_missing"],
                by=request.user,
                now=now,
            )
        except Refused as refusal:
            field = "pupil" if isinstance(refusal, incident_actions.WhoIsMissing) else "happened"
            form.add_error(field, str(refusal))
        else:
            return redirect("care:reported", session_id, incident.pk)
    return render(
        request, "care/incident.html", {"session": found, "form": form}, status=400 if form.errors else 200
    )


@require_GET
@requires(Permission.INCIDENTS_REPORT, Permission.SESSIONS_HOLD)
def reported(request: DeskRequest, session_id: UUID, incident_id: UUID) -> HttpResponse:
    """Who was told."""
    found = _mine(request, session_id)
    incident = incident_queries.incidents_for(request.user).filter(session=found, pk=incident_id).first()
    if incident is None:
        raise Http404
    deliveries = incident_queries.deliveries_of(incident)
    return render(
        request,
        "care/reported.html",
        {
            "session": found, "incident": incident, "deliveries": deliveries,
            "contacts": telling.contacts(found),
        },
    )  # fmt: skip


def _page(request: DeskRequest, found: Session) -> HttpResponse:
    """Counts and rows are read after the tap."""
    fresh = queries.my_session(request.user, found.pk)
    entries = queries.roll_of(fresh)
    found_links = families.links(fresh, entries)
    is_today = fresh.date == day_of(timezone.now())
    context = {
        "session": fresh,
        "rows": [(entry, families.standing(entry), found_links[entry.pupil_id]) for entry in entries],
        "counts": queries.counted(entries),
        "is_today": is_today,
        "may_tap": fresh.state == SessionState.OPEN and is_today,
    }
    return render(request, "care/session.html", context)


def _mine(request: DeskRequest, session_id: UUID) -> Session:
    try:
        return queries.my_session(request.user, session_id)
    except Session.DoesNotExist:
        raise Http404 from None


def _entry(found: Session, pupil: UUID | str) -> RollEntry:
    try:
        return queries.entry_of(found, UUID(str(pupil)))
    except (RollEntry.DoesNotExist, ValueError):
        raise Http404 from None
