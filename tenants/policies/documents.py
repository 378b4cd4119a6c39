"""A policy document as typed values: what the calculations ask for, without a key or a default left to guess.

Field by field the document is described in schema.json. A document is checked (policies.checking) before it
is adopted, so that reading it here never needs to doubt it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from fractions import Fraction
from typing import Any, Self, TypeVar

from django.utils.translation import gettext_lazy as _

from afterbell.kernel.errors import Refused
from afterbell.kernel.money import Fen
from tenants.models import Kind, Stage

LAST_PRIMARY_GRADE, LAST_GRADE = 6, 9


class NotCovered(Refused):
    """The policy says nothing for this stage."""

    code = "policy.stage_not_covered"
    message = _("政策档案没有规定“%(stage)s”学段，请市级管理员补全后再办理。")


class Collector(StrEnum):
    """收费主体."""

    COMMITTEE = "committee"
    SCHOOL = "school"


class TeachingStage(StrEnum):
    """What a grade belongs to; a nine-year school has both, so rules are asked for by grade."""

    PRIMARY = "primary"
    LOWER_SECONDARY = "lower_secondary"


class Per(StrEnum):
    """计费单位 and 收取周期."""

    MONTH = "month"
    TERM = "term"
    CLASS_HOUR = "class_hour"


class RefundKind(StrEnum):
    """退费规则, see calculations.md."""

    PER_DAY = "per_day"
    MONTH_DIVIDED = "month_divided"
    HALF_MONTH_THRESHOLD = "half_month_threshold"
    CONTINUOUS_MONTHS = "continuous_months"
    REMAINING_DAYS = "remaining_days"
    CLASS_HOURS = "class_hours"
    NONE = "none"


class MonthCount(StrEnum):
    """What a month of absence is, for the rule of continuous months."""

    CALENDAR = "calendar"
    """A calendar month (自然月), all service days of which were missed."""
    ANY_DAY = "any_day"
    """A month from the first missed day on: 10 March to 9 April."""


class SettlementKey(StrEnum):
    """分配依据."""

    PAID = "paid"
    ATTENDED_MINUTES = "attended_minutes"


@dataclass(frozen=True)
class Scope:
    """Stages, kinds and grades that a rule is for; grades are None where the rule does not tell them apart."""

    stages: frozenset[TeachingStage]
    kinds: frozenset[Kind]
    grades: frozenset[int] | None = None

    @classmethod
    def of(cls, part: Mapping[str, Any]) -> Self:
        """Left out means all."""
        return cls(
            stages=frozenset(TeachingStage(stage) for stage in part.get("stages", TeachingStage)),
            kinds=frozenset(Kind(kind) for kind in part.get("kinds", Kind)),
            grades=frozenset(part["grades"]) if "grades" in part else None,
        )

    def fits(self, stage: TeachingStage, kind: Kind | None = None, grade: int | None = None) -> bool:
        """A rule for some grades fits no child whose grade is not said."""
        return self.may_fit(stage, kind) and (self.grades is None or grade in self.grades)

    def may_fit(self, stage: TeachingStage, kind: Kind | None = None) -> bool:
        """Whether some child of this stage may fall under it."""
        return stage in self.stages and (kind is None or kind in self.kinds)

    def meets(self, other: "Scope") -> bool:
        """Whether one child may fall under both."""
        grades = self.grades is None or other.grades is None or self.grades & other.grades
        return bool(self.stages & other.stages and self.kinds & other.kinds and grades)


@dataclass(frozen=True)
class Band:
    """A part of the day in which sessions may lie; None is no limit."""

    code: str
    name: str
    earliest_start: time | None
    earliest_end: time | None
    latest_end: time | None


@dataclass(frozen=True)
class Times:
    """Bands and daily minutes of one group of stages."""

    scope: Scope
    days_per_week: int | None
    least_daily_minutes: int | None
    most_daily_minutes: int | None
    bands: tuple[Band, ...]


@dataclass(frozen=True)
class Cap:
    """One limit; `is_standard` where the text names the fee itself and not only its most."""

    scope: Scope
    per: Per
    fen: Fen
    is_standard: bool


@dataclass(frozen=True)
class Caps:
    """All limits of one pupil, at once; None is no limit of that kind."""

    month: Fen | None
    term: Fen | None
    class_hour: Fen | None


@dataclass(frozen=True)
class DayRefund:
    """Fen a missed school day, for some stages."""

    scope: Scope
    fen: Fen


@dataclass(frozen=True)
class RefundRule:
    """The kind and its parameters; those of other kinds are None or empty."""

    kind: RefundKind
    amounts: tuple[DayRefund, ...] = ()
    whole_month_returns_fee: bool | None = None
    divisor: Fraction | None = None
    exactly_half_returns_half: bool | None = None
    half_month_returns_half: bool | None = None
    month: MonthCount | None = None

    def per_day(self, stage: TeachingStage, grade: int | None = None) -> Fen:
        """Raises NotCovered."""
        return _only(self.amounts, stage, grade).fen


@dataclass(frozen=True)
class RefundException:
    """A rule for some children, who are not under the default one."""

    scope: Scope
    rule: RefundRule


@dataclass(frozen=True)
class Waiver:
    """A reason for which the fee is reduced; None where the rule names no share."""

    code: str
    name: str
    reduction_percent: int | None


@dataclass(frozen=True)
class Check:
    """A check that a person needs, for some kinds of candidates; None never runs out."""

    code: str
    validity_months: int | None
    candidates: frozenset[str]


@dataclass(frozen=True)
class Deadlines:
    """Days; calendar days unless the name says otherwise."""

    statement_days: int
    settlement_days_before_term_end: int
    refund_days: int
    complaint_answer_days: int
    opinion_answer_days: int
    filing_answer_days: int
    cost_audit_objection_working_days: int
    gate_days: int = 3
    """How late a phone of the gate may send (S24). Documents that were adopted before there was a choice mean this."""
    alarm_minutes: int = 3
    """Minutes, not days: how long an alarm waits for somebody to look (S23, S24)."""
    guardian_answer_school_days: int = 3
    """Whole school days for a guardian's answer about an adult of the child; then the school may decide (S1, S24)."""
    guardian_answer_most_days: int = 14
    """Calendar days after which it may in any case: holidays hold up a court's order no longer."""


