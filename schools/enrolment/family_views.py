"""A family's applications: where they stand, what comes next, withdrawing, leaving, the documents."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.kernel.errors import Refused
from schools.enrolment import actions, documents, further, queries, supplement_queries
from schools.enrolment.apply_views import FamilyRequest, sent
from schools.enrolment.forms import ExitForm
from schools.enrolment.models import Agreement, Application
from schools.enrolment.states import AgreementState, ApplicationState
from schools.people.doors import or_404


@require_GET
@requires(Permission.ENROLMENT_APPLY)
def applications(request: FamilyRequest) -> HttpResponse:
    """All of the family's, newest first."""
    found = queries.of_family(request.user).order_by("-submitted_at", "-pk")[:50]
    return render(request, "enrolment/family_list.html", {"applications": found})


@require_GET
@requires(Permission.ENROLMENT_APPLY)
def application(request: FamilyRequest, application_id: UUID) -> HttpResponse:
    """The number, the state, what happens next and when."""
    found = _application(request, application_id)
    waits = found.state in (ApplicationState.WAITING, ApplicationState.APPROVED)
    queue = queries.queue_places(found) if waits else []
    agreement = getattr(found, "agreement", None)
    context = {
        "application": found,
        "agreement": agreement,
        "supplements": supplement_queries.under(found) if agreement else [],
        "may_add": agreement is not None and bool(further.choosable(agreement, timezone.now())),
        "has_part": found.state == ApplicationState.APPROVED and bool(queue),
        "refusals": [row for row in found.reviews.all() if not row.is_approval],
        "approvals": {row.side: row for row in found.reviews.all() if row.is_approval},
        "queue": queue,
        "may_withdraw": found.state in (ApplicationState.SUBMITTED, ApplicationState.WAITING),
        "may_exit": agreement is not None
        and agreement.state == AgreementState.ACTIVE
        and agreement.until_date >= timezone.localdate(),
    }
    return render(request, "enrolment/family_application.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.ENROLMENT_WITHDRAW)
def withdraw(request: FamilyRequest, application_id: UUID) -> HttpResponse:
    """Asks first."""
    found = _application(request, application_id)
    if request.method == "POST":
        actions.withdraw(application=found, by=request.user, now=timezone.now())
        messages.success(request, _("申请已撤回。"))
        return redirect("enrolment:application", found.pk)
    return render(request, "enrolment/family_withdraw.html", {"application": found})


@require_http_methods(["GET", "POST"])
@requires(Permission.ENROLMENT_WITHDRAW)
def stop_waiting(request: FamilyRequest, application_id: UUID) -> HttpResponse:
    """Asks first, with what waits and what stays."""
    found = _application(request, application_id)
    if request.method == "POST":
        actions.stop_waiting(application=found, by=request.user, now=timezone.now())
        messages.success(request, _("候补的活动已撤回，已有名额的活动不变。"))
        return redirect("enrolment:application", found.pk)
    return render(request, "enrolment/family_stop_waiting.html", {"application": found})


@require_http_methods(["GET", "POST"])
@requires(Permission.ENROLMENT_WITHDRAW)
def leave(request: FamilyRequest, agreement_id: UUID) -> HttpResponse:
    """书面退出: from tomorrow."""
    found = _agreement(request, agreement_id)
    form = ExitForm(sent(request))
    if request.method == "POST" and form.is_valid():
        try:
            actions.exit_agreement(
                agreement=found, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now()
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已办理退出。"))
            return redirect("enrolment:application", found.application_id)
    context = {"agreement": found, "form": form, "today": timezone.localdate()}
    return render(request, "enrolment/family_exit.html", context, status=400 if form.errors else 200)


@require_GET
@requires(Permission.ENROLMENT_APPLY)
def form_pdf(request: FamilyRequest, application_id: UUID) -> HttpResponse:
    """《学生在校托管服务申请表》 to print."""
    return documents.of_application(_application(request, application_id), request.school)


@require_GET
@requires(Permission.ENROLMENT_APPLY)
def agreement_pdf(request: FamilyRequest, agreement_id: UUID) -> HttpResponse:
    """《学生在校托管服务协议》."""
    return documents.of_agreement(_agreement(request, agreement_id), request.school)


def _application(request: FamilyRequest, application_id: UUID) -> Application:
    return or_404(queries.family_application, request.user, application_id)


def _agreement(request: FamilyRequest, agreement_id: UUID) -> Agreement:
    return or_404(queries.family_agreement, request.user, agreement_id)
