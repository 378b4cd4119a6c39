"""Reads the books for a month or a term: what came in, went out, went back; each family's account."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from afterbell.kernel.dates import Month, local_date
from afterbell.kernel.money import Fen
from schools.enrolment.models import Agreement
from schools.finance import accounts, statements
from schools.finance.models import (
    Account,
    Expenditure,
    Refund,
    RefundCause,
    Statement,
    Transfer,
    TransferKind,
)
from schools.finance.states import RefundState

CASH_IN = Q(debit__code=accounts.CASH)
CASH_OUT = Q(credit__code=accounts.CASH)
NOT_POSTED = (RefundState.DRAFT, RefundState.FAILED)
"""Refunds on their way whose money has not left the account."""


@dataclass(frozen=True)
class Flows:
    """Cash of a month or a term, net of reversals."""

    received: Fen
    staff: Fen
    materials: Fen
    other: Fen
    refunded: Fen
    payments: int = 0
    refunds: int = 0

    @property
    def spent(self) -> Fen:
        return Fen(self.staff + self.materials + self.other)

    @property
    def change(self) -> Fen:
        return Fen(self.received - self.spent - self.refunded)


def flows(term_code: str, month: str | None = None) -> Flows:
    """Of one month, or of the whole term. One query."""
    rows = Transfer.objects.filter(CASH_IN | CASH_OUT, term_code=term_code)
    if month is not None:
        rows = rows.filter(month=month)
    grouped = rows.values_list("kind", "reverses__kind", "cost_kind").annotate(
        came=Sum("amount_fen", filter=CASH_IN, default=0),
        went=Sum("amount_fen", filter=CASH_OUT, default=0),
        n=Count("pk"),
    )
    return _net(grouped)


def _net(parts: Iterable[tuple[str, str | None, str, int, int, int]]) -> Flows:
    """Rows of kind, reversed kind, cost kind, came, went, count; those that touch no cash add nothing."""
    net: dict[str, int] = {}
    count: dict[str, int] = {}
    for kind, reverses, cost_kind, came, went, n in parts:
        what = reverses or kind
        name = cost_kind if what == TransferKind.EXPENDITURE else what
        net[name] = net.get(name, 0) + came - went
        if not reverses and came + went:
            count[name] = count.get(name, 0) + n
    return Flows(
        received=Fen(net.get(TransferKind.PAYMENT, 0)),
        staff=Fen(-net.get("staff", 0)),
        materials=Fen(-net.get("materials", 0)),
        other=Fen(-net.get("other", 0)),
        refunded=Fen(-net.get(TransferKind.REFUND, 0)),
        payments=count.get(TransferKind.PAYMENT, 0),
        refunds=count.get(TransferKind.REFUND, 0),
    )


def fees(term_code: str, month: str | None = None) -> tuple[Fen, Fen]:
    """Charged and waived, net of reversals, of one month or the whole term. One query."""
    kinds = [TransferKind.CHARGE, TransferKind.WAIVER]
    rows = Transfer.objects.filter(term_code=term_code).annotate(of_kind=Coalesce("reverses__kind", "kind"))
    rows = rows.filter(of_kind__in=kinds)
    if month is not None:
        rows = rows.filter(month=month)
    found = dict(
        rows.values_list("of_kind").annotate(
            fen=Sum("amount_fen", filter=Q(reverses=None), default=0)
            - Sum("amount_fen", filter=~Q(reverses=None), default=0)
        )
    )
    return Fen(found.get(TransferKind.CHARGE, 0)), Fen(found.get(TransferKind.WAIVER, 0))


def month_of_books(school_code: str, term_code: str, month: str) -> statements.Month:
    """Everything that a statement of this month says, as the books stand now, up to the month's last transfer."""
    flow = flows(term_code, month)
    last = (
        Transfer.objects.filter(term_code=term_code, month__lte=month).aggregate(last=Max("position"))["last"]
        or 0
    )
    own_hash = Transfer.objects.filter(position=last).values_list("hash", flat=True).first()
    return statements.Month(
        school=school_code,
        term=term_code,
        month=month,
        opening=opening(term_code, month),
        received=flow.received,
        refunded=flow.refunded,
        payments=flow.payments,
        refunds=flow.refunds,
        spent=tuple(spent_lines(term_code, month)),
        position=last,
        hash=own_hash or "0" * 64,
    )


def opening(term_code: str, month: str) -> Fen:
    """Cash of the term when the month began."""
    rows = Transfer.objects.filter(CASH_IN | CASH_OUT, term_code=term_code, month__lt=month)
    found = rows.aggregate(came=Sum("amount_fen", filter=CASH_IN), went=Sum("amount_fen", filter=CASH_OUT))
    return Fen((found["came"] or 0) - (found["went"] or 0))


def waiting(term_code: str) -> dict[UUID, Fen]:
    """By agreement, refunds that have been computed and whose money has not left the account: the families' own."""
    rows = Refund.objects.filter(term_code=term_code, state__in=NOT_POSTED)
    return {pk: Fen(fen) for pk, fen in rows.values_list("agreement").annotate(fen=Sum("amount_fen"))}


def unshared(term_code: str) -> Fen:
    """Money held that no refund takes, as the pool counts it; below zero when more is to go than is held. Two queries.

    What may be spent of it is asked of owing.free: bills may promise more than refunds do.
    """
    held = Account.objects.filter(term_code=term_code, code=accounts.CASH)
    cash = held.values_list("balance_fen", flat=True).first() or 0
    return Fen(cash - sum(waiting(term_code).values()))


