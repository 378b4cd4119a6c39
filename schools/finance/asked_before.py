"""Reads whether the same money was asked for before with another form: the pay of one day, a bill of one shop (S36)."""

from datetime import date
from typing import Any
from uuid import UUID

from afterbell.kernel.money import Fen, format_fen
from schools.finance import undone
from schools.finance.findings import Fact, Finding
from schools.finance.models import Expenditure
from schools.finance.spending import Payee, PayeeKind
from schools.finance.states import ExpenditureState


def of(
    *, term_code: str, title: str, payee: Payee, amount: Fen, spent_date: date, own: UUID | None = None
) -> list[Finding]:
    """One finding where another request has the day, the payee, the purpose and the sum in common, and was neither refused
    nor undone. `own` is the request itself. It asks both persons and decides nothing: two such bills may be true.
    """
    whom = {"payee": payee.name} if payee.kind == PayeeKind.SUPPLIER else {"contract": payee.contract_id}
    if payee.kind == PayeeKind.PROVIDER:
        whom = {"provider_id": payee.provider_id}
    rows = Expenditure.objects.filter(
        term_code=term_code,
        title=title,
        amount_fen=amount,
        spent_date=spent_date,
        payee_kind=payee.kind,
        **whom,
    )
    rows = rows.exclude(state=ExpenditureState.REFUSED)
    if own is not None:
        rows = rows.exclude(pk=own)
    stands: dict[str, Any] = {"undone_at": None}
    if not undone.marked(rows).filter(**stands).exists():
        return []
    return [Finding(Fact.TWICE, f"{spent_date} {format_fen(amount)}")]


def of_row(row: Expenditure) -> list[Finding]:
    payee = Payee(row.payee_kind, row.payee, row.contract_id, row.provider_id)
    return of(
        term_code=row.term_code,
        title=row.title,
        payee=payee,
        amount=Fen(row.amount_fen),
        spent_date=row.spent_date,
        own=row.pk,
    )
