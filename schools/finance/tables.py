"""Lists of the books. Amounts are right-aligned, the unit stands in the header."""

from collections.abc import Collection, Mapping
from typing import Any, ClassVar
from urllib.parse import urlencode
from uuid import UUID

import django_tables2
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.money import Fen
from afterbell.pages import cells, values
from afterbell.pages.tables import NumberColumn
from afterbell.pages.tables import Table as AnyTable
from schools.finance import accounts
from schools.finance.models import (
    Account,
    Charge,
    ChargeRun,
    Expenditure,
    Payment,
    Refund,
    Share,
    Transfer,
    TransferKind,
    Waiver,
)
from schools.finance.runs import Line
from schools.finance.states import ExpenditureState, RefundState, WaiverState
from schools.notices.news import Reach
from schools.planning.models import CostKind

YUAN = _("元")
REFUND_LOOK = {"draft": "quiet", "issued": "now", "confirmed": "good", "failed": "bad"}
WAIVER_LOOK = {"requested": "now", "granted": "good", "refused": "quiet", "withdrawn": "bad"}
EXPENDITURE_LOOK = {"requested": "now", "approved": "good", "refused": "quiet"}


class Table(AnyTable):
    """The clerk and the treasurer work through these lists, on phones too."""

    stacks = True


def account_word(account: Account) -> str:
    """An account in words; a family by its agreement's number, never by a name."""
    if account.agreement is not None:
        return str(_("家庭 %(number)s")) % {"number": account.agreement.number}
    if account.code == accounts.CASH:
        return str(_("资金"))
    if account.code == accounts.FEES:
        return str(_("服务收费"))
    return str(CostKind(account.code.removeprefix(accounts.COST)).label)


def reach_word(reach: Reach) -> str:
    """How many families have read it, of how many; who has to be told on paper."""
    said = _("%(read)s / %(families)s 户")
    paper = _("%(read)s / %(families)s 户（%(nobody)s 户没有能登录的家长，请书面告知）")
    given = {"read": reach.read, "families": reach.families, "nobody": reach.nobody}
    return str(paper if reach.nobody else said) % given


class _OfChild(Table):
    """Names of children are for those who may see pupils."""

    def __init__(self, *args: Any, with_names: bool = False, **options: Any) -> None:
        hidden = () if with_names else ("child",)
        super().__init__(*args, exclude=(*options.pop("exclude", ()), *hidden), **options)

    def render_child(self, record: Any) -> str:
        pupil = record.agreement.pupil
        return f"{pupil.name}（{pupil.school_class.name}）"


def _child() -> django_tables2.Column:
    return django_tables2.Column(
        verbose_name=_("学生"), accessor="agreement__pupil__name", order_by=("agreement__pupil__name", "id")
    )


def _number() -> django_tables2.Column:
    return django_tables2.Column(
        verbose_name=_("协议编号"), accessor="agreement__number", order_by=("agreement__number", "id")
    )


