"""Accounts as posting moves them: by thousands, under the lock on the books. Who may, and why, stands in ledger.py."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple
from uuid import UUID

from django.db import connection

from afterbell.kernel import copying
from afterbell.kernel.among import array
from afterbell.kernel.ids import uuid7
from schools.finance import accounts, collectors
from schools.finance.models import Account

COLUMNS: Final = (
    "id", "term_code", "code", "agreement_id", "balance_fen", "may_go_below_zero", "holder"
)  # fmt: skip


class Held(NamedTuple):
    """An account as much as posting asks of it."""

    pk: UUID
    balance_fen: int
    may_go_below_zero: bool
    holder: str


def standing(term_code: str, codes: Iterable[str]) -> dict[str, Held]:
    """The accounts of these codes, as far as there are any. One query."""
    rows = Account.objects.filter(term_code=term_code, code__among=sorted(codes))
    return {code: Held(*row) for code, *row in rows.values_list("code", *Held._fields)}


def fresh(term_code: str, code: str) -> Held:
    """An account that is yet to be opened."""
    is_cash = code == accounts.CASH
    return Held(uuid7(), 0, not is_cash, collectors.of_term(term_code).value if is_cash else "")


def open_all(term_code: str, fresh: Mapping[str, Held], changes: Mapping[str, int]) -> None:
    """With the balance that the postings give them (fen by code): what is written once needs no second version."""
    rows = [
        (
            held.pk,
            term_code,
            code,
            accounts.agreement_of(code),
            changes[code],
            held.may_go_below_zero,
            held.holder,
        )
        for code, held in fresh.items()
    ]
    if rows:
        copying.tuples(Account, COLUMNS, rows)


def move_all(standing: Mapping[str, Held], changes: Mapping[str, int]) -> None:
    """balance = balance + change (fen by code) in one statement: a settlement moves thousands at once."""
    moved = {held.pk: changes[code] for code, held in standing.items() if changes[code]}
    if not moved:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE finance_account AS account SET balance_fen = account.balance_fen + moved.fen"
            " FROM unnest(%s::uuid[], %s::bigint[]) AS moved (id, fen) WHERE account.id = moved.id",
            [array(moved), array(moved.values())],
        )
