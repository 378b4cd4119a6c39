"""Forms of the books; money is typed in yuan and comes out in fen."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.dates import in_our_years
from afterbell.pages.fields import MoneyField
from schools.finance import queries
from schools.finance.models import Expenditure, Payment
from schools.planning.models import CostKind
from tenants.policies.documents import Policy

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
MOMENT = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class ChargeForm(forms.Form):
    """A period to charge."""

    period = forms.ChoiceField(label=_("收费期间"), help_text=_("已收过的家庭不会重复收费。"))

    def __init__(self, *args: Any, periods: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["period"].choices = periods  # type: ignore[attr-defined]


class WaiverForm(forms.Form):
    """A reason of the policy, and the amount where the policy names no share."""

    reason = forms.ChoiceField(label=_("减免原因"))
    amount = MoneyField(
        label=_("减免金额（元）"), required=False, help_text=_("政策规定了比例的原因不用填，按比例计算。")
    )

    def __init__(self, *args: Any, policy: Policy | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reasons = policy.waivers if policy else ()
        self.fields["reason"].choices = [("", _("请选择")), *((each.code, each.name) for each in reasons)]  # type: ignore[attr-defined]


class PaymentForm(forms.Form):
    """A payment that somebody keys in from the bank's list."""

    agreement = forms.CharField(label=_("协议编号"), max_length=20, help_text=_("缴费通知和协议上都有。"))
    amount = MoneyField(label=_("金额（元）"))
    provider_key = forms.CharField(
        label=_("支付流水号"),
        max_length=Payment._meta.get_field("provider_key").max_length,
        help_text=_("银行或支付机构给的编号。同一编号只入账一次。"),
    )
    paid_at = forms.DateTimeField(label=_("支付时间"), widget=MOMENT, validators=[in_our_years])

    def clean_agreement(self) -> Any:
        found = queries.agreement_by_number(self.cleaned_data["agreement"])
        if found is None:
            raise ValidationError(_("没有这个协议编号，请核对。"))
        return found


class ExpenditureForm(forms.Form):
    """Money asked for."""

    kind = forms.ChoiceField(label=_("类别"), choices=[("", _("请选择")), *CostKind.choices])
    title = forms.CharField(
        label=_("事由"),
        max_length=Expenditure._meta.get_field("title").max_length,
        help_text=_("会原样公示，请不要写学生姓名。场地、设备、水电免费，不得列支。"),
    )
    amount = MoneyField(label=_("金额（元）"))
    spent_date = forms.DateField(label=_("支出日期"), widget=DAY, validators=[in_our_years])


class ReasonForm(forms.Form):
    """Why not."""

    reason = forms.CharField(label=_("不批准的原因"), max_length=200, required=False)


class RowFilter(forms.Form):
    """Filters of the rows; nonsense filters nothing."""

    month = forms.CharField(label=_("月份"), max_length=7, required=False)
    kind = forms.ChoiceField(label=_("类别"), required=False)
    cost_kind = forms.ChoiceField(
        label=_("支出类别"), required=False, choices=[("", _("全部")), *CostKind.choices]
    )
    term = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", _("全部")), *queries.kinds()]  # type: ignore[attr-defined]
