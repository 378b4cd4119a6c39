"""Reads of waivers: rows for the pages and the API, what waits for whom because of them, and what rests on one."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from afterbell.accounts.models import User
from schools.finance.models import AddedHours, Charge, Transfer, TransferKind, Waiver
from schools.finance.states import WaiverState
from schools.people import queries as people

TOLD_FOR = timedelta(days=14)
"""How long a refusal stands in the asker's list, unless it is asked again before."""


def waivers(term_code: str, *, state: str = "") -> QuerySet[Waiver]:
    """With charge, child and both persons."""
    rows = Waiver.objects.filter(charge__term_code=term_code).select_related(
        "charge__agreement__pupil__school_class", "requested_by", "decided_by", "withdrawn_by"
    )
    return rows.filter(state=state) if state else rows


def waiver(waiver_id: UUID) -> Waiver:
    """Raises Waiver.DoesNotExist."""
    rows = Waiver.objects.select_related("charge__agreement__pupil__school_class", "requested_by")
    return rows.get(pk=waiver_id)


def of_charge(charge: Charge) -> list[Waiver]:
    """Every question that was asked about it, with all persons, the latest first."""
    rows = charge.waivers.select_related("requested_by", "decided_by", "withdrawn_by")
    return list(rows.order_by("-requested_at", "-pk"))


def to_decide(user: User) -> int:
    """How many wait for this person: neither asked by him or her, nor for an own child."""
    own = people.ties_of(user).values("pupil")
    rows = Waiver.objects.filter(state=WaiverState.REQUESTED).exclude(requested_by=user)
    return rows.exclude(charge__agreement__pupil__in=own).count()


def refused_lately(user: User, now: datetime) -> int:
    """How many that this person asked for were refused and not asked for again."""
    later = Waiver.objects.filter(charge=OuterRef("charge"), requested_at__gte=OuterRef("decided_at"))
    rows = Waiver.objects.filter(state=WaiverState.REFUSED, requested_by=user, decided_at__gte=now - TOLD_FOR)
    return rows.exclude(Exists(later.exclude(pk=OuterRef("pk")))).count()


def standing_transfers(charge: Charge) -> list[Transfer]:
    """The postings of what is waived on a charge now: carried on from a decision before, or granted for it; and the share
    of what was added to it since."""
    rows = Transfer.objects.filter(kind=TransferKind.WAIVER, key__startswith=key_of(charge), reversed_by=None)
    return list(rows.select_related("debit", "credit").order_by("position"))


def stands_for(hours: AddedHours) -> bool:
    """Whether the share that was waived of added hours has not been taken back."""
    return Transfer.objects.filter(key=key_of_hours(hours), reversed_by=None).exists()


def key_of(charge: Charge) -> str:
    """Of the posting of the first waiver of a charge; what was carried on has it too."""
    return f"waiver:{charge.pk}"


def key_of_hours(hours: AddedHours) -> str:
    """Of the posting of what was waived of hours that were added."""
    return f"{key_of(hours.charge)}:{hours.pk}"


def resting_on(waiver: Waiver) -> list[Charge]:
    """Its own charge, and later ones of the child that carried the share on while no other decision stood for it."""
    if waiver.state != WaiverState.GRANTED:
        return []
    same = Charge.objects.filter(
        term_code=waiver.charge.term_code,
        agreement__pupil=waiver.charge.agreement.pupil_id,
        waiver_reason=waiver.reason,
        waived_fen__gt=0,
        taken_back_at=None,
    )
    granted = dict(
        Waiver.objects.filter(charge__in=same, state=WaiverState.GRANTED, reason=waiver.reason).values_list(
            "charge_id", "decided_at"
        )
    )
    others = [at for charge_id, at in granted.items() if at is not None and charge_id != waiver.charge_id]
    return [
        charge
        for charge in same.order_by("created_at", "pk")
        if charge.pk == waiver.charge_id or (charge.pk not in granted and _is_carried(charge, waiver, others))
    ]


def _is_carried(charge: Charge, waiver: Waiver, others: Sequence[datetime]) -> bool:
    """Made after this decision, and after no other one for the same reason that still stands."""
    is_later = waiver.decided_at is not None and charge.created_at >= waiver.decided_at
    return is_later and not any(at <= charge.created_at for at in others)
