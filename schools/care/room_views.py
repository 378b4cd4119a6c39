"""Pages of rooms: registered, changed, and sessions that move to another room (S2, S34)."""

from collections.abc import Collection
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.kernel.errors import Refused
from afterbell.pages.tables import shown
from schools.care import queries, refusals, room_actions, room_queries
from schools.care.forms import MoveForm, RoomForm, SpanForm
from schools.care.models import Room, Session
from schools.care.roll import day_of
from schools.care.states import SessionState
from schools.care.tables import RoomTable
from schools.people.word_asking import asking
from schools.staffing.views import DeskRequest
from tenants.exchange.names import NamesAChild


@require_GET
@requires(Permission.ROOMS_MANAGE)
def rooms(request: DeskRequest) -> HttpResponse:
    """S2, S34."""
    return render(request, "care/rooms.html", {"table": shown(RoomTable(room_queries.rooms()), request)})


@requires(Permission.ROOMS_MANAGE)
@require_http_methods(["GET", "POST"])
def room(request: DeskRequest, room_id: UUID | None = None) -> HttpResponse:
    """Register a room, or change one; what is planned in it, and the step that moves it elsewhere."""
    kept = _room(room_id) if room_id else None
    initial = {"name": kept.name, "places": kept.places, "condition": kept.condition} if kept else None
    form = RoomForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            room_actions.keep_room(room=kept, **form.cleaned_data, by=request.user, now=timezone.now())
        except room_actions.RoomKnown as refusal:
            form.add_error("name", str(refusal))
        except room_actions.RoomTooSmall as refusal:
            form.add_error("places", str(refusal))
        except room_actions.RoomInUse as refusal:
            form.add_error("condition", str(refusal))
        else:
            messages.success(request, _("场地已保存。"))
            return redirect("care:rooms")
    planned = room_queries.planned_in(kept, timezone.localdate()).count() if kept else 0
    context = {
        "form": form,
        "room": kept,
        "planned": planned,
        "page_heading": kept.name if kept else _("登记场地"),
    }
    return render(request, "care/room.html", context, status=400 if form.errors else 200)


@requires(Permission.ROOMS_MANAGE)
@require_http_methods(["GET", "POST"])
def move_all(request: DeskRequest, room_id: UUID) -> HttpResponse:
    """Everything planned in a room in some days, in one step: a pipe that broke, a room that is painted."""
    here = _room(room_id)
    today = timezone.localdate()
    planned = list(room_queries.planned_in(here, today).order_by("date", "starts_at", "pk"))
    if not planned:
        messages.info(request, _("这个场地今后没有排服务。"))
        return redirect("care:room", room_id)
    span = SpanForm(request.GET or {"first": planned[0].date, "last": planned[-1].date})
    days = span.cleaned_data if span.is_valid() else {}
    first, last = days.get("first") or planned[0].date, days.get("last") or planned[-1].date
    chosen = [row for row in planned if first <= row.date <= last]
    return _move(
        request,
        chosen,
        here=here,
        span=span,
        heading=_("“%(room)s”的服务改到别的场地") % {"room": here.name},
        back=reverse("care:room", args=[room_id]),
    )


@requires(Permission.ROOMS_MANAGE)
@require_http_methods(["GET", "POST"])
def move_one(request: DeskRequest, session_id: UUID) -> HttpResponse:
    """One session on one day."""
    try:
        found = queries.session_for(request.user, session_id)
    except Session.DoesNotExist:
        raise Http404 from None
    if found.state != SessionState.PLANNED or found.date < day_of(timezone.now()):
        raise Http404
    said = {"date": found.date, "title": found.activity.title}
    return _move(
        request,
        [found],
        here=found.room,
        span=None,
        heading=_("%(date)s “%(title)s”换场地") % said,
        back=reverse("care:desk_session", args=[session_id]),
    )


def _move(
    request: DeskRequest,
    chosen: Collection[Session],
    *,
    here: Room,
    span: SpanForm | None,
    heading: str,
    back: str,
) -> HttpResponse:
    """Asks where to and why, for the sessions that the page shows; what is sent names them."""
    form = MoveForm(request.POST or None, rooms=room_queries.rooms_for(chosen, but=here), sessions=chosen)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            with asking([said["reason"]], by=request.user):
                told = room_actions.move_sessions(
                    sessions=said["sessions"],
                    to=said["to"],
                    reason=said["reason"],
                    by=request.user,
                    now=timezone.now(),
                )
        except (NamesAChild, refusals.NoReason) as refusal:
            form.add_error("reason", str(refusal))
        except Refused as refusal:
            form.add_error("to", str(refusal))
        else:
            note = ngettext("已改场地，已通知 %(n)s 位家长。", "已改场地，已通知 %(n)s 位家长。", told)
            messages.success(request, note % {"n": told})
            return redirect(back)
    context = {
        "form": form,
        "span": span,
        "chosen": chosen,
        "here": here,
        "back": back,
        "page_heading": heading,
    }
    return render(request, "care/move.html", context, status=400 if form.errors else 200)


def _room(room_id: UUID) -> Room:
    try:
        return room_queries.room(room_id)
    except Room.DoesNotExist:
        raise Http404 from None
