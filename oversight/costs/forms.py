"""Filters of the cost summary: terms and districts that the reader may see."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from oversight.costs.queries import TermChoice
from oversight.costs.report import FLAGS, STATES
from tenants.models import Kind, Stage

ALL: Final = ("", _("全部"))
NOT_THERE: Final = {"invalid_choice": _("没有“%(value)s”，请从列表中选择。")}
NARROWING: Final = ("district", "stage", "kind", "school", "state", "flag")


class SummaryFilter(forms.Form):
    """All optional; what can't be used is an error in words at its field, and filters nothing."""

    term = forms.ChoiceField(label=_("学期"), required=False, error_messages=NOT_THERE)
    district = forms.ChoiceField(label=_("区县"), required=False, error_messages=NOT_THERE)
    stage = forms.ChoiceField(
        label=_("学段"), choices=[ALL, *Stage.choices], required=False, error_messages=NOT_THERE
    )
    kind = forms.ChoiceField(
        label=_("城乡"), choices=[ALL, *Kind.choices], required=False, error_messages=NOT_THERE
    )
    school = forms.CharField(label=_("学校名称或标识码"), max_length=80, required=False)
    state = forms.ChoiceField(
        label=_("数据状态"), choices=[ALL, *STATES.items()], required=False, error_messages=NOT_THERE
    )
    flag = forms.ChoiceField(
        label=_("比较结果"), choices=[ALL, *FLAGS.items()], required=False, error_messages=NOT_THERE
    )

    def __init__(
        self,
        data: Any,
        *,
        terms: list[TermChoice],
        districts: list[tuple[str, str]],
        default_term: str = "",
        **options: Any,
    ) -> None:
        """`data` as in the address; a term that is not given is the default one."""
        given = {name: data.get(name, "") for name in self.base_fields}
        super().__init__(given | {"term": given["term"] or default_term}, **options)
        self.fields["term"].choices = [(term.code, term.name) for term in terms]  # type: ignore[attr-defined]
        self.fields["district"].choices = [ALL, *districts]  # type: ignore[attr-defined]
        self.default_term = default_term

    @property
    def chosen_term(self) -> str:
        """The term that is shown: the default one where the wanted one is not there."""
        return str(self._usable().get("term") or self.default_term)

    @property
    def narrowing(self) -> dict[str, str]:
        """The filters besides the term."""
        return {name: str(value) for name, value in self._usable().items() if name in NARROWING and value}

    @property
    def in_words(self) -> list[tuple[str, str]]:
        """Name and value of the filters besides the term."""
        given = self.narrowing.items()
        return [
            (str(self.fields[name].label), str(self._choices(name).get(value, value)))
            for name, value in given
        ]

    def _choices(self, name: str) -> dict[str, Any]:
        return dict(getattr(self.fields[name], "choices", ()))

    def _usable(self) -> dict[str, Any]:
        self.is_valid()
        return self.cleaned_data
