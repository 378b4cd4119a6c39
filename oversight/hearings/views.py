"""Pages of the complaints' desk: the list, one complaint, receive, pass on, answer, close."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.accounts.views import UserRequest
from afterbell.kernel.dates import local_date
from afterbell.kernel.errors import Refused
from afterbell.pages.tables import shown
from oversight.cases.queries import district_choices
from oversight.hearings.forms import AnswerForm, ComplaintFilter, PassingForm
from oversight.hearings.tables import ComplaintTable
from tenants.letterbox import actions, queries, refusals
from tenants.letterbox.models import Accused, BureauComplaint, Origin
from tenants.letterbox.states import WAITING, LetterState
from tenants.letterbox.words import timeline

SCHOOL_HAS = timedelta(days=5)
"""What the form suggests."""
AT_FIELD = {
    refusals.TellsWhoItIs: "text",
    refusals.NoText: "text",
    refusals.LookAgain: "why_fine",
    refusals.NameIsWithheld: "named",
    refusals.NobodyLeft: "accused",
    refusals.StaysAccused: "accused",
    refusals.TooSoon: "due_date",
}


@require_GET
@requires(Permission.COMPLAINTS_HANDLE)
def complaints(request: UserRequest) -> HttpResponse:
    """Unanswered ones first; filters, sorting and pages in the address."""
    now = timezone.now()
    form = ComplaintFilter(request.GET, districts=district_choices(request.user))
    found = queries.narrowed(queries.complaints_for(request.user), now=now, **form.chosen())
    table = shown(ComplaintTable(queries.waiting_first(found), now=now), request)
    return render(request, "hearings/complaints.html", {"table": table, "filter": form})


@require_GET
@requires(Permission.COMPLAINTS_HANDLE)
def complaint(request: UserRequest, complaint_id: UUID) -> HttpResponse:
    """Who says what of whom, what was done, and what may be done."""
    return _page(request, _complaint(request, complaint_id))


@require_POST
@requires(Permission.COMPLAINTS_HANDLE)
def receive(request: UserRequest, complaint_id: UUID) -> HttpResponse:
    """Received once; who comes second is told so."""
    found = _complaint(request, complaint_id)
    actions.receive(complaint=found, by=request.user, now=timezone.now())
    messages.success(request, _("已受理，家长会看到。"))
    return redirect("hearings:complaint", found.pk)


@require_http_methods(["GET", "POST"])
@requires(Permission.COMPLAINTS_HANDLE)
def pass_on(request: UserRequest, complaint_id: UUID) -> HttpResponse:
    """With the family's words where it may be named, otherwise in the bureau's own."""
    found, now = _complaint(request, complaint_id), timezone.now()
    at_first = {
        "named": "no", "accused": found.accused, "accused_name": "",
        "text": found.text if found.may_name else "", "due_date": local_date(now + SCHOOL_HAS),
    }  # fmt: skip
    form = PassingForm(request.POST or None, initial=at_first, complaint=found)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            given = form.cleaned_data
            try:
                actions.pass_on(
                    complaint=found, text=given["text"], is_named=given["named"] == "yes",
                    accused=Accused(given["accused"]), accused_name=given["accused_name"], due_at=form.due_at,
                    why_fine=given["why_fine"], by=request.user, now=now,
                )  # fmt: skip
            except Refused as refusal:
                form.add_error(AT_FIELD.get(type(refusal)), str(refusal))
                status = refusal.status
            else:
                messages.success(request, _("已交转学校核实。转不出去的会退回这里，并写明原因。"))
                return redirect("hearings:complaint", found.pk)
    return render(request, "hearings/pass_on.html", {"complaint": found, "form": form}, status=status)


@require_POST
@requires(Permission.COMPLAINTS_HANDLE)
def answer(request: UserRequest, complaint_id: UUID) -> HttpResponse:
    """What was typed is kept when somebody was faster."""
    found, form, status = _complaint(request, complaint_id), AnswerForm(request.POST), 400
    if form.is_valid():
        try:
            actions.answer(
                complaint=found, text=form.cleaned_data["text"], by=request.user, now=timezone.now()
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
            found, status = _complaint(request, complaint_id), refusal.status
        else:
            messages.success(request, _("已答复，家长会看到。"))
            return redirect("hearings:complaint", found.pk)
    return _page(request, found, form, status)


@require_http_methods(["GET", "POST"])
@requires(Permission.COMPLAINTS_HANDLE)
def close(request: UserRequest, complaint_id: UUID) -> HttpResponse:
    """Asks first."""
    found = _complaint(request, complaint_id)
    if request.method == "POST":
        actions.close(complaint=found, by=request.user, now=timezone.now())
        messages.success(request, _("投诉已办结。"))
        return redirect("hearings:complaint", found.pk)
    return render(request, "hearings/close.html", {"complaint": found})


def _page(
    request: UserRequest, found: BureauComplaint, form: AnswerForm | None = None, status: int = 200
) -> HttpResponse:
    now, state = timezone.now(), LetterState(found.state)
    steps = queries.steps_of(found)
    officers = {step.by_id for step in steps if step.by_id}
    names = dict(User.objects.filter(pk__in=officers).values_list("pk", "name"))
    until = actions.objection_until(found)
    may_answer = state in WAITING and state != LetterState.OPEN
    context = {
        "complaint": found,
        "passings": queries.passings_of(found),
        "timeline": timeline(steps, names),
        "is_late": state in WAITING and found.due_at < now,
        "may_receive": state == LetterState.OPEN,
        "may_pass_on": found.origin == Origin.DIRECT
        and state in (LetterState.RECEIVED, LetterState.RETURNED)
        and found.accused not in (Accused.LEADERS, Accused.BUREAU),
        "keeps_it": found.accused in (Accused.LEADERS, Accused.BUREAU),
        "may_close": state == LetterState.ANSWERED and (until is None or now >= until),
        "closes_at": until if state == LetterState.ANSWERED else None,
        "form": (form or AnswerForm()) if may_answer or form else None,
        "now": now,
    }
    return render(request, "hearings/complaint.html", context, status=status)


def _complaint(request: UserRequest, complaint_id: UUID) -> BureauComplaint:
    try:
        return queries.complaint_for(request.user, complaint_id)
    except BureauComplaint.DoesNotExist:
        raise Http404 from None
