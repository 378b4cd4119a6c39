"""Pages on which a leader mends the record of a past day, and looks at what phones sent late (S22, S24)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.pages.steps import form_step
from schools.care import actions, families, homeward, queries, roll_actions
from schools.care.forms import CloseForm, LateForm, ReasonForm
from schools.care.models import RollEntry, Session
from schools.care.roll import Deed, Kind, day_of
from schools.care.states import RollState, SessionState
from schools.people.models import Guardian
from schools.people.word_asking import asking
from schools.staffing.views import DeskRequest

PER_PAGE = 50


def offers(request: DeskRequest, found: Session) -> dict[str, object]:
    """What the page of one session offers to who leads it: its mending, its opening afterwards, what came late."""
    leads = queries.led_by(request.user).filter(pk=found.pk).exists()
    is_past = found.date < day_of(timezone.now())
    late = queries.late_deeds(request.user).filter(session=found).order_by("operation__said_at", "pk")
    return {
        "may_mend": leads and is_past and found.state == SessionState.OPEN,
        "may_open_late": leads and is_past and found.state == SessionState.PLANNED,
        "late_deeds": list(late) if leads else [],
    }


@requires(Permission.SESSIONS_READ)
@require_http_methods(["GET", "POST"])
def mend(request: DeskRequest, session_id: UUID, pupil_id: UUID) -> HttpResponse:
    """A leader states afterwards that a child was there and how it left (S24)."""
    found = _late(request, session_id, SessionState.OPEN)
    try:
        entry = queries.entry_of(found, pupil_id)
    except RollEntry.DoesNotExist:
        raise Http404 from None
    consent = homeward.of_agreement(entry.agreement)
    form = LateForm(
        request.POST or None,
        day=found.date,
        collectors=families.collectors_on(entry.pupil, found),
        consent=consent if consent and consent.could(found.starts_at) else None,
        onward=families.onward_of(found, entry.pupil_id),
    )
    heading = _("补记 %(name)s 的离校") % {"name": entry.pupil.name}
    return _step(
        request,
        form,
        found,
        lambda said, now: roll_actions.mend(deeds=_leaving(found, entry, said), by=request.user, now=now),
        heading=heading,
        button=_("补记"),
    )


@require_POST
@requires(Permission.SESSIONS_READ)
def mend_absent(request: DeskRequest, session_id: UUID, pupil_id: UUID) -> HttpResponse:
    """A child whom nobody called was not there."""
    found = _late(request, session_id, SessionState.OPEN)
    deeds = [Deed(Kind.ABSENT, found.pk, found.ends_at, pupil_id=pupil_id)]
    roll_actions.mend(deeds=deeds, by=request.user, now=timezone.now())
    return redirect("care:desk_session", session_id)


@requires(Permission.SESSIONS_READ)
@require_http_methods(["GET", "POST"])
def close_late(request: DeskRequest, session_id: UUID) -> HttpResponse:
    """A session of a past day is closed by a leader, with the reason in its record."""
    found = _late(request, session_id, SessionState.OPEN)

    def close(said: dict[str, Any], now: datetime) -> None:
        note = _("（带班领导补记）%(note)s") % {"note": said["note"]}
        deeds = [Deed(Kind.CLOSE, found.pk, found.ends_at, note=note)]
        roll_actions.mend(deeds=deeds, by=request.user, now=now)

    heading = _("补记结束 %(date)s “%(title)s”") % {"date": found.date, "title": found.activity.title}
    form = CloseForm(request.POST or None)
    return _step(request, form, found, close, heading=heading, button=_("补记结束"), done=_("已补记结束。"))


@requires(Permission.SESSIONS_READ)
@require_http_methods(["GET", "POST"])
def open_late(request: DeskRequest, session_id: UUID) -> HttpResponse:
    """It was held and nobody opened it: with the reason; then who was there is written down."""
    found = _late(request, session_id, SessionState.PLANNED)
    heading = _("补记开展 %(date)s “%(title)s”") % {"date": found.date, "title": found.activity.title}
    return _step(
        request,
        ReasonForm(request.POST or None),
        found,
        lambda said, now: roll_actions.open_late(
            session=found, reason=said["reason"], by=request.user, now=now
        ),
        heading=heading,
        button=_("补记为已开展"),
        done=_("名单已按协议列出。请逐一补记到场、离校或缺席，再补记结束。"),
    )


@requires(Permission.SESSIONS_READ)
@require_http_methods(["GET", "POST"])
def not_held(request: DeskRequest, session_id: UUID) -> HttpResponse:
    """It was not held, and nobody had cancelled it: with the reason, which the families read."""
    found = _late(request, session_id, SessionState.PLANNED)
    heading = _("%(date)s “%(title)s”没有开展") % {"date": found.date, "title": found.activity.title}

    def deed(said: dict[str, Any], now: datetime) -> None:
        with asking([said["reason"]], by=request.user):
            actions.say_not_held(session=found, reason=said["reason"], by=request.user, now=now)

    return _step(
        request,
        ReasonForm(request.POST or None),
        found,
        deed,
        heading=heading,
        button=_("登记为没有开展"),
        done=_("已登记为没有开展，家长会看到原因。"),
        kind="danger",
    )


@require_GET
@requires(Permission.SESSIONS_READ)
def late(request: DeskRequest) -> HttpResponse:
    """What phones sent on a later day, newest first, with both times."""
    rows = queries.late_deeds(request.user).order_by("-operation__received_at", "-pk")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "care/late.html", {"page": page})


@require_POST
@requires(Permission.SESSIONS_READ)
def see_late(request: DeskRequest, session_id: UUID) -> HttpResponse:
    """Everything that came late for one session has been looked at."""
    found = _led(request, session_id)
    roll_actions.see_late(session=found, by=request.user, now=timezone.now())
    return redirect("care:desk_session", session_id)


def _leaving(found: Session, entry: RollEntry, said: dict[str, Any]) -> list[Deed]:
    """How it left; a child whom nobody had called was there first."""
    collector, at = said["collector"], said["at"]
    if isinstance(collector, Guardian):
        left = Deed(Kind.HANDOVER, found.pk, at, pupil_id=entry.pupil_id, collector_id=collector.pk)
    else:
        kind = Kind.NEXT if collector == LateForm.NEXT else Kind.ALONE
        left = Deed(kind, found.pk, at, pupil_id=entry.pupil_id)
    if entry.state not in (RollState.EXPECTED, RollState.ABSENT, RollState.EXCUSED):
        return [left]
    came = Deed(Kind.PRESENT, found.pk, _came(found, at), pupil_id=entry.pupil_id)
    return [came, left]


def _came(found: Session, left: datetime) -> datetime:
    """With the beginning, as for everybody whose minute of arrival nobody wrote down."""
    return min(found.starts_at, left)


def _step(
    request: DeskRequest,
    form: forms.Form,
    found: Session,
    deed: Callable[[dict[str, Any], datetime], object],
    *,
    heading: str,
    button: str,
    done: str = "",
    kind: str = "primary",
) -> HttpResponse:
    """Back to the session afterwards, with a message."""

    def do(given: dict[str, Any], now: datetime) -> HttpResponse:
        deed(given, now)
        if done:
            messages.success(request, done)
        return redirect("care:desk_session", found.pk)

    context = {"session": found, "page_heading": heading, "button": button, "kind": kind}
    return form_step(request, form, do, "care/desk_form.html", context)


def _led(request: DeskRequest, session_id: UUID) -> Session:
    """404 for who can't see it at all, 403 for who can't mend it."""
    try:
        found = queries.session_for(request.user, session_id)
    except Session.DoesNotExist:
        raise Http404 from None
    if not queries.led_by(request.user).filter(pk=found.pk).exists():
        raise PermissionDenied
    return found


def _late(request: DeskRequest, session_id: UUID, state: SessionState) -> Session:
    """A session of a past day in this state; anything else is none of these pages'."""
    found = _led(request, session_id)
    if found.date >= day_of(timezone.now()) or found.state != state:
        raise Http404
    return found
