"""`afterbell verify` for the rows of the books: each stands for its transfers, nobody is charged, shared or paid twice."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Self
from uuid import UUID

from django.db.models import Count, F, OuterRef, Q, Subquery, Sum

from schools.enrolment.models import Agreement
from schools.finance import doubled, gathering, rules
from schools.finance.models import (
    AddedHours,
    Charge,
    ChargeRun,
    Expenditure,
    Payment,
    Refund,
    Settlement,
    Share,
    Transfer,
    TransferKind,
)
from schools.finance.states import ExpenditureState, RefundState, SettlementState
from schools.planning.models import Plan

A_MOMENT: Final = timedelta(seconds=1)
GONE = (RefundState.ISSUED, RefundState.CONFIRMED)


@dataclass(frozen=True)
class Posted:
    """Transfers by their keys: all that were made, and those that nobody has undone."""

    made: dict[str, int]
    standing: dict[str, int]

    @classmethod
    def read(cls, *kinds: TransferKind) -> Self:
        rows = Transfer.objects.filter(kind__in=kinds).values_list("key", "amount_fen", "reversed_by")
        found = list(rows.iterator(chunk_size=5000))
        return cls(
            {key: fen for key, fen, _undone in found},
            {key: fen for key, fen, undone in found if undone is None},
        )


def charges_stand_in_the_books() -> Iterator[str]:
    """Each charge that was not taken back has its transfer, each waived part has its own; and no others stand."""
    posted: dict[str, dict[UUID, int]] = {"charge": defaultdict(int), "waiver": defaultdict(int)}
    for key, fen in Posted.read(TransferKind.CHARGE, TransferKind.WAIVER).standing.items():
        posted[key.split(":")[0]][UUID(key.split(":")[1])] += fen
    for pk, gross, less, taken_back in Charge.objects.values_list(
        "pk", "gross_fen", "waived_fen", "taken_back_at"
    ).iterator(chunk_size=5000):
        stands = taken_back is None
        made = posted["charge"].pop(pk, 0)
        if made != (gross if stands else 0):
            yield f"books, charge {pk} is {gross} fen, its transfer {made}"
        if posted["waiver"].pop(pk, 0) != (less if stands else 0):
            yield f"books, charge {pk} waives {less} fen, its transfers something else"
    for kind, strays in posted.items():
        for stray in strays:
            yield f"books, transfer {kind}:{stray} has no charge"


def added_hours_are_a_part_of_their_charges() -> Iterator[str]:
    """What runs added to a charge is a part of it, posted as such; what was taken back is not posted any more."""
    standing = Posted.read(TransferKind.CHARGE).standing
    added: dict[UUID, list[int]] = defaultdict(lambda: [0, 0])
    charges = {}
    for row in AddedHours.objects.select_related("run", "charge").order_by("pk"):
        stands = row.run.taken_back_at is None
        if standing.get(f"charge:{row.charge_id}:{row.pk}", 0) != (row.gross_fen if stands else 0):
            yield f"books, added hours {row.pk} is {row.gross_fen} fen, its transfer something else"
        if stands:
            charges[row.charge_id] = row.charge
            added[row.charge_id][0] += row.units
            added[row.charge_id][1] += row.gross_fen
    for pk, (units, fen) in added.items():
        if units > charges[pk].units or fen > charges[pk].gross_fen or charges[pk].hours_at is None:
            yield f"books, charge {pk} is {charges[pk].gross_fen} fen, {fen} were added to it"


def money_rows_stand_in_the_books() -> Iterator[str]:
    """Each payment and each approved expenditure has its transfer with the same sum, and no transfer is without a row."""
    paid = Payment.objects.values_list("pk", "amount_fen")
    spent = Expenditure.objects.filter(state=ExpenditureState.APPROVED).values_list("pk", "amount_fen")
    for kind, rows in ((TransferKind.PAYMENT, paid), (TransferKind.EXPENDITURE, spent)):
        made = Posted.read(kind).made
        for pk, fen in rows.iterator(chunk_size=5000):
            posted = made.pop(f"{kind.value}:{pk}", 0)
            if posted != fen:
                yield f"books, {kind.value} {pk} is {fen} fen, its transfer {posted}"
        for key in made:
            yield f"books, transfer {key} has no {kind.value}"


def refunds_have_their_money() -> Iterator[str]:
    """A refund that went out has exactly one money leg that stands; one that waits has none."""
    legs: dict[str, list[int]] = defaultdict(list)
    for key, fen in Posted.read(TransferKind.REFUND).standing.items():
        if key.startswith("refund:"):
            legs[key.split(":")[1]].append(fen)
    for pk, state, fen in Refund.objects.values_list("pk", "state", "amount_fen").iterator(chunk_size=5000):
        found = legs.pop(str(pk), [])
        if found != ([fen] if state in GONE else []):
            yield f"books, refund {pk} is {state} with {fen} fen, money that went for it: {sum(found)}"
    for key in legs:
        yield f"books, transfer refund:{key} has no refund"


def nobody_is_charged_twice() -> Iterator[str]:
    """No day of a child is charged twice, whatever the period is called."""
    codes = Charge.objects.order_by("term_code").values_list("term_code", flat=True).distinct()
    for term_code in codes:
        for found in doubled.charges(rules.term(term_code)):
            yield f"books, charges {found.first_id} and {found.second_id} stand for the same days of one child"


def moments_are_of_deeds() -> Iterator[str]:
    """No plan's last moment lies behind its charge runs and exits: who gets a place would be dated after it."""
    runs = ChargeRun.objects.filter(plan=OuterRef("pk")).order_by("-posted_at").values("posted_at")[:1]
    charges = Charge.objects.filter(agreement__plan=OuterRef("pk")).order_by("-created_at")
    exits = Agreement.objects.filter(plan=OuterRef("pk"), ended_at__isnull=False).order_by("-ended_at")
    rows = Plan.objects.exclude(
        last_moment=None
    ).annotate(
        run=Subquery(runs),
        charge=Subquery(charges.values("created_at")[:1]),  # from before there were runs
        exit=Subquery(exits.values("ended_at")[:1]),
    )
    for row in rows.order_by("pk"):
        last = max((moment for moment in (row.run, row.charge, row.exit) if moment), default=None)
        if last is None or row.last_moment - last > A_MOMENT:
            yield f"books, plan {row.pk} says {row.last_moment:%Y-%m-%d %H:%M:%S}, its last run or exit was {last}"


