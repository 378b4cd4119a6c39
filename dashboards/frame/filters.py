"""The filters of every dashboard: GET parameters of the contract → a Selection, with a sentence for what can't be."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from dashboards.frame.places import Places, TermPlace
from oversight.selection import Selection
from tenants.models import Kind, Stage

ALL: Final = ("", _("全部"))
FORM_ID: Final = "look"
TOP: Final = ("term", "district", "stage")
"""Shown in the top bar; they stay in the address from page to page."""


def _select(label: Any, wrong: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        required=False,
        error_messages={"invalid_choice": wrong},
        widget=forms.Select(attrs={"form": FORM_ID}),
    )


class Filters(forms.Form):
    """All optional. A value that can't be is an error at its field, and the page is shown without it."""

    term = _select(_("学期"), _("没有这个学期。现在显示的是当前学期。"))
    district = _select(_("区县"), _("没有这个区县，或不在您的权限范围内。现在显示您可以看的全部区县。"))
    stage = _select(_("学段"), _("没有这个学段。现在显示全部学段。"))
    kind = _select(_("城乡"), _("没有这个城乡类别。现在显示全部类别。"))
    school = forms.CharField(
        label=_("学校名称或标识码"),
        required=False,
        strip=True,
        widget=forms.TextInput(attrs={"form": FORM_ID, "autocomplete": "off", "maxlength": 80}),
    )
    first_month = _select(_("从"), _("这个月份不在所选学期内。现在显示整个学期。"))
    last_month = _select(_("到"), _("这个月份不在所选学期内。现在显示整个学期。"))

    names: Final = {"first_month": "from", "last_month": "to"}

    def __init__(
        self, data: Mapping[str, Any], *, places: Places, today: date, fields: tuple[str, ...]
    ) -> None:
        self.asked: dict[str, Any] = dict(data.items())
        super().__init__(self.asked, auto_id=f"{FORM_ID}_%s")
        self.places = places
        self.running = places.running(today)
        for name in set(self.fields) - {*TOP, *fields}:
            del self.fields[name]
        self._offer("term", [(term.code, term.name) for term in places.terms])
        self._offer("district", [("", _("全部区县")), *places.districts.items()])
        self._offer("stage", [("", _("全部学段")), *Stage.choices])
        self._offer("kind", [ALL, *Kind.choices])
        months = [(month, month) for month in self.chosen_term.months] if self.chosen_term else []
        self._offer("first_month", [ALL, *months])
        self._offer("last_month", [ALL, *months])
        if self.chosen_term:
            self.asked.setdefault("term", self.chosen_term.code)

    def add_prefix(self, field_name: str) -> str:
        """`from` and `to` are words of Python: in the address only."""
        return self.names.get(field_name, field_name)

    @property
    def chosen_term(self) -> TermPlace | None:
        """The term that was asked for, or the running one."""
        return self.places.term(str(self.data.get("term", ""))) or self.running

    def clean_school(self) -> str:
        code = str(self.cleaned_data["school"])
        if code and self.places.alike:
            raise forms.ValidationError(
                _("有几所学校符合：%(names)s。请写全名称。现在显示全部学校。"),
                params={"names": "、".join(self.places.alike)},
            )
        if code and not self.places.school:
            raise forms.ValidationError(_("没有这所学校，或不在您的权限范围内。现在显示全部学校。"))
        return (self.places.school_code or code) if code else ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("first_month"), cleaned.get("last_month")
        if first and last and first > last:
            self.add_error("last_month", _("“到”应不早于“从”。现在显示整个学期。"))
            cleaned["first_month"] = ""
        return cleaned

    def selection(self) -> Selection:
        """What is shown: the values that hold, and the defaults of those that do not."""
        self.is_valid()
        chosen = {name: str(value) for name, value in self.cleaned_data.items() if value}
        self._show_what_holds()
        if "first_month" in self.errors or "last_month" in self.errors:
            chosen.pop("first_month", None)
            chosen.pop("last_month", None)
        return Selection(**(chosen | {"term": self.chosen_term.code if self.chosen_term else ""}))

    def _show_what_holds(self) -> None:
        """A list shows the choice that is in force, beside the sentence about the one that can't be."""
        for name in self.errors:
            if isinstance(self.fields.get(name), forms.ChoiceField):
                self.asked[self.add_prefix(name)] = (
                    self.chosen_term.code if name == "term" and self.chosen_term else ""
                )

    def _offer(self, name: str, choices: list[tuple[Any, Any]]) -> None:
        if name in self.fields:
            self.fields[name].choices = choices  # type: ignore[attr-defined]
