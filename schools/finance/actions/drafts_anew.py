"""Refunds that wait, made anew where a payment or a waiver was undone (S37): what is not owed is not sent."""

from datetime import datetime

from django.utils.translation import gettext, override

from afterbell.accounts.models import User
from afterbell.audit import actions as audit
from afterbell.kernel.ids import uuid7
from afterbell.kernel.money import Fen, format_fen
from schools.enrolment.models import Agreement
from schools.finance import gathering
from schools.finance.actions import refunds_of_exits
from schools.finance.actions.calculations import draft_refund
from schools.finance.actions.differences import AGAIN
from schools.finance.models import Calculation, Refund
from schools.finance.written import WRITTEN_IN


@override(WRITTEN_IN)
def follow(agreement: Agreement, why: str, *, by: User, now: datetime) -> None:
    """Under the lock of the books, after what they rested on is undone, which `why` says. The first drafted is the first
    that is covered."""
    standing = gathering.standings(agreement.plan.term_code, agreement.pk)[agreement.pk]
    if standing.net_paid >= standing.due:
        return
    rows = list(gathering.computed_drafts(agreement).order_by("created_at", "pk"))
    left = standing.net_paid - standing.due
    left += sum(refunds_of_exits.void(row, by=by, now=now) for row in rows)
    for row in rows:
        fen = Fen(min(row.amount_fen, max(0, left)))
        left -= fen
        if fen:
            _draft(row, fen, why, by=by, now=now)


@override(WRITTEN_IN)
def of_payment(fen: Fen) -> str:
    return gettext("一笔 %(undone)s 的收款已冲正") % {"undone": format_fen(fen)}


@override(WRITTEN_IN)
def of_waiver() -> str:
    return gettext("减免已撤回")


def _draft(row: Refund, fen: Fen, why: str, *, by: User, now: datetime) -> None:
    before = Calculation.objects.get(key=row.key)
    said = gettext("%(why)s，待退的 %(before)s 改为 %(fen)s。") % {
        "why": why,
        "before": format_fen(Fen(row.amount_fen)),
        "fen": format_fen(fen),
    }
    made = Calculation.objects.create(
        id=uuid7(),
        agreement=row.agreement,
        term_code=row.term_code,
        cause=row.cause,
        period=before.period,
        key=f"{AGAIN}{uuid7().hex}",
        credit_fen=0,
        text=f"{before.text}\n{said}",
        at=now,
        by=by,
    )
    details = {"cause": row.cause, "credit_fen": 0, "amount_fen": fen}
    audit.record(verb="finance.refund.compute", target=made, by=by, at=now, details=details)
    draft_refund(made, fen, by=row.prepared_by, now=now)
