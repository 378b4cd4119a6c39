"""What a refund rule looks at: a bill's months by the term's own calendar, each with the price that it has by itself. Pure.

A family that paid for the whole term at once gets back what a family gets that paid month by month: what a month costs
depends on the fee and on its lessons, never on how the bill was cut.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Final, Self

from afterbell.kernel.dates import Period
from afterbell.kernel.money import Fen, round_half_up
from schools.finance.charging import Tariff
from tenants.policies.documents import RefundKind

NOTHING: Final = Fen(0)
OF_THE_WHOLE: Final = frozenset({RefundKind.REMAINING_DAYS, RefundKind.CLASS_HOURS, RefundKind.NONE})
"""Rules that know no month: where the price is for the term, too, the whole bill is looked at."""


@dataclass(frozen=True)
class Bill:
    """One charge and its days of service.

    `days` are those of the family in the period; `hours` the class hours of each day in its timetable that was held or
    is still to come; `cancelled` those of cancelled sessions that the fee was for. `fee` is net of the waiver.
    """

    label: str
    days: Period
    gross: Fen
    fee: Fen
    hours: Mapping[date, int]
    cancelled: Mapping[date, int]
    is_per_month: bool = False
    hourly: Tariff | None = None
    """Of a fee by the class hour: what is not held comes back by the fee itself and its caps, never by a share."""
    units: int = 0
    given: Fen = NOTHING
    """By the calculation of its period's absences."""
    each: Fen | None = None
    """The price of a month, where a cap of the term lets the last months cost less; otherwise they cost the same."""

    def with_unused(self, days: Collection[date]) -> Self:
        """The same bill as if what was cancelled on these days could still have been used."""
        still = {day: n for day, n in self.cancelled.items() if day in days}
        return replace(
            self,
            hours={**self.hours, **{day: n + self.hours.get(day, 0) for day, n in still.items()}},
            cancelled={day: n for day, n in self.cancelled.items() if day not in days},
        )


@dataclass(frozen=True)
class Part:
    """What a rule looks at: one fee, and the days that it is for."""

    label: str
    """Empty where it is the whole bill."""
    first: date
    gross: Fen
    fee: Fraction
    hours: Mapping[date, int]
    cancelled: Mapping[date, int]
    units: int
    months: int = 1

    @property
    def all_hours(self) -> int:
        return sum(self.hours.values()) + sum(self.cancelled.values())


def parts(bill: Bill, kind: RefundKind) -> list[Part]:
    """The months of a bill; the bill itself where it has one, or where neither price nor rule is by the month."""
    months = bill.days.months()
    by_months = bill.is_per_month or bill.hourly is not None or kind not in OF_THE_WHOLE
    if len(months) < 2 or not by_months:
        fee = Fraction(bill.fee)
        return [
            Part("", bill.days.first, bill.gross, fee, bill.hours, bill.cancelled, bill.units, len(months))
        ]
    hours, cancelled = _by_month(bill.hours), _by_month(bill.cancelled)
    own = [(str(month), hours.get(str(month), {}), cancelled.get(str(month), {})) for month in months]
    units = [sum(held.values()) + sum(gone.values()) for _label, held, gone in own]
    return [
        Part(
            label=label,
            first=max(bill.days.first, month.period.first),
            gross=gross,
            fee=Fraction(bill.fee * gross, bill.gross) if bill.gross else Fraction(0),
            hours=held,
            cancelled=gone,
            units=n,
        )
        for month, (label, held, gone), n, gross in zip(months, own, units, _prices(bill, units), strict=True)
    ]


def _prices(bill: Bill, hours: Sequence[int]) -> list[Fen]:
    """What each month would have cost by itself, in order, so that together they are the bill.

    Worked, Longling: 100 and 70 hours at 2.50, at most 400.00 a term: 250.00 and 150.00, as by the month.
    """
    tariff = bill.hourly
    if tariff is not None:
        full = [_least(tariff.each * n, tariff.caps.month) for n in hours]
        return _split(bill.gross, full, fills=tariff.caps.term is not None)
    if bill.is_per_month:
        return prices_of_months(bill.gross, len(hours), bill.each)
    return _split(bill.gross, hours, fills=False)


def prices_of_months(gross: Fen, count: int, each: Fen | None) -> list[Fen]:
    """Of a price per month: the same for each, or `each` in order as long as the bill goes."""
    return _split(gross, [1 if each is None else each] * count, fills=each is not None)


def _split(gross: Fen, full: Sequence[int], *, fills: bool) -> list[Fen]:
    """By what each would cost without the cap: in order up to the bill's sum, or in proportion."""
    if fills and sum(full) >= gross:
        ends = [min(gross, end) for end in accumulate(full, initial=0)]
    else:
        weights = full if any(full) else [1 for _month in full]
        ends = [round_half_up(Fraction(gross * end, sum(weights))) for end in accumulate(weights, initial=0)]
    return [Fen(after - before) for before, after in pairwise(ends)]


def _least(fen: int, cap: Fen | None) -> int:
    return fen if cap is None else min(fen, cap)


def _by_month(hours: Mapping[date, int]) -> dict[str, dict[date, int]]:
    found: dict[str, dict[date, int]] = defaultdict(dict)
    for day, n in hours.items():
        found[day.isoformat()[:7]][day] = n
    return found
