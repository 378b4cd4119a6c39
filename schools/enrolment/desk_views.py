"""Reviews by the school and by the parents' committee: the same pages for both sides, each with its own right.

There is no page here that begins an application: staff have no way to enrol a child (S1).
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.kernel.errors import Refused
from afterbell.pages.tables import shown
from schools.enrolment import actions, documents, news, others, queries, reviewing, supplement_queries
from schools.enrolment.apply_views import FamilyRequest as StaffRequest
from schools.enrolment.apply_views import sent
from schools.enrolment.forms import ApplicationFilter, ReviewForm, ticked
from schools.enrolment.models import Side
from schools.enrolment.places import Entrant
from schools.enrolment.states import ApplicationState
from schools.enrolment.tables import ApplicationTable, QueueTable
from schools.people.doors import or_404
from schools.people.models import Pupil


@dataclass(frozen=True)
class Place:
    """Where a side works."""

    side: Side
    listing: str
    page: str
    bulk: str
    supplements: str
    supplement: str


DESK = Place(
    Side.SCHOOL, "enrolment:desk", "enrolment:desk_application", "enrolment:desk_bulk",
    "enrolment:desk_supplements", "enrolment:desk_supplement",
)  # fmt: skip
COMMITTEE = Place(
    Side.COMMITTEE, "enrolment:committee", "enrolment:committee_application", "enrolment:committee_bulk",
    "enrolment:committee_supplements", "enrolment:committee_supplement",
)  # fmt: skip


def listing(place: Place) -> Callable[..., HttpResponseBase]:
    """The list with filters, sorting and pages; rows that this side still has to review can be ticked."""

    @require_GET
    @requires(Permission.ENROLMENT_READ)
    def page(request: StaffRequest) -> HttpResponse:
        form = ApplicationFilter(request.GET, classes=queries.class_choices(request.user))
        found = queries.application_list(request.user, **form.chosen)
        may_review = request.user.has(reviewing.REVIEWS[place.side])
        context = {
            "filter": form,
            "table": shown(
                ApplicationTable(found, side=place.side.value, page=place.page, may_tick=may_review), request
            ),
            "place": place,
            "bulk_url": reverse(place.bulk),
            "clear_url": reverse(place.listing),
            "supplements_url": reverse(place.supplements),
            "may_review": may_review,
        }
        return render(request, "enrolment/desk_list.html", context)

    return page


def one(place: Place) -> Callable[..., HttpResponseBase]:
    """One application, and this side's decision."""

    @require_http_methods(["GET", "POST"])
    @requires(Permission.ENROLMENT_READ)
    def page(request: StaffRequest, application_id: UUID) -> HttpResponse:
        found = or_404(queries.staff_application, request.user, application_id)
        form = ReviewForm(sent(request))
        if request.method == "POST" and form.is_valid():
            try:
                row = actions.review(
                    application=found,
                    side=place.side,
                    is_approval=form.cleaned_data["decision"] == "yes",
                    reason=form.cleaned_data["reason"],
                    by=request.user,
                    now=timezone.now(),
                )
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                state = ApplicationState(row.state).label
                messages.success(request, _("已记录。申请现在的状态：%(state)s。") % {"state": state})
                return redirect(place.page, found.pk)
        context = {
            "application": found,
            "agreement": getattr(found, "agreement", None),
            "form": form,
            "back": reverse(place.listing),
            "supplements": supplement_queries.under(found),
            **decision(found, found.pupil, place, request.user),
        }
        return render(request, "enrolment/desk_application.html", context, status=400 if form.errors else 200)

    return page


def decision(found: Entrant, pupil: Pupil, place: Place, user: User) -> dict[str, object]:
    """What a page shows of a side's decision about an application or a supplement: whether it can be said here and by whom
    else, and what the family was told. `is_own`, of the queries: whether the child is the reader's."""
    told, is_own = news.latest(found), getattr(found, "is_own", False)
    is_open = (
        user.has(reviewing.REVIEWS[place.side])
        and all(row.side != place.side for row in found.reviews.all())
        and found.state == ApplicationState.SUBMITTED  # of both, by the same word
    )
    return {
        "place": place,
        "told": told,
        "reach": news.reached(told) if told else None,
        "own": others.in_words(pupil, place.side, user) if is_open and is_own else "",
        "may_review": is_open and not is_own,
    }


def bulk(place: Place) -> Callable[..., HttpResponseBase]:
    """Approve the ticked ones: first asks, with the names; then all or none."""
    permission = reviewing.REVIEWS[place.side]

    @require_POST
    @requires(permission)
    def page(request: StaffRequest) -> HttpResponse:
        found = queries.chosen_for_review(request.user, ticked(request.POST), place.side)
        if not found:
            messages.warning(request, _("请先勾选要审核的申请。"))
            return redirect(place.listing)
        if request.POST.get("confirmed") != "yes":
            context = {"applications": found, "place": place, "back": reverse(place.listing)}
            return render(request, "enrolment/desk_bulk.html", context)
        count = actions.approve_many(applications=found, side=place.side, by=request.user, now=timezone.now())
        said = ngettext("已同意 %(n)s 份申请。", "已同意 %(n)s 份申请。", count)
        messages.success(request, said % {"n": count})
        return redirect(place.listing)

    return page


@require_GET
@requires(Permission.ENROLMENT_READ)
def waiting(request: StaffRequest) -> HttpResponse:
    """The queue, in its order."""
    table = shown(QueueTable(supplement_queries.line(request.user)), request)
    return render(request, "enrolment/desk_waiting.html", {"table": table})


@require_GET
@requires(Permission.ENROLMENT_READ)
def form_pdf(request: StaffRequest, application_id: UUID) -> HttpResponse:
    """The form as it was signed, to print and file."""
    found = or_404(queries.staff_application, request.user, application_id)
    return documents.of_application(found, request.school)


@require_GET
@requires(Permission.ENROLMENT_READ)
def agreement_pdf(request: StaffRequest, agreement_id: UUID) -> HttpResponse:
    """The agreement as it was signed."""
    found = or_404(queries.staff_agreement, request.user, agreement_id)
    return documents.of_agreement(found, request.school)