def spent_lines(term_code: str, month: str) -> Iterable[statements.Spent]:
    """Expenditures of a month in the order of booking; what was undone stands once more, below zero. Two queries."""
    rows = list(
        Transfer.objects.filter(
            Q(kind=TransferKind.EXPENDITURE) | Q(reverses__kind=TransferKind.EXPENDITURE),
            term_code=term_code,
            month=month,
        )
        .select_related("reverses")
        .order_by("position")
    )
    ids = [_expenditure_id(row) for row in rows]
    known = Expenditure.objects.in_bulk(ids)
    for row, pk in zip(rows, ids, strict=True):
        sign = -1 if row.reverses_id else 1
        asked = known[pk]
        yield statements.Spent(
            local_date(row.posted_at) if row.reverses_id else asked.spent_date,
            row.cost_kind,
            Fen(sign * row.amount_fen),
            asked.title,
        )


def _expenditure_id(row: Transfer) -> UUID:
    key = row.reverses.key if row.reverses is not None else row.key
    return UUID(key.removeprefix("expenditure:"))


@dataclass(frozen=True)
class Standing:
    """A family's account: balance, cash that came less cash that went, and refunds that have not left yet."""

    balance: Fen
    net_cash: Fen
    waiting: Fen

    @property
    def net_paid(self) -> Fen:
        """Paid less what went back or is on its way back."""
        return Fen(self.net_cash - self.waiting)

    @property
    def due(self) -> Fen:
        """Net fees of the family: charged, less waived and given back on paper."""
        return Fen(self.balance + self.net_cash)


def standings(term_code: str, agreement: UUID | None = None) -> dict[UUID, Standing]:
    """Of every family with an account in the term, or of one. Three queries, whatever their number."""
    rows = Transfer.objects.filter(term_code=term_code)
    drafts = Refund.objects.filter(term_code=term_code, state__in=NOT_POSTED)
    owing, getting = rows.exclude(debit__agreement=None), rows.exclude(credit__agreement=None)
    if agreement is not None:
        owing, getting = (
            owing.filter(debit__agreement=agreement),
            getting.filter(credit__agreement=agreement),
        )
        drafts = drafts.filter(agreement=agreement)
    owed = {
        pk: (fen, cash or 0)
        for pk, fen, cash in owing.values_list("debit__agreement").annotate(
            fen=Sum("amount_fen"), cash=Sum("amount_fen", filter=CASH_OUT)
        )
    }
    got = {
        pk: (fen, cash or 0)
        for pk, fen, cash in getting.values_list("credit__agreement").annotate(
            fen=Sum("amount_fen"), cash=Sum("amount_fen", filter=CASH_IN)
        )
    }
    drafted = dict(drafts.values_list("agreement").annotate(fen=Sum("amount_fen")))
    return {
        pk: Standing(
            balance=Fen(owed.get(pk, (0, 0))[0] - got.get(pk, (0, 0))[0]),
            net_cash=Fen(got.get(pk, (0, 0))[1] - owed.get(pk, (0, 0))[1]),
            waiting=Fen(drafted.get(pk, 0)),
        )
        for pk in {*owed, *got}
    }


def computed_drafts(agreement: Agreement) -> QuerySet[Refund]:
    """A family's refunds that wait, of calculations. A share of a settlement is none: it was voted."""
    causes = (RefundCause.EXIT, RefundCause.ABSENCE, RefundCause.AGAIN)
    rows: QuerySet[Refund] = Refund.objects.filter(
        agreement=agreement, cause__in=causes, state__in=NOT_POSTED
    )
    return rows


def closed_months(term_code: str) -> list[str]:
    """In order."""
    return list(
        Statement.objects.filter(term_code=term_code).order_by("month").values_list("month", flat=True)
    )


def months_with_postings(term_code: str) -> list[str]:
    """In order."""
    rows = Transfer.objects.filter(term_code=term_code).order_by("month")
    return list(rows.values_list("month", flat=True).distinct())


def due_day(month: Month, days: int, first: Month) -> date:
    """Calendar days after the month's last one. What was before the first month of all is due with that one: nobody
    publishes for a service that there is not (S36)."""
    return max(month, first).period.last + timedelta(days=days)


@dataclass(frozen=True)
class MonthLine:
    """A month as a bank would print it."""

    month: str
    opening: Fen
    flows: Flows
    closing: Fen


def total(lines: Iterable[MonthLine]) -> Flows:
    """Of all these months."""
    parts = [line.flows for line in lines]
    return Flows(
        received=Fen(sum(part.received for part in parts)),
        staff=Fen(sum(part.staff for part in parts)),
        materials=Fen(sum(part.materials for part in parts)),
        other=Fen(sum(part.other for part in parts)),
        refunded=Fen(sum(part.refunded for part in parts)),
    )


def month_lines(term_code: str) -> list[MonthLine]:
    """Every month with postings in order, each opening with the closing of the one before. One query."""
    rows = Transfer.objects.filter(term_code=term_code)
    grouped = rows.values_list("month", "kind", "reverses__kind", "cost_kind").annotate(
        came=Sum("amount_fen", filter=CASH_IN, default=0),
        went=Sum("amount_fen", filter=CASH_OUT, default=0),
        n=Count("pk"),
    )
    by_month: dict[str, list[tuple[str, str | None, str, int, int, int]]] = {}
    for month, *row in grouped.order_by("month"):
        by_month.setdefault(month, []).append(tuple(row))
    lines: list[MonthLine] = []
    held = Fen(0)
    for month, parts in by_month.items():
        flow = _net(parts)
        lines.append(MonthLine(month, held, flow, Fen(held + flow.change)))
        held = lines[-1].closing
    return lines
