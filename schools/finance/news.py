"""What a family hears of its money: charges, undone receipts, waivers, refunds, what a rule gave, its share (S36, S37)."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.db.models import Value as Is
from django.db.models.functions import Abs, Cast, Coalesce, Concat
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.permissions import Permission
from afterbell.kernel.money import Fen, format_fen
from schools.finance import collectors, ended, explaining, proofs, rules, undone
from schools.finance.models import (
    AddedHours,
    Calculation,
    Charge,
    Payment,
    Refund,
    RefundCause,
    Share,
    Transfer,
    Waiver,
)
from schools.finance.states import RefundState, SettlementState, WaiverState
from schools.notices.news import News
from tenants.policies.documents import Collector

CHARGED, TAKEN_BACK, SHARE = "charged", "charge_taken_back", "share"
NOT_DUE: Final = "not_due"
"""A title of its own for a charge of which nothing is to be paid; its key stays `charged`."""
ADDED, ADDED_NO_MORE = "added_hours", "added_hours_taken_back"
UNDONE: Final = "receipt_undone"
CREDIT, MORE, NOTHING = "calculated_credit", "calculated_more", "calculated_nothing"
TITLES: Final[Mapping[str, tuple[Promise, Promise]]] = {
    CHARGED: (_("缴费通知"), _("%(period)s 应缴 %(fen)s")),
    NOT_DUE: (_("缴费通知"), _("%(period)s 无需缴费")),
    TAKEN_BACK: (_("缴费通知"), _("%(period)s 的费用已撤回，不用缴")),
    ADDED: (_("缴费通知"), _("%(period)s 补收课时，另应缴 %(fen)s")),
    ADDED_NO_MORE: (_("缴费通知"), _("%(period)s 补收的课时已撤回，少缴 %(fen)s")),
    UNDONE: (_("收款冲正"), _("收款 %(fen)s 已冲正，收据作废")),
    "waiver_granted": (_("减免"), _("%(period)s 的费用已减免")),
    "waiver_refused": (_("减免"), _("%(period)s 的减免没有批准")),
    "waiver_withdrawn": (_("减免"), _("%(period)s 的减免已撤回")),
    "refund_draft": (_("退费"), _("应退 %(fen)s，等待发放")),
    "refund_issued": (_("退费"), _("退费 %(fen)s 已发放")),
    "refund_confirmed": (_("退费"), _("退费 %(fen)s 已到账")),
    "refund_failed": (_("退费"), _("退费 %(fen)s 没有发放成功")),
    "refund_void": (_("退费"), _("应退 %(fen)s 已作废，已重新计算")),
    CREDIT: (_("退费"), _("%(cause)s：应缴减少 %(fen)s")),
    MORE: (_("退费"), _("%(cause)s：重新计算，应缴增加 %(fen)s")),
    NOTHING: (_("退费"), _("%(cause)s：按规定，应缴没有减少")),
    SHARE: (_("学期结算"), _("学期结算：退还 %(fen)s")),
}
"""By what happened: the kind and the title."""


class Row(NamedTuple):
    """What moved, as far as its title needs it."""

    about: UUID
    pupil_id: UUID
    what: str
    at: datetime
    fen: int
    period: str
    term_code: str
    cause: str


CHARGE: Final = Case(
    When(taken_back_at__isnull=False, then=Is(TAKEN_BACK)), default=Is(CHARGED), output_field=CharField()
)
TOLD_CHARGES: Final = Q(gross_fen__gt=0)
"""A charge of 0.00 asks nobody for anything: who left, or had no lesson in the period, hears nothing of it."""
MORE_HOURS: Final = Case(
    When(run__taken_back_at=None, then=Is(ADDED)), default=Is(ADDED_NO_MORE), output_field=CharField()
)
TOLD_ADDED: Final = Q(gross_fen__gt=0)
"""Hours that a cap makes free ask nobody for anything; the bill names them."""
TOLD_SHARES: Final = ~Q(amount_fen=0, credit_fen=0, cap_fen=0)
"""Nothing was paid, nothing is owed any less, nothing comes back."""
REFUND: Final = Concat(Is("refund_"), "state", Is("_"), Cast("sent", CharField()), output_field=CharField())
"""How a charge and a refund stand, as their news says it: each sending, and what became of it, is news."""


def news(pupils: Collection[UUID]) -> list[News]:
    """As things stand now (settings.FAMILY_NEWS). One query; the words are read when one is opened."""
    own = {"agreement__pupil__in": pupils}
    of_charges = {f"charge__{name}": value for name, value in own.items()}
    rows = _charges(own).union(
        _added_hours(of_charges),
        _waivers(of_charges),
        _receipts(own),
        _refunds(own),
        _calculations(own),
        _shares(own),
        all=True,
    )
    return [_news(Row(*row)) for row in rows]


def _rows(rows: QuerySet[Any], agreement: str = "agreement", **told: Any) -> QuerySet[Any]:
    """In the order of Row."""
    given = {"period": "", "term": "", "cause": "", **told}
    named = {
        f"told_{name}": Is(value, output_field=CharField()) if isinstance(value, str) else value
        for name, value in given.items()
    }
    found: QuerySet[Any] = rows.annotate(told_pupil=F(f"{agreement}__pupil_id"), **named)
    names = ("pupil", "what", "at", "fen", "period", "term", "cause")
    listed: QuerySet[Any] = found.values_list("pk", *(f"told_{name}" for name in names))
    return listed


def _charges(own: dict[str, Any]) -> QuerySet[Any]:
    """As they were made: what was added to them later is news of its own. A waiver that was withdrawn takes its share of
    both along."""
    rows = AddedHours.objects.filter(charge=OuterRef("pk"), run__taken_back_at=None).values("charge")
    added = rows.annotate(fen=Sum("gross_fen"))
    less = rows.annotate(fen=Sum("waived_fen"))
    waived = Case(When(waived_fen__gt=0, then=Coalesce(Subquery(less.values("fen")), 0)), default=Is(0))
    return _rows(
        Charge.objects.filter(TOLD_CHARGES, **own),
        what=CHARGE,
        at=Coalesce("taken_back_at", "created_at"),
        fen=Case(
            When(gross_fen=F("waived_fen") + F("credited_fen"), then=Is(0)),
            default=F("gross_fen") - F("waived_fen") - Coalesce(Subquery(added.values("fen")), 0) + waived,
        ),
        period=F("period"),
        term=F("term_code"),
    )


def _added_hours(own: dict[str, Any]) -> QuerySet[Any]:
    return _rows(
        AddedHours.objects.filter(TOLD_ADDED, **own),
        "charge__agreement",
        what=MORE_HOURS,
        at=Coalesce("run__taken_back_at", "run__posted_at"),
        fen=Case(When(charge__waived_fen=0, then=F("gross_fen")), default=F("gross_fen") - F("waived_fen")),
        period=F("charge__period"),
        term=F("charge__term_code"),
    )


def _receipts(own: dict[str, Any]) -> QuerySet[Any]:
    """Only those undone: of money that came the family has the receipt."""
    return _rows(
        undone.marked(Payment.objects.filter(**own)).exclude(Q(undone_at=None)),
        what=UNDONE,
        at=F("undone_at"),
        fen=F("amount_fen"),
    )


def _waivers(own: dict[str, Any]) -> QuerySet[Any]:
    return _rows(
        Waiver.objects.filter(**own).exclude(state=WaiverState.REQUESTED),
        "charge__agreement",
        what=Concat(Is("waiver_"), "state", output_field=CharField()),
        at=Coalesce("withdrawn_at", "decided_at"),
        fen=F("charge__waived_fen"),
        period=F("charge__period"),
        term=F("charge__term_code"),
    )


def _refunds(own: dict[str, Any]) -> QuerySet[Any]:
    """Of a draft that a settlement made the share speaks. When the bank sent one back, the books say."""
    sending = Concat(
        Is("refund:"), Cast(OuterRef("pk"), CharField()), Is(":"), Cast(OuterRef("sent"), CharField())
    )
    failed = Transfer.objects.filter(key=sending).values("reversed_by__posted_at")
    return _rows(
        Refund.objects.filter(**own).exclude(state=RefundState.DRAFT, cause=RefundCause.SETTLEMENT),
        what=REFUND,
        at=Case(
            When(state=RefundState.DRAFT, then=F("created_at")),
            When(state=RefundState.ISSUED, then=F("issued_at")),
            When(state=RefundState.CONFIRMED, then=F("confirmed_at")),
            When(state=RefundState.VOID, then=F("voided_at")),
            default=Coalesce(Subquery(failed), "issued_at", "created_at"),
        ),
        fen=F("amount_fen"),
        cause=F("cause"),
    )


def _calculations(own: dict[str, Any]) -> QuerySet[Any]:
    """Where no refund says it; not of a run that charged 0.00 and gave nothing back of it."""
    told = Refund.objects.filter(key=OuterRef("key"))
    charged = Charge.objects.filter(TOLD_CHARGES, run=OuterRef("run"), agreement=OuterRef("agreement"))
    of_nothing = Q(credit_fen=0, run__isnull=False) & ~Exists(charged)
    return _rows(
        Calculation.objects.filter(~Exists(told), ~of_nothing, **own),
        what=Case(
            When(credit_fen=0, then=Is(NOTHING)),
            When(credit_fen__lt=0, then=Is(MORE)),
            default=Is(CREDIT),
            output_field=CharField(),
        ),
        at=F("at"),
        fen=Abs("credit_fen"),
        cause=F("cause"),
    )


def _shares(own: dict[str, Any]) -> QuerySet[Any]:
    return _rows(
        Share.objects.filter(TOLD_SHARES, **own, settlement__state=SettlementState.BATCHED),
        what=Is(SHARE, output_field=CharField()),
        at=F("settlement__batched_at"),
        fen=F("amount_fen"),
    )


def _news(row: Row) -> News:
    told = NOT_DUE if row.what == CHARGED and not row.fen else row.what
    kind, title = TITLES[told.rstrip("0123456789").rstrip("_")]
    given = {
        "period": gettext("整个学期") if row.period == row.term_code else row.period,
        "fen": format_fen(Fen(row.fen)),
        "cause": RefundCause(row.cause).label if row.cause else "",
    }
    return News(
        about=row.about,
        what=row.what,
        at=row.at,
        kind=str(kind),
        title=str(title) % given,
        pupil_id=row.pupil_id,
        lines=partial(_lines, row),
        url=reverse("finance:bills"),
        link=gettext("查看我家费用"),
        right=Permission.OWN_BILLS_READ,
    )


def _lines(row: Row) -> list[str]:
    kinds: dict[str, Callable[[UUID], list[str]]] = {
        "charge": _charge_lines,
        "charged": _charge_lines,
        "added": _added_lines,
        "receipt": _receipt_lines,
        "waiver": _waiver_lines,
        "refund": _refund_lines,
        "calculated": _calculation_lines,
        "share": _share_lines,
    }
    return kinds[row.what.partition("_")[0]](row.about)


def _charge_lines(pk: UUID) -> list[str]:
    """What the title says was asked for first; the bill is the one of now."""
    has_more = AddedHours.objects.filter(charge=pk, run__taken_back_at=None).exists()
    since = [gettext("之后又增加了课时，现在的账单是：")] if has_more else []
    return [*since, *_bill_lines(pk)]


def _bill_lines(pk: UUID) -> list[str]:
    row = Charge.objects.select_related("agreement__plan").get(pk=pk)
    reason = rules.waiver_names().get(row.waiver_reason, row.waiver_reason)
    lines = [*explaining.charge_lines(row, reason), *filter(None, [ended.sentence(row.agreement)])]
    if row.taken_back_at is not None or row.gross_fen == row.waived_fen + row.credited_fen:
        return lines
    given = {
        "collector": collectors.NAMES.get(Collector(row.collector), row.collector),
        "number": row.agreement.number,
    }
    return [
        *lines,
        gettext("缴给：%(collector)s。缴费时请写协议编号 %(number)s。") % given,
        gettext("最晚在学期结算前缴清；是否已经缴清，请看“我家费用”。"),
    ]


def _added_lines(pk: UUID) -> list[str]:
    return _bill_lines(AddedHours.objects.get(pk=pk).charge_id)


def _receipt_lines(pk: UUID) -> list[str]:
    row = undone.marked(Payment.objects.select_related("agreement")).get(pk=pk)
    paid_at = f"{timezone.localtime(row.paid_at):%Y-%m-%d}"
    return [
        gettext("收据 %(number)s，支付时间 %(day)s。") % {"number": row.receipt_number, "day": paid_at},
        row.undone_word,
        gettext("这笔款项不再算作已缴，待缴金额请看“我家费用”。"),
        gettext("有疑问的，请带协议编号 %(number)s 联系学校。") % {"number": row.agreement.number},
    ]


def _waiver_lines(pk: UUID) -> list[str]:
    row = Waiver.objects.select_related("charge").get(pk=pk)
    reason = rules.waiver_names().get(row.reason, row.reason)
    if row.state == WaiverState.GRANTED:
        same = gettext("本学期以后的收费按同样比例减免。")
        return [*explaining.charge_lines(row.charge, reason), same]
    is_refused = row.state == WaiverState.REFUSED
    why = gettext("没有批准的原因：%(why)s") if is_refused else gettext("撤回的原因：%(why)s")
    return [
        gettext("申请减免的原因：%(reason)s") % {"reason": reason},
        why % {"why": row.refusal_reason if is_refused else row.withdrawal_reason},
        *explaining.charge_lines(row.charge),
    ]


def _refund_lines(pk: UUID) -> list[str]:
    row = Refund.objects.get(pk=pk)
    steps = {
        RefundState.DRAFT: gettext("已按政策算好，由另一位有权的人发放；发放后会在“通知”里告诉您。"),
        RefundState.ISSUED: gettext("款项已转出，到账后会在“通知”里告诉您。"),
        RefundState.CONFIRMED: gettext("学校已登记到账。没有收到的，请带协议编号联系学校。"),
        RefundState.FAILED: gettext("款项已退回学校账上，仍然属于您家，会重新发放。请联系学校核对收款账户。"),
        RefundState.VOID: gettext(
            "这一笔没有发放：学校更正了退出日期，或者退出之后又收了以前的费用，已经重新计算。原来的计算："
        ),
    }
    return [steps[RefundState(row.state)], *row.explanation.splitlines()]


def _calculation_lines(pk: UUID) -> list[str]:
    return Calculation.objects.get(pk=pk).text.splitlines()


def _share_lines(pk: UUID) -> list[str]:
    row = Share.objects.select_related("settlement").get(pk=pk)
    next_step = (
        gettext("发放后会在“通知”里告诉您。") if row.amount_fen else gettext("这次结算没有退还您家的款项。")
    )
    return [*proofs.Words.read(row.settlement).lines(row), next_step]
