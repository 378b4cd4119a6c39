"""Posting to the books: under the lock of the Books row, chained by hash, each key once, never edited.

Who may post, and why, is decided by the actions; they also write the audit row. What the accounts mean stands in
accounts.py, what is hashed in chain.py.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.kernel.dates import Month, local_date
from afterbell.kernel.errors import Refused
from afterbell.kernel.money import Fen, format_fen
from afterbell.kernel.records import schema_of
from schools.finance import accounts, chain
from schools.finance.models import Account, Books, Statement, Transfer, TransferKind
from schools.planning.models import Plan
from schools.planning.states import PlanState

BATCH = 1000


class KeyReused(Refused):
    """The same key came with other content: one of the two is a mistake."""

    code = "finance.key_reused"
    message = _("编号“%(key)s”已经记过一笔不同的账，没有重复记账。请核对后使用新的编号。")


class MonthClosed(Refused):
    """A closed month stays as it was published."""

    code = "finance.month_closed"
    message = _("%(month)s 已经月结公示，不能再记账。如需更正，请在当前月份冲正。")


class NotEnoughCash(Refused):
    """Nobody spends money that is not there."""

    code = "finance.not_enough_cash"
    message = _("账上现有 %(held)s，不够支付 %(asked)s。没有记账。")


class AlreadyReversed(Refused):
    """Undone once is undone."""

    code = "finance.already_reversed"
    message = _("这笔账已经冲正过，不能再次冲正。")


@dataclass(frozen=True, slots=True)
class Posting:
    """One transfer to be made; accounts by their codes (accounts.py)."""

    kind: TransferKind
    key: str
    debit: str
    credit: str
    amount: Fen
    cost_kind: str = ""
    reverses_id: UUID | None = None


def lock_books() -> Books:
    """The end of the chain, ours until the transaction ends: one school posts one thing at a time.

    Take it before reading what a posting is computed from.
    """
    books = Books.objects.select_for_update().first()
    if books is None:
        Books.objects.bulk_create([Books()], ignore_conflicts=True)
        books = Books.objects.select_for_update().get()
    return books


def end_of_books() -> int:
    """The last position, without a lock: what a preview compares itself with."""
    return Books.objects.values_list("position", flat=True).first() or 0


def open_month(term_code: str, day: date) -> str:
    """The month to book a day in: its own, or the one after the last closed month."""
    own = Month.of(day)
    closed = Statement.objects.filter(term_code=term_code, month__gte=str(own)).order_by("-month").first()
    if closed is None:
        return str(own)
    year, number = closed.month.split("-")
    return str(Month(int(year), int(number)).following())


def post(posting: Posting, *, term_code: str, by: User | None, now: datetime, month: str = "") -> Transfer:
    """One transfer. Raises KeyReused, MonthClosed, NotEnoughCash."""
    return post_all([posting], term_code=term_code, by=by, now=now, month=month)[0]


def post_all(
    postings: Sequence[Posting], *, term_code: str, by: User | None, now: datetime, month: str = ""
) -> list[Transfer]:
    """Transfers in this order, all or none; the month is that of `now` unless another is named.

    A key that stands already with the same content gives the transfer that it made then.
    """
    month = month or str(Month.of(local_date(now)))
    with transaction.atomic():
        books = lock_books()
        known = _known([posting.key for posting in postings])
        fresh = [posting for posting in postings if posting.key not in known]
        for posting in postings:
            if posting.key in known and not _is_same(known[posting.key], posting, term_code):
                raise KeyReused(key=posting.key)
        if fresh:
            _refuse_closed(term_code, month)
            made = _append(books, fresh, term_code=term_code, month=month, by=by, now=now)
            known.update((transfer.key, transfer) for transfer in made)
        return [known[posting.key] for posting in postings]


def reverse(*, transfer: Transfer, by: User | None, now: datetime) -> Transfer:
    """Undo one transfer by its opposite, in the month of `now`. Raises AlreadyReversed."""
    with transaction.atomic():
        lock_books()
        if transfer.kind == TransferKind.REVERSAL or Transfer.objects.filter(reverses=transfer).exists():
            raise AlreadyReversed
        opposite = Posting(
            kind=TransferKind.REVERSAL,
            key=f"reversal:{transfer.pk}",
            debit=transfer.credit.code,
            credit=transfer.debit.code,
            amount=Fen(transfer.amount_fen),
            cost_kind=transfer.cost_kind,
            reverses_id=transfer.pk,
        )
        return post(opposite, term_code=transfer.term_code, by=by, now=now)


def _known(keys: Sequence[str]) -> dict[str, Transfer]:
    if len(set(keys)) != len(keys):
        raise ValueError("one key twice in one posting")
    rows = Transfer.objects.filter(key__in=keys).select_related("debit", "credit")
    return {row.key: row for row in rows}


def _is_same(made: Transfer, posting: Posting, term_code: str) -> bool:
    return (
        made.kind == posting.kind
        and made.term_code == term_code
        and made.debit.code == posting.debit
        and made.credit.code == posting.credit
        and made.amount_fen == posting.amount
        and made.cost_kind == posting.cost_kind
        and made.reverses_id == posting.reverses_id
    )


def _refuse_closed(term_code: str, month: str) -> None:
    """A month before a closed one is closed too: the opening of the next was computed from it."""
    if Statement.objects.filter(term_code=term_code, month__gte=month).exists():
        raise MonthClosed(month=month)


def _append(
    books: Books, postings: Sequence[Posting], *, term_code: str, month: str, by: User | None, now: datetime
) -> list[Transfer]:
    by_code = _accounts(term_code, {code for posting in postings for code in (posting.debit, posting.credit)})
    changes = _changes(postings)
    _refuse_overdraft(by_code, changes)
    schema, before = schema_of(connection), books.hash
    transfers = []
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
            by=by.pk if by is not None else None,
        )
        own = chain.digest(schema, line, before)
        transfers.append(
            Transfer(
                position=position,
                kind=posting.kind,
                key=posting.key,
                term_code=term_code,
                month=month,
                debit=by_code[posting.debit],
                credit=by_code[posting.credit],
                amount_fen=posting.amount,
                cost_kind=posting.cost_kind,
                reverses_id=posting.reverses_id,
                posted_at=now,
                by=by,
                before_hash=before,
                hash=own,
            )
        )
        before = own
    Transfer.objects.bulk_create(transfers, batch_size=BATCH)
    _move_balances({by_code[code].pk: change for code, change in changes.items() if change})
    books.position, books.hash = transfers[-1].position, before
    books.save(update_fields=["position", "hash"])
    return transfers


def _accounts(term_code: str, codes: set[str]) -> dict[str, Account]:
    """The accounts of these codes; those that are missing are opened. Ours by the lock on the books."""
    found = {row.code: row for row in Account.objects.filter(term_code=term_code, code__in=codes)}
    fresh = [
        Account(
            term_code=term_code,
            code=code,
            agreement_id=accounts.agreement_of(code),
            may_go_below_zero=code != accounts.CASH,
            holder=_holder(term_code) if code == accounts.CASH else "",
        )
        for code in sorted(codes - found.keys())
    ]
    Account.objects.bulk_create(fresh, batch_size=BATCH)
    return found | {row.code: row for row in fresh}


def _holder(term_code: str) -> str:
    """Who collects in this term: by the plan that families were told of, or else by the policy (S3)."""
    told = Plan.objects.filter(term_code=term_code, state__in=[PlanState.PUBLISHED, PlanState.ENDED])
    return told.order_by("-version").values_list("collector", flat=True).first() or "school"


def _changes(postings: Iterable[Posting]) -> dict[str, int]:
    changes: dict[str, int] = {}
    for posting in postings:
        changes[posting.debit] = changes.get(posting.debit, 0) + posting.amount
        changes[posting.credit] = changes.get(posting.credit, 0) - posting.amount
    return changes


def _refuse_overdraft(by_code: dict[str, Account], changes: dict[str, int]) -> None:
    """Said in words; below it stands the constraint no_money_that_is_not_there."""
    for code, change in changes.items():
        account = by_code[code]
        if not account.may_go_below_zero and change < 0 and account.balance_fen + change < 0:
            raise NotEnoughCash(held=format_fen(Fen(account.balance_fen)), asked=format_fen(Fen(-change)))


def _move_balances(changes: dict[UUID, int]) -> None:
    """balance = balance + change for all of them in one statement: a settlement moves thousands at once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE finance_account AS account SET balance_fen = account.balance_fen + moved.fen"
            " FROM unnest(%s::uuid[], %s::bigint[]) AS moved (id, fen) WHERE account.id = moved.id",
            [list(changes), list(changes.values())],
        )