class TransferTable(Table):
    """Rows of the books."""

    caption = _("记账")
    empty_title = _("没有符合条件的记账")
    empty_text_long = _("请放宽筛选条件。")

    position = NumberColumn(_("序号"), order_by=("position",))
    posted_at = django_tables2.DateTimeColumn(
        verbose_name=_("时间"), order_by=("posted_at", "id"), format="Y-m-d H:i"
    )
    month = django_tables2.Column(verbose_name=_("月份"), order_by=("month", "id"))
    kind = django_tables2.Column(verbose_name=_("类别"), order_by=("kind", "id"))
    debit = django_tables2.Column(verbose_name=_("借"), orderable=False)
    credit = django_tables2.Column(verbose_name=_("贷"), orderable=False)
    amount_fen = NumberColumn(_("金额"), unit=YUAN, order_by=("amount_fen", "id"))
    undo = django_tables2.Column(verbose_name=_("办理"), empty_values=(), orderable=False)

    class Meta(Table.Meta):
        order_by: ClassVar = ("-position",)

    def __init__(self, *args: Any, may_pay: bool, **kwargs: Any) -> None:
        """`may_pay`: whether this person acts for who holds the money, and undoes a receipt."""
        super().__init__(*args, **kwargs)
        undone = (TransferKind.PAYMENT, TransferKind.EXPENDITURE)
        self.undone = undone if may_pay else undone[1:]

    def render_kind(self, record: Transfer) -> SafeString | str:
        """A reversal with why."""
        why = "：".join(each for each in (record.get_reason_display(), record.note) if each)
        if not why:
            return record.get_kind_display()
        return format_html('{}<br><span class="ab-muted">{}</span>', record.get_kind_display(), why)

    def render_debit(self, record: Transfer) -> str:
        return account_word(record.debit)

    def render_credit(self, record: Transfer) -> str:
        return account_word(record.credit)

    def render_amount_fen(self, value: int) -> str:
        return cells.yuan(value)

    def render_undo(self, record: Any) -> SafeString | str | Promise:
        if record.is_reversed:
            return _("已冲正")
        if record.kind not in self.undone:
            return values.NOT_APPLICABLE
        return format_html('<a href="{}">{}</a>', reverse("finance:reverse", args=[record.pk]), _("冲正"))


class ChargeTable(_OfChild):
    """What families were charged."""

    caption = _("应收")
    empty_title = _("还没有收费")
    empty_text_long = _("收费公示发布、协议签订之后，选择期间即可开具。")

    number = _number()
    child = _child()
    period = django_tables2.Column(verbose_name=_("期间"), order_by=("period", "id"))
    units = NumberColumn(_("数量"), order_by=("units", "id"))
    gross_fen = NumberColumn(_("标准金额"), unit=YUAN, order_by=("gross_fen", "id"))
    cap_fen = NumberColumn(_("封顶"), unit=YUAN, order_by=("cap_fen", "id"))
    waived_fen = NumberColumn(_("减免"), unit=YUAN, order_by=("waived_fen", "id"))
    net = NumberColumn(_("应缴"), unit=YUAN, orderable=False)
    waive = django_tables2.Column(verbose_name=_("办理"), empty_values=(), orderable=False)

    class Meta(Table.Meta):
        order_by: ClassVar = ("-period", "number")

    def render_gross_fen(self, value: int) -> str:
        return cells.yuan(value)

    def render_cap_fen(self, value: int | None) -> str:
        return values.NOT_APPLICABLE if value is None else cells.yuan(value)

    def render_waived_fen(self, value: int) -> str:
        return cells.yuan(value)

    def render_net(self, record: Charge) -> str:
        return cells.yuan(record.gross_fen - record.waived_fen)

    def render_waive(self, record: Charge) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("finance:charge", args=[record.pk]), _("查看"))


