"""Forms of the register: filters, an approval, the reason of taking one back."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tenants.models import District, Provider
from tenants.providers import credit_codes

ALL = ("", _("全部"))
WHOLE_CITY = ("", _("全市"))
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
STATES = [("running", _("核准期内")), ("over", _("已到期")), ("revoked", _("已撤销"))]


def _most(field: str) -> Any:
    return Provider._meta.get_field(field).max_length  # type: ignore[union-attr]  # text, no relation


class ProviderFilter(forms.Form):
    """All optional; an unknown choice is an error in words, and filters nothing."""

    name = forms.CharField(label=_("机构名称或信用代码"), max_length=60, required=False)
    state = forms.ChoiceField(label=_("状态"), choices=[ALL, *STATES], required=False)

    def chosen(self) -> dict[str, str]:
        """What can be used."""
        self.is_valid()
        return {name: str(value) for name, value in self.cleaned_data.items() if value}


class ProviderForm(forms.Form):
    """An approval; an officer of one district approves for that district."""

    name = forms.CharField(label=_("机构名称"), max_length=_most("name"), help_text=_("与营业执照一致。"))
    credit_code = forms.CharField(label=_("统一社会信用代码"), max_length=40)
    services = forms.CharField(
        label=_("服务内容"),
        max_length=_most("services"),
        help_text=_("例如“足球、篮球训练”。学科类培训不予核准。"),
    )
    district = forms.ChoiceField(label=_("适用范围"), required=False)
    approved_from_date = forms.DateField(label=_("核准自"), widget=DAY)
    approved_until_date = forms.DateField(label=_("核准至"), widget=DAY)
    decision_number = forms.CharField(label=_("核准文号"), max_length=_most("decision_number"))

    def __init__(self, *args: Any, districts: list[District], is_whole_city: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_code = {each.code: each for each in districts}
        first = [WHOLE_CITY] if is_whole_city else []
        field = self.fields["district"]
        field.choices = [*first, *((each.code, each.name) for each in districts)]  # type: ignore[attr-defined]
        field.required = not is_whole_city

    def clean_credit_code(self) -> str:
        code = credit_codes.plain(self.cleaned_data["credit_code"])
        if not credit_codes.holds(code):
            raise ValidationError(
                _("这不是有效的统一社会信用代码，请核对营业执照（18 位，最后一位是校验码）。")
            )
        return code

    def clean_district(self) -> District | None:
        return self.by_code.get(self.cleaned_data["district"])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        first, last = given.get("approved_from_date"), given.get("approved_until_date")
        if first and last and last < first:
            self.add_error("approved_until_date", _("截止日期不能早于开始日期。"))
        return given


class RevokeForm(forms.Form):
    """Why an approval is taken back."""

    reason = forms.CharField(
        label=_("撤销原因"),
        max_length=_most("revoke_reason"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("学校会看到。不要写学生和家长的姓名。"),
    )
