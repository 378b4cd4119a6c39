"""What the ready profiles say in money, by fractions: calculations.md and the profiles' texts, written once more.

Nothing here is the product's: a difference to what it books is a mistake on one of the two sides. Known are the units, caps
and rules that ready profiles have, for a primary school in a city; more would be said here first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from fractions import Fraction
from itertools import groupby, pairwise
from typing import Any

from tests.properties.books_months import (
    HALF,
    ONE_DAY,
    first_of,
    later,
    month_of,
    months_between,
    share_of,
    stretch,
)

REST = ("remaining_days", "class_hours")


def rounded(amount: Fraction) -> int:
    """Half up."""
    return int((amount + HALF) // 1)


def shared(pool: int, parts: Mapping[Any, int]) -> dict[Any, int]:
    """In proportion, nobody more than the own part, by largest remainder, ties to the smaller key."""
    whole = sum(parts.values())
    if whole <= pool:
        return dict(parts)
    exact = {key: Fraction(pool * part, whole) for key, part in parts.items()}
    found = {key: int(fen) for key, fen in exact.items()}
    for key in sorted(exact, key=lambda key: (found[key] - exact[key], key))[: pool - sum(found.values())]:
        found[key] += 1
    return found


def evened(
    everything: int, weights: Mapping[Any, int], had: Mapping[Any, int], most: Mapping[Any, int]
) -> dict[Any, int]:
    """Over several rounds: the one rate at which all of it is gone, nobody below what it had, nobody above the most.

    The rate is found between the points at which somebody begins or ceases to get more; to the fen by largest
    remainder among those whom it moves.
    """

    def at(rate: Fraction) -> dict[Any, Fraction]:
        return {
            key: min(Fraction(most[key]), max(Fraction(had[key]), rate * w)) for key, w in weights.items()
        }

    points = sorted({Fraction(each[key], w) for key, w in weights.items() if w for each in (had, most)})
    whole = min(everything, sum(most[key] if w else had[key] for key, w in weights.items()))
    low = max((point for point in points if sum(at(point).values()) <= whole), default=Fraction(0))
    high = min((point for point in points if point > low), default=low)
    below, above = sum(at(low).values()), sum(at(high).values())
    rate = low if above == below else low + (high - low) * (whole - below) / (above - below)
    exact = at(rate)
    moved = {key: exact[key] for key, w in weights.items() if had[key] <= rate * w < most[key]}
    found = {key: int(fen) for key, fen in exact.items()}
    for key in sorted(moved, key=lambda key: (found[key] - exact[key], key))[: whole - sum(found.values())]:
        found[key] += 1
    return found


def within(parts: Sequence[Fraction], left: Fraction) -> list[Fraction]:
    """In order as long as there is some left."""
    found = []
    for part in parts:
        found.append(max(Fraction(0), min(part, left)))
        left -= found[-1]
    return found


def per_charge(kept: Sequence[Fraction], gross: Sequence[int]) -> list[Fraction]:
    """What each charge has too much, from what all of them keep step by step; what one cannot have the first ones have."""
    own = [
        min(before - after, Fraction(most))
        for (before, after), most in zip(pairwise(kept), gross, strict=True)
    ]
    room = [most - fen for fen, most in zip(own, gross, strict=True)]
    more = within(room, kept[0] - kept[-1] - sum(own))
    return [fen + rest for fen, rest in zip(own, more, strict=True)]


def in_gross(gave: int, bill: "Bill", lost: Fraction) -> Fraction:
    """What a calculation of absences gave of a bill for hours not held, before the waiver."""
    return min(Fraction(gave * bill.gross, bill.net), lost) if bill.net else Fraction(0)


@dataclass(frozen=True)
class Text:
    """A profile for this school."""

    profile: Mapping[str, Any]

    def cap(self, per: str) -> int | None:
        fits = [
            cap["fen"] for cap in self.profile["caps"]
            if cap["per"] == per and "primary" in cap.get("stages", ["primary"]) and "urban" in cap.get("kinds", ["urban"])
        ]  # fmt: skip
        return fits[0] if fits else None

    def price(self, unit: str, fee: int) -> int:
        """Of one unit: a cap of it may have come below the fee since the plan was agreed."""
        cap = self.cap(unit)
        return fee if cap is None else min(fee, cap)

    @property
    def refund(self) -> Mapping[str, Any]:
        return self.profile["refund"]

    @property
    def percent(self) -> int | None:
        return self.profile["waivers"][0]["reduction_percent"]


@dataclass(frozen=True)
class Lesson:
    """As the timetable has it."""

    day: date
    units: int
    state: str
    placed_at: datetime | None = None
    """When the child was given its place in the lesson's activity."""
    off_from: datetime | None = None
    off_until: datetime | None = None
    """It was cancelled between them, and restored."""

    def was_charged_by(self, bill: "Bill") -> bool:
        """A fee by the class hour was for the places and lessons of the moment; others for whatever the child has."""
        if bill.unit != "class_hour":
            return True
        if self.off_from and self.off_until and self.off_from <= bill.charged_at < self.off_until:
            return False
        return self.placed_at is None or self.placed_at <= bill.charged_at


