"""Pages of questions about words: the list, one question with its answer, and a text that somebody asks about."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.kernel.errors import Refused
from afterbell.pages.steps import sent
from schools.people import word_actions, word_queries
from schools.people.doors import PeopleRequest, or_404

MOST_SHOWN = 200


class TextForm(forms.Form):
    """A text that is to go out."""

    text = forms.CharField(
        label=gettext_lazy("要核对的文字"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "公示或上报时被提示有学生姓名、其实不是的，把原文贴在这里，由另一位有权的人核对。"
        ),
    )


class WordAnswerForm(forms.Form):
    """It may stand or not, and why."""

    answer = forms.ChoiceField(
        label=gettext_lazy("核对结果"),
        widget=forms.RadioSelect,
        choices=[("fine", gettext_lazy("可以使用")), ("not", gettext_lazy("不能使用，请改写"))],
    )
    reason = forms.CharField(
        label=gettext_lazy("理由"),
        max_length=200,
        help_text=gettext_lazy("例如“安康路是校区所在的路名”。记入记录；方案中的核对随报备报给教育局。"),
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.NOTICES_WRITE)
def words(request: PeopleRequest) -> HttpResponse:
    """What waits and what was answered; a text to ask about."""
    form = TextForm(sent(request))
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        if word_actions.ask_about_text(text=text, by=request.user, now=timezone.now()):
            messages.success(request, _("已列入核对，请由另一位有权的人答复。"))
            return redirect("people:words")
        form.add_error("text", _("这段文字里没有本校学生的姓名，可以直接使用。"))
    context = {
        "form": form,
        "questions": word_queries.questions_for(request.user)[:MOST_SHOWN],
        "may_answer": request.user.has(Permission.PLAN_FILE),
        "sees_names": request.user.has(Permission.PUPILS_READ),
    }
    return render(request, "people/words.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires(Permission.PLAN_FILE)
def word(request: PeopleRequest, question_id: UUID) -> HttpResponse:
    """One question, and the answer of somebody else than who asked."""
    found = or_404(word_queries.question_for, request.user, question_id)
    form = WordAnswerForm(sent(request))
    if request.method == "POST" and form.is_valid():
        try:
            word_actions.answer(
                question=found,
                is_fine=form.cleaned_data["answer"] == "fine",
                reason=form.cleaned_data["reason"],
                by=request.user,
                now=timezone.now(),
            )
        except Refused as refusal:
            form.add_error("reason", str(refusal))
        else:
            messages.success(request, _("已答复。"))
            return redirect("people:words")
    context = {"question": found, "form": form, "is_own": word_actions.wrote(found, request.user)}
    return render(request, "people/word.html", context, status=400 if form.errors else 200)
