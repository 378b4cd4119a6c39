"""Reviews of supplements by the two sides: a list, and a page with the decision. Staff begin none (S1)."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.kernel.errors import Refused
from afterbell.pages.tables import shown
from schools.enrolment import documents, queries, supplement_actions, supplement_queries
from schools.enrolment.apply_views import FamilyRequest as StaffRequest
from schools.enrolment.apply_views import sent
from schools.enrolment.desk_views import Place, decision
from schools.enrolment.forms import ReviewForm, SupplementFilter
from schools.enrolment.states import SupplementState
from schools.enrolment.tables import SupplementTable
from schools.people.doors import or_404


def listing(place: Place) -> Callable[..., HttpResponseBase]:
    """The list with filters, sorting and pages."""

    @require_GET
    @requires(Permission.ENROLMENT_READ)
    def page(request: StaffRequest) -> HttpResponse:
        form = SupplementFilter(request.GET, classes=queries.class_choices(request.user))
        found = supplement_queries.supplement_list(request.user, **form.chosen)
        context = {
            "filter": form,
            "table": shown(SupplementTable(found, page=place.supplement), request),
            "place": place,
            "clear_url": reverse(place.supplements),
            "back": reverse(place.listing),
        }
        return render(request, "enrolment/supplement_list.html", context)

    return page


def one(place: Place) -> Callable[..., HttpResponseBase]:
    """One supplement, and this side's decision."""

    @require_http_methods(["GET", "POST"])
    @requires(Permission.ENROLMENT_READ)
    def page(request: StaffRequest, supplement_id: UUID) -> HttpResponse:
        found = or_404(supplement_queries.staff_supplement, request.user, supplement_id)
        form = ReviewForm(sent(request))
        if request.method == "POST" and form.is_valid():
            try:
                row = supplement_actions.review_supplement(
                    supplement=found,
                    side=place.side,
                    is_approval=form.cleaned_data["decision"] == "yes",
                    reason=form.cleaned_data["reason"],
                    by=request.user,
                    now=timezone.now(),
                )
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                state = SupplementState(row.state).label
                messages.success(request, _("已记录。补充申请现在的状态：%(state)s。") % {"state": state})
                return redirect(place.supplement, found.pk)
        context = {
            "supplement": found,
            "application": found.application,
            "form": form,
            "back": reverse(place.supplements),
            "application_url": reverse(place.page, args=[found.application_id]),
            **decision(found, found.application.pupil, place, request.user),
        }
        return render(request, "enrolment/supplement_desk.html", context, status=400 if form.errors else 200)

    return page


@require_GET
@requires(Permission.ENROLMENT_READ)
def form_pdf(request: StaffRequest, supplement_id: UUID) -> HttpResponse:
    """As it was signed, to print and file."""
    found = or_404(supplement_queries.staff_supplement, request.user, supplement_id)
    return documents.of_supplement(found, request.school)
