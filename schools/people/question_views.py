"""The page of one question about an adult of a child, or a denial: a guardian answers, or the school decides."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.kernel.errors import Refused
from afterbell.pages.steps import sent
from schools.people import deciding, queries, refusals, staff_actions
from schools.people.doors import PeopleRequest, or_404
from schools.people.forms import AnswerForm


@require_http_methods(["GET", "POST"])
@requires(Permission.ACCOUNT_SELF)
def question(request: PeopleRequest, question_id: UUID) -> HttpResponse:
    """What is asked, by whom, and yes or no; an answered one says how."""
    found = or_404(queries.question_for, request.user, question_id)
    is_own = queries.signed_for(request.user).filter(pk=found.pupil_id).exists()
    now = timezone.now()
    is_decision = deciding.may_decide(found, request.user, now)
    form = AnswerForm(sent(request), with_reason=is_decision)
    if request.method == "POST" and form.is_valid():
        try:
            staff_actions.answer(
                question=found,
                is_yes=form.cleaned_data["answer"] == "yes",
                reason=form.cleaned_data.get("reason", ""),
                by=request.user,
                now=now,
            )
        except refusals.NotYourAnswer:
            raise
        except refusals.Answered as refusal:
            messages.warning(request, str(refusal))
            return redirect("people:question", found.pk)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已答复。"))
            return redirect("people:family") if is_own else redirect("people:pupil", found.pupil_id)
    context = {
        "question": found,
        "is_own": is_own,
        "is_staffs": queries.is_staffs(found.phone, found.name),
        "sees_why": is_own or queries.classes_of(request.user) is None,
        "whose": deciding.decider(found, now),
        "noes": [] if found.answered_at else deciding.noes_before(found),
        "deadlines": deciding.deadlines_of(found),
        "is_decision": is_decision,
        "form": form,
        "may_answer": deciding.may_answer(found, request.user, now),
        "back_url": reverse("people:family") if is_own else reverse("people:pupil", args=[found.pupil_id]),
    }
    return render(request, "people/question.html", context, status=400 if form.errors else 200)
