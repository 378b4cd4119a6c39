"""`afterbell verify` for the books: recomputes everything that can be recomputed, and names the first broken promise."""

from collections.abc import Callable, Iterator

from django.db import connection
from django.db.models import Sum

from afterbell.kernel.records import schema_of
from schools.finance import (
    accounts,
    chain,
    family_promises,
    gathering,
    row_promises,
    rule_promises,
    statements,
)
from schools.finance.models import Account, Books, Statement, Transfer
from tenants.exchange.queries import school_here

PUBLIC = "public"
CHUNK = 2000


def broken_promise() -> str | None:
    """The first broken promise of this school's books in a sentence, or None; the city has no books."""
    if schema_of(connection) == PUBLIC:
        return None
    for check in CHECKS:
        found = check()
        if found is not None:
            return found
    return None


def chain_holds() -> str | None:
    """No transfer is missing, changed or in another place; each balance is the sum of its transfers."""
    walk = chain.Walk(schema_of(connection))
    walk.along(_lines())
    if walk.flaw is not None:
        return f"books, {walk.flaw}"
    end = Books.objects.first()
    place = (end.position, end.hash) if end is not None else (0, chain.ZEROS)
    if place != (walk.position, walk.hash):
        return f"books, they end at transfer {walk.position}, their head says {place[0]}"
    rows = Account.objects.values_list("term_code", "code", "balance_fen")
    difference = walk.difference({(term, code): fen for term, code, fen in rows})
    return None if difference is None else f"books, {difference}"


def balances_sum_to_nothing() -> str | None:
    """What one account gains another one loses."""
    rows = Account.objects.values_list("term_code").annotate(fen=Sum("balance_fen")).exclude(fen=0)
    wrong = rows.order_by("term_code").first()
    return None if wrong is None else f"books, the balances of {wrong[0]} sum to {wrong[1]} fen"


def cash_is_there() -> str | None:
    """Money held is never below zero."""
    low = Account.objects.filter(code=accounts.CASH, balance_fen__lt=0).first()
    return None if low is None else f"books, cash of {low.term_code} is {low.balance_fen} fen"


def nobody_got_more_than_paid() -> str | None:
    """No family's refunds are above what it paid."""
    for term_code in Account.objects.values_list("term_code", flat=True).distinct().order_by("term_code"):
        for agreement, standing in gathering.standings(term_code).items():
            if standing.net_paid < 0:
                return f"books, family {agreement} of {term_code} got back more than it paid"
    return None


def statements_hold() -> str | None:
    """Each published text has its hash and says what the books say; months follow each other."""
    rows = Statement.objects.order_by("term_code", "month")
    if not rows:
        return None
    code = school_here().code
    for row in rows:
        name = f"statement {row.month} of {row.term_code}"
        if statements.sha256_of(row.text) != row.sha256:
            return f"{name}, its hash is not the hash of its text"
        if statements.text_of(gathering.month_of_books(code, row.term_code, row.month)) != row.text:
            return f"{name}, the books say something else"
    return None


CHECKS: tuple[Callable[[], str | None], ...] = (
    chain_holds,
    balances_sum_to_nothing,
    cash_is_there,
    nobody_got_more_than_paid,
    statements_hold,
    *row_promises.CHECKS,
    *family_promises.CHECKS,
    *rule_promises.CHECKS,
)


def _lines() -> Iterator[tuple[chain.Line, str, str]]:
    fields = (
        "position", "kind", "key", "term_code", "month", "debit__code", "credit__code", "amount_fen", "cost_kind",
        "reverses_id", "posted_at", "by_id", "reason", "note", "before_hash", "hash",
    )  # fmt: skip
    rows = Transfer.objects.order_by("position").values_list(*fields)
    for *line, before, own in rows.iterator(chunk_size=CHUNK):
        yield chain.Line(*line), before, own
