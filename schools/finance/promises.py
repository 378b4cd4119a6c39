"""`afterbell verify` for the books: recomputes everything that can be recomputed, and names every broken promise."""

from collections.abc import Callable, Iterator
from functools import partial

from django.db import connection
from django.db.models import Sum

from afterbell.audit import pasts
from afterbell.kernel import checking
from afterbell.kernel.bounded import bounded
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
ENDS = (
    "SELECT b.id, b.singleton, x.position, x.hash FROM finance_books AS b CROSS JOIN ("
    " SELECT position, hash FROM finance_transfer UNION ALL SELECT 0::bigint, repeat('0', 64)::varchar) AS x"
)
"""Every end that the books have had: a row of finance_books for each transfer, and one before the first."""


def broken_promises() -> Iterator[str]:
    """Every broken promise of this school's books in a sentence, of each check the first 20; the city has no books.

    What is broken may leave a later check without what it counts on: it says so, and the others go on.
    """
    if schema_of(connection) == PUBLIC:
        return
    for check in CHECKS:
        yield from checking.finished(f"books, check {check.__name__}", partial(_first, check))


def broken_promise() -> str | None:
    """The first of them, or None."""
    return next(broken_promises(), None)


def chain_holds() -> Iterator[str]:
    """No transfer is missing, changed or in another place; each balance is the sum of its transfers."""
    walk = chain.Walk(schema_of(connection))
    for flaw in walk.along(_lines()):
        yield f"books, {flaw}"
    end = Books.objects.first()
    place = (end.position, end.hash) if end is not None else (0, chain.ZEROS)
    if place != (walk.position, walk.hash):
        yield f"books, they end at transfer {walk.position}, their head says {place[0]}"
    rows = Account.objects.values_list("term_code", "code", "balance_fen")
    for difference in walk.differences({(term, code): fen for term, code, fen in rows}):
        yield f"books, {difference}"


def sealed_ends_lie_on_the_chain() -> Iterator[str]:
    """Each deed that booked left its end sealed: what was cut off or planted is not undone by what is booked behind it."""
    for position in pasts.strange("finance.books", ENDS):
        yield f"books, the end of the books that entry {position} binds is not on their chain"


def balances_sum_to_nothing() -> Iterator[str]:
    """What one account gains another one loses."""
    rows = Account.objects.values_list("term_code").annotate(fen=Sum("balance_fen")).exclude(fen=0)
    for term_code, fen in rows.order_by("term_code"):
        yield f"books, the balances of {term_code} sum to {fen} fen"


def cash_is_there() -> Iterator[str]:
    """Money held is never below zero."""
    for low in Account.objects.filter(code=accounts.CASH, balance_fen__lt=0).order_by("term_code"):
        yield f"books, cash of {low.term_code} is {low.balance_fen} fen"


def nobody_got_more_than_paid() -> Iterator[str]:
    """No family's refunds are above what it paid."""
    for term_code in Account.objects.values_list("term_code", flat=True).distinct().order_by("term_code"):
        for agreement, standing in gathering.standings(term_code).items():
            if standing.net_paid < 0:
                yield f"books, family {agreement} of {term_code} got back more than it paid"


def statements_hold() -> Iterator[str]:
    """Each published text has its hash and says what the books say; months follow each other."""
    rows = Statement.objects.order_by("term_code", "month")
    if not rows:
        return
    code = school_here().code
    for row in rows:
        name = f"statement {row.month} of {row.term_code}"
        yield from checking.finished(f"{name}, its recomputation", partial(_flaws_of, row, name, code))


CHECKS: tuple[Callable[[], Iterator[str]], ...] = (
    chain_holds,
    sealed_ends_lie_on_the_chain,
    balances_sum_to_nothing,
    cash_is_there,
    nobody_got_more_than_paid,
    statements_hold,
    *row_promises.CHECKS,
    *family_promises.CHECKS,
    *rule_promises.CHECKS,
)


def _flaws_of(row: Statement, name: str, code: str) -> Iterator[str]:
    if statements.sha256_of(row.text) != row.sha256:
        yield f"{name}, its hash is not the hash of its text"
    elif statements.text_of(gathering.month_of_books(code, row.term_code, row.month)) != row.text:
        yield f"{name}, the books say something else"


def _first(check: Callable[[], Iterator[str]]) -> Iterator[str]:
    return bounded(check())


def _lines() -> Iterator[tuple[chain.Line, str, str]]:
    fields = (
        "position", "kind", "key", "term_code", "month", "debit__code", "credit__code", "amount_fen", "cost_kind",
        "reverses_id", "posted_at", "by_id", "reason", "note", "before_hash", "hash",
    )  # fmt: skip
    rows = Transfer.objects.order_by("position").values_list(*fields)
    for *line, before, own in rows.iterator(chunk_size=CHUNK):
        yield chain.Line(*line), before, own
