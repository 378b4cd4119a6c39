"""`afterbell verify` for families: what is posted to a family is of a row of that family; every share can be redone."""

from collections.abc import Callable, Iterator
from uuid import UUID

from django.db.models import Count, F, Sum
from django.db.models.functions import Coalesce, Least

from afterbell.kernel.money import Fen
from schools.finance import accounts
from schools.finance.models import (
    AddedHours,
    Calculation,
    Charge,
    ChargeRun,
    Payment,
    Refund,
    Settlement,
    Share,
    Transfer,
    TransferKind,
)
from schools.finance.settling import Stake, divide
from schools.finance.states import SettlementState

OF_FAMILIES = (TransferKind.CHARGE, TransferKind.WAIVER, TransferKind.PAYMENT, TransferKind.REFUND)


def families_rows_are_their_own() -> Iterator[str]:
    """Each posting to a family is of a charge, payment, refund, share or calculation of the same family."""
    rows = _rows()
    posted = Transfer.objects.filter(kind__in=OF_FAMILIES)
    whose = posted.annotate(family=Coalesce("debit__agreement", "credit__agreement"))
    for key, family in whose.values_list("key", "family").iterator(chunk_size=5000):
        known = rows.get(_row_of(key))
        if known is None:
            yield f"books, transfer {key} stands for no row"
        elif known != family:
            yield f"books, transfer {key} is of family {family}, its row of family {known}"


def _rows() -> dict[str, UUID]:
    found: dict[str, UUID] = {}
    for kind, model in (("charge", Charge), ("payment", Payment), ("refund", Refund)):
        found.update(
            (f"{kind}:{pk}", family) for pk, family in model.objects.values_list("pk", "agreement").iterator()
        )
    found.update(
        (f"credit:share:{pk.hex}", family)
        for pk, family in Share.objects.values_list("pk", "agreement").iterator()
    )
    found.update(
        (f"credit:{key}", family)
        for key, family in Calculation.objects.values_list("key", "agreement").iterator()
    )
    return found


def _row_of(key: str) -> str:
    """A waiver, and what was added, is of its charge, a sending of its refund."""
    kind, _sep, rest = key.partition(":")
    if kind in ("charge", "waiver"):
        return f"charge:{rest.split(':')[0]}"
    return f"refund:{rest.split(':')[0]}" if kind == "refund" else key


def calculations_stand_in_the_books() -> Iterator[str]:
    """What was given back on paper is what the calculation says; below zero where one of the difference takes it again."""
    rows = Transfer.objects.filter(key__startswith="credit:", reversed_by=None)
    posted = {
        key: fen if debit == accounts.FEES else -fen
        for key, fen, debit in rows.values_list("key", "amount_fen", "debit__code")
    }
    made = Calculation.objects.values_list("key", "credit_fen", "undone_at")
    for key, fen, undone in made.iterator(chunk_size=5000):
        if posted.get(f"credit:{key}", 0) != (fen if undone is None else 0):
            yield f"books, calculation {key} gives {fen} fen, its transfer {posted.get(f'credit:{key}', 0)}"


def runs_are_their_charges() -> Iterator[str]:
    """A run counts its charges and those that it added to; it is taken back as a whole or not at all."""
    added = dict(AddedHours.objects.values_list("run").annotate(n=Count("pk")))
    for run in ChargeRun.objects.annotate(n=Count("charges"), back=Count("charges__taken_back_at")):
        n = run.n + added.get(run.pk, 0)
        if (n, run.back) != (run.families, 0 if run.taken_back_at is None else run.n):
            yield (
                f"books, charge run {run.pk} says {run.families} families, "
                f"{n} were charged, {run.back} taken back"
            )


def shares_can_be_redone() -> Iterator[str]:
    """Who shares a batched pool again from what each share keeps comes to the same fen; no other one made refunds."""
    strays = Refund.objects.exclude(settlement=None).exclude(settlement__state=SettlementState.BATCHED)
    for stray in strays.order_by("pk"):
        yield f"settlement {stray.settlement_id} is not batched, refund {stray.pk} is of it"
    for row in Settlement.objects.filter(state=SettlementState.BATCHED).order_by("term_code", "round", "pk"):
        shares = {share.agreement_id: share for share in row.shares.order_by("agreement_id")}
        stakes = {
            key: Stake(Fen(share.own_fen), share.weight, Fen(share.cap_fen), Fen(share.before_fen))
            for key, share in shares.items()
        }
        had = _had_before(row)
        if any(stake.had for stake in stakes.values()):
            for key, stake in stakes.items():
                if stake.had != had.get(key, 0):
                    yield (
                        f"settlement {row.round} of {row.term_code}, family {key} is said to have had {stake.had} fen "
                        f"by earlier rounds, they gave {had.get(key, 0)}"
                    )
        for key, fen in divide(stakes, Fen(row.pool_fen)).items():
            if fen != shares[key].amount_fen:
                yield (
                    f"settlement {row.round} of {row.term_code}, family {key} got {shares[key].amount_fen} fen, "
                    f"its part is {fen}"
                )


def _had_before(row: Settlement) -> dict[UUID, int]:
    """Rounds from before decision 21 looked at none of the earlier ones: all of their shares say 0."""
    earlier = Share.objects.filter(
        settlement__term_code=row.term_code,
        settlement__state=SettlementState.BATCHED,
        settlement__round__lt=row.round,
    )
    had = Sum(F("amount_fen") - Least("own_fen", "amount_fen"))
    return dict(earlier.values_list("agreement").annotate(fen=had))


CHECKS: tuple[Callable[[], Iterator[str]], ...] = (
    families_rows_are_their_own,
    calculations_stand_in_the_books,
    runs_are_their_charges,
    shares_can_be_redone,
)
