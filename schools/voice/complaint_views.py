"""Pages of complaints: a family's own, and the school's list with its answers."""

from uuid import UUID

from django.contrib import messages
from django.core.signing import BadSignature
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.kernel import signing
from afterbell.kernel.errors import Refused
from afterbell.kernel.ids import uuid7
from afterbell.pages.tables import shown
from schools.people.doors import or_404
from schools.voice import complaint_actions, complaint_queries, letters, refusals
from schools.voice.forms import AnswerForm, ComplaintFilter, ComplaintForm
from schools.voice.models import Addressee, Complaint
from schools.voice.states import ComplaintState
from schools.voice.survey_views import VoiceRequest, sent
from schools.voice.tables import ComplaintTable

PURPOSE = "voice.complaint"
ONE_DAY = 24 * 3600


@require_GET
@requires(Permission.COMPLAINTS_MAKE)
def own(request: VoiceRequest) -> HttpResponse:
    """A family's complaints, to the school and to the bureau, newest first."""
    found = complaint_queries.of_family(request.user).order_by("-submitted_at", "-pk")[:50]
    context = {"complaints": found, "letters": letters.own(request.user)[:50]}
    return render(request, "voice/own_complaints.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.COMPLAINTS_MAKE)
def new(request: VoiceRequest) -> HttpResponse:
    """The page carries a signed key: sent twice it is one complaint."""
    form = ComplaintForm(sent(request), initial={"key": signing.sign(str(uuid7()), purpose=PURPOSE)})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        to_bureau = given["addressee"] == Addressee.BUREAU
        submit = letters.submit if to_bureau else complaint_actions.complain
        try:
            made = submit(
                school=request.school,
                key=_key(given["key"]),
                wanted=form.wanted(),
                by=request.user,
                now=timezone.now(),
            )
            return redirect("voice:own_letter" if to_bureau else "voice:own_complaint", made.pk)
        except refusals.NobodyCouldAnswer as refusal:
            form.add_error("addressee", str(refusal))
        except Refused as refusal:
            form.add_error(None, str(refusal))
    return render(request, "voice/complaint_new.html", {"form": form}, status=400 if form.errors else 200)


@require_GET
@requires(Permission.COMPLAINTS_MAKE)
def own_one(request: VoiceRequest, complaint_id: UUID) -> HttpResponse:
    """Number, deadline, answer, what may come next."""
    found = _own(request, complaint_id)
    is_late = found.state == ComplaintState.OPEN and found.due_at < timezone.now()
    context = {
        "complaint": found,
        "envelope": complaint_queries.at_the_bureau(found),
        "may_close": found.state == ComplaintState.ANSWERED,
        "may_escalate": found.state == ComplaintState.ANSWERED or is_late,
    }
    return render(request, "voice/own_complaint.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.COMPLAINTS_MAKE)
def close(request: VoiceRequest, complaint_id: UUID) -> HttpResponse:
    """Asks first."""
    found = _own(request, complaint_id)
    if request.method == "POST":
        complaint_actions.close(complaint=found, by=request.user, now=timezone.now())
        messages.success(request, _("投诉已办结。"))
        return redirect("voice:own_complaint", found.pk)
    return render(request, "voice/complaint_close.html", {"complaint": found})


@require_http_methods(["GET", "POST"])
@requires(Permission.COMPLAINTS_MAKE)
def escalate(request: VoiceRequest, complaint_id: UUID) -> HttpResponse:
    """Asks first."""
    found = _own(request, complaint_id)
    if request.method == "POST":
        complaint_actions.escalate(
            complaint=found, school=request.school, by=request.user, now=timezone.now()
        )
        messages.success(request, _("已上报教育局。"))
        return redirect("voice:own_complaint", found.pk)
    return render(request, "voice/complaint_escalate.html", {"complaint": found})


@require_GET
@requires(Permission.COMPLAINTS_READ)
def complaints(request: VoiceRequest) -> HttpResponse:
    """What waits for an answer first."""
    form = ComplaintFilter(request.GET)
    chosen = form.cleaned_data if form.is_valid() else {}
    table = shown(ComplaintTable(complaint_queries.complaints(request.user, **chosen)), request)
    return render(request, "voice/complaints.html", {"filter": form, "table": table})


@require_http_methods(["GET", "POST"])
@requires(Permission.COMPLAINTS_READ)
def one(request: VoiceRequest, complaint_id: UUID) -> HttpResponse:
    """One complaint, and the school's answer."""
    found = or_404(complaint_queries.complaint, request.user, complaint_id)
    is_passed_on = found.addressee == Addressee.BUREAU
    form = AnswerForm(sent(request), to_bureau=is_passed_on)
    if request.method == "POST" and form.is_valid():
        try:
            complaint_actions.answer(
                complaint=found, text=form.cleaned_data["text"], by=request.user, now=timezone.now()
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            told = _("回复已提交，教育局可以看到。") if is_passed_on else _("答复已提交，家长可以看到。")
            messages.success(request, told)
            return redirect("voice:complaint", found.pk)
    context = {
        "complaint": found,
        "form": form,
        "is_passed_on": is_passed_on,
        "envelope": complaint_queries.at_the_bureau(found),
        "is_late": found.state == ComplaintState.OPEN and found.due_at < timezone.now(),
        "may_answer": request.user.has(Permission.COMPLAINTS_ANSWER)
        and found.state in complaint_queries.TO_ANSWER,
    }
    return render(request, "voice/complaint.html", context, status=400 if form.errors else 200)


def _own(request: VoiceRequest, complaint_id: UUID) -> Complaint:
    return or_404(complaint_queries.family_complaint, request.user, complaint_id)


def _key(signed: str) -> UUID:
    """A page from yesterday, or one that somebody changed, gets a key of its own."""
    try:
        return UUID(signing.unsign(signed, purpose=PURPOSE, max_age=ONE_DAY))
    except BadSignature:
        return uuid7()
