"""What goes back to a family that was away or left, by the policy's rule. Pure (calculations.md, "Refund rules").

Each month of each bill is looked at by itself (bill_parts), exactly, so that by month and by term a family gets the same.
All of them together are rounded half up once, at the end; the lines say in words how, with the numbers of the sum, and are
stored with the refund.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import cached_property
from itertools import accumulate, groupby, pairwise
from typing import Final, NamedTuple, Self

from django.utils.translation import gettext as _

from afterbell.kernel.dates import Month
from afterbell.kernel.money import Fen, format_fen, round_half_up
from schools.finance import absent_months, charging, refund_sums
from schools.finance.absent_months import Spell
from schools.finance.bill_parts import OF_THE_WHOLE, Bill, Part, parts
from schools.finance.charging import Charged, Tariff
from tenants.policies.documents import MonthCount, RefundKind, RefundRule, TeachingStage

NOTHING: Final = Fraction(0)
GIVEN_NOTHING: Final = Fen(0)
SHARES_THE_REST: Final = frozenset({RefundKind.REMAINING_DAYS, RefundKind.CLASS_HOURS})


@dataclass(frozen=True)
class Returned:
    """The sum and how it came about, line by line."""

    fen: Fen
    lines: tuple[str, ...]
    amounts: tuple[Fen, ...] = ()
    """Of each bill by the rule, in their order; what was given before is in them."""


class Sum(NamedTuple):
    """Exact, with its words; without words nobody needs to hear of it."""

    fen: Fraction
    why: str


@dataclass(frozen=True)
class Case:
    """One agreement under the rule of the policy that its term began with.

    `days` are the service days of the child's own timetable, of the whole plan, and `missed` those of them on which it
    was away: an absence does not stop where a bill does. `before` is what earlier calculations gave for these bills.
    """

    rule: RefundRule
    stage: TeachingStage
    grade: int
    bills: tuple[Bill, ...]
    days: frozenset[date]
    missed: frozenset[date]
    policy: str
    before: Fen = GIVEN_NOTHING
    left_on: date | None = None
    charged: tuple[Bill, ...] = ()
    """All bills of the agreement, where only some are looked at: a cap binds over all of them."""
    cancelled_days: frozenset[date] = frozenset()
    """Of its timetable: an absence that an exit began does not end where lessons after it are cancelled."""
    as_unused: int = 0
    """Cancelled days after the exit that count as days of service that it left unused."""

    def returned(self, *, left_on: date | None) -> Returned:
        """What goes back on all bills: for days away, and after `left_on` for the days that will not be used.

        Whatever the rule: a month whose service begins after the exit is returned whole, and cancelled sessions are
        never at the family's cost. Never more than a month's part of the fee, and together with what was given before
        never more than the rule gives.
        """
        if left_on is None:
            return self._returned()
        return max((way._returned() for way in self._ways(left_on)), key=lambda found: sum(found.amounts))

    def _ways(self, left_on: date) -> Iterator[Self]:
        """As things are, then with the last cancelled days after the exit as if they could still have been used.

        A lesson cancelled after an exit never makes it give less than before: so the sum is the same whether the exit was
        recorded before or after. Only the month of the exit can differ: later ones go back whole. Rules that share by
        what is left have such days among it already.
        """
        still = self.days | {day for day in self.cancelled_days if day > left_on}
        case = replace(self, left_on=left_on, days=still)
        yield case
        if self.rule.kind in SHARES_THE_REST:
            return
        month = Month.of(left_on)
        bills = self.charged or self.bills
        days = sorted(
            {day for bill in bills for day in bill.cancelled if day > left_on and Month.of(day) == month}
        )
        for first in reversed(range(len(days))):
            unused = frozenset(days[first:])
            yield replace(
                case,
                bills=tuple(bill.with_unused(unused) for bill in self.bills),
                charged=tuple(bill.with_unused(unused) for bill in self.charged),
                as_unused=len(unused),
            )

    def _returned(self) -> Returned:
        sums = [_of_bill(self, bill) for bill in self.bills]
        amounts = _rounded_once([found.fen for found in sums])
        lines = [_line(*each) for each in zip(self.bills, sums, amounts, strict=True)]
        if self.as_unused:
            lines.append(
                _("退出之后才取消的服务 %(days)s 天按退出后没有使用计算，这样退得更多。")
                % {"days": self.as_unused}
            )
        if self.before:
            lines.append(_("减去此前计算已退的 %(before)s。") % {"before": format_fen(self.before)})
        return Returned(Fen(max(0, sum(amounts) - self.before)), tuple(lines), tuple(amounts))

    def kept(self, *, left_on: date) -> tuple[date | None, ...]:
        """Until when each bill stays charged after an exit, should the child come back; None where it goes back whole.

        A fee by the class hour was for lessons: those that the rule gives nothing back for are paid for. What a fee for
        a month or a term was used for already is taken off the next one's price (charging.due), its days are free.
        """
        case = replace(self, left_on=left_on)
        return tuple(
            max(_kept(case, bill, left_on), default=None) if bill.hourly else left_on for bill in self.bills
        )

    @cached_property
    def spells(self) -> list[Spell]:
        """Of the rule of continuous months; it has both parameters (schema.json)."""
        away = {day for day in self.days if day in self.missed or self.is_unused(day)}
        count, half = self.rule.month or MonthCount.ANY_DAY, bool(self.rule.half_month_returns_half)
        return absent_months.spells(count, days=self.days, away=away, half_month_returns_half=half)

    def is_unused(self, day: date) -> bool:
        return self.left_on is not None and day > self.left_on

    def is_unbegun(self, part: Part) -> bool:
        """Nothing of it was used: its first lesson that was not cancelled is after the exit, or there was none at all."""
        has_none = self.left_on is not None and bool(self.days) and not part.all_hours
        return has_none or self.is_unused(min(part.hours, default=part.first))

    @cached_property
    def overcharged(self) -> dict[tuple[str, str], Fraction]:
        """Of the gross of each part of the bills by the class hour: charged for hours that were cancelled."""
        every = [
            (bill, part, bill.hourly)
            for bill in self.charged or self.bills
            for part in parts(bill, self.rule.kind)
            if bill.hourly and not self.is_unbegun(part)
        ]
        if not every:
            return {}
        found = charging.overcharged([self.held(part, tariff) for _bill, part, tariff in every])
        before = {bill.label: (bill, tariff) for bill, _part, tariff in every if bill not in self.bills}
        left = sum(found) - sum(self._given_for(*own) for own in before.values())
        pairs = zip(every, found, strict=True)
        own = {(bill.label, part.label): fen for (bill, part, _), fen in pairs if bill in self.bills}
        return dict(zip(own, charging.within(list(own.values()), Fraction(left)), strict=True))

    def _given_for(self, bill: Bill, tariff: Tariff) -> Fraction:
        """Of its gross for its cancelled hours, by the calculation of its period."""
        return charging.given([self.held(part, tariff) for part in parts(bill, self.rule.kind)], bill.given)

    def held(self, part: Part, tariff: Tariff) -> Charged:
        """As it was charged, and what became of its hours."""
        cancelled = self.cancelled_in(part.cancelled)
        return Charged(
            tariff=tariff,
            units=part.units,
            gross=part.gross,
            waived=part.gross - part.fee,
            planned=part.all_hours,
            held=part.all_hours - cancelled,
            cancelled=cancelled,
            months=part.months,
        )

    def cancelled_in(self, cancelled: Mapping[date, int]) -> int:
        """Rules that share by what is left have the cancelled days after the exit among them already."""
        shares_rest = self.rule.kind in SHARES_THE_REST
        return sum(n for day, n in cancelled.items() if not (shares_rest and self.is_unused(day)))

    def missed_in(self, part: Part) -> int:
        """Days of service on which the child was away or had left."""
        return sum(1 for day in part.hours if self.is_unused(day) or day in self.missed)


def _rounded_once(exact: Sequence[Fraction]) -> list[Fen]:
    """Half up at the end of all of them: together they are the rounded total, each at most a fen from its own sum."""
    ends = [round_half_up(end) for end in accumulate(exact, initial=NOTHING)]
    return [Fen(after - before) for before, after in pairwise(ends)]


def _line(bill: Bill, found: Sum, amount: Fen) -> str:
    words = {"label": bill.label, "fee": format_fen(bill.fee), "why": found.why, "amount": format_fen(amount)}
    said = _("%(label)s：应缴 %(fee)s，%(why)s，退 %(amount)s。") % words
    return said if amount == round_half_up(found.fen) else f"{said}{_('（各期合计后四舍五入一次）')}"


def _of_bill(case: Case, bill: Bill) -> Sum:
    each = parts(bill, case.rule.kind)
    if all(case.is_unbegun(part) for part in each):
        words = _("退出前没有上过课，全额退还 %(full)s")
        return Sum(Fraction(bill.fee), words % {"full": _full(bill, Fraction(bill.fee), bill.units)})
    sums = [(part, _of_part(case, bill, part)) for part in each]
    given = [found.why for part, found in sums if found.why and (found.fen or not part.label)]
    kept = _kept_months([(part.label, found.why) for part, found in sums if part.label and not found.fen])
    why = _("；").join([*given, *kept]) or _nothing(case.rule)
    return Sum(sum((found.fen for _part, found in sums), NOTHING), why)


def _kept_months(months: Sequence[tuple[str, str]]) -> list[str]:
    """Months that give nothing, each with its reason, said once for neighbours that have the same one."""
    named = [(label, why) for label, why in months if why]
    words = _("%(months)s 不退（%(why)s）")
    return [
        words % {"months": "、".join(label for label, _why in group), "why": why}
        for why, found in groupby(named, lambda each: each[1])
        for group in (list(found),)
    ]


def _full(bill: Bill, fee: Fraction, units: int) -> str:
    """A fee by the class hour as it was reckoned, where nothing was taken off it: 26 课时 × ¥2.80 = ¥72.80."""
    if bill.hourly is None or bill.hourly.each * units != fee:
        return _money(fee)
    words = _("%(n)s 课时 × %(each)s = %(fee)s")
    return words % {"n": units, "each": format_fen(bill.hourly.each), "fee": _money(fee)}


def _of_part(case: Case, bill: Bill, part: Part) -> Sum:
    """A month that gives nothing has its reason without its name: it is named with the others of them."""
    if part.label and case.is_unbegun(part):
        words = _("%(month)s 退出前没有上过课，全额退还 %(full)s")
        full = _full(bill, part.fee, part.units)
        return Sum(part.fee, words % {"month": part.label, "full": full} if part.fee else "")
    by_rule = _RULES[case.rule.kind](case, bill, part)
    cancelled = _for_cancelled(case, bill, part)
    why = _("；").join(words for words in (by_rule.why, cancelled.why) if words)
    fen = min(part.fee, by_rule.fen + cancelled.fen)
    if part.label and not fen:
        return Sum(NOTHING, _why_nothing(case, part, why) if part.fee else "")
    return Sum(fen, f"{part.label} {why}".strip())


def _why_nothing(case: Case, part: Part, why: str) -> str:
    """A month without an absence is named to who left, not to who was away in another one."""
    if why and (case.missed_in(part) or case.rule.kind in OF_THE_WHOLE):
        return why
    return _nothing(case.rule) if case.left_on is not None else ""


def _kept(case: Case, bill: Bill, left_on: date) -> Iterator[date]:
    """Of each part that was begun: its end, or the exit where the rule gives something for the days after it."""
    stayed, rule = replace(case, left_on=None), _RULES[case.rule.kind]
    for part in parts(bill, case.rule.kind):
        if case.is_unbegun(part):
            continue
        whole = replace(part, fee=Fraction(part.gross))
        end = min(bill.days.last, Month.of(part.first).period.last)
        yield min(end, left_on) if rule(case, bill, whole).fen > rule(stayed, bill, whole).fen else end


def _for_cancelled(case: Case, bill: Bill, part: Part) -> Sum:
    """A share of a fee for a month or a term; of one by the class hour what is above the fee for the others."""
    hours = case.cancelled_in(part.cancelled)
    if not hours:
        return Sum(NOTHING, "")
    if bill.hourly:
        fen = case.overcharged[bill.label, part.label] * case.held(part, bill.hourly).share
        words = _(
            "已取消的服务 %(hours)s 课时（收费 %(units)s 课时），其余课时应缴 %(kept)s，%(fee)s − %(kept)s %(sum)s"
        )
        values = {"hours": hours, "units": part.units, "fee": _money(part.fee), "sum": _is(fen)}
        return Sum(fen, words % {**values, "kept": _money(part.fee - fen)})
    if case.rule.kind == RefundKind.REMAINING_DAYS:
        return _for_cancelled_days(case, part)
    fen = part.fee * hours / part.all_hours
    words = _("已取消的服务 %(hours)s 课时（共 %(all)s 课时），%(fee)s × %(hours)s ÷ %(all)s %(sum)s")
    return Sum(fen, words % {"hours": hours, "all": part.all_hours, "fee": _money(part.fee), "sum": _is(fen)})


def _for_cancelled_days(case: Case, part: Part) -> Sum:
    """Where the fee goes by days, a cancelled lesson is its part of its day: who leaves before it gets no less."""
    of = len({*part.hours, *part.cancelled})
    own = [
        Fraction(n, n + part.hours.get(day, 0))
        for day, n in part.cancelled.items()
        if not case.is_unused(day)
    ]
    days = sum(own, NOTHING)
    fen = part.fee * days / of
    words = _("已取消的服务 %(days)s 天（共 %(of)s 天），%(fee)s × %(days)s ÷ %(of)s %(sum)s")
    return Sum(fen, words % {"days": f"{float(days):g}", "of": of, "fee": _money(part.fee), "sum": _is(fen)})


def _per_day(case: Case, bill: Bill, part: Part) -> Sum:
    """A family that pays a part of the fee gets that part of the daily sum."""
    day, missed, of = case.rule.per_day(case.stage, case.grade), case.missed_in(part), len(part.hours)
    own = Fraction(day * bill.fee, bill.gross) if bill.gross else NOTHING
    whole = bool(case.rule.whole_month_returns_fee)
    fen = refund_sums.per_day(part.fee, day=own, missed=missed, of=of, whole_returns_fee=whole)
    values = {"missed": missed, "of": of, "fee": _money(part.fee), "sum": _is(fen)}
    values |= {"day": format_fen(day), "net": format_fen(bill.fee), "gross": format_fen(bill.gross)}
    if whole and missed and missed == of:
        words = _("服务日 %(of)s 天全部缺勤，全额退还 %(fee)s")
    elif bill.fee == bill.gross:
        words = _("缺勤 %(missed)s 天 × %(day)s %(sum)s")
    else:
        words = _("缺勤 %(missed)s 天 × %(day)s ×（实缴 %(net)s ÷ 标准 %(gross)s）%(sum)s")
    return Sum(fen, words % values + _at_most(fen, own * missed))


def _month_divided(case: Case, _bill: Bill, part: Part) -> Sum:
    divisor, missed = case.rule.divisor or Fraction(2083, 100), case.missed_in(part)
    fen = refund_sums.month_divided(part.fee, divisor=divisor, missed=missed)
    words = _("缺勤 %(missed)s 天 × %(fee)s ÷ %(divisor)s %(sum)s")
    values = {"missed": missed, "fee": _money(part.fee), "divisor": f"{float(divisor):g}", "sum": _is(fen)}
    return Sum(fen, words % values + _at_most(fen, part.fee * missed / divisor))


def _half_month_threshold(case: Case, _bill: Bill, part: Part) -> Sum:
    half, missed, of = bool(case.rule.exactly_half_returns_half), case.missed_in(part), len(part.hours)
    fen = refund_sums.half_month_threshold(part.fee, missed=missed, of=of, exactly_half_returns_half=half)
    if fen:
        words = _("缺勤 %(missed)s 天（共 %(of)s 天），达到退一半的标准，%(fee)s ÷ 2 %(sum)s")
    else:
        words = _("缺勤 %(missed)s 天（共 %(of)s 天），没有达到退一半的标准")
    return Sum(fen, words % {"missed": missed, "of": of, "fee": _money(part.fee), "sum": _is(fen)})


def _continuous_months(case: Case, _bill: Bill, part: Part) -> Sum:
    """Each day's part of the fee goes by its class hours; those of cancelled sessions go back by themselves."""
    if not part.all_hours:
        return Sum(NOTHING, "")
    hours = sum((n * absent_months.share_of(day, case.spells) for day, n in part.hours.items()), NOTHING)
    fen = part.fee * hours / part.all_hours
    own = [spell.why for spell in case.spells if any(day in spell.days for day in part.hours)]
    if not fen:
        return Sum(NOTHING, _("没有满足退费条件的连续缺勤"))
    return Sum(fen, _("，").join([*own, _("本期为 %(sum)s") % {"sum": _money(fen)}]))