def settlements_add_up() -> Iterator[str]:
    """Shares of a batched settlement sum to its pool, each family has one, and each is one refund of that sum."""
    for row in Settlement.objects.filter(state=SettlementState.BATCHED).order_by("term_code", "round", "pk"):
        name = f"settlement {row.round} of {row.term_code}"
        shared = row.shares.aggregate(fen=Sum("amount_fen", default=0))["fen"]
        if shared != max(0, row.pool_fen):
            yield f"{name}, shares make {shared} fen, the pool is {row.pool_fen}"
        for wrong in _shares_without_their_refunds(row):
            yield f"{name}, {wrong}"
        before = Refund.objects.filter(term_code=row.term_code, created_at__lte=row.previewed_at)
        void_by_then = Q(state=RefundState.VOID, voided_at__lte=row.previewed_at)
        counted = before.exclude(Q(settlement__round__gte=row.round) | void_by_then).aggregate(
            fen=Sum("amount_fen", default=0)
        )["fen"]
        if counted != row.refunded_fen:
            yield f"{name}, it counted {row.refunded_fen} fen of refunds, {counted} were open or paid before it"
        if row.refunds.filter(issued_by=F("prepared_by")).exists():
            yield f"{name}, one person prepared and issued a refund"


def _shares_without_their_refunds(row: Settlement) -> Iterator[str]:
    refunds = row.refunds.values_list("agreement").annotate(n=Count("pk"), fen=Sum("amount_fen"))
    made = {agreement: (n, fen) for agreement, n, fen in refunds}
    for agreement, fen, n in (
        Share.objects.filter(settlement=row)
        .values_list("agreement")
        .annotate(fen=Sum("amount_fen"), n=Count("pk"))
    ):
        if n != 1:
            yield f"family {agreement} has {n} shares"
        if made.pop(agreement, (0, 0)) != ((1, fen) if fen else (0, 0)):
            yield f"the refunds of family {agreement} are not its share of {fen} fen"
    for agreement in made:
        yield f"family {agreement} has a refund without a share"


def promised_money_is_there() -> Iterator[str]:
    """Once a term was settled without a gap, everything on its way to families lies in the account."""
    last: dict[str, Settlement] = {}
    for row in Settlement.objects.filter(state=SettlementState.BATCHED).order_by("term_code", "round"):
        last[row.term_code] = row
    for term_code, row in last.items():
        if row.pool_fen >= 0 and gathering.unshared(term_code) < 0:
            yield f"settlement of {term_code}, more refunds are open than money is held for them"


CHECKS: tuple[Callable[[], Iterator[str]], ...] = (
    charges_stand_in_the_books,
    added_hours_are_a_part_of_their_charges,
    money_rows_stand_in_the_books,
    refunds_have_their_money,
    nobody_is_charged_twice,
    settlements_add_up,
    moments_are_of_deeds,
    promised_money_is_there,
)
