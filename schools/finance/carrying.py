"""Whether a settlement, and the committee's vote on it, still rests on the books as they are; and why not (S7, S37)."""

from uuid import UUID

from django.utils.translation import gettext

from schools.finance import basis
from schools.finance.models import Settlement
from schools.finance.states import SettlementState


def has_moved(settlement: Settlement) -> bool:
    """Whether the books, or anything else that an open preview rests on, are no longer what they were."""
    is_open = settlement.state in (SettlementState.PREVIEW, SettlementState.RESOLVED)
    return is_open and basis.digest(settlement.term_code) != settlement.basis_sha256


def no_longer_carries(*, object_id: UUID) -> str:
    """Why a vote on this settlement decides nothing any more, and what to do (settings.RESOLUTION_CARRIES); else empty."""
    row = Settlement.objects.filter(pk=object_id).first()
    if row is None or row.state == SettlementState.BATCHED:
        return ""
    if row.state == SettlementState.VOID:
        return gettext("这份结算已作废，重新预览过。请对最新的一份结算表决。")
    if not has_moved(row):
        return ""
    given = {"why": basis.why_moved(row)}
    if row.state == SettlementState.RESOLVED:
        return gettext("%(why)s，通过的决议不再有效，不能据此退费。请重新预览结算，再提交表决。") % given
    return gettext("%(why)s，对它的表决不产生效力。请重新预览结算，再提交表决。") % given
