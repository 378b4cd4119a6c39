"""Forms of the books; money is typed in yuan and comes out in fen."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.dates import in_our_years
from afterbell.kernel.money import Fen
from afterbell.pages.fields import MoneyField
from schools.finance import payers, queries, statements
from schools.finance.ledger import BIGGEST
from schools.finance.models import Expenditure, Payment, Waiver
from schools.finance.spending import BY_PAY_SHEET, Item, Payee, PayeeKind
from schools.finance.states import ReversalReason, WaiverState
from schools.planning.models import CostKind
from schools.staffing.models import Contract
from tenants.models import Provider
from tenants.policies.documents import Policy

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
MOMENT = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class ChargeForm(forms.Form):
    """A period to charge."""

    period = forms.ChoiceField(
        label=_("收费期间"), help_text=_("同一个孩子的同一天只收一次，不论叫什么期间。")
    )

    def __init__(self, *args: Any, periods: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["period"].choices = periods  # type: ignore[attr-defined]


class WaiverForm(forms.Form):
    """A reason of the policy, the proof, and the amount where the policy names no share."""

    reason = forms.ChoiceField(label=_("减免原因"))
    proof = forms.CharField(
        label=_("证明材料"),
        max_length=Waiver._meta.get_field("proof").max_length,
        help_text=_("什么证明、编号、谁在什么时候核对过原件。"),
    )
    amount = MoneyField(
        label=_("减免金额（元）"),
        required=False,
        help_text=_("政策规定了比例的原因请不要填，按比例计算；其他原因必须填。"),
    )

    def __init__(self, *args: Any, policy: Policy | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reasons = policy.waivers if policy else ()
        self.fields["reason"].choices = [("", _("请选择")), *((each.code, each.name) for each in reasons)]  # type: ignore[attr-defined]


class AbsenceForm(forms.Form):
    """A period that is over, to look at absences in."""

    period = forms.ChoiceField(label=_("缺勤期间"), help_text=_("本学期内已经结束、收过费的期间。"))

    def __init__(self, *args: Any, periods: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["period"]
        field.choices = [("", _("请选择")), *periods]  # type: ignore[attr-defined]
        field.error_messages |= {
            "required": _("请选择要计算缺勤的期间。"),
            "invalid_choice": _("“%(value)s”不是可以计算缺勤的期间：要在本学期内，收过费，并且已经结束。"),
        }


class WithdrawalForm(forms.Form):
    """Why a granted waiver was wrong."""

    reason = forms.CharField(label=_("撤回原因"), max_length=200, help_text=_("家长会看到。"))


class WaiverFilter(forms.Form):
    """Filters of the waivers; nonsense shows the open ones."""

    state = forms.ChoiceField(label=_("状态"), choices=[*WaiverState.choices, ("all", _("全部"))])
    term = forms.CharField(required=False, widget=forms.HiddenInput)


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
    seen_owed = forms.CharField(label=_("待缴金额"), required=False, widget=forms.HiddenInput)
    """What the family owed, in fen, when the person was asked whether more than that had come in; nonsense was not seen."""

    def clean_seen_owed(self) -> Fen | None:
        try:
            seen = int(self.cleaned_data["seen_owed"][:20])
        except ValueError:
            return None
        return Fen(seen) if abs(seen) <= BIGGEST else None

    def clean_agreement(self) -> Any:
        found = queries.agreement_by_number(self.cleaned_data["agreement"])
        if found is None:
            raise ValidationError(_("没有这个协议编号，请核对。"))
        return found


class SearchForm(forms.Form):
    """Who paid; what one may search by depends on what one may see."""

    q = forms.CharField(
        required=False, widget=forms.TextInput(attrs={"type": "search", "maxlength": payers.LONGEST})
    )
    term = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, by_name: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        numbers = _("协议编号、收据编号、支付流水号")
        named = _("学生、班级、家长电话（至少后四位）、协议编号、收据编号、支付流水号")
        self.fields["q"].label = named if by_name else numbers


class ExpenditureForm(forms.Form):
    """Money asked for: an item of the list, and somebody who may be paid for it."""

    item = forms.ChoiceField(label=_("项目"))
    title = forms.CharField(
        label=_("事由"),
        max_length=Expenditure._meta.get_field("title").max_length,
        help_text=_("会原样公示，请不要写学生姓名。场地、设备、水电免费，不得列支。"),
    )
    amount = MoneyField(label=_("金额（元）"))
    spent_date = forms.DateField(label=_("支出日期"), widget=DAY, validators=[in_our_years])
    payee = forms.ChoiceField(label=_("收款方"))
    payee_name = forms.CharField(
        label=_("商家名称"),
        max_length=Expenditure._meta.get_field("payee").max_length,
        required=False,
        help_text=_("购买物品时填写，与发票或收据一致。"),
    )

    key = forms.CharField(label=_("页面编号"), widget=forms.HiddenInput, required=False)
    """Of the page, signed: sent twice it is one request."""

    def __init__(
        self,
        *args: Any,
        items: list[Item],
        contracts: Iterable[Contract],
        providers: Iterable[Provider],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        people = [(f"contract:{each.pk}", f"{each.candidate.name}（{each.number}）") for each in contracts]
        known = [(f"provider:{each.pk}", each.name) for each in providers]
        self.fields["item"].choices = [  # type: ignore[attr-defined]
            ("", _("请选择")),
            *(
                (kind.label, [(each.code, each.name) for each in items if each.kind == kind])
                for kind in CostKind
                if any(each.kind == kind for each in items)
            ),
        ]
        self.fields["payee"].choices = [  # type: ignore[attr-defined]
            ("", _("请选择")),
            (PayeeKind.STAFF.label, [("sheet", _("按课时费表（多人）")), *people]),
            (PayeeKind.SUPPLIER.label, [("supplier", _("商家，请在下面填写名称"))]),
            *([(PayeeKind.PROVIDER.label, known)] if known else []),
        ]

    def clean_title(self) -> str:
        """A title of signs that nobody sees is none."""
        title = statements.one_line(self.cleaned_data["title"])
        if not title:
            raise ValidationError(_("请填写事由。"))
        return title

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        name = statements.one_line(given.pop("payee_name", ""))
        what, _colon, key = given.get("payee", "").partition(":")
        if name and what and what != "supplier":
            self.add_error("payee_name", _("收款方不是商家，请清空商家名称，或者把收款方改为商家。"))
        if what == "supplier":
            if not name and not self.has_error("payee_name"):
                self.add_error("payee_name", _("请填写商家名称。"))
            given["payee"] = Payee(PayeeKind.SUPPLIER, name)
        elif what == "contract":
            given["payee"] = Payee(PayeeKind.STAFF, contract_id=UUID(key))
        elif what == "provider":
            given["payee"] = Payee(PayeeKind.PROVIDER, provider_id=UUID(key))
        elif what == "sheet":
            given["payee"] = BY_PAY_SHEET
        return given


class ReasonForm(forms.Form):
    """Why something is undone or ended."""

    reason = forms.CharField(label=_("原因"), max_length=200, required=False)


class WaiverDecisionForm(forms.Form):
    """Why a waiver is not granted: the family reads it, too."""

    reason = forms.CharField(
        label=_("不批准的原因"),
        max_length=200,
        required=False,
        help_text=_("不批准时必填，申请人和家长会看到。"),
    )


class ReversalForm(forms.Form):
    """Why a row of the books is undone."""

    reason = forms.ChoiceField(label=_("冲正原因"), choices=[("", _("请选择")), *ReversalReason.choices])
    note = forms.CharField(
        label=_("说明"),
        max_length=200,
        required=False,
        help_text=_("例如哪一天、凭什么单据。会记在账上，不能修改；请不要写学生姓名。"),
    )


class DecisionForm(forms.Form):
    """Why, or why not."""

    reason = forms.CharField(
        label=_("理由"),
        max_length=200,
        required=False,
        help_text=_("不批准时必填，申请人会看到。有提示词时，批准也要写明理由。"),
    )


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