@dataclass(frozen=True)
class Coercion:
    """From which numbers on a class is looked at."""

    take_up_percent: int
    take_up_least_pupils: int
    burst_percent: int
    burst_minutes: int
    one_device_percent: int
    no_refusal_least_answers: int


@dataclass(frozen=True)
class Comparison:
    """From which numbers on a school stands out among its peers."""

    warn_z_hundredths: int
    flag_z_hundredths: int
    high_fee_percentile: int
    low_staff_cost_percentile: int
    least_difference_percent: int = 15
    """Of the peers' median. Documents that were adopted before there was a choice mean this, and what follows."""
    least_difference_fen: int = 20
    """Of money a pupil hour, a class hour or a month."""
    least_difference_points: int = 5
    """Percentage points, of shares."""


@dataclass(frozen=True)
class Authority:
    """A bureau as notices name it."""

    name: str
    phone: str | None


@dataclass(frozen=True)
class Remark:
    """What a source says about a value, or why it was chosen."""

    path: str
    text: str


@dataclass(frozen=True)
class Policy:
    """All rules of one document."""

    code: str
    title: str
    first_date: date | None
    collector: Collector
    times: tuple[Times, ...]
    not_service: frozenset[str]
    class_hour_minutes: int
    caps: tuple[Cap, ...]
    units: frozenset[Per]
    cycles: frozenset[Per]
    spending_kinds: frozenset[str]
    least_staff_fen_per_class_hour: Fen | None
    refund: RefundRule
    """For every child that no exception names: asked for through refund_for."""
    refund_exceptions: tuple[RefundException, ...]
    waivers: tuple[Waiver, ...]
    settlement_key: SettlementKey
    deadlines: Deadlines
    checks: tuple[Check, ...]
    coercion: Coercion
    comparison: Comparison
    education: Authority
    price: Authority
    sources: tuple[Remark, ...]
    notes: tuple[Remark, ...]

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """From a document that was checked; on any other it fails with KeyError or ValueError."""
        return cls(
            code=document["code"],
            title=document["title"],
            first_date=_date(document["first_date"]),
            collector=Collector(document["collector"]),
            times=tuple(_times(part) for part in document["times"]),
            not_service=frozenset(document["not_service"]),
            class_hour_minutes=document["class_hour_minutes"],
            caps=tuple(_cap(part) for part in document["caps"]),
            units=frozenset(Per(unit) for unit in document["billing"]["units"]),
            cycles=frozenset(Per(cycle) for cycle in document["billing"]["cycles"]),
            spending_kinds=frozenset(document["spending"]["kinds"]),
            least_staff_fen_per_class_hour=document["spending"]["least_staff_fen_per_class_hour"],
            refund=_refund(document["refund"]),
            refund_exceptions=tuple(
                RefundException(Scope.of(part), _refund(part))
                for part in document.get("refund_exceptions", ())
            ),
            waivers=tuple(Waiver(**part) for part in document["waivers"]),
            settlement_key=SettlementKey(document["settlement"]["key"]),
            deadlines=Deadlines(**document["deadlines"]),
            checks=tuple(_check(part) for part in document["checks"]),
            coercion=Coercion(**document["signals"]["coercion"]),
            comparison=Comparison(**document["signals"]["comparison"]),
            education=Authority(**document["authorities"]["education"]),
            price=Authority(**document["authorities"]["price"]),
            sources=tuple(Remark(**part) for part in document["sources"]),
            notes=tuple(Remark(**part) for part in document["notes"]),
        )

    def times_for(self, stage: TeachingStage, grade: int | None = None) -> Times:
        """Raises NotCovered."""
        return _only(self.times, stage, grade)

    def caps_for(self, stage: TeachingStage, kind: Kind, grade: int | None = None) -> Caps:
        """Every limit that holds for a pupil of this stage and grade in a school of this kind.

        Where the grade is not said, the lowest of its stage: a limit of some grades is never overlooked.
        """
        fen: dict[Per, Fen] = {}
        for cap in self.caps:
            scope = cap.scope
            if scope.may_fit(stage, kind) if grade is None else scope.fits(stage, kind, grade):
                fen[cap.per] = min(cap.fen, fen.get(cap.per, cap.fen))
        return Caps(month=fen.get(Per.MONTH), term=fen.get(Per.TERM), class_hour=fen.get(Per.CLASS_HOUR))

    def refund_for(self, stage: TeachingStage, kind: Kind, grade: int) -> RefundRule:
        """The first exception that names the child, or else the default."""
        own = (part.rule for part in self.refund_exceptions if part.scope.fits(stage, kind, grade))
        return next(own, self.refund)

    def waiver(self, code: str) -> Waiver | None:
        """The reason with this code, or None: then it is not on the list."""
        return next((waiver for waiver in self.waivers if waiver.code == code), None)

    def checks_for(self, candidate: str) -> tuple[Check, ...]:
        """Checks that this kind of candidate needs before the first duty."""
        return tuple(check for check in self.checks if candidate in check.candidates)


