"""What one calculation gives more, or less, than before: of charges, how it is posted, written down and drafted (S36, S37).

Nothing that was stored is changed: the difference has a posting of its own, below zero where less is given back of a lower
fee. What asks for one is adjusting.py and undone_with.py.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext, override

from afterbell.accounts.models import User
from afterbell.audit import actions as audit
from afterbell.kernel.ids import uuid7
from afterbell.kernel.money import Fen, format_fen
from schools.enrolment.models import Agreement
from schools.finance import accounts, again, gathering, ledger
from schools.finance.actions.calculations import credit, draft_refund
from schools.finance.ledger import Posting
from schools.finance.models import (
    Account,
    Calculation,
    Charge,
    RefundCause,
    TransferKind,
)
from schools.finance.owing import Room, added
from schools.finance.refund_rules import Returned
from schools.finance.refunding import Reckoned
from schools.finance.written import WRITTEN_IN

AGAIN: Final = "again:"
"""Keys of differences."""
Credited = Mapping[UUID, int]
"""By charge, what calculations had given back of it before its waiver changed."""


class Change(NamedTuple):
    """What one calculation gives more, or less, and how."""

    cause: RefundCause
    period: str
    charges: Sequence[Charge]
    found: Returned
    targets: Sequence[int]
    before: int
    drafts: bool = True
    """Not where another change of the same bill follows, which drafts for both."""

    @property
    def fen(self) -> int:
        return sum(self.targets) - self.before


def coming(changes: Sequence[tuple[Agreement, Sequence[Change]]]) -> dict[UUID, Fen]:
    """What all of them are about to give; nothing is written. Where it is one family nobody is before it."""
    if len(changes) < 2:
        return {}
    found = {}
    for term_code in {agreement.plan.term_code for agreement, _each in changes}:
        standings = gathering.standings(term_code)
        for agreement, each in changes:
            before = standings.get(agreement.pk)
            if before is None or agreement.plan.term_code != term_code:
                continue
            paid_over, own, over = before.net_paid - before.due, 0, 0
            had = Fen(max(0, paid_over))
            for change in each:
                paid_over += change.fen
                own = max(0, paid_over)
                over += max(0, min(own, change.fen))
            is_exit = any(change.cause == RefundCause.EXIT for change in each)
            found[agreement.pk] = added(agreement, had, Fen(own)) if is_exit else Fen(over)
    return found


def exits() -> QuerySet[Calculation]:
    return Calculation.objects.filter(cause=RefundCause.EXIT, undone_at=None)


def change_of(
    cause: RefundCause,
    period: str,
    charges: Sequence[Charge],
    found: Returned,
    reckoned: Reckoned,
    credited: Credited,
) -> Change:
    amounts = {charge.pk: fen for charge, fen in zip(reckoned.charges, found.amounts, strict=True)}
    targets = [min(amounts.get(row.pk, 0), again.own(row).fee) for row in charges]
    return Change(cause, period, charges, found, targets, sum(credited[row.pk] for row in charges))


def carry_out(
    agreement: Agreement, change: Change, room: Room, *, head: str = "", by: User, now: datetime
) -> None:
    """The fee follows at once; money only what the family is now owed of it, never more than paid less returned."""
    term_code = agreement.plan.term_code
    before = gathering.standings(term_code, agreement.pk)[agreement.pk]
    for charge, fen in zip(change.charges, change.targets, strict=True):
        is_again = change.cause == RefundCause.AGAIN
        charge.credited_fen = max(charge.credited_fen, fen) if is_again else fen + again.off(charge)
    Charge.objects.bulk_update(change.charges, ["credited_fen"], batch_size=1000)
    own = Fen(max(0, before.net_paid - (before.due - change.fen)))
    over = own if change.cause == RefundCause.EXIT else Fen(max(0, min(own, change.fen)))
    if change.cause == RefundCause.AGAIN:
        over = Fen(max(0, over - _owed_beside(agreement))) if change.drafts else Fen(0)
    if not (change.fen or over):
        return
    key = f"{AGAIN}{uuid7().hex}"
    if change.fen:
        ledger.post(_posting(agreement, key, change.fen), term_code=term_code, by=by, now=now)
    waits = room.waiting_lines(agreement, own, over)
    made = Calculation.objects.create(
        id=uuid7(),
        agreement=agreement,
        term_code=term_code,
        cause=change.cause,
        period=change.period,
        key=key,
        run=change.charges[0].run if change.cause == RefundCause.AGAIN else None,
        credit_fen=change.fen,
        text="\n".join([_text(change, over, head, waits=bool(waits)), *waits]),
        at=now,
        by=by,
    )
    if over and not waits:
        draft_refund(made, over, by=by, now=now)
    room.gives(agreement, own, over if not waits else Fen(0))
    details = {
        "cause": change.cause.value, "credit_fen": change.fen, "amount_fen": over, "waits": bool(waits),
    }  # fmt: skip
    audit.record(verb="finance.refund.compute", target=made, by=by, at=now, details=details)


@override(WRITTEN_IN)
def draft_own(agreement: Agreement, *, by: User, now: datetime, head: str) -> None:
    """Of who has left, where nothing is charged: all that was paid ahead."""
    change = Change(RefundCause.EXIT, "", [], Returned(Fen(0), ()), [], 0)
    carry_out(agreement, change, Room(), head=head, by=by, now=now)


def _owed_beside(agreement: Agreement) -> int:
    """By the child's other agreements: nothing goes back of one bill for which the other one asks."""
    rows = Account.objects.filter(
        agreement__pupil=agreement.pupil_id, term_code=agreement.plan.term_code, balance_fen__gt=0
    )
    owed: int = rows.exclude(agreement=agreement).aggregate(fen=Sum("balance_fen", default=0))["fen"]
    return owed


def _posting(agreement: Agreement, key: str, fen: int) -> Posting:
    if fen > 0:
        return credit(agreement, key, Fen(fen))
    family = accounts.family(agreement.pk)
    return Posting(TransferKind.REFUND, f"credit:{key}", family, accounts.FEES, Fen(-fen))


def _text(change: Change, over: Fen, head: str, *, waits: bool) -> str:
    if not (head or change.found.lines):
        head = gettext("%(period)s 的收费已撤回，为它减免的退费一并撤回。") % {
            "period": change.charges[0].period
        }
    if not head:
        head = gettext("减免有变动，退费按现在的应缴金额重新计算。")
    said = gettext("原已减免 %(before)s，现为 %(now)s；与应缴和已缴相抵后，另退还 %(amount)s。")
    if waits:
        said = gettext("原已减免 %(before)s，现为 %(now)s；与应缴和已缴相抵后，一共应退 %(amount)s。")
    end = said % {
        "before": format_fen(Fen(change.before)),
        "now": format_fen(Fen(sum(change.targets))),
        "amount": format_fen(over),
    }
    return "\n".join([head, *change.found.lines, end])
