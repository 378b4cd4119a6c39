"""What the policy in force says about a plan: fee, cap, collector, hours of the day; pure, but for its refusals."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import time
from fractions import Fraction

from django.utils.translation import gettext_lazy as _

from afterbell.kernel.dates import Period
from afterbell.kernel.errors import Refused
from afterbell.kernel.money import Fen, format_fen, round_half_up
from schools.planning.models import FeeUnit
from tenants.models import Kind, School, Stage
from tenants.policies.documents import Band, Per, Policy, TeachingStage, Times, stage_of

WEEKDAYS = {1: _("星期一"), 2: _("星期二"), 3: _("星期三"), 4: _("星期四"), 5: _("星期五")}
GRADES = {Stage.PRIMARY: range(1, 7), Stage.LOWER_SECONDARY: range(7, 10), Stage.NINE_YEAR: range(1, 10)}


class OverCap(Refused):
    """S9 of the rules, and the price bureau's: the cap stands above what a committee agrees on."""

    code = "plan.over_cap"
    message = _("收费标准 %(fee)s 超过现行政策的封顶 %(cap)s（%(unit)s）。请降低标准后再提交。")


class UnitNotAllowed(Refused):
    """The policy names the units in which a fee may be charged."""

    code = "plan.unit_not_allowed"
    message = _("现行政策不允许按“%(unit)s”计费。请改为：%(allowed)s。")


class WrongGrades(Refused):
    """Grades that this school does not have."""

    code = "plan.wrong_grades"
    message = _("本校没有 %(grade)s 年级。请改为本校的年级。")


class OutsideBand(Refused):
    """S9: within the band of the policy."""

    code = "plan.outside_band"
    message = _("%(starts)s—%(ends)s 不在政策允许的时段内（%(bands)s）。请调整时间。")


class TooLong(Refused):
    """S9: about so many hours a day, not more."""

    code = "plan.too_long"
    message = _("%(weekday)s的服务共 %(minutes)s 分钟，超过政策规定的每天 %(most)s 分钟。请缩短时间。")


class TooShort(Refused):
    """At least so many minutes on a day of service."""

    code = "plan.too_short"
    message = _("%(weekday)s的服务只有 %(minutes)s 分钟，政策要求每天至少 %(least)s 分钟。请补充活动。")


class TooFewDays(Refused):
    """Five days a week, where the policy says so."""

    code = "plan.too_few_days"
    message = _("方案每周只有 %(days)s 天有服务，政策要求 %(least)s 天。请补充活动。")


class EndsTooEarly(Refused):
    """Not before the usual end of work, where the policy says so."""

    code = "plan.ends_too_early"
    message = _("%(weekday)s的服务在 %(ends)s 结束，早于政策要求的 %(earliest)s。请补充活动。")


@dataclass(frozen=True)
class Span:
    """When and for whom an activity is: all that the hours of the day are about."""

    weekday: int
    starts: time
    ends: time
    grade_from: int
    grade_to: int

    @property
    def grades(self) -> range:
        return range(self.grade_from, self.grade_to + 1)


@dataclass(frozen=True)
class CostShare:
    """S3, line by line: planned cost ÷ expected participants, and what the fee comes to in a term."""

    planned_fen: Fen
    participants: int
    per_participant_fen: Fen
    fee_per_term_fen: Fen
    """By month: its calendar months. By class hour: class hours of a week × weeks, an estimate before the calendar."""

    @property
    def is_above_cost(self) -> bool:
        return self.fee_per_term_fen > self.per_participant_fen


def cap_for(policy: Policy, school: School, unit: FeeUnit) -> Fen | None:
    """The lowest cap of the school's stages in this unit; a plan has one fee for all of them."""
    stages = {stage_of(school.stage, grade) for grade in GRADES[Stage(school.stage)]}
    caps = [getattr(policy.caps_for(stage, Kind(school.kind)), unit.value) for stage in stages]
    return min((cap for cap in caps if cap is not None), default=None)


def check_fee(policy: Policy, school: School, unit: FeeUnit, fee: Fen) -> Fen | None:
    """Raises UnitNotAllowed or OverCap; returns the cap."""
    if Per(unit.value) not in policy.units:
        allowed = "、".join(str(FeeUnit(per.value).label) for per in sorted(policy.units))
        raise UnitNotAllowed(unit=unit.label, allowed=allowed)
    cap = cap_for(policy, school, unit)
    if cap is not None and fee > cap:
        raise OverCap(fee=format_fen(fee), cap=format_fen(cap), unit=unit.label)
    return cap


