"""Reads what a child was charged before: the days that a charge stands for, and what of a cap it has used up (S27)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from uuid import UUID

from afterbell.kernel.dates import Month, Period
from afterbell.kernel.money import Fen
from schools.finance import again, families, refunding
from schools.finance.charging import Earlier
from schools.finance.models import Charge
from schools.planning.models import FeeUnit, Plan


def days_charged(charge: Charge) -> Period | None:
    """What a standing charge stands for; None for one that an exit has left no day."""
    if charge.covers.isempty or charge.first_date is None or charge.last_date is None:
        return None
    return Period(charge.first_date, charge.last_date)


def taken_off(
    agreements: Iterable[tuple[UUID, UUID]], standing: Mapping[UUID, list[Charge]]
) -> Mapping[UUID, Fen]:
    """By charge of a child's other agreements, what the settlement will take off it, from the last one backwards.

    `agreements` are keys, each with its child's. Lessons of the others were cancelled, or their plan ended early: what
    nobody will pay uses up no cap of the next agreement. Of a charge that was waived whole it is what the exit would have
    given back without the waiver. Nothing is asked where no child has another one.
    """
    charged: dict[UUID, dict[UUID, Charge]] = defaultdict(dict)
    by_plan: dict[Plan, set[UUID]] = defaultdict(set)
    for own, pupil in agreements:
        for charge in standing.get(pupil, ()):
            if charge.agreement_id != own:
                charged[charge.agreement_id][charge.pk] = charge
                by_plan[charge.agreement.plan].add(charge.agreement_id)
    found: dict[UUID, Fen] = {}
    for plan, keys in by_plan.items():
        for pk, fen in families.to_come(plan, keys).items():
            left = fen
            for charge in sorted(charged[pk].values(), key=_from, reverse=True):
                found[charge.pk] = Fen(min(charge.gross_fen - charge.waived_fen - charge.credited_fen, left))
                left = Fen(left - found[charge.pk])
        waived = {row.agreement_id for key in keys for row in charged[key].values() if _is_whole(row)}
        exits = refunding.unwaived_exits(plan, waived) if waived else {}
        rows = [row for key in waived for row in charged[key].values() if _is_whole(row)]
        found |= {row.pk: exits.get(row.pk, Fen(0)) for row in rows}
    return found


def _is_whole(charge: Charge) -> bool:
    """All of it was waived."""
    return 0 < charge.gross_fen == charge.waived_fen


def _from(charge: Charge) -> tuple[date, UUID]:
    return charge.first_date or charge.agreement.from_date, charge.pk


def earlier_of(charge: Charge, plan: Plan, off: Fen) -> Earlier:
    """A standing charge as caps look at it; `off` is what it no longer costs beside what was credited (taken_off)."""
    first = max(charge.first_date or charge.agreement.from_date, plan.first_date)
    last = max(first, charge.last_date or charge.agreement.until_date)
    own = again.own(charge)
    if _is_whole(charge):
        return Earlier(
            first, max(last, _paid_to(charge, first)), gross=own.gross, net=own.gross, credited=off
        )
    return Earlier(
        first=first,
        last=max(last, _paid_to(charge, first)),
        gross=own.gross,
        net=own.fee,
        credited=Fen(charge.credited_fen - again.off(charge) + off),
    )


def _paid_to(charge: Charge, first: date) -> date:
    """An exit cuts the days of a charge off, not the months that were paid for: what is kept for them still counts."""
    month = Month.of(first)
    if charge.unit == FeeUnit.MONTH:
        for _each in range(charge.units - 1):
            month = month.following()
        return month.period.first
    return first
