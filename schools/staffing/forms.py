"""Forms of staffing: a candidate, a check, a contract, a dismissal, the filters of the list."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.fields import PhoneField
from afterbell.kernel.dates import in_our_years
from afterbell.kernel.money import Fen, format_fen
from afterbell.pages.fields import MoneyField
from schools.staffing import clearing, organisations, queries
from schools.staffing.models import Candidate, CheckKind, Origin
from schools.staffing.refusals import Organisation
from tenants.policies.documents import Policy

MOST_PAY: Final = Fen(1_000_000)
"""For one class hour: more is a slip of the hand."""


class DateInput(forms.DateInput):
    """The browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class CandidateForm(forms.Form):
    """A person of one of the three kinds (S16)."""

    name = forms.CharField(
        label=_("姓名"), max_length=60, help_text=_("请填写个人姓名。公司、机构不能受聘。")
    )
    phone = PhoneField()
    origin = forms.ChoiceField(label=_("来源"), choices=Origin.choices, widget=forms.RadioSelect)
    skills = forms.CharField(label=_("专长"), max_length=120, required=False)

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if organisations.looks_like_one(name):
            raise forms.ValidationError(str(Organisation(name=name)))
        return name

    def clean_origin(self) -> Origin:
        return Origin(self.cleaned_data["origin"])


class CheckForm(forms.Form):
    """Result, date, number and expiry of a check; there is no field for the record itself (S17)."""

    kind = forms.ChoiceField(label=_("核查项目"), choices=CheckKind.choices)
    passed = forms.TypedChoiceField(
        label=_("结果"),
        choices=[("yes", _("合格")), ("no", _("不合格"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    checked_date = forms.DateField(label=_("核查日期"), widget=DateInput, validators=[in_our_years])
    expires_date = forms.DateField(
        label=_("有效期至"),
        widget=DateInput,
        validators=[in_our_years],
        required=False,
        help_text=_("不填则按现行政策计算。"),
    )
    document_number = forms.CharField(
        label=_("证明编号"), max_length=60, help_text=_("只登记编号，不上传证明原件，也不填写犯罪记录内容。")
    )
    consented = forms.BooleanField(label=_("本人已同意学校和家委会核查"))

    def __init__(self, *args: Any, candidate: Candidate, policy: Policy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.candidate, self.policy = candidate, policy
        required = queries.required_checks(policy, candidate)
        names = "、".join(str(CheckKind(kind).label) for kind in required)
        self.fields["kind"].help_text = _("现行政策要求：%(names)s。") % {"names": names}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        expires, checked = cleaned.get("expires_date"), cleaned.get("checked_date")
        if expires and checked and cleaned.get("kind"):
            months = queries.validity_months(self.policy, self.candidate, cleaned["kind"])
            latest = clearing.expiry(checked, validity_months=months)
            if not checked < expires <= latest:
                said = _("有效期应晚于核查日期，并且按政策最迟到 %(latest)s。")
                self.add_error("expires_date", said % {"latest": latest})
        return cleaned


class ContractForm(forms.Form):
    """Days and pay; the rest of the text stands fast (S18)."""

    from_date = forms.DateField(label=_("聘期自"), widget=DateInput, validators=[in_our_years])
    until_date = forms.DateField(label=_("聘期至"), widget=DateInput, validators=[in_our_years])
    pay = MoneyField(label=_("每课时报酬（元）"))

    def __init__(self, *args: Any, namesakes: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if namesakes:
            said = _(
                "本校已有同名账号：%(who)s。如果是同一个人，请不要勾选，先在“账号和角色”里把手机号登记到那个账号。"
            ) % {"who": "；".join(namesakes)}
            self.fields["is_another_person"] = forms.BooleanField(
                label=_("不是同一个人"), help_text=said, required=False
            )

    def clean_pay(self) -> Fen:
        pay: Fen = self.cleaned_data["pay"]
        if not 0 < pay <= MOST_PAY:
            said = _("请填写每课时的报酬，例如 55.00，最多 %(most)s。")
            raise forms.ValidationError(said, params={"most": format_fen(MOST_PAY)})
        return pay

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("from_date"), cleaned.get("until_date")
        if first and last and last < first:
            self.add_error("until_date", _("结束日期不能早于开始日期。"))
        return cleaned


class DismissalForm(forms.Form):
    """S19."""

    reason = forms.CharField(label=_("解聘原因"), max_length=200, widget=forms.Textarea({"rows": 3}))


class StaffFilter(forms.Form):
    """Filters of the list; nonsense in the address filters nothing."""

    search = forms.CharField(label=_("姓名、手机号或专长"), max_length=60, required=False)
    standing = forms.ChoiceField(label=_("状态"), required=False)
    origin = forms.ChoiceField(label=_("来源"), required=False, choices=[("", _("全部")), *Origin.choices])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = [(code, word) for code, (_colour, word) in queries.STANDINGS.items()]
        self.fields["standing"].choices = [("", _("全部")), *words]  # type: ignore[attr-defined]
