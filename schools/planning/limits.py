"""What a standard comes to over the term's own calendar, beside the caps of every unit; pure, but for its refusal.

A cap belongs to the child and the period (calculations.md, "Charges"), so that 80 a month stands against 300 a term.
Units other than the fee's own are compared over the whole plan: a short month is no breach of its own. A fee by the
class hour is not refused for the caps of month and term: they bind when it is charged, and families are told so.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from afterbell.kernel.dates import Period
from afterbell.kernel.errors import Refused
from afterbell.kernel.money import Fen, format_fen, round_half_up
from schools.planning import fees
from schools.planning.fees import Standard
from schools.planning.models import FeeUnit
from schools.planning.rules import WEEKDAYS, Span, most_class_hours
from tenants.calendar import CalendarUnknown, SchoolDay
from tenants.models import School
from tenants.policies.documents import Caps, Per, Policy


class OverOtherCap(Refused):
    """Within the cap of its own unit, a fee can still come to more than the term, the month or the hour allows."""

    code = "plan.over_other_cap"
    message = gettext_lazy("%(who)s%(fee)s，超过封顶%(cap)s。请降低标准。")


@dataclass(frozen=True)
class Course:
    """The days of a plan on the term's own calendar, and what is on in its week."""

    period: Period
    days: Sequence[SchoolDay]
    spans: Sequence[Span]
    class_hour: int
    """Minutes of a class hour."""
    gap: CalendarUnknown | None = None
    """Why the days are only estimated, if they are: the city has not entered them yet."""

    @property
    def months(self) -> int:
        """Months touched, as charging counts them."""
        return len(self.period.months())

    def hours(self, grade: int) -> int:
        """Class hours that a child of this grade can attend: nobody is in two activities at once."""
        week = {day: most_class_hours(self.spans, day, grade, self.class_hour) for day in WEEKDAYS}
        return sum(week.get(day.weekday or 0, 0) for day in self.days)


@dataclass(frozen=True)
class Setting:
    """Where fees are looked at: the rules, the school, the plan's days."""

    policy: Policy
    school: School
    course: Course

    def limits(self, unit: str, grade: int) -> list["Limit"]:
        """The caps of the units that are not the fee's own, for a child of this grade."""
        return limits(fees.caps_of(self.policy, self.school, grade), unit, self.course, grade)


class Limit(NamedTuple):
    """A cap as the policy says it, and what it allows over the whole plan."""

    per: Per
    cap: Fen
    term: Fen


@dataclass(frozen=True)
class Measure:
    """A standard over the whole plan."""

    standard: Standard
    times: int
    """How often its own cap counts in the plan."""
    term: Fen | None
    """What it comes to; None by the class hour."""
    cap: Fen | None
    """The tightest cap of the other units."""

    @property
    def most(self) -> Fen | None:
        """What one child pays at most, by rule; None where no cap of another unit binds a fee by the class hour."""
        known = [amount for amount in (self.term, self.cap) if amount is not None]
        return min(known, default=None)

    @property
    def excess(self) -> int:
        """By how much the standard is above its caps, over the plan; 0 when it is not."""
        fee, cap = self.standard.fee, self.standard.cap
        own = 0 if cap is None else (fee - cap) * self.times
        other = 0 if self.term is None or self.cap is None else self.term - self.cap
        return max(own, other, 0)


@dataclass(frozen=True)
class CostShare:
    """S3, line by line: planned cost ÷ expected participants, and what the fee comes to in a term."""

    planned_fen: Fen
    participants: int
    per_participant_fen: Fen
    fee_per_term_fen: Fen
    """Of the stage that pays least: above the cost, it is above it for every child."""
    most_per_term_fen: Fen
    """Of the stage that pays most."""

    @property
    def is_above_cost(self) -> bool:
        return self.fee_per_term_fen > self.per_participant_fen


def of_term(unit: str, fee: Fen, course: Course) -> Fen | None:
    """What a fee by month or term comes to; None by the class hour, where it depends on what a child attends.

    Worked: 80.00 a month from September to January is 400.00.
    """
    if unit == FeeUnit.CLASS_HOUR:
        return None
    return Fen(fee * course.months) if unit == FeeUnit.MONTH else fee


def limits(caps: Caps, unit: str, course: Course, grade: int) -> list[Limit]:
    """The caps of the units that are not the fee's own, over the whole plan. Unknown hours limit nothing.

    Worked: 2.50 a class hour and 50 hours that a child can attend: 125.00; 70.00 a month, September to January: 350.00.
    """
    hours = 0 if course.gap or caps.class_hour is None else course.hours(grade)
    times = {Per.MONTH: course.months, Per.TERM: 1, Per.CLASS_HOUR: hours}
    others = [(per, cap) for per in Per if per != unit and (cap := fees.cap_in(caps, per)) is not None]
    return [Limit(per, cap, Fen(cap * times[per])) for per, cap in others if times[per]]