class WaiverTable(_OfChild):
    """What was asked for, and what became of it."""

    caption = _("减免")
    empty_title = _("没有这样的减免")
    empty_text_long = _("在“应收”里打开一笔费用，写明原因和证明材料即可申请。")

    number = django_tables2.Column(
        verbose_name=_("协议编号"),
        accessor="charge__agreement__number",
        order_by=("charge__agreement__number", "id"),
    )
    child = django_tables2.Column(
        verbose_name=_("学生"),
        accessor="charge__agreement__pupil__name",
        order_by=("charge__agreement__pupil__name", "id"),
    )
    period = django_tables2.Column(
        verbose_name=_("期间"), accessor="charge__period", order_by=("charge__period", "id")
    )
    reason = django_tables2.Column(verbose_name=_("减免原因"), order_by=("reason", "id"))
    proof = django_tables2.Column(verbose_name=_("证明材料"), orderable=False)
    requested_by = django_tables2.Column(verbose_name=_("申请人"), orderable=False)
    state = django_tables2.Column(verbose_name=_("状态"), order_by=("state", "id"))
    see = django_tables2.Column(verbose_name=_("办理"), empty_values=(), orderable=False)

    class Meta(Table.Meta):
        order_by: ClassVar = ("period", "number")

    def __init__(self, *args: Any, reasons: Mapping[str, str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.reasons = reasons

    def render_child(self, record: Waiver) -> str:
        pupil = record.charge.agreement.pupil
        return f"{pupil.name}（{pupil.school_class.name}）"

    def render_reason(self, value: str) -> str:
        return self.reasons.get(value, value)

    def render_state(self, record: Waiver) -> SafeString:
        return cells.badge(WAIVER_LOOK[record.state], str(WaiverState(record.state).label))

    def render_see(self, record: Waiver) -> SafeString:
        url = reverse("finance:charge", args=[record.charge_id])
        return format_html('<a href="{}">{}</a>', url, _("查看"))


class PayerTable(Table):
    """Families that a search found, with what they owe; the link fills the form."""

    caption = _("找到的家庭")
    empty_title = _("没有找到")
    empty_text_long = _("请核对姓名、班级、电话或编号，或者换一个学期。")

    number = django_tables2.Column(verbose_name=_("协议编号"), order_by=("number",))
    child = django_tables2.Column(
        verbose_name=_("学生"), accessor="pupil__name", order_by=("pupil__name", "id")
    )
    school_class = django_tables2.Column(
        verbose_name=_("班级"),
        accessor="pupil__school_class__name",
        order_by=("pupil__school_class__name", "id"),
    )
    owed_fen = NumberColumn(_("待缴"), unit=YUAN, order_by=("owed_fen", "id"))
    record = django_tables2.Column(verbose_name=_("办理"), empty_values=(), orderable=False)

    class Meta(Table.Meta):
        order_by: ClassVar = ("number",)

    def __init__(
        self, *args: Any, with_names: bool, may_record: bool, term_code: str, **options: Any
    ) -> None:
        hidden = (*(() if with_names else ("child", "school_class")), *(() if may_record else ("record",)))
        super().__init__(*args, exclude=hidden, prefix="f-", **options)
        self.term_code = term_code

    def render_owed_fen(self, value: int) -> str:
        return cells.yuan(value)

    def render_record(self, record: Any) -> SafeString:
        given = {"term": self.term_code, "agreement": record.number}
        if record.owed_fen > 0:
            given["amount"] = cells.yuan(record.owed_fen).replace(",", "")
        url = f"{reverse('finance:payments')}?{urlencode(given)}"
        return format_html('<a href="{}">{}</a>', url, _("登记收款"))


class RunTable(Table):
    """Runs of charging; the latest first."""

    caption = _("开具记录")
    empty_title = _("还没有开具过")
    empty_text_long = _("选择期间、看过预览并确认之后，每次开具会列在这里。")

    period = django_tables2.Column(verbose_name=_("期间"), orderable=False)
    families = NumberColumn(_("户数"), orderable=False)
    total_fen = NumberColumn(_("合计"), unit=YUAN, orderable=False)
    posted_at = django_tables2.DateTimeColumn(verbose_name=_("时间"), format="Y-m-d H:i", orderable=False)
    posted_by = django_tables2.Column(verbose_name=_("经办"), accessor="posted_by__name", orderable=False)
    read = django_tables2.Column(verbose_name=_("家长已读"), empty_values=(), orderable=False)
    undo = django_tables2.Column(verbose_name=_("办理"), empty_values=(), orderable=False)

    def __init__(
        self, *args: Any, reached: Mapping[UUID, Reach], held: Collection[UUID] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.reached = reached
        self.held = held
        """Runs that somebody has paid for: there is no way to take them back."""

    def render_total_fen(self, value: int) -> str:
        return cells.yuan(value)

    def render_read(self, record: ChargeRun) -> str:
        return reach_word(self.reached[record.pk])

    def render_undo(self, record: ChargeRun) -> SafeString | str:
        if record.taken_back_at:
            return str(_("已撤回"))
        if record.pk in self.held:
            return str(_("不能整批撤回"))
        address = reverse("finance:take_back", args=[record.pk])
        return format_html('<a href="{}">{}</a>', address, _("撤回"))


class LineTable(_OfChild):
    """What a run would charge, and what it would give back at once to who has left: a column where somebody has."""

    caption = _("将要收费的家庭")

    number = django_tables2.Column(verbose_name=_("协议编号"), accessor="agreement__number", orderable=False)
    child = django_tables2.Column(verbose_name=_("学生"), accessor="agreement__child", orderable=False)
    units = NumberColumn(_("数量"), orderable=False)
    fee = NumberColumn(_("单价"), unit=YUAN, orderable=False)
    gross = NumberColumn(_("标准金额"), unit=YUAN, orderable=False)
    waived = NumberColumn(_("减免"), unit=YUAN, orderable=False)
    net = NumberColumn(_("应缴"), unit=YUAN, orderable=False)
    returned = NumberColumn(_("已退出，当即退减"), unit=YUAN, orderable=False)
    kept = NumberColumn(_("退减后应缴"), unit=YUAN, orderable=False)

    def __init__(self, *args: Any, returned: Mapping[UUID, Fen] | None = None, **options: Any) -> None:
        self.returned_at_once = returned or {}
        hidden = () if self.returned_at_once else ("returned", "kept")
        super().__init__(*args, exclude=(*options.pop("exclude", ()), *hidden), **options)

    def render_returned(self, record: Line) -> str:
        fen = self.returned_at_once.get(record.agreement.pk)
        return "–" if fen is None else cells.yuan(fen)

    def render_kept(self, record: Line) -> str:
        return cells.yuan(record.net - self.returned_at_once.get(record.agreement.pk, 0))

    def render_child(self, record: Line) -> str:
        return f"{record.agreement.child}（{record.agreement.class_name}）"

    def render_fee(self, value: int) -> str:
        return cells.yuan(value)

    def render_gross(self, value: int) -> str:
        return cells.yuan(value)

    def render_waived(self, value: int) -> str:
        return cells.yuan(value)

    def render_net(self, value: int) -> str:
        return cells.yuan(value)


class PaymentTable(_OfChild):
    """Money that came in."""

    caption = _("收款")
    empty_title = _("还没有收款")
    empty_text_long = _("支付机构的到账通知会自动登记，也可以在这里逐笔登记。")

    receipt_number = django_tables2.Column(verbose_name=_("收据编号"), order_by=("receipt_number",))
    number = _number()
    child = _child()
    paid_at = django_tables2.DateTimeColumn(
        verbose_name=_("支付时间"), order_by=("paid_at", "id"), format="Y-m-d H:i"
    )
    provider_key = django_tables2.Column(verbose_name=_("支付流水号"), order_by=("provider_key",))
    amount_fen = NumberColumn(_("金额"), unit=YUAN, order_by=("amount_fen", "id"))

    class Meta(Table.Meta):
        order_by: ClassVar = ("-paid_at",)

    def __init__(self, *args: Any, may_print: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.may_print = may_print

    def render_receipt_number(self, record: Payment) -> SafeString | str:
        """The paper has the family's name on it: only who may record payments opens it."""
        if not self.may_print:
            return record.receipt_number
        url = reverse("finance:receipt", args=[record.pk])
        return format_html('<a href="{}">{}</a>', url, record.receipt_number)

    def render_amount_fen(self, value: int) -> str:
        return cells.yuan(value)


class ExpenditureTable(Table):
    """Money that was asked for and spent."""

    caption = _("支出")
    empty_title = _("还没有支出")
    empty_text_long = _("由一人申请、另一人批准，批准后记账并随月度收支公示。")

    title = django_tables2.Column(verbose_name=_("事由"), order_by=("title", "id"))
    item = django_tables2.Column(verbose_name=_("项目"), order_by=("kind", "item", "id"), empty_values=())
    payee = django_tables2.Column(
        verbose_name=_("收款方"),
        accessor="payee_word",
        order_by=("payee", "id"),
        default=values.NOT_APPLICABLE,
    )
    spent_date = django_tables2.DateColumn(
        verbose_name=_("日期"), order_by=("spent_date", "id"), format="Y-m-d"
    )
    requested_by = django_tables2.Column(verbose_name=_("申请人"), orderable=False)
    decided_by = django_tables2.Column(
        verbose_name=_("审批人"), orderable=False, default=values.NOT_APPLICABLE
    )
    state = django_tables2.Column(verbose_name=_("状态"), order_by=("state", "id"))
    amount_fen = NumberColumn(_("金额"), unit=YUAN, order_by=("amount_fen", "id"))

    class Meta(Table.Meta):
        order_by: ClassVar = ("-state", "-spent_date")

    def render_title(self, record: Expenditure) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>', reverse("finance:expenditure", args=[record.pk]), record.title
        )

    def render_item(self, record: Expenditure) -> str:
        return record.item_word

    def render_state(self, record: Expenditure) -> SafeString:
        return cells.badge(EXPENDITURE_LOOK[record.state], str(ExpenditureState(record.state).label))

    def render_amount_fen(self, value: int) -> str:
        return cells.yuan(value)


class RefundTable(_OfChild):
    """Money that goes back."""

    caption = _("退费")
    empty_title = _("没有退费")
    empty_text_long = _("中途退出、缺勤和学期结算的退费由系统按政策计算，列在这里。")

    number = _number()
    child = _child()
    cause = django_tables2.Column(verbose_name=_("原因"), order_by=("cause", "id"))
    state = django_tables2.Column(verbose_name=_("状态"), order_by=("state", "id"))
    amount_fen = NumberColumn(_("金额"), unit=YUAN, order_by=("amount_fen", "id"))
    see = django_tables2.Column(verbose_name=_("办理"), empty_values=(), orderable=False)

    class Meta(Table.Meta):
        order_by: ClassVar = ("-state", "number")

    def render_cause(self, record: Refund) -> str:
        return record.get_cause_display()

    def render_state(self, record: Refund) -> SafeString:
        return cells.badge(REFUND_LOOK[record.state], str(RefundState(record.state).label))

    def render_amount_fen(self, value: int) -> str:
        return cells.yuan(value)

    def render_see(self, record: Refund) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("finance:refund", args=[record.pk]), _("查看"))


class ShareTable(_OfChild):
    """Every family's part of the settlement."""

    caption = _("各家庭应退")
    empty_title = _("没有可结算的家庭")
    empty_text_long = _("本学期还没有家庭缴费。")

    number = _number()
    child = _child()
    cap_fen = NumberColumn(_("实缴"), unit=YUAN, order_by=("cap_fen", "id"))
    own_fen = NumberColumn(_("多缴先退"), unit=YUAN, order_by=("own_fen", "id"))
    amount_fen = NumberColumn(_("应退"), unit=YUAN, order_by=("amount_fen", "id"))
    see = django_tables2.Column(verbose_name=_("算法"), empty_values=(), orderable=False)

    class Meta(Table.Meta):
        order_by: ClassVar = ("number",)

    def render_cap_fen(self, value: int) -> str:
        return cells.yuan(value)

    def render_own_fen(self, record: Share) -> str:
        return cells.yuan(min(record.own_fen, record.amount_fen))

    def render_amount_fen(self, value: int) -> str:
        return cells.yuan(value)

    def render_see(self, record: Share) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("finance:share", args=[record.pk]), _("逐步算法"))
