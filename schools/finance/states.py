"""Lives of money: expenditure, month, settlement, refund."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ExpenditureState(models.TextChoices):
    """Two persons: one asks, another one approves; posting follows in the same action."""

    REQUESTED = "requested", _("待审批")
    APPROVED = "approved", _("已支出")
    REFUSED = "refused", _("未批准")


class WaiverState(models.TextChoices):
    """Two persons: one asks with proof, another one decides; a third step takes a wrong one back."""

    REQUESTED = "requested", _("待审批")
    GRANTED = "granted", _("已减免")
    REFUSED = "refused", _("未批准")
    WITHDRAWN = "withdrawn", _("已撤回")


class SettlementState(models.TextChoices):
    """Preview → resolved by the committee → batched; a change in the books after the preview voids it (S37)."""

    PREVIEW = "preview", _("预览")
    RESOLVED = "resolved", _("家委会已通过")
    BATCHED = "batched", _("已生成退费")
    VOID = "void", _("作废")


class RefundState(models.TextChoices):
    """Money in flight (issued) counts as gone."""

    DRAFT = "draft", _("待发放")
    ISSUED = "issued", _("发放中")
    CONFIRMED = "confirmed", _("已到账")
    FAILED = "failed", _("发放失败")
    VOID = "void", _("已作废")


EXPENDITURE_MOVES: dict[str, frozenset[str]] = {
    ExpenditureState.REQUESTED: frozenset({ExpenditureState.APPROVED, ExpenditureState.REFUSED}),
    ExpenditureState.APPROVED: frozenset(),
    ExpenditureState.REFUSED: frozenset(),
}
WAIVER_MOVES: dict[str, frozenset[str]] = {
    WaiverState.REQUESTED: frozenset({WaiverState.GRANTED, WaiverState.REFUSED}),
    WaiverState.GRANTED: frozenset({WaiverState.WITHDRAWN}),
    WaiverState.REFUSED: frozenset(),
    WaiverState.WITHDRAWN: frozenset(),
}
SETTLEMENT_MOVES: dict[str, frozenset[str]] = {
    SettlementState.PREVIEW: frozenset({SettlementState.RESOLVED, SettlementState.VOID}),
    SettlementState.RESOLVED: frozenset({SettlementState.BATCHED, SettlementState.VOID}),
    SettlementState.BATCHED: frozenset(),
    SettlementState.VOID: frozenset(),
}
REFUND_MOVES: dict[str, frozenset[str]] = {
    RefundState.DRAFT: frozenset({RefundState.ISSUED, RefundState.VOID}),
    RefundState.ISSUED: frozenset({RefundState.CONFIRMED, RefundState.FAILED}),
    RefundState.CONFIRMED: frozenset(),
    RefundState.FAILED: frozenset({RefundState.ISSUED, RefundState.VOID}),
    RefundState.VOID: frozenset(),
}


class ReversalReason(models.TextChoices):
    """Why a row of the books was undone: a code, because the audit log that keeps it takes no sentences."""

    BOUNCED = "bounced", _("款项被银行退回")
    WRONG_AMOUNT = "wrong_amount", _("金额记错")
    WRONG_PARTY = "wrong_party", _("记错了家庭或收款方")
    TWICE = "twice", _("重复记账")
    NOT_MADE = "not_made", _("没有实际收付")