@dataclass
class Bill:
    """A standing charge. `days` are those that it forbids others, `paid` those that it was for when it was made."""

    pk: Any
    run: Any
    agreement: Any
    pupil: Any
    period: str
    unit: str
    units: int
    fee: int
    """What one really costs."""
    gross: int
    waived: int
    days: tuple[date, date] | None
    made: Any
    reason: str = ""
    credited: int = 0
    months: tuple[str, ...] = ()
    began: date = date.min
    last: date = date.max
    """Of the days that it stood for; kept where an exit has left none of them."""
    hours_at: datetime | None = None
    """When hours were added to it last."""

    @property
    def net(self) -> int:
        return self.gross - self.waived

    @property
    def charged_at(self) -> Any:
        return self.hours_at or self.made


@dataclass(frozen=True)
class Part:
    """A month of a bill, or the whole of it."""

    first: date
    gross: int
    fee: Fraction
    hours: Mapping[date, int]
    gone: Mapping[date, int]

    @property
    def units(self) -> int:
        return sum(self.hours.values()) + sum(self.gone.values())


@dataclass
class Case:
    """One family under the rule: its days from the agreement's first to the plan's last, and those that it missed."""

    text: Text
    lessons: Sequence[Lesson]
    first: date
    last: date
    missed: frozenset[date]
    left: date | None = None
    paid_to: Mapping[Any, date] = field(default_factory=dict)
    """By bill, where it was made after the exit: the last day that it was for, or a day of its last month."""
    still: frozenset[date] = frozenset()
    """Cancelled days after the exit: it had no use for them already, so an absence goes on over them."""
    unused: frozenset[date] = frozenset()
    """Those of them that are reckoned as if they could still have been used."""

    def amounts(self, bills: Sequence[Bill], charged: Sequence[Bill], given: Mapping[str, int]) -> list[int]:
        """What each bill gives back, rounded once over all of them. `given` is by period, of absences before."""
        return max((way._amounts(bills, charged, given) for way in self._ways(charged)), key=sum)

    def _amounts(self, bills: Sequence[Bill], charged: Sequence[Bill], given: Mapping[str, int]) -> list[int]:
        over = self._overcharged(bills, charged, given)
        ends, total = [0], Fraction(0)
        for bill in bills:
            total += self._of(bill, over)
            ends.append(rounded(total))
        return [after - before for before, after in pairwise(ends)]

    def _ways(self, charged: Sequence[Bill]) -> list["Case"]:
        """Of the cancelled days between the exit and its month's end none, the last one, the last two, and so on."""
        if self.left is None:
            return [self]
        days_gone = {lesson.day for lesson in self.lessons if lesson.state == "cancelled"}
        case = replace(
            self,
            still=frozenset(
                day for day in days_gone if max(self.left, self.first - ONE_DAY) < day <= self.last
            ),
        )
        if self.text.refund["kind"] in REST:
            return [case]
        of_bills = {day for bill in charged for part in self.parts(bill) for day in part.gone}
        days = sorted(day for day in of_bills if day > self.left and month_of(day) == month_of(self.left))
        return [replace(case, unused=frozenset(days[len(days) - n :])) for n in range(len(days) + 1)]

    def kept(self, bill: Bill) -> date | None:
        """Of a fee by the class hour: the end of the last month for whose rest the rule gives nothing back."""
        assert self.left is not None
        stayed, ends = replace(self, left=None), []
        for part in self.parts(bill):
            if not self._is_unbegun(part):
                whole = replace(part, fee=Fraction(part.gross))
                end = min(self.span(bill)[1], later(first_of(month_of(part.first)), 1) - ONE_DAY)
                gives = self._by_rule(bill, whole) > stayed._by_rule(bill, whole)
                ends.append(min(end, self.left) if gives else end)
        return max(ends, default=None)

    def _of(self, bill: Bill, over: Mapping[Any, Fraction]) -> Fraction:
        parts = self.parts(bill)
        if all(self._is_unbegun(part) for part in parts):
            return Fraction(bill.net)
        return sum((self._of_part(bill, part, over) for part in parts), Fraction(0))

    def _of_part(self, bill: Bill, part: Part, over: Mapping[Any, Fraction]) -> Fraction:
        if self._is_unbegun(part) and len(self.parts(bill)) > 1:
            return part.fee
        return min(part.fee, self._by_rule(bill, part) + self._cancelled(bill, part, over))

    def _is_unbegun(self, part: Part) -> bool:
        if self.left is None:
            return False
        if not part.hours and not part.gone and self._served():
            return True
        return min(part.hours, default=part.first) > self.left

    def _served(self) -> frozenset[date]:
        return frozenset(
            lesson.day for lesson in self.lessons if lesson.state != "cancelled" and self.first <= lesson.day <= self.last
        ) | self.still  # fmt: skip

    def _unused(self, day: date) -> bool:
        return self.left is not None and day > self.left

    def _by_rule(self, bill: Bill, part: Part) -> Fraction:
        kind, rule, of = self.text.refund["kind"], self.text.refund, len(part.hours)
        missed = sum(1 for day in part.hours if self._unused(day) or day in self.missed)
        if kind == "per_day":
            day = next(each["fen"] for each in rule["amounts"] if "primary" in each["stages"])
            own = Fraction(day * bill.net, bill.gross) if bill.gross else Fraction(0)
            return part.fee if missed and missed == of else min(part.fee, own * missed)
        if kind == "half_month_threshold":
            return part.fee / 2 if missed and 2 * missed >= of else Fraction(0)
        if kind == "remaining_days":
            days = {*part.hours, *part.gone}
            return part.fee * sum(map(self._unused, days)) / len(days) if days else Fraction(0)
        if kind == "continuous_months":
            back = sum((n * self._away(day) for day, n in part.hours.items()), Fraction(0))
            return part.fee * back / part.units if part.units else Fraction(0)
        assert kind == "none"
        return Fraction(0)

    def _cancelled(self, bill: Bill, part: Part, over: Mapping[Any, Fraction]) -> Fraction:
        """A lesson that was cancelled is never at the family's cost."""
        gone = {
            day: n
            for day, n in part.gone.items()
            if not (self.text.refund["kind"] in REST and self._unused(day))
        }
        if not gone:
            return Fraction(0)
        if bill.unit == "class_hour":
            return over.get((bill.pk, part.first), Fraction(0))
        if self.text.refund["kind"] == "remaining_days":
            own = sum((Fraction(n, n + part.hours.get(day, 0)) for day, n in gone.items()), Fraction(0))
            return part.fee * own / len({*part.hours, *part.gone})
        return part.fee * sum(gone.values()) / part.units

    def _overcharged(
        self, bills: Sequence[Bill], charged: Sequence[Bill], given: Mapping[str, int]
    ) -> dict[Any, Fraction]:
        """Fees by the class hour: what hours that were cancelled had cost, one part after the other under the term's cap.

        The cap is of the gross; what was waived is each part's own.
        """
        every = [
            (bill, part) for bill in charged for part in self.parts(bill)
            if bill.unit == "class_hour" and not self._is_unbegun(part)
        ]  # fmt: skip
        lost = self._lost(every)
        own = {bill.pk for bill in bills}
        before = {bill.pk: bill for bill, _part in every if bill.pk not in own}
        left = sum(lost, Fraction(0)) - sum(
            (self._given_for(bill, given) for bill in before.values()), Fraction(0)
        )
        mine = [(bill, part, fen) for (bill, part), fen in zip(every, lost, strict=True) if bill.pk in own]
        parts = within([fen for _bill, _part, fen in mine], left)
        return {
            (bill.pk, part.first): fen * part.fee / part.gross if part.gross else Fraction(0)
            for (bill, part, _lost), fen in zip(mine, parts, strict=True)
        }

    def _given_for(self, bill: Bill, given: Mapping[str, int]) -> Fraction:
        alone = sum(self._lost([(bill, part) for part in self.parts(bill)]), Fraction(0))
        return in_gross(given.get(bill.period, 0), bill, alone)

    def _lost(self, every: Sequence[tuple[Bill, Part]]) -> list[Fraction]:
        gross = sum(part.gross for _bill, part in every)
        kept = [
            Fraction(min(gross, sum(
                (part.units - (sum(part.gone.values()) if place < n else 0)) * bill.fee
                for place, (bill, part) in enumerate(every)
            )))
            for n in range(len(every) + 1)
        ]  # fmt: skip
        return per_charge(kept, [part.gross for _bill, part in every])

    def parts(self, bill: Bill) -> list[Part]:
        """By the month where the price is by the month or by the class hour."""
        first, last = self.span(bill)
        own = [
            lesson for lesson in self.lessons if first <= lesson.day <= last and lesson.was_charged_by(bill)
        ]
        hours, gone = _by_day(own, cancelled=False), _by_day(own, cancelled=True)
        if bill.unit == "class_hour":
            gone = _last_ones(gone, bill.units - sum(hours.values()))
        for day in self.unused & gone.keys():
            hours[day] = hours.get(day, 0) + gone.pop(day)
        months = months_between(first, last)
        by_months = bill.unit in ("month", "class_hour") or self.text.refund["kind"] not in (*REST, "none")
        if len(months) == 1 or not by_months:
            return [Part(first, bill.gross, Fraction(bill.net), hours, gone)]
        units = [sum(n for day, n in hours.items() if month_of(day) == month)
                 + sum(n for day, n in gone.items() if month_of(day) == month) for month in months]  # fmt: skip
        return [
            Part(
                max(first, first_of(month)), gross, Fraction(bill.net * gross, bill.gross) if bill.gross else Fraction(0),
                {day: n for day, n in hours.items() if month_of(day) == month},
                {day: n for day, n in gone.items() if month_of(day) == month},
            )
            for month, gross in zip(months, self._prices(bill, units), strict=True)
        ]  # fmt: skip

    def span(self, bill: Bill) -> tuple[date, date]:
        """The family's days in the period, as if nobody had left before it was charged."""
        last = self.paid_to.get(bill.pk, self.last)
        if bill.unit == "month" and bill.pk in self.paid_to:
            last = min(self.last, later(first_of(month_of(last)), 1) - ONE_DAY)
        first = self.first
        if len(bill.period) == 7:
            first = max(first, first_of(bill.period))
            last = min(last, later(first_of(bill.period), 1) - ONE_DAY)
        return first, max(first, last)

    def _prices(self, bill: Bill, units: Sequence[int]) -> list[int]:
        full = [bill.fee * n for n in units] if bill.unit == "class_hour" else [1] * len(units)
        if bill.unit == "class_hour" and self.text.cap("term") is not None and sum(full) >= bill.gross:
            ends = [min(bill.gross, sum(full[:n])) for n in range(len(full) + 1)]
        else:
            full = full if any(full) else [1] * len(full)
            ends = [rounded(Fraction(bill.gross * sum(full[:n]), sum(full))) for n in range(len(full) + 1)]
        return [after - before for before, after in pairwise(ends)]

    def _away(self, day: date) -> Fraction:
        """Of a day's fee, by months without a break from the first missed day on; half a month counts for a half."""
        assert self.text.refund["month"] == "any_day"
        days = sorted(self._served())
        away = {each for each in days if each in self.missed or self._unused(each)}
        share = Fraction(0)
        for is_away, run in groupby(days, away.__contains__):
            if is_away:
                share += share_of(day, *stretch(days, list(run)))
        return min(Fraction(1), share)


def _by_day(lessons: Sequence[Lesson], *, cancelled: bool) -> dict[date, int]:
    found: dict[date, int] = {}
    for lesson in lessons:
        if (lesson.state == "cancelled") == cancelled:
            found[lesson.day] = found.get(lesson.day, 0) + lesson.units
    return found


def _last_ones(gone: Mapping[date, int], units: int) -> dict[date, int]:
    """Of cancelled hours those that the bill was for: the first were cancelled before it."""
    found: dict[date, int] = {}
    for day in sorted(gone, reverse=True):
        n = min(gone[day], max(0, units - sum(found.values())))
        if n:
            found[day] = n
    return found
