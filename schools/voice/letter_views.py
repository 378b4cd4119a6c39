"""A family's pages of a complaint to the bureau: where it stands, more words, not content, content."""

from collections.abc import Callable
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
from schools.people.doors import or_404
from schools.voice import letters
from schools.voice.forms import WordsForm
from schools.voice.survey_views import VoiceRequest, sent
from tenants.letterbox.states import WAITING, LetterState
from tenants.letterbox.words import timeline


@require_GET
@requires(Permission.COMPLAINTS_MAKE)
def own_one(request: VoiceRequest, complaint_id: UUID) -> HttpResponse:
    """Number, deadline, everything that happened, what may come next."""
    found = or_404(letters.whole, request.user, complaint_id)
    letters.look(complaint=found.complaint, now=timezone.now())
    context = {
        "whole": found,
        "complaint": found.complaint,
        "timeline": timeline(found.steps, {}),
        "may_add": found.complaint.state in WAITING,
        "may_end": found.complaint.state == LetterState.ANSWERED,
    }
    return render(request, "voice/own_letter.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.COMPLAINTS_MAKE)
def add(request: VoiceRequest, complaint_id: UUID) -> HttpResponse:
    """More words, while the bureau is at it."""
    page = {"title": _("补充情况"), "button": _("提交补充"), "hint": _("教育局会看到，学校看不到。")}
    return _with_words(request, complaint_id, letters.add, page, told=_("已补充，教育局会看到。"))


@require_http_methods(["GET", "POST"])
@requires(Permission.COMPLAINTS_MAKE)
def again(request: VoiceRequest, complaint_id: UUID) -> HttpResponse:
    """Not content with the answer."""
    page = {
        "title": _("请教育局再办"),
        "button": _("请教育局再办"),
        "hint": _("请写明哪里没有解决。教育局会重新核实，答复期限重新计算。"),
    }
    return _with_words(request, complaint_id, letters.reopen, page, told=_("已请教育局再办。"))


@require_http_methods(["GET", "POST"])
@requires(Permission.COMPLAINTS_MAKE)
def close(request: VoiceRequest, complaint_id: UUID) -> HttpResponse:
    """Asks first."""
    found = or_404(letters.one, request.user, complaint_id)
    if request.method == "POST":
        letters.close(complaint=found, by=request.user, now=timezone.now())
        messages.success(request, _("投诉已办结。"))
        return redirect("voice:own_letter", found.pk)
    return render(request, "voice/letter_close.html", {"complaint": found})


def _with_words(
    request: VoiceRequest, complaint_id: UUID, deed: Callable[..., None], page: dict[str, str], *, told: str
) -> HttpResponse:
    """What was typed is kept when the deed is refused."""
    found = or_404(letters.one, request.user, complaint_id)
    form, status = WordsForm(sent(request)), 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                deed(complaint=found, text=form.cleaned_data["text"], by=request.user, now=timezone.now())
            except Refused as refusal:
                form.add_error(None, str(refusal))
                status = refusal.status
            else:
                messages.success(request, told)
                return redirect("voice:own_letter", found.pk)
    context = {"complaint": found, "form": form, **page}
    return render(request, "voice/letter_words.html", context, status=status)