def check_activity(policy: Policy, school: School, new: Span, others: Sequence[Span]) -> None:
    """Grades of the school, within a band, and not more minutes a day than allowed for any grade."""
    stages = _stages(school, new.grades)
    for times in {stage: policy.times_for(stage) for stage in stages}.values():
        if not any(_lies_in(new, band) for band in times.bands):
            raise OutsideBand(starts=_clock(new.starts), ends=_clock(new.ends), bands=_in_words(times.bands))
    for grade in new.grades:
        most = policy.times_for(stage_of(school.stage, grade)).most_daily_minutes
        minutes = daily_minutes([new, *others], new.weekday, grade)
        if most is not None and minutes > most:
            raise TooLong(weekday=WEEKDAYS[new.weekday], minutes=minutes, most=most)


def check_week(policy: Policy, school: School, spans: Sequence[Span]) -> None:
    """Before the vote: days of the week, least minutes and the end of the day, for each stage that is served."""
    served = {stage_of(school.stage, grade): grade for span in spans for grade in span.grades}
    for stage in sorted(served):
        times = policy.times_for(stage)
        own = [span for span in spans if any(stage_of(school.stage, grade) == stage for grade in span.grades)]
        days = sorted({span.weekday for span in own})
        if times.days_per_week is not None and len(days) < min(times.days_per_week, 5):
            raise TooFewDays(days=len(days), least=times.days_per_week)
        for weekday in days:
            _check_day(times, [span for span in own if span.weekday == weekday], weekday)


def daily_minutes(spans: Iterable[Span], weekday: int, grade: int | None = None) -> int:
    """Minutes of a weekday on which something is on (for a grade); activities side by side count once."""
    own = [span for span in spans if span.weekday == weekday and (grade is None or grade in span.grades)]
    total, until = 0, 0
    for start, end in sorted((_minute(span.starts), _minute(span.ends)) for span in own):
        total += max(0, end - max(start, until))
        until = max(until, end)
    return total


def overlap(one: Span, other: Span) -> bool:
    """At the same time on the same weekday."""
    return one.weekday == other.weekday and one.starts < other.ends and other.starts < one.ends


def cost_share(
    *,
    planned: Fen,
    participants: int,
    unit: FeeUnit,
    fee: Fen,
    period: Period,
    spans: Sequence[Span],
    class_hour: int,
) -> CostShare:
    """Worked: 50,000.00 yuan for 100 children is 500.00 each; 100.00 a month from September to January is 500.00."""
    return CostShare(
        planned_fen=planned,
        participants=participants,
        per_participant_fen=round_half_up(Fraction(planned, participants)) if participants else Fen(0),
        fee_per_term_fen=_fee_per_term(unit, fee, period, spans, class_hour),
    )


def _fee_per_term(unit: FeeUnit, fee: Fen, period: Period, spans: Sequence[Span], class_hour: int) -> Fen:
    if unit == FeeUnit.TERM:
        return fee
    if unit == FeeUnit.MONTH:
        return Fen(fee * len(period.months()))
    weekly = sum(daily_minutes(spans, weekday) // class_hour for weekday in range(1, 6))
    return round_half_up(Fraction(fee * weekly * period.days, 7))


def _check_day(times: Times, spans: Sequence[Span], weekday: int) -> None:
    name = WEEKDAYS[weekday]
    minutes = daily_minutes(spans, weekday)
    if times.least_daily_minutes is not None and minutes < times.least_daily_minutes:
        raise TooShort(weekday=name, minutes=minutes, least=times.least_daily_minutes)
    last = max(span.ends for span in spans)
    limits = [band.earliest_end for band in times.bands]
    if limits and all(limit is not None and last < limit for limit in limits):
        raise EndsTooEarly(
            weekday=name, ends=_clock(last), earliest=_clock(min(limit for limit in limits if limit))
        )


def _stages(school: School, grades: Iterable[int]) -> set[TeachingStage]:
    for grade in grades:
        if grade not in GRADES[Stage(school.stage)]:
            raise WrongGrades(grade=grade)
    return {stage_of(school.stage, grade) for grade in grades}


def _lies_in(span: Span, band: Band) -> bool:
    starts_late = band.earliest_start is None or span.starts >= band.earliest_start
    return starts_late and (band.latest_end is None or span.ends <= band.latest_end)


def _in_words(bands: Iterable[Band]) -> str:
    return "；".join(f"{band.name} {_clock(band.earliest_start)}—{_clock(band.latest_end)}" for band in bands)


def _clock(moment: time | None) -> str:
    return f"{moment:%H:%M}" if moment else ""


def _minute(moment: time) -> int:
    return moment.hour * 60 + moment.minute


def weekday_name(weekday: int) -> str:
    """1 is Monday."""
    return "一二三四五六日"[weekday - 1]
