"""The page of a roster's questions: its filter, what was answered on it, and who an import has left out."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from schools.people.models import Pupil, RosterImport
from schools.people.roster import answers
from schools.people.roster.answers import Answer, Kind, Question
from schools.people.roster.leftovers import Why
from schools.people.roster.plans import Plan

FIELD: Final = "answer-"
"""Before the key of a question."""
ALL: Final = "all"
"""The button that answers everything that the filter shows."""


class AnswersFilter(forms.Form):
    """Which questions; nonsense in the address filters nothing."""

    kind = forms.ChoiceField(label=_("问题"), required=False)
    state = forms.ChoiceField(
        label=_("状态"),
        required=False,
        choices=[("", _("全部")), ("open", _("还没有答")), *Answer.choices],
    )
    school_class = forms.ChoiceField(label=_("班级"), required=False)

    def __init__(self, data: QueryDict, *, questions: Sequence[Question]) -> None:
        super().__init__(data)
        classes = dict.fromkeys(question.class_name for question in questions)
        self.fields["kind"].choices = [("", _("全部")), *answers.kinds(questions)]  # type: ignore[attr-defined]
        self.fields["school_class"].choices = [("", _("全部")), *((name, name) for name in classes)]  # type: ignore[attr-defined]
        self.full_clean()

    @property
    def one_kind(self) -> str:
        """The one kind that is shown; empty for all."""
        return str(self.cleaned_data.get("kind", ""))

    def chosen(self, plan: Plan) -> list[Question]:
        """In the order of the file."""
        state = self.cleaned_data.get("state", "")
        school_class = self.cleaned_data.get("school_class", "")
        return [
            question
            for question in plan.questions
            if (not self.one_kind or question.kind == self.one_kind)
            and (not school_class or question.class_name == school_class)
            and (not state or (plan.answers.get(question.key) or "open") == state)
        ]


def given(post: QueryDict, shown: Sequence[Question], *, kind: str) -> dict[str, str]:
    """Answers by the key of their question: of each row, or one for all that is shown. Others are not there.

    All at once goes for one kind at a time: what is true of the parents whom a child has is not true of strangers.
    """
    if (said := post.get(ALL, "")) in Answer.values:
        return {question.key: said for question in shown} if kind in Kind.values else {}
    words = {question.key: post.get(f"{FIELD}{question.key}") for question in shown}
    return {key: word for key, word in words.items() if word is not None and word in ("", *Answer.values)}


def query(got: QueryDict) -> str:
    """The filter without its page, for the links to other pages."""
    return urlencode([(name, value) for name, value in got.items() if name != "page"])


def left_out(done: RosterImport) -> list[dict[str, Any]]:
    """Who stood in the file and was not written, with the reason in words and the pupil where there is one."""
    numbers = {row["number"] for row in done.left_out}
    known = dict(Pupil.objects.filter(number__among=numbers).values_list("number", "pk")) if numbers else {}
    return [
        {**row, "reason": Why(row["why"]).label, "pupil_id": known.get(row["number"])}
        for row in done.left_out
    ]
