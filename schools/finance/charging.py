"""What a family is charged for a period, in fen. Pure (calculations.md, "Charges")."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from itertools import accumulate, pairwise
from typing import Final, NamedTuple
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import NumericRange

from afterbell.kernel.dates import Month, Period
from afterbell.kernel.money import Fen, round_half_up
from tenants.policies.documents import Caps, Per

NOTHING: Final = Fen(0)
NOTHING_LEFT: Final = Fraction(0)


@dataclass(frozen=True)
class Tariff:
    """The plan's fee and every limit on it: the plan's own, per unit, and those of the policy in force."""

    unit: Per
    fen: Fen
    plan_cap: Fen | None
    caps: Caps

    @property
    def each(self) -> Fen:
        """What one unit really costs."""
        cap = _least(self.plan_cap, _unit_cap(self))
        return self.fen if cap is None else min(self.fen, cap)


@dataclass(frozen=True)
class Due:
    """What a period costs: units × fee, at most the cap that remains for it."""

    units: int
    gross: Fen
    cap: Fen | None


class Earlier(NamedTuple):
    """A charge that the same child has, under whichever agreement."""

    first: date
    last: date
    gross: Fen
    net: Fen
    """Gross less the waiver."""
    credited: Fen
    """Of the net, given back on paper: an exit, absences."""

    @property
    def used(self) -> Fraction:
        """What of a cap it has used up: a part that was given back can be charged again."""
        return (
            Fraction(self.gross * (self.net - self.credited), self.net) if self.net else Fraction(self.gross)
        )

    def used_in(self, months: Sequence[Month]) -> Fraction:
        """Its part in these calendar months. Each of its own has the same share; what was given back was for the last."""
        own = Period(self.first, self.last).months()
        share = Fraction(self.gross, len(own))
        parts = [max(Fraction(0), min(share, self.used - share * n)) for n in range(len(own))]
        return sum((part for month, part in zip(own, parts, strict=True) if month in months), Fraction(0))


def due(tariff: Tariff, *, units: int, days: Period, earlier: Iterable[Earlier] = ()) -> Due:
    """Units × fee, never above a cap.

    Caps belong to the child and the period, not to an agreement, and apply after all items: per unit × units, per
    month × months of the period, per term; each less what the child's other charges have used of it. So does the fee
    itself where it is by month or by term: a child that left and came back pays a month once.

    Worked, Longling, town: 2.50 a class hour, at most 400.00 a term. 159 hours 397.50; 160 hours 400.00; 170 hours
    400.00: the cap binds from the 160th hour on. By the month: 100 hours 250.00, then 70 hours 150.00. Charged 400.00,
    left, and nothing given back: the second application costs 0; with 100.00 given back, at most 100.00.
    """
    earlier = list(earlier)
    months = days.months() if earlier else []
    in_term = sum(each.used for each in earlier)
    in_months = sum(each.used_in(months) for each in earlier)
    per_unit = _least(tariff.plan_cap, _unit_cap(tariff))
    cap = _least(
        None if per_unit is None else Fen(per_unit * units),
        _left(None if tariff.caps.month is None else tariff.caps.month * days.month_count, in_months),
        _left(tariff.caps.term, in_term),
        _left(tariff.fen * units, in_months) if tariff.unit == Per.MONTH and in_months else None,
        _left(tariff.fen, in_term) if tariff.unit == Per.TERM and in_term else None,
    )
    full = Fen(tariff.fen * units)
    return Due(units=units, gross=full if cap is None else min(full, cap), cap=cap)


def _left(cap: int | None, used: int | Fraction) -> Fen | None:
    """Whole fen, down: a cap is not rounded up."""
    return None if cap is None else Fen(max(0, int(cap - used)))


DAYS: Final = 10_000_000
"""More than a date has ordinals: each child has a stretch of numbers of its own."""


def covers(pupil_id: UUID, days: Period) -> NumericRange:
    """Child and days as one range of numbers, so that the database itself refuses a day that is charged twice."""
    base = pupil_id.int * DAYS
    return NumericRange(
        Decimal(base + days.first.toordinal()), Decimal(base + days.last.toordinal() + 1), bounds="[)"
    )


def digest(lines: Iterable[tuple[UUID, int, int]]) -> str:
    """Of a preview: agreement, gross, waived. What the person saw is what is posted, or nothing is."""
    text = "".join(f"{agreement} {gross} {waived}\n" for agreement, gross, waived in sorted(lines))
    return sha256(text.encode()).hexdigest()


def waived_by_percent(gross: Fen, percent: int) -> Fen:
    """The policy's share of the fee, half up."""
    return round_half_up(Fraction(gross * percent, 100))


def carried(gross: Fen, *, before_gross: Fen, before_waived: Fen) -> Fen:
    """The same share of the fee as was waived before: a decision holds for the rest of the term."""
    return round_half_up(Fraction(gross * before_waived, before_gross)) if before_gross else Fen(0)


@dataclass(frozen=True)
class Charged:
    """A charge as it was made, and what became of its planned hours."""

    tariff: Tariff
    """By which it was made: charges of one term can have several, where a cap came in the middle of it."""
    units: int
    gross: Fen
    waived: Fen | Fraction
    """A month of a bill has its part of what was waived on the bill."""
    planned: int
    """Class hours that its period has in the timetable, cancelled ones too."""
    held: int
    """Held and closed, or still to come."""
    cancelled: int
    months: int = 1

    @property
    def share(self) -> Fraction:
        """Of the gross, what the family pays."""
        return Fraction(self.gross - self.waived) / self.gross if self.gross else NOTHING_LEFT


