"""`afterbell verify` for decisions and rules: who granted what, what was approved, whose account it is, under which cap.

Rules are those that were known when a row was made: a profile that came later changes nothing that was done before it.
A fixed number of queries, whatever the number of families, months and terms.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from typing import NamedTuple
from uuid import UUID

from django.db.models import CharField, Min, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Cast, Coalesce, Concat

from afterbell.audit import queries as audit
from afterbell.kernel.dates import Period
from afterbell.kernel.money import Fen
from schools.finance import accounts, approved, charging, known_rules, rules
from schools.finance.actions.reversals import REVERSIBLE
from schools.finance.models import Account, AddedHours, Charge, Expenditure, Transfer, TransferKind, Waiver
from schools.finance.states import ExpenditureState, WaiverState
from schools.planning.models import Plan
from schools.planning.rules import GRADES
from tenants.models import Stage


class Waived(NamedTuple):
    """A standing charge of which something is waived."""

    pk: UUID
    of_run: UUID | None
    term_code: str
    pupil_id: UUID
    reason: str
    created_at: datetime

    @property
    def whose(self) -> tuple[str, UUID, str]:
        return self.term_code, self.pupil_id, self.reason


def waived_fees_were_granted() -> Iterator[str]:
    """Each waived part of a fee has its granted waiver, or carries one of the same child and term on (S36)."""
    granted: dict[tuple[str, UUID, str], set[UUID]] = defaultdict(set)
    of = ("charge__term_code", "charge__agreement__pupil_id", "reason", "charge_id")
    for term_code, pupil, reason, charge in Waiver.objects.filter(state=WaiverState.GRANTED).values_list(*of):
        granted[term_code, pupil, reason].add(charge)
    posted = _waived_at()
    for row in _waived():
        own = granted.get(row.whose, set())
        is_carried = posted.get(row.pk, row.created_at) <= row.created_at
        if row.of_run is not None and row.pk not in own and not (own and is_carried):
            yield f"books, charge {row.pk} is waived for {row.reason}, no waiver was granted for it"


def _waived() -> Iterator[Waived]:
    """Those of before runs had no rows of waivers, either: one without is as old as they are."""
    fields = ("pk", "run_id", "term_code", "agreement__pupil_id", "waiver_reason", "created_at")
    rows = Charge.objects.filter(waived_fen__gt=0, taken_back_at=None).order_by("created_at", "pk")
    for row in rows.values_list(*fields).iterator(chunk_size=5000):
        yield Waived(*row)


def _waived_at() -> dict[UUID, datetime]:
    """When what is waived of each charge was posted: with the charge itself where a decision was carried on."""
    rows = Transfer.objects.filter(kind=TransferKind.WAIVER, reversed_by=None).order_by("position")
    of, own = Cast("charge_id", CharField()), Cast("pk", CharField())
    added = AddedHours.objects.annotate(key=Concat(Value("waiver:"), of, Value(":"), own)).values("key")
    rows = rows.exclude(key__in=added)
    found = rows.values_list("key", "posted_at").iterator(chunk_size=5000)
    return {UUID(key.split(":")[1]): at for key, at in found if key.startswith("waiver:")}


def granted_waivers_take_what_they_say() -> Iterator[str]:
    """A granted waiver is for a reason of the rules' list, and its charge waives what it grants (a red line, else)."""
    known = known_rules.read()
    rows = Waiver.objects.filter(state=WaiverState.GRANTED, charge__taken_back_at=None)
    rows = rows.annotate(more=_added("gross_fen"), less=_added("waived_fen"))
    for waiver in rows.select_related("charge").order_by("pk").iterator(chunk_size=2000):
        charge, more, less = waiver.charge, waiver.more, waiver.less
        if not charge.waived_fen:
            yield f"books, waiver {waiver.pk} was granted, nothing of charge {charge.pk} is waived"
            continue
        days = known.days(charge.term_code, charge.period)
        policy = known.policy(days.first, waiver.decided_at) if days else None
        if policy is None:
            continue
        listed = policy.waiver(waiver.reason)
        if listed is None:
            yield f"books, waiver {waiver.pk} is for {waiver.reason}, which is no reason of the rules"
            continue
        percent, gross, waived = listed.reduction_percent, charge.gross_fen - more, charge.waived_fen - less
        fen = waiver.asked_fen if percent is None else charging.waived_by_percent(Fen(gross), percent)
        if (charge.waiver_reason, waived) != (waiver.reason, fen):
            yield f"books, waiver {waiver.pk} grants {fen} fen, its charge waives {waived}"