def _remaining_days(case: Case, _bill: Bill, part: Part) -> Sum:
    """Cancelled days are days that the fee was for."""
    days = {*part.hours, *part.cancelled}
    left, of = sum(1 for day in days if case.is_unused(day)), len(days)
    fen = refund_sums.remaining(part.fee, left=left, of=of)
    words = _("剩余 %(left)s 天（共 %(of)s 天），%(fee)s × %(left)s ÷ %(of)s %(sum)s")
    return Sum(fen, words % {"left": left, "of": of, "fee": _money(part.fee), "sum": _is(fen)})


def _class_hours(case: Case, _bill: Bill, part: Part) -> Sum:
    both = (part.hours, part.cancelled)
    left = sum(n for hours in both for day, n in hours.items() if case.is_unused(day))
    fen = refund_sums.remaining(part.fee, left=left, of=part.all_hours)
    words = _("剩余 %(left)s 课时（共 %(of)s 课时），%(fee)s × %(left)s ÷ %(of)s %(sum)s")
    return Sum(fen, words % {"left": left, "of": part.all_hours, "fee": _money(part.fee), "sum": _is(fen)})


def _none(_case: Case, _bill: Bill, _part: Part) -> Sum:
    return Sum(NOTHING, "")


_RULES: Final[Mapping[RefundKind, Callable[[Case, Bill, Part], Sum]]] = {
    RefundKind.PER_DAY: _per_day,
    RefundKind.MONTH_DIVIDED: _month_divided,
    RefundKind.HALF_MONTH_THRESHOLD: _half_month_threshold,
    RefundKind.CONTINUOUS_MONTHS: _continuous_months,
    RefundKind.REMAINING_DAYS: _remaining_days,
    RefundKind.CLASS_HOURS: _class_hours,
    RefundKind.NONE: _none,
}


def _nothing(rule: RefundRule) -> str:
    return _("现行政策没有规定中途退费") if rule.kind == RefundKind.NONE else _("没有可退的缺勤")


def _money(exact: Fraction) -> str:
    return format_fen(round_half_up(exact))


def _is(exact: Fraction) -> str:
    """= ¥16.80, or ≈ where the line shows a rounded sum of an exact one."""
    return f"{'=' if exact.denominator == 1 else '≈'} {_money(exact)}"


def _at_most(fen: Fraction, by_days: Fraction) -> str:
    return _("（不超过应缴）") if fen < by_days else ""
