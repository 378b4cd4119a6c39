"""What goes back to a family that was away or left, by the policy's rule. Pure (calculations.md, "Refund rules").

Each bill is looked at by itself and rounded half up once; the lines say in words how, and are stored with the refund.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Final

from django.utils.translation import gettext as _

from afterbell.kernel.dates import Period, add_months, continuous_months
from afterbell.kernel.money import Fen, format_fen, round_half_up
from tenants.policies.documents import RefundKind, RefundRule, TeachingStage

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Bill:
    """One charge, its days of service and what became of them.

    `hours` are the class hours of each day in the family's timetable that was held or is still to come; `cancelled`
    those of cancelled sessions; `missed` the days on which the child was away. `fee` is net of the waiver.
    """

    label: str
    period: Period
    gross: Fen
    fee: Fen
    hours: Mapping[date, int]
    cancelled: Mapping[date, int]
    missed: frozenset[date] = frozenset()

    @property
    def all_hours(self) -> int:
        return sum(self.hours.values()) + sum(self.cancelled.values())


@dataclass(frozen=True)
class Returned:
    """The sum and how it came about, line by line."""

    fen: Fen
    lines: tuple[str, ...]
    amounts: tuple[Fen, ...] = ()
    """Of each bill, in their order."""


# --- the rules, each on plain numbers -------------------------------------------------------------------------


def per_day(fee: Fen, *, day_fen: Fen, missed: int, of: int, whole_returns_fee: bool) -> Fen:
    """Fixed fen a missed day; all days missed: the whole fee; never more than the fee.

    Worked, Ezhou: primary 70.00 a month, 3.36 a day: 5 days 16.80, 21 of 22 days 70.00 (70.56 is above the fee), all
    20 days 70.00 and not 67.20. Lower secondary 80.00, 3.84: 5 days 19.20.
    """
    if missed and missed == of and whole_returns_fee:
        return fee
    return Fen(min(fee, day_fen * missed))


def month_divided(fee: Fen, *, divisor: Fraction, missed: int) -> Fen:
    """Month ÷ divisor × days. Worked: 70.00 ÷ 20.83 × 5 = 16.80; 80.00 ÷ 20.83 × 5 = 19.20."""
    return min(fee, round_half_up(Fraction(fee * missed) / divisor))


def half_month_threshold(fee: Fen, *, missed: int, of: int, exactly_half_returns_half: bool) -> Fen:
    """Missed more than half of the days: half of the fee. Exactly half: as the profile says.

    Worked, Wuzhou, 120.00, 22 days: 12 missed 60.00; 10 missed 0; 11 missed 60.00 by this profile.
    """
    over = 2 * missed > of or (2 * missed == of and missed > 0 and exactly_half_returns_half)
    return round_half_up(Fraction(fee, 2)) if over else Fen(0)


def remaining_days(fee: Fen, *, remaining: int, of: int) -> Fen:
    """On exit, by the remaining days. Worked, Wuhan: 130.00, 12 of 22 days left: 70.91."""
    return round_half_up(Fraction(fee * remaining, of)) if of else Fen(0)


def class_hours(fee: Fen, *, remaining: int, of: int) -> Fen:
    """On exit, by the remaining class hours. Worked: 480.00 for 160 hours, 40 left: 120.00."""
    return round_half_up(Fraction(fee * remaining, of)) if of else Fen(0)


def absent_months(
    stretch: Period, *, fee_by_day: Mapping[date, Fraction], half_month_returns_half: bool
) -> Fraction:
    """Each continuous month of an absence: that month's fee; a rest of at least half a month: half of its month's.

    Worked, Haikou, 3.00 a class hour, 2 hours a school day: away from 10 March to 24 April. One month (10 March to
    9 April) in full; the rest of 15 days is at least half of 10 April to 9 May: half of that month's fee.
    """
    months = continuous_months(stretch)
    full_until = add_months(stretch.first, months.whole)
    back = _fee(fee_by_day, stretch.first, full_until)
    if months.rest_days and months.rest_is_half and half_month_returns_half:
        back += _fee(fee_by_day, full_until, add_months(stretch.first, months.whole + 1)) / 2
    return back


# --- a family's bills ------------------------------------------------------------------------------------------


def returned(
    rule: RefundRule, *, stage: TeachingStage, bills: Sequence[Bill], left_on: date | None
) -> Returned:
    """What goes back on all bills: for days away, and after `left_on` for the days that will not be used.

    Whatever the rule: a period that begins after the exit is returned whole, and cancelled sessions are never at the
    family's cost. Never more than a bill's fee.
    """
    months_back = _months_back(rule, bills, left_on)
    amounts, lines = [], []
    for bill in bills:
        amount, why = _of_bill(rule, stage, bill, left_on, months_back.get(bill.label, Fraction(0)))
        amounts.append(amount)
        lines.append(
            _("%(label)s：应缴 %(fee)s，%(why)s，退 %(amount)s。")
            % {"label": bill.label, "fee": format_fen(bill.fee), "why": why, "amount": format_fen(amount)}
        )
    return Returned(Fen(sum(amounts)), tuple(lines), tuple(amounts))


def _of_bill(
    rule: RefundRule, stage: TeachingStage, bill: Bill, left_on: date | None, months_back: Fraction
) -> tuple[Fen, str]:
    if left_on is not None and bill.period.first > left_on:
        return bill.fee, _("该期在退出之后开始，全额退还")
    case = _Case(rule, stage, bill, left_on, months_back)
    exact, why = _PARTS[rule.kind](case)
    cancelled = case.for_cancelled()
    if cancelled:
        share = format_fen(round_half_up(cancelled))
        why = _("%(why)s；已取消的服务 %(share)s") % {"why": why, "share": share}
    return min(bill.fee, round_half_up(exact + cancelled)), why


@dataclass(frozen=True)
class _Case:
    """One bill under one rule, with the days counted."""

    rule: RefundRule
    stage: TeachingStage
    bill: Bill
    left_on: date | None
    months_back: Fraction

    def is_unused(self, day: date) -> bool:
        return self.left_on is not None and day > self.left_on

    @property
    def missed(self) -> int:
        """Days of service on which the child was away or had left."""
        days = self.bill.hours
        return sum(1 for day in days if self.is_unused(day) or day in self.bill.missed)

    @property
    def of(self) -> int:
        return len(self.bill.hours)

    @property
    def days(self) -> set[date]:
        """With the cancelled ones: what the fee was for."""
        return {*self.bill.hours, *self.bill.cancelled}

    @property
    def days_left(self) -> int:
        return sum(1 for day in self.days if self.is_unused(day))

    @property
    def hours_left(self) -> int:
        parts = (self.bill.hours, self.bill.cancelled)
        return sum(n for part in parts for day, n in part.items() if self.is_unused(day))

    def for_cancelled(self) -> Fraction:
        """Rules that share by what is left have the cancelled days after the exit among them already."""
        shares_rest = self.rule.kind in {RefundKind.REMAINING_DAYS, RefundKind.CLASS_HOURS}
        cancelled = self.bill.cancelled.items()
        hours = sum(n for day, n in cancelled if not (shares_rest and self.is_unused(day)))
        return Fraction(self.bill.fee * hours, self.bill.all_hours) if self.bill.all_hours else Fraction(0)


def _part_per_day(case: _Case) -> tuple[Fraction, str]:
    """A family that pays a part of the fee gets that part of the daily sum."""
    bill = case.bill
    day_fen = case.rule.per_day(case.stage)
    own = round_half_up(Fraction(day_fen * bill.fee, bill.gross)) if bill.gross else Fen(0)
    whole = bool(case.rule.whole_month_returns_fee)
    fen = per_day(bill.fee, day_fen=own, missed=case.missed, of=case.of, whole_returns_fee=whole)
    words = _("缺勤 %(missed)s 天（共 %(of)s 天），每天 %(day)s，全月缺勤退全月")
    return Fraction(fen), words % {"missed": case.missed, "of": case.of, "day": format_fen(own)}


def _part_month_divided(case: _Case) -> tuple[Fraction, str]:
    divisor = case.rule.divisor or Fraction(2083, 100)
    fen = month_divided(case.bill.fee, divisor=divisor, missed=case.missed)
    words = _("缺勤 %(missed)s 天，按月费除以 %(divisor)s 乘天数")
    return Fraction(fen), words % {"missed": case.missed, "divisor": float(divisor)}


def _part_threshold(case: _Case) -> tuple[Fraction, str]:
    half = bool(case.rule.exactly_half_returns_half)
    fen = half_month_threshold(case.bill.fee, missed=case.missed, of=case.of, exactly_half_returns_half=half)
    words = _("缺勤 %(missed)s 天（共 %(of)s 天），缺勤过半退一半")
    return Fraction(fen), words % {"missed": case.missed, "of": case.of}


def _part_months(case: _Case) -> tuple[Fraction, str]:
    return case.months_back, _("连续缺勤每满一个月退该月，满半个月退半个月")


def _part_remaining(case: _Case) -> tuple[Fraction, str]:
    fen = remaining_days(case.bill.fee, remaining=case.days_left, of=len(case.days))
    words = _("剩余 %(left)s 天（共 %(of)s 天），按剩余天数")
    return Fraction(fen), words % {"left": case.days_left, "of": len(case.days)}


def _part_hours(case: _Case) -> tuple[Fraction, str]:
    fen = class_hours(case.bill.fee, remaining=case.hours_left, of=case.bill.all_hours)
    words = _("剩余 %(hours)s 课时（共 %(all)s 课时），按剩余课时")
    return Fraction(fen), words % {"hours": case.hours_left, "all": case.bill.all_hours}


def _part_none(_case: _Case) -> tuple[Fraction, str]:
    return Fraction(0), _("现行政策没有规定中途退费")


_PARTS: Final[Mapping[RefundKind, Callable[[_Case], tuple[Fraction, str]]]] = {
    RefundKind.PER_DAY: _part_per_day,
    RefundKind.MONTH_DIVIDED: _part_month_divided,
    RefundKind.HALF_MONTH_THRESHOLD: _part_threshold,
    RefundKind.CONTINUOUS_MONTHS: _part_months,
    RefundKind.REMAINING_DAYS: _part_remaining,
    RefundKind.CLASS_HOURS: _part_hours,
    RefundKind.NONE: _part_none,
}


def _months_back(rule: RefundRule, bills: Sequence[Bill], left_on: date | None) -> dict[str, Fraction]:
    """By bill, for the rule of continuous months: an absence does not stop where a bill does."""
    if rule.kind != RefundKind.CONTINUOUS_MONTHS:
        return {}
    begun = [bill for bill in bills if left_on is None or bill.period.first <= left_on]
    half = bool(rule.half_month_returns_half)
    found: dict[str, Fraction] = {}
    for stretch in absences(begun, left_on):
        for bill in begun:
            by_day = {
                day: Fraction(bill.fee * n, bill.all_hours) for day, n in bill.hours.items() if bill.all_hours
            }
            back = absent_months(stretch, fee_by_day=by_day, half_month_returns_half=half)
            found[bill.label] = found.get(bill.label, Fraction(0)) + back
    return found


def absences(bills: Iterable[Bill], left_on: date | None) -> list[Period]:
    """Stretches from the first missed day to the day before the child came again, or to the end of the last bill."""
    bills = list(bills)
    if not bills:
        return []
    days = sorted({day for bill in bills for day in bill.hours})
    away = {day for bill in bills for day in bill.missed if day in bill.hours}
    away |= {day for day in days if left_on is not None and day > left_on}
    stretches: list[Period] = []
    begins: date | None = None
    for day in days:
        if day in away and begins is None:
            begins = day
        elif day not in away and begins is not None:
            stretches.append(Period(begins, day - ONE_DAY))
            begins = None
    if begins is not None:
        stretches.append(Period(begins, max(days[-1], max(bill.period.last for bill in bills))))
    return stretches


def _fee(fee_by_day: Mapping[date, Fraction], first: date, before: date) -> Fraction:
    return sum((fen for day, fen in fee_by_day.items() if first <= day < before), Fraction(0))
