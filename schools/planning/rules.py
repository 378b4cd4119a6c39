"""What the policy in force says about the hours of a plan's days; pure, but for its refusals. Its fees: fees.py."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import time

from django.utils.translation import gettext_lazy as _

from afterbell.kernel.errors import Refused
from tenants.models import School, Stage
from tenants.policies.documents import Band, Policy, Times, stage_of

WEEKDAYS = {1: _("星期一"), 2: _("星期二"), 3: _("星期三"), 4: _("星期四"), 5: _("星期五")}
GRADES = {Stage.PRIMARY: range(1, 7), Stage.LOWER_SECONDARY: range(7, 10), Stage.NINE_YEAR: range(1, 10)}


class WrongGrades(Refused):
    """Grades that this school does not have."""

    code = "plan.wrong_grades"
    message = _("本校没有 %(grade)s 年级。请改为本校的年级。")


class GradesTurned(Refused):
    """From a higher grade to a lower one."""

    code = "plan.grades_turned"
    message = _("年级从 %(first)s 到 %(last)s，前后颠倒了。请把小的年级写在前面。")


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


def check_activity(policy: Policy, school: School, new: Span, others: Sequence[Span]) -> None:
    """Grades of the school, within a band, and not more minutes a day than allowed for any grade."""
    _refuse_strange(school, new.grades)
    for times in dict.fromkeys(times_of(policy, school, grade) for grade in new.grades):
        if not any(_lies_in(new, band) for band in times.bands):
            raise OutsideBand(starts=_clock(new.starts), ends=_clock(new.ends), bands=_in_words(times.bands))
    for grade in new.grades:
        most = times_of(policy, school, grade).most_daily_minutes
        minutes = daily_minutes([new, *others], new.weekday, grade)
        if most is not None and minutes > most:
            raise TooLong(weekday=WEEKDAYS[new.weekday], minutes=minutes, most=most)


def check_week(policy: Policy, school: School, spans: Sequence[Span]) -> None:
    """Before the vote: days of the week, least minutes and the end of the day, for all grades under the same rule."""
    served = sorted({grade for span in spans for grade in span.grades})
    for times in dict.fromkeys(times_of(policy, school, grade) for grade in served):
        grades = {grade for grade in served if times_of(policy, school, grade) == times}
        own = [span for span in spans if grades.intersection(span.grades)]
        days = sorted({span.weekday for span in own})
        if times.days_per_week is not None and len(days) < min(times.days_per_week, 5):
            raise TooFewDays(days=len(days), least=times.days_per_week)
        for weekday in days:
            _check_day(times, [span for span in own if span.weekday == weekday], weekday)


def times_of(policy: Policy, school: School, grade: int) -> Times:
    """Bands and daily minutes of a grade."""
    return policy.times_for(stage_of(school.stage, grade))


def daily_minutes(spans: Iterable[Span], weekday: int, grade: int | None = None) -> int:
    """Minutes of a weekday on which something is on (for a grade); activities side by side count once."""
    own = [span for span in spans if span.weekday == weekday and (grade is None or grade in span.grades)]
    total, until = 0, 0
    for start, end in sorted((_minute(span.starts), _minute(span.ends)) for span in own):
        total += max(0, end - max(start, until))
        until = max(until, end)
    return total


def class_hours(starts: time, ends: time, minutes: int) -> int:
    """Class hours of a session: whole units that fit, at least one (calculations.md, "Class hours")."""
    return max(1, (_minute(ends) - _minute(starts)) // minutes)


def most_class_hours(spans: Iterable[Span], weekday: int, grade: int, minutes: int) -> int:
    """The most class hours that one child of a grade can attend on a weekday: of activities side by side, only one."""
    own = [span for span in spans if span.weekday == weekday and grade in span.grades]
    ends: list[time] = []
    best = [0]
    for span in sorted(own, key=lambda span: span.ends):
        before = best[bisect_right(ends, span.starts)]
        ends.append(span.ends)
        best.append(max(best[-1], before + class_hours(span.starts, span.ends, minutes)))
    return best[-1]


def overlap(one: Span, other: Span) -> bool:
    """At the same time on the same weekday."""
    return one.weekday == other.weekday and one.starts < other.ends and other.starts < one.ends


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


def _refuse_strange(school: School, grades: Iterable[int]) -> None:
    for grade in grades:
        if grade not in GRADES[Stage(school.stage)]:
            raise WrongGrades(grade=grade)


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