def _added(field: str) -> Coalesce:
    """Of what later runs added to the charge of a granted waiver, by the share of what was granted: this column."""
    added = AddedHours.objects.filter(
        charge=OuterRef("charge"), run__taken_back_at=None, run__posted_at__gte=OuterRef("decided_at")
    )
    return Coalesce(Subquery(added.values("charge").annotate(fen=Sum(field)).values("fen")), 0)


def approved_rows_are_as_they_were_approved() -> Iterator[str]:
    """Two persons approved this payee, title, date and sum: the audit log has their digest."""
    entries = audit.details_of("finance.expenditure.approve")
    label = Expenditure._meta.label_lower
    rows = Expenditure.objects.filter(state=ExpenditureState.APPROVED).order_by("pk")
    for row in rows.iterator(chunk_size=2000):
        details = entries.get(f"{label}:{row.pk}")
        if details is None:
            yield f"books, expenditure {row.pk} is approved, the audit log has nobody who did it"
        elif details.get("row_sha256", approved.digest(row)) != approved.digest(row):
            yield f"books, expenditure {row.pk} was changed after it was approved"


def bookings_were_undone_by_somebody() -> Iterator[str]:
    """Each payment or expenditure that is undone has the deed in the audit log, and each such deed stands in the books."""
    deeds = {
        details.get("reverses"): details.get("position")
        for details in audit.details_of("finance.transfer.reverse").values()
    }
    undone = Transfer.objects.filter(reverses__kind__in=REVERSIBLE).order_by("position")
    for position, reverses in undone.values_list("position", "reverses__position").iterator(chunk_size=2000):
        if deeds.pop(reverses, None) != position:
            yield f"books, transfer {position} undoes transfer {reverses}, the audit log has nobody who did it"
    for gone, place in deeds.items():
        yield f"books, somebody undid transfer {gone}, transfer {place} that did it is not there"


def cash_is_its_holders() -> Iterator[str]:
    """The account is the collector's that the term began with: whoever switches it lets others at the money (S3)."""
    known = known_rules.read()
    first = Min("debits__posted_at", filter=Q(debits__kind=TransferKind.PAYMENT))
    rows = Account.objects.filter(code=accounts.CASH).annotate(first=first).order_by("term_code")
    for account in rows:
        term = known.terms.get(account.term_code)
        policy = known.policy(term.first_date, account.first) if term else None
        if policy is not None and account.holder != policy.collector:
            yield f"books, cash of {account.term_code} is held by {account.holder}, the rules say {policy.collector}"


def charges_have_their_caps() -> Iterator[str]:
    """A charge of a run keeps the cap of its day: none is missing, none is above what the rules and the plan allow.

    By the highest of the school's grades: a child's own was that of another year. What is left of a cap after a child's
    other charges is less, never more. With hours that came later it may have its first cap, lowered since.
    """
    most = cache(Caps().most)
    rows = Charge.objects.filter(run__isnull=False, taken_back_at=None).order_by("created_at", "pk")
    fields = ("pk", "cap_fen", "run__plan_id", "term_code", "period", "units", "created_at", "hours_at")
    for pk, cap, *charged, first, added in rows.values_list(*fields).iterator(chunk_size=5000):
        caps = [most(*charged, at) for at in (first, added) if at is not None]
        allowed = max((fen for fen in caps if fen is not None), default=None)
        if allowed is not None and None not in caps and (cap is None or cap > allowed):
            yield f"books, charge {pk} has {cap or 'no'} fen as its cap, the rules give {allowed}"


class Caps:
    """The caps of a school's plans, each by the rules that were known when it charged. Six queries."""

    def __init__(self) -> None:
        self.known, self.school = known_rules.read(), rules.school_here()
        plans = Plan.objects.filter(charge_runs__isnull=False).distinct().prefetch_related("fees")
        self.plans = {plan.pk: plan for plan in plans}

    def most(self, plan_id: UUID, term_code: str, period: str, units: int, at: datetime) -> int | None:
        """The highest cap that a charge of this period can have; None where some grade has none."""
        plan, days = self.plans[plan_id], self.known.days(term_code, period)
        policy = self.known.policy(days.first, at) if days else None
        served = days.overlap(Period(plan.first_date, plan.last_date)) if days else None
        if policy is None or served is None:
            return None
        tariffs = (
            rules.tariff(plan, policy, self.school, grade) for grade in GRADES[Stage(self.school.stage)]
        )
        caps = [charging.due(tariff, units=units, days=served).cap for tariff in tariffs]
        given = [cap for cap in caps if cap is not None]
        return max(given) if len(given) == len(caps) else None


CHECKS: tuple[Callable[[], Iterator[str]], ...] = (
    waived_fees_were_granted,
    granted_waivers_take_what_they_say,
    approved_rows_are_as_they_were_approved,
    bookings_were_undone_by_somebody,
    cash_is_its_holders,
    charges_have_their_caps,
)
