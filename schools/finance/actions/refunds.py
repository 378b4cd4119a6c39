"""Sending refunds: by the account's holder; money in flight counts as gone; two persons; a posting each time (S3, S37)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from types import MappingProxyType
from typing import Final, NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.audit import actions as audit
from afterbell.kernel import states
from afterbell.kernel.errors import Refused
from afterbell.kernel.money import Fen
from afterbell.kernel.records import at_home
from afterbell.outbox.actions import mark
from schools.enrolment.models import Agreement
from schools.finance import accounts, exit_doubts, holding, ledger
from schools.finance.actions.closed import SamePerson
from schools.finance.ledger import Posting
from schools.finance.models import Refund, Transfer, TransferKind
from schools.finance.states import REFUND_MOVES, RefundState

NOTHING_LOOKED_AT: Final[Mapping[UUID, str]] = MappingProxyType({})


class ListMoved(Refused):
    """A bulk step does what the page showed, not what is ready when it is sent."""

    code = "finance.refund_list_moved"
    message = _("页面打开之后名单有变动，没有办理。请核对新的名单后再确认。")


class SentSince(states.StateMoved):
    """The same word may stand there again: failed, sent again, failed again is another sending."""

    code = "finance.refund_sent_since"
    message = _("这笔退费在您打开页面之后又发放过：现在是“%(after)s”，共发放 %(sent)s 次。请刷新页面后再看。")


class NotLooked(Refused):
    """The roll has the child after the exit that the sum rests on: somebody looks before the money is gone (S37)."""

    code = "finance.refund_not_looked"
    message = _(
        "有 %(n)s 笔退费要先核对，没有发放。协议 %(number)s：%(why)s核对后请注明“已核对”再发放（核对码 %(seen)s）。"
    )


class LookedBefore(Refused):
    """The roll or the exit has changed since it was looked at."""

    code = "finance.refund_doubt_moved"
    message = _(
        "核对之后点名册或退出日期又有变动，没有发放。协议 %(number)s：%(why)s请刷新后重新核对（核对码 %(seen)s）。"
    )


class Row(NamedTuple):
    """A refund as it stands under the lock: as much of it as is decided on."""

    pk: UUID
    state: str
    sent: int
    amount_fen: int
    agreement_id: UUID
    term_code: str
    prepared_by_id: UUID | None
    cause: str


def digest(refunds: Iterable[Refund | Row]) -> str:
    """Of what a confirmation page shows."""
    lines = sorted(f"{each.pk} {each.state} {each.sent} {each.amount_fen}\n" for each in refunds)
    return sha256("".join(lines).encode()).hexdigest()


def issue_refund(*, refund: Refund, by: User, now: datetime, looked: str = "") -> None:
    """Send the money: from now on it is gone. By another person than who computed it, who has `looked` (see below)."""
    issue_refunds(refunds=[refund], by=by, now=now, looked={refund.pk: looked})


def issue_refunds(
    *,
    refunds: Sequence[Refund],
    by: User,
    now: datetime,
    shown: str | None = None,
    looked: Mapping[UUID, str] = NOTHING_LOOKED_AT,
) -> None:
    """Send many at once, all or none; drafts, and failed ones again.

    `shown` is the digest of the list that the person said yes to; `looked` has, by refund, the doubt that the person
    has looked at for this sending (exit_doubts.Doubt.seen). Raises OthersMoney, SamePerson, StateMoved, ListMoved,
    NotLooked, LookedBefore.
    """
    with transaction.atomic():
        rows = _read_again(refunds, shown, by, now)
        _refuse_moves(rows, RefundState.ISSUED)
        if any(by.pk == row.prepared_by_id for row in rows):
            raise SamePerson
        doubtful = _refuse_not_looked(rows, looked)
        _move_all(rows, RefundState.ISSUED, sent=F("sent") + 1, issued_at=now, issued_by=by)
        for term_code, group in _by_term(rows).items():
            ledger.post_all([_money_leg(row) for row in group], term_code=term_code, by=by, now=now)
            seen = [row.pk for row in group if row.pk in doubtful]
            _record("issue", group, term_code, by, now, **({"looked": seen} if seen else {}))
        _follow(refunds, state=RefundState.ISSUED, sent=1, issued_at=now, issued_by_id=by.pk)


def confirm_refund(*, refund: Refund, by: User, now: datetime) -> None:
    """The money has arrived."""
    confirm_refunds(refunds=[refund], by=by, now=now)


def confirm_refunds(*, refunds: Sequence[Refund], by: User, now: datetime, shown: str | None = None) -> int:
    """The bank says that these have arrived, all or none. Raises OthersMoney, StateMoved, ListMoved."""
    with transaction.atomic():
        rows = _read_again(refunds, shown, by, now)
        _move_all(rows, RefundState.CONFIRMED, confirmed_at=now)
        for term_code, group in _by_term(rows).items():
            mark(now=now, terms=[term_code])
            _record("confirm", group, term_code, by, now)
        _follow(refunds, state=RefundState.CONFIRMED, confirmed_at=now)
    return len(rows)


def fail_refund(*, refund: Refund, by: User, now: datetime) -> None:
    """The bank sent it back: the posting is reversed, we owe the family again, and it can be issued anew."""
    with transaction.atomic():
        (row,) = _read_again([refund], None, by, now)
        _move_all([row], RefundState.FAILED)
        leg = Transfer.objects.select_related("debit", "credit").get(key=_key(row, row.sent))
        made = ledger.reverse(transfer=leg, by=by, now=now)
        details = {"amount_fen": row.amount_fen, "position": made.position}
        audit.record(verb="finance.refund.fail", target=refund, by=by, at=now, details=details)
        _follow([refund], state=RefundState.FAILED)


def _read_again(refunds: Sequence[Refund], shown: str | None, by: User, now: datetime) -> list[Row]:
    """Under the lock, for somebody of the holder. Who read a row before another one moved or sent it decides on nothing."""
    ledger.lock_books()
    seen = {refund.pk: refund for refund in at_home(refunds)}
    found = Refund.objects.filter(pk__among=list(seen)).order_by("pk")
    rows = [Row(*row) for row in found.values_list(*Row._fields)]
    for term_code in sorted({row.term_code for row in rows}):
        holding.refuse_payer(term_code, by, now)
    if shown is not None and digest(rows) != shown:
        raise ListMoved
    for row in rows:
        before = seen[row.pk]
        refuse_sent_since(row, before.sent)
        if row.state != before.state:
            raise states.StateMoved(
                before=RefundState(before.state).label, after=RefundState(row.state).label
            )
    return rows


def refuse_sent_since(row: Refund | Row, sent: int) -> None:
    """Raises SentSince when the row was sent more often than whoever read it saw."""
    if row.sent != sent:
        raise SentSince(after=RefundState(row.state).label, sent=row.sent)


def _refuse_not_looked(rows: Sequence[Row], looked: Mapping[UUID, str]) -> Mapping[UUID, exit_doubts.Doubt]:
    """The doubts, all of them looked at as they are now. Raises NotLooked, LookedBefore."""
    doubts = exit_doubts.open_of(rows)
    waiting = [row for row in rows if row.pk in doubts and looked.get(row.pk) != doubts[row.pk].seen]
    if waiting:
        number = Agreement.objects.values_list("number", flat=True).get(pk=waiting[0].agreement_id)
        doubt = doubts[waiting[0].pk]
        if looked.get(waiting[0].pk):
            raise LookedBefore(number=number, why=doubt, seen=doubt.seen)
        raise NotLooked(n=len(waiting), number=number, why=doubt, seen=doubt.seen)
    return doubts


def _move_all(rows: Sequence[Row], to: RefundState, **also: object) -> None:
    """One statement for thousands, under the lock of the books."""
    _refuse_moves(rows, to)
    Refund.objects.filter(pk__among=[row.pk for row in rows]).update(state=to, **also)


def _refuse_moves(rows: Sequence[Row], to: RefundState) -> None:
    for row in rows:
        if to not in REFUND_MOVES[row.state]:
            raise states.MoveNotAllowed(before=RefundState(row.state).label, after=to.label)


def _follow(refunds: Sequence[Refund], *, sent: int = 0, **values: object) -> None:
    """The caller's objects say what the rows say now."""
    for refund in refunds:
        refund.sent += sent
        for name, value in values.items():
            setattr(refund, name, value)


def _by_term(rows: Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.term_code, []).append(row)
    return found


def _money_leg(row: Row) -> Posting:
    """`sent` as it was read, before this sending."""
    return Posting(
        TransferKind.REFUND,
        _key(row, row.sent + 1),
        accounts.family(row.agreement_id),
        accounts.CASH,
        Fen(row.amount_fen),
    )


def _key(row: Row, sending: int) -> str:
    return f"refund:{row.pk}:{sending}"


def _record(step: str, group: Sequence[Row], term_code: str, by: User, now: datetime, **more: object) -> None:
    target = f"finance.refund:{group[0].pk}" if len(group) == 1 else f"finance.term:{term_code}"
    details = {"count": len(group), "total_fen": sum(row.amount_fen for row in group), **more}
    audit.record(verb=f"finance.refund.{step}", target=target, by=by, at=now, details=details)
