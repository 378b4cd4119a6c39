"""A family asks for one more activity under its agreement: which, then read and sign; where it stands; taking it back."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.kernel.errors import Refused
from schools.enrolment import (
    devices,
    documents,
    further,
    queries,
    signing,
    supplement_actions,
    supplement_queries,
    supplement_wording,
)
from schools.enrolment.apply_views import FamilyRequest, sent
from schools.enrolment.forms import FurtherForm, SignatureForm
from schools.enrolment.models import Agreement, Supplement
from schools.enrolment.refusals import AlreadyChosen, OnlyGuardians, TextChanged
from schools.enrolment.states import SUPPLEMENT_IN_LINE, SupplementState
from schools.enrolment.supplement_wording import Further
from schools.people.doors import or_404
from schools.planning.models import Activity


@never_cache
@require_http_methods(["GET", "POST"])
@requires(Permission.ENROLMENT_APPLY)
def choose(request: FamilyRequest, agreement_id: UUID) -> HttpResponse:
    """Step 1: what the child could have beside what it has."""
    agreement = or_404(queries.family_agreement, request.user, agreement_id)
    found = further.choosable(agreement, timezone.now())
    form = FurtherForm(sent(request), found=found)
    if request.method == "POST" and form.is_valid():
        return redirect("enrolment:further_sign", agreement.pk, form.cleaned_data["activity"])
    page = render(
        request,
        "enrolment/further_choose.html",
        {"agreement": agreement, "form": form, "found": found},
        status=400 if form.errors else 200,
    )
    return devices.remember(request, page)


@never_cache
@require_http_methods(["GET", "POST"])
@requires(Permission.ENROLMENT_APPLY)
def sign(request: FamilyRequest, agreement_id: UUID, activity_id: UUID) -> HttpResponse:
    """Step 2: a few sentences, the whole text one tap away, the signature; then it is sent."""
    agreement = or_404(queries.family_agreement, request.user, agreement_id)
    wanted = _further(request, agreement, activity_id)
    form = SignatureForm(sent(request), guardian_name=wanted.guardian.name)
    if request.method == "GET":
        try:
            further.refuse_over(agreement, timezone.now())
            further.refuse_choice(agreement, wanted.activity)
        except AlreadyChosen as refusal:
            return _first(request, agreement, refusal)
        except Refused as refusal:
            messages.warning(request, str(refusal))
            return redirect("enrolment:further", agreement.pk)
    elif form.is_valid():
        try:
            made = supplement_actions.submit_supplement(
                school=request.school,
                agreement=agreement,
                activity=wanted.activity,
                signature=form.cleaned_data["signature"],
                read_sha256=request.POST.get("sha256", ""),
                device=devices.digest(request),
                by=request.user,
                now=timezone.now(),
            )
        except AlreadyChosen as refusal:
            return _first(request, agreement, refusal)
        except TextChanged as refusal:
            wanted = _further(
                request, or_404(queries.family_agreement, request.user, agreement_id), activity_id
            )
            form.add_error(None, str(refusal))
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("补充申请已提交。"))
            return redirect("enrolment:supplement", made.pk)
    context = {
        "agreement": agreement,
        "activity": wanted.activity,
        "form": form,
        "text": supplement_wording.text(wanted),
        "summary": supplement_wording.summary(wanted),
        "width": signing.WIDTH,
        "height": signing.HEIGHT,
    }
    return render(request, "enrolment/further_sign.html", context, status=400 if form.errors else 200)


@require_GET
@requires(Permission.ENROLMENT_APPLY)
def one(request: FamilyRequest, supplement_id: UUID) -> HttpResponse:
    """The number, the state, what happens next."""
    found = _supplement(request, supplement_id)
    reviews = list(found.reviews.all())
    context = {
        "supplement": found,
        "application": found.application,
        "refusals": [row for row in reviews if not row.is_approval],
        "approvals": {row.side: row for row in reviews if row.is_approval},
        "queue": supplement_queries.queue_places(found) if found.state == SupplementState.WAITING else [],
        "may_withdraw": found.state in SUPPLEMENT_IN_LINE,
    }
    return render(request, "enrolment/supplement.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.ENROLMENT_WITHDRAW)
def withdraw(request: FamilyRequest, supplement_id: UUID) -> HttpResponse:
    """Asks first."""
    found = _supplement(request, supplement_id)
    if request.method == "POST":
        supplement_actions.withdraw_supplement(supplement=found, by=request.user, now=timezone.now())
        messages.success(request, _("补充申请已撤回，已签的协议不变。"))
        return redirect("enrolment:supplement", found.pk)
    return render(request, "enrolment/supplement_withdraw.html", {"supplement": found})


@require_GET
@requires(Permission.ENROLMENT_APPLY)
def form_pdf(request: FamilyRequest, supplement_id: UUID) -> HttpResponse:
    """《课后服务补充申请表》 to print."""
    return documents.of_supplement(_supplement(request, supplement_id), request.school)


def _supplement(request: FamilyRequest, supplement_id: UUID) -> Supplement:
    return or_404(supplement_queries.family_supplement, request.user, supplement_id)


def _further(request: FamilyRequest, agreement: Agreement, activity_id: UUID) -> Further:
    """Of the agreement's plan; anything else is not there."""
    guardian = queries.guardian_of(request.user, agreement.pupil)
    if guardian is None:
        raise OnlyGuardians
    activity = or_404(_activity, agreement, activity_id)
    return Further(request.school, agreement, guardian, activity)


def _first(request: FamilyRequest, agreement: Agreement, refusal: AlreadyChosen) -> HttpResponse:
    """Two taps, or an old page, lead to what stands already."""
    messages.info(request, str(refusal))
    if refusal.supplement_id is None:
        return redirect("enrolment:application", agreement.application_id)
    return redirect("enrolment:supplement", refusal.supplement_id)


def _activity(agreement: Agreement, activity_id: UUID) -> Activity:
    found: Activity = agreement.plan.activities.get(pk=activity_id)
    return found