def stage_of(school_stage: Stage | str, grade: int) -> TeachingStage:
    """The stage that a grade belongs to; only a nine-year school needs the grade."""
    return stage_of_grade(grade) if school_stage == Stage.NINE_YEAR else TeachingStage(school_stage)


def stage_of_grade(grade: int) -> TeachingStage:
    """Grades 1 to 6 and 7 to 9."""
    return TeachingStage.PRIMARY if grade <= LAST_PRIMARY_GRADE else TeachingStage.LOWER_SECONDARY


Scoped = TypeVar("Scoped", Times, DayRefund)


def _only(parts: Iterable[Scoped], stage: TeachingStage, grade: int | None = None) -> Scoped:
    for part in parts:
        if part.scope.fits(stage, grade=grade):
            return part
    raise NotCovered(stage=Stage(stage.value).label)


def _times(part: Mapping[str, Any]) -> Times:
    return Times(
        scope=Scope.of(part),
        days_per_week=part["days_per_week"],
        least_daily_minutes=part["least_daily_minutes"],
        most_daily_minutes=part["most_daily_minutes"],
        bands=tuple(
            Band(
                code=band["code"],
                name=band["name"],
                earliest_start=_time(band["earliest_start"]),
                earliest_end=_time(band["earliest_end"]),
                latest_end=_time(band["latest_end"]),
            )
            for band in part["bands"]
        ),
    )


def _cap(part: Mapping[str, Any]) -> Cap:
    return Cap(Scope.of(part), Per(part["per"]), Fen(part["fen"]), is_standard=part["meaning"] == "standard")


def _check(part: Mapping[str, Any]) -> Check:
    return Check(part["code"], part["validity_months"], candidates=frozenset(part["for"]))


def _refund(part: Mapping[str, Any]) -> RefundRule:
    kind = RefundKind(part["kind"])
    return RefundRule(
        kind=kind,
        amounts=tuple(DayRefund(Scope.of(amount), Fen(amount["fen"])) for amount in part.get("amounts", ())),
        whole_month_returns_fee=part.get("whole_month_returns_fee"),
        divisor=Fraction(part["divisor"]) if "divisor" in part else None,
        exactly_half_returns_half=part["exactly_half"] == "half" if "exactly_half" in part else None,
        half_month_returns_half=part.get("half_month_returns_half"),
        month=_month(part) if kind == RefundKind.CONTINUOUS_MONTHS else None,
    )


def _month(part: Mapping[str, Any]) -> MonthCount:
    """Documents that were adopted before there was a choice meant months from any day."""
    return MonthCount(part.get("month", MonthCount.ANY_DAY))


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _time(text: str | None) -> time | None:
    return time.fromisoformat(text) if text else None