def trued_up(charges: Sequence[Charged], gave: Sequence[Fen] = ()) -> Fen:
    """The net fee that held hours justify; never above what was charged (多退少不补).

    Per class hour: held hours × what one really costs, under the caps. Per month or term: less the cancelled share of the
    hours, because a cancelled session is never at the family's cost. Only the gross of all charges is looked at together,
    for the caps: what was waived stays waived, each charge by its own share.

    `gave`: what the calculation of its absences gave back of each charge; what of it was for hours that were not held
    is not taken off once more.

    Worked: 100 hours at 3.00 planned and charged, 90 held: 270.00. With half waived: 135.00. A month of 70.00 with
    40 planned and 2 cancelled hours: 66.50. Longling: 170 planned, charged 400.00; 165 held is still 400.00. Two months
    of 70.00, the first one waived: half of the second cancelled leaves 35.00, all of the first cancelled 70.00. A fee of
    3.00 that the city's cap makes 2.50: 42 hours charged 105.00, 38 held: 95.00.
    """
    lost = _unjustified(charges)
    if any(gave):
        had = [given([charge], fen) for charge, fen in zip(charges, gave, strict=True)]
        rest = [max(NOTHING_LEFT, own - fen) for own, fen in zip(lost, had, strict=True)]
        lost = within(rest, sum(lost) - sum(had, NOTHING_LEFT))
    net = sum(charge.gross - charge.waived for charge in charges)
    off = sum(fen * charge.share for charge, fen in zip(charges, lost, strict=True) if fen)
    return round_half_up(Fraction(net - off))


def overcharged(charges: Sequence[Charged]) -> list[Fraction]:
    """Of each charge's gross, what it has above the fee for its held hours; what was waived is still in it.

    One after the other, as if all hours of the later ones were held: what was given for September stays as it is.

    A cap of the term binds over all charges: 100 hours 250.00 and 70 hours 150.00 by the month, 5 of the 100 not held:
    165 hours are still 400.00, and nothing is given back.
    """
    kept = _kept(charges)
    return _fitted(charges, kept, kept[0] - kept[-1])


def given(charges: Sequence[Charged], gave: Fen) -> Fraction:
    """Of the gross of these charges, what a calculation that gave `gave` of their fees gave for hours not held."""
    gross = sum(charge.gross for charge in charges)
    net = gross - sum(charge.waived for charge in charges)
    own = sum(_unjustified(charges), Fraction(0))
    return min(Fraction(gave * gross) / net, own) if net else Fraction(0)


def within(lost: Sequence[Fraction], left: Fraction) -> list[Fraction]:
    """In order as long as `left` goes: under a cap what was given for one charge is not given for the next one again."""
    ends = [min(end, max(NOTHING_LEFT, left)) for end in accumulate(lost, initial=NOTHING_LEFT)]
    return [after - before for before, after in pairwise(ends)]


def _unjustified(charges: Sequence[Charged]) -> list[Fraction]:
    """As `overcharged`, with what was charged for more units than there are."""
    gross = sum(charge.gross for charge in charges)
    if sum(map(_justified, charges)) >= gross:  # thousands of families need no fraction
        return [NOTHING_LEFT] * len(charges)
    kept = _kept(charges)
    return _fitted(charges, kept, gross - kept[-1])


def _kept(charges: Sequence[Charged]) -> list[Fraction]:
    """Of all gross: were all hours held, then by those held of the first charge, of the first two, and so on."""
    gross = Fraction(sum(charge.gross for charge in charges))
    held = [_justified(charge) for charge in charges]
    full = [_justified(replace(charge, held=charge.units, cancelled=0)) for charge in charges]
    return [min(gross, sum(held[:n]) + Fraction(sum(full[n:]))) for n in range(len(charges) + 1)]


def _fitted(charges: Sequence[Charged], kept: Sequence[Fraction], lost: Fraction) -> list[Fraction]:
    """The steps of `kept`, together `lost`; of no charge more than its gross: what is above it is another one's."""
    steps = [before - after for before, after in pairwise(kept)]
    own = [min(step, Fraction(charge.gross)) for step, charge in zip(steps, charges, strict=True)]
    room = [charge.gross - fen for charge, fen in zip(charges, own, strict=True)]
    more = within(room, lost - sum(own))
    return [fen + rest for fen, rest in zip(own, more, strict=True)]


def _justified(charge: Charged) -> int | Fraction:
    """Whole fen by the class hour, and where nothing was cancelled: thousands of families need no fraction."""
    tariff = charge.tariff
    if tariff.unit == Per.CLASS_HOUR:
        full = tariff.each * min(charge.units, charge.held)
        return full if tariff.caps.month is None else min(full, tariff.caps.month * charge.months)
    if not charge.cancelled or not charge.planned:
        return charge.gross
    return Fraction(charge.gross * (charge.planned - charge.cancelled), charge.planned)


def _unit_cap(tariff: Tariff) -> Fen | None:
    return {
        Per.MONTH: tariff.caps.month,
        Per.TERM: tariff.caps.term,
        Per.CLASS_HOUR: tariff.caps.class_hour,
    }[tariff.unit]


def _least(*caps: Fen | None) -> Fen | None:
    given = [cap for cap in caps if cap is not None]
    return min(given) if given else None