def tightest(found: Iterable[Limit]) -> Limit | None:
    """The limit that binds first."""
    return min(found, key=lambda limit: limit.term, default=None)


def check(setting: Setting, unit: FeeUnit, asked: Sequence[Standard]) -> None:
    """Raises OverOtherCap; CalendarUnknown where only the calendar can tell. Class hours wait for the activities."""
    course = setting.course
    for standard in asked:
        come_to = of_term(unit, standard.fee, course)
        if come_to is None:
            return
        for grade in standard.grades:
            limit = tightest(setting.limits(unit, grade))
            if limit and come_to > limit.term:
                who = fees.before_sentence(standard, setting.school.stage)
                fee = _asked(unit, standard.fee, course)
                raise OverOtherCap(who=who, fee=fee, cap=_allowed(limit, course, grade))
            _refuse_gap(setting, grade)


def measures(setting: Setting, unit: str, asked: Sequence[Standard]) -> list[Measure]:
    """Each standard over the plan's days, beside the tightest cap of another unit of any of its grades."""
    course = setting.course
    return [
        Measure(
            standard=standard,
            times=course.months if unit == FeeUnit.MONTH else 1,
            term=of_term(unit, standard.fee, course),
            cap=_term_cap(setting, unit, standard),
        )
        for standard in asked
    ]


def said(unit: str, fee: Fen, cap: Fen | None, most: Fen | None) -> str:
    """每课时 ¥2.50，本学期最多 ¥400.00（政策封顶每课时 ¥2.50）: the cap of the unit must not read as the term's."""
    label = FeeUnit(unit).label
    words = f"{label} {format_fen(fee)}"
    if most is not None and unit != FeeUnit.TERM:
        words = _("%(fee)s，本学期最多 %(most)s") % {"fee": words, "most": format_fen(most)}
    if cap is None:
        return words
    return _("%(fee)s（政策封顶%(cap)s）") % {"fee": words, "cap": f"{label} {format_fen(cap)}"}


def cost_share(
    setting: Setting, *, planned: Fen, participants: int, unit: FeeUnit, asked: Sequence[Standard]
) -> CostShare:
    """Worked: 50,000.00 yuan for 100 children is 500.00 each; 100.00 a month from September to January is 500.00."""
    sums = [_per_term(found, setting.course) for found in measures(setting, unit, asked)]
    return CostShare(
        planned_fen=planned,
        participants=participants,
        per_participant_fen=round_half_up(Fraction(planned, participants)) if participants else Fen(0),
        fee_per_term_fen=min(sums),
        most_per_term_fen=max(sums),
    )


def _per_term(found: Measure, course: Course) -> Fen:
    """Of a child who comes whenever it can."""
    if found.term is not None:
        return found.term
    hours = max(course.hours(grade) for grade in found.standard.grades)
    full = Fen(found.standard.fee * hours)
    return full if found.cap is None else min(full, found.cap)


def _term_cap(setting: Setting, unit: str, standard: Standard) -> Fen | None:
    limit = tightest(one for grade in standard.grades for one in setting.limits(unit, grade))
    return limit.term if limit else None


def _refuse_gap(setting: Setting, grade: int) -> None:
    """A cap by the class hour needs the calendar."""
    gap, caps = setting.course.gap, fees.caps_of(setting.policy, setting.school, grade)
    if gap and setting.course.spans and caps.class_hour is not None:
        raise gap


def _asked(unit: FeeUnit, fee: Fen, course: Course) -> str:
    said = f"{unit.label} {format_fen(fee)}"
    if unit != FeeUnit.MONTH:
        return said
    given = {"fee": said, "n": course.months, "sum": format_fen(Fen(fee * course.months))}
    return _("%(fee)s，本学期 %(n)s 个月合计 %(sum)s") % given


def _allowed(limit: Limit, course: Course, grade: int) -> str:
    said = f"{FeeUnit(limit.per.value).label} {format_fen(limit.cap)}"
    if limit.per == Per.TERM:
        return said
    if limit.per == Per.MONTH:
        given = {"cap": said, "n": course.months, "sum": format_fen(limit.term)}
        return _("%(cap)s（本学期 %(n)s 个月合计 %(sum)s）") % given
    given = {"cap": said, "n": course.hours(grade), "sum": format_fen(limit.term)}
    return _("%(cap)s（本学期最多 %(n)s 课时，合计 %(sum)s）") % given
