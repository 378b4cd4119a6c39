"""Pages of the parents' committee: members, resolutions, the vote on a phone, seats."""

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from afterbell.accounts import by_code
from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.accounts.views import UserRequest
from afterbell.kernel.dates import local_date
from afterbell.kernel.errors import Refused
from afterbell.pages.tables import shown
from schools.committee import actions, queries, terms
from schools.committee.forms import ResolutionForm, SearchForm, SeatForm, VoteForm
from schools.committee.models import Choice, Office, Resolution, Seat, Subject
from schools.committee.states import ResolutionState
from schools.committee.tables import ResolutionTable
from schools.people import class_queries
from schools.people.word_asking import asking


@require_GET
@requires(Permission.COMMITTEE_READ)
def home(request: UserRequest) -> HttpResponse:
    """Members and resolutions, open votes first."""
    now = timezone.now()
    found = queries.in_list_order(queries.resolutions_for(request.user))
    context = {
        "members": queries.members(local_date(now)),
        "expired": queries.expired_seats(local_date(now)) if _keeps(request) else (),
        "without_child": queries.seats_of_nobodys_parent(local_date(now)) if _keeps(request) else (),
        "coming": queries.coming_seats(local_date(now)),
        "to_vote_on": queries.to_vote_on(request.user, now),
        "shut": by_code.in_words(request.user) if queries.is_shut_out(request.user) else "",
        "table": shown(ResolutionTable(found), request),
        "may_appoint": _keeps(request),
        "may_propose": request.user.has(Permission.MEETINGS_HOLD),
    }
    return render(request, "committee/home.html", context)


@requires(Permission.COMMITTEE_READ)
@require_http_methods(["GET", "POST"])
def resolution(request: UserRequest, resolution_id: UUID) -> HttpResponse:
    """One resolution on a phone: the text, my vote, what became of it. Who logged in by a code reads how to get there."""
    if queries.is_shut_out(request.user) and not queries.may_read(request.user, resolution_id):
        shut = {"shut": by_code.in_words(request.user), "back_url": reverse("committee:home")}
        return render(request, "committee/shut.html", shut, status=403)
    found = _resolution(request, resolution_id)
    form = VoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.vote(
            resolution=found, choice=Choice(form.cleaned_data["choice"]), by=request.user, now=timezone.now()
        )
        messages.success(request, _("已记下您的表决。"))
        return redirect("committee:resolution", found.pk)
    return render(
        request, "committee/resolution.html", _shown(request, found, form), status=400 if form.errors else 200
    )


@requires(Permission.MEETINGS_HOLD)
@require_http_methods(["GET", "POST"])
def close(request: UserRequest, resolution_id: UUID) -> HttpResponse:
    """The chair counts; asks first."""
    found = _resolution(request, resolution_id)
    if request.method == "POST":
        decided = actions.close_resolution(resolution=found, by=request.user, now=timezone.now())
        messages.success(
            request, _("表决已结束：%(state)s。") % {"state": ResolutionState(decided.state).label}
        )
        return redirect("committee:resolution", found.pk)
    if found.state != ResolutionState.OPEN:
        messages.info(request, str(actions.VoteIsOver(state=found.get_state_display())))
        return redirect("committee:resolution", found.pk)
    tally = queries.tally(found)
    context = {"resolution": found, "tally": tally, "would_pass": tally.passes(found.quorum)}
    return render(request, "committee/close.html", context)


@requires(Permission.MEETINGS_HOLD)
@require_http_methods(["GET", "POST"])
def propose(request: UserRequest) -> HttpResponse:
    """A resolution on the committee's own rules (S7)."""
    form = ResolutionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        committee = queries.school_committee()
        try:
            if committee is None:
                raise actions.NobodySeated
            with asking(form.cleaned_data.values(), by=request.user):
                made = actions.open_resolution(
                    committee=committee,
                    subject=Subject.RULES,
                    object_id=None,
                    by=request.user,
                    now=timezone.now(),
                    **form.cleaned_data,
                )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已提出，请委员表决。"))
            return redirect("committee:resolution", made.pk)
    return render(request, "committee/propose.html", {"form": form}, status=400 if form.errors else 200)


@requires(Permission.COMMITTEE_MANAGE)
@require_http_methods(["GET", "POST"])
def appoint(request: UserRequest) -> HttpResponse:
    """Find a parent, then seat this parent."""
    search = SearchForm(request.GET)
    wanted = search.cleaned_data["q"] if search.is_valid() else ""
    choices = queries.parents_to_choose(wanted)
    today = local_date(timezone.now())
    form = SeatForm(
        request.POST or None,
        guardians=choices,
        classes=class_queries.scopes(today),
        grades=class_queries.grades(today),
        initial={
            "from_date": today,
            "until_date": terms.usual_end(today),
        },
    )
    if request.method == "POST" and form.is_valid():
        try:
            seat = _appoint(request, form)
        except Refused as refusal:
            field = str(refusal.values.get("field"))
            form.add_error(field if field in form.fields else None, str(refusal))
        else:
            messages.success(request, _from_when(seat, today))
            return redirect("committee:home")
    context = {"search": search, "form": form, "wanted": wanted, "found": choices}
    return render(request, "committee/appoint.html", context, status=400 if form.errors else 200)


@requires(Permission.COMMITTEE_MANAGE)
@require_http_methods(["GET", "POST"])
def end(request: UserRequest, seat_id: UUID) -> HttpResponse:
    """Asks first."""
    try:
        seat = queries.seat(seat_id)
    except Seat.DoesNotExist:
        raise Http404 from None
    if request.method == "POST":
        actions.end_seat(seat=seat, by=request.user, now=timezone.now())
        messages.success(request, _("已办理离任，职务的权限已收回。"))
        return redirect("committee:home")
    return render(request, "committee/end.html", {"seat": seat, "back": reverse("committee:home")})


def _keeps(request: UserRequest) -> bool:
    return request.user.has(Permission.COMMITTEE_MANAGE)


def _resolution(request: UserRequest, resolution_id: UUID) -> Resolution:
    try:
        return queries.resolution_for(request.user, resolution_id)
    except Resolution.DoesNotExist:
        raise Http404 from None


def _shown(request: UserRequest, found: Resolution, form: VoteForm) -> dict[str, object]:
    seat = queries.seat_of(request.user, found.committee, local_date(timezone.now()))
    mine = queries.vote_of(seat, found) if seat else None
    is_open = found.state == ResolutionState.OPEN
    return {
        "resolution": found,
        "form": form,
        "seat": seat,
        "mine": mine,
        "tally": queries.tally(found),
        "why_void": queries.why_void(found),
        "is_open": is_open,
        "may_vote": is_open and seat is not None and mine is None,
        "may_close": is_open and request.user.has(Permission.MEETINGS_HOLD),
        "back_url": reverse("committee:home"),
    }


def _from_when(seat: Seat, today: date) -> str:
    if seat.from_date <= today:
        return _("已登记。职务的权限从现在起生效。")
    return _("已登记。职务的权限自 %(day)s 起生效。") % {"day": seat.from_date.isoformat()}


def _appoint(request: UserRequest, form: SeatForm) -> Seat:
    given, now = form.cleaned_data, timezone.now()
    committee = actions.found_committee(**form.level, by=request.user, now=now)
    return actions.appoint_seat(
        committee=committee,
        guardian=queries.parent(UUID(given["guardian"])),
        office=Office(given["office"]),
        from_date=given["from_date"],
        until_date=given["until_date"],
        by=request.user,
        now=now,
    )
