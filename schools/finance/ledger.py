"""Posting to the books: under the lock of the Books row, chained by hash, each key once, never edited.

Who may post, and why, is decided by the actions; they also write the audit row. What the accounts mean stands in
accounts.py, what is hashed in chain.py.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.kernel import copying
from afterbell.kernel.dates import Month, local_date
from afterbell.kernel.errors import Refused
from afterbell.kernel.ids import uuid7_text
from afterbell.kernel.locks import lockable
from afterbell.kernel.money import Fen, format_fen
from afterbell.kernel.records import schema_of
from afterbell.outbox.actions import mark
from schools.finance import accounts, balances, chain, holding, rules
from schools.finance.balances import Held
from schools.finance.models import Books, Statement, Transfer, TransferKind
from tenants.policies.documents import Collector


class KeyReused(Refused):
    """What this key stands for has been booked: nothing is booked twice."""

    code = "finance.key_reused"
    message = _("编号“%(key)s”已经记过账，没有重复记账。请刷新页面后再看。")


class MonthClosed(Refused):
    """A closed month stays as it was published."""

    code = "finance.month_closed"
    message = _("%(month)s 已经月结公示，不能再记账。如需更正，请在当前月份冲正。")


class NotEnoughCash(Refused):
    """Nobody spends money that is not there."""

    code = "finance.not_enough_cash"
    message = _("账上现有 %(held)s，不够支付 %(asked)s。没有记账。")


class TooLargeForTheBooks(Refused):
    """A sum that no account can hold: an amount far above it was a slip of the hand."""

    code = "finance.too_large_for_the_books"
    message = _("合计超过账簿能记的最大金额 %(most)s，没有记账。请检查金额是否多写了数字。")


class AlreadyReversed(Refused):
    """Undone once is undone."""

    code = "finance.already_reversed"
    message = _("这笔账已经冲正过，不能再次冲正。")


COLUMNS: Final = (
    "id", "position", "kind", "key", "term_code", "month", "debit_id", "credit_id", "amount_fen", "cost_kind",
    "reverses_id", "posted_at", "by_id", "reason", "note", "before_hash", "hash",
)  # fmt: skip
Chained = tuple[chain.Line, str, str]
"""A transfer with the hash of the one before it, and its own."""
BIGGEST: Final = Fen(2**63 - 1)


class Posting(NamedTuple):
    """One transfer to be made; accounts by their codes (accounts.py)."""

    kind: TransferKind
    key: str
    debit: str
    credit: str
    amount: Fen
    cost_kind: str = ""
    reverses_id: UUID | None = None
    reason: str = ""
    note: str = ""


def lock_books() -> Books:
    """The end of the chain, ours until the transaction ends: one school posts one thing at a time.

    Take it before reading what a posting is computed from.
    """
    books = lockable(Books.objects.all()).first()
    if books is None:
        Books.objects.bulk_create([Books()], ignore_conflicts=True)
        books = lockable(Books.objects.all()).get()
    return books


def post(posting: Posting, *, term_code: str, by: User | None, now: datetime, month: str = "") -> Transfer:
    """One transfer. Raises what post_all raises."""
    post_all([posting], term_code=term_code, by=by, now=now, month=month)
    return Transfer.objects.select_related("debit", "credit").get(key=posting.key)


def post_all(
    postings: Sequence[Posting], *, term_code: str, by: User | None, now: datetime, month: str = ""
) -> None:
    """Transfers in this order, all or none; in the first open month from `now` on unless another is named.

    A key that stands already is refused: an action that was done before has nothing to post, so whoever comes here
    again decided on an old object. Whoever moves cash acts for its holder (holding.py). Raises KeyReused, MonthClosed,
    NotTheHolder, OthersMoney, NotEnoughCash, TooLargeForTheBooks.
    """
    if not postings:
        return
    month = month or open_month(term_code, local_date(now))
    with transaction.atomic():
        books = lock_books()
        _refuse_known([posting.key for posting in postings])
        _refuse_closed(term_code, month)
        _append(books, postings, term_code=term_code, month=month, by=by, now=now)
        mark(now=now, months=[month], terms=[term_code])


def open_month(term_code: str, day: date) -> str:
    """The day's month, or the one after the last closed: what comes after a close has its place there.

    Never before the term's first month: what was paid ahead in the holidays opens the term's books.
    """
    last = closed_until(term_code)
    month = max(Month.of(day), Month.of(rules.term(term_code).first_date))
    return str(month if last is None or month > last else last.following())


def closed_until(term_code: str) -> Month | None:
    """The last month that was closed."""
    closed = Statement.objects.filter(term_code=term_code).aggregate(last=Max("month"))["last"]
    return Month(*(int(part) for part in closed.split("-"))) if closed else None


def reverse(
    *, transfer: Transfer, by: User | None, now: datetime, reason: str = "", note: str = ""
) -> Transfer:
    """Undo one transfer by its opposite, in the first open month from `now` on. Raises AlreadyReversed."""
    reverse_all([transfer], by=by, now=now, reason=reason, note=note)
    return Transfer.objects.select_related("debit", "credit").get(reverses=transfer)


def reverse_all(
    transfers: Sequence[Transfer], *, by: User | None, now: datetime, reason: str = "", note: str = ""
) -> None:
    """Undo transfers of one term, all or none; each with its accounts at hand. Raises AlreadyReversed."""
    if not transfers:
        return
    with transaction.atomic():
        lock_books()
        is_reversal = any(transfer.kind == TransferKind.REVERSAL for transfer in transfers)
        if is_reversal or Transfer.objects.filter(reverses__pk__among=[row.pk for row in transfers]).exists():
            raise AlreadyReversed
        opposites = [_opposite(transfer, reason, note) for transfer in transfers]
        post_all(opposites, term_code=transfers[0].term_code, by=by, now=now)


def _opposite(transfer: Transfer, reason: str, note: str) -> Posting:
    return Posting(
        kind=TransferKind.REVERSAL,
        key=f"reversal:{transfer.pk}",
        debit=transfer.credit.code,
        credit=transfer.debit.code,
        amount=Fen(transfer.amount_fen),
        cost_kind=transfer.cost_kind,
        reverses_id=transfer.pk,
        reason=reason,
        note=note,
    )


def _refuse_known(keys: Sequence[str]) -> None:
    if len(set(keys)) != len(keys):
        raise ValueError("one key twice in one posting")
    known = Transfer.objects.filter(key__among=keys).values_list("key", flat=True).first()
    if known is not None:
        raise KeyReused(key=known)


def _refuse_closed(term_code: str, month: str) -> None:
    """A month before a closed one is closed too: the opening of the next was computed from it."""
    if Statement.objects.filter(term_code=term_code, month__gte=month).exists():
        raise MonthClosed(month=month)


def _append(
    books: Books, postings: Sequence[Posting], *, term_code: str, month: str, by: User | None, now: datetime
) -> None:
    """Behind the last position, chained; then the balances and the new end. Rows go in by COPY: they may be thousands."""
    changes = _changes(postings)
    standing = balances.standing(term_code, changes)
    fresh = {code: balances.fresh(term_code, code) for code in sorted(changes.keys() - standing.keys())}
    by_code = standing | fresh
    if accounts.CASH in by_code:
        holding.refuse_strangers(Collector(by_code[accounts.CASH].holder), postings, by, now)
    _refuse_impossible(by_code, changes)
    balances.open_all(term_code, fresh, changes)
    balances.move_all(standing, changes)
    lines = list(_lines(books, postings, term_code=term_code, month=month, by=by, now=now))
    _write(lines, {code: account.pk.hex for code, account in by_code.items()})
    last, _before, books.hash = lines[-1]
    books.position = last.position
    books.save(update_fields=["position", "hash"])


def _write(lines: Iterable[Chained], ids: Mapping[str, str]) -> None:
    rows = (
        (uuid7_text(), *line.columns((ids[line.debit], ids[line.credit])), before, own)
        for line, before, own in lines
    )
    copying.tuples(Transfer, COLUMNS, rows)


def _lines(
    books: Books, postings: Iterable[Posting], *, term_code: str, month: str, by: User | None, now: datetime
) -> Iterator[Chained]:
    """Behind the end of the books."""
    schema, before, who = schema_of(connection), books.hash, by.pk if by is not None else None
    for position, posting in enumerate(postings, start=books.position + 1):
        line = chain.Line(
            position=position,
            kind=posting.kind.value,
            key=posting.key,
            term=term_code,
            month=month,
            debit=posting.debit,
            credit=posting.credit,
            amount_fen=posting.amount,
            cost_kind=posting.cost_kind,
            reverses=posting.reverses_id,
            posted_at=now,
            by=who,
            reason=posting.reason,
            note=posting.note,
        )
        own = chain.digest(schema, line, before)
        yield line, before, own
        before = own


def _changes(postings: Iterable[Posting]) -> dict[str, int]:
    changes: dict[str, int] = {}
    for posting in postings:
        changes[posting.debit] = changes.get(posting.debit, 0) + posting.amount
        changes[posting.credit] = changes.get(posting.credit, 0) - posting.amount
    return changes


def _refuse_impossible(by_code: Mapping[str, Held], changes: Mapping[str, int]) -> None:
    """Said in words; below it stand the constraint no_money_that_is_not_there and the column's own limit."""
    for code, change in changes.items():
        account = by_code[code]
        after = account.balance_fen + change
        if not account.may_go_below_zero and change < 0 and after < 0:
            raise NotEnoughCash(held=format_fen(Fen(account.balance_fen)), asked=format_fen(Fen(-change)))
        if abs(after) > BIGGEST:
            raise TooLargeForTheBooks(most=format_fen(BIGGEST))
