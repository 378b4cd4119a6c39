"""What each grade pays (收费标准): one fee for all, or one for each stage; pure, but for its refusals.

`fee_of` is the one way to ask what a grade pays.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from afterbell.kernel.errors import Refused
from afterbell.kernel.money import Fen, format_fen
from schools.planning.models import FeeUnit, Plan, PlanFee
from schools.planning.rules import GRADES
from tenants.models import Kind, School, Stage
from tenants.policies.documents import Caps, Per, Policy, stage_of


class OverCap(Refused):
    """S9 of the rules, and the price bureau's: the cap stands above what a committee agrees on."""

    code = "plan.over_cap"
    message = gettext_lazy(
        "%(who)s收费标准 %(fee)s 超过现行政策的封顶 %(cap)s（%(unit)s）。请降低标准后再提交。"
    )


class UnitNotAllowed(Refused):
    """The policy names the units in which a fee may be charged."""

    code = "plan.unit_not_allowed"
    message = gettext_lazy("现行政策不允许按“%(unit)s”计费。请改为：%(allowed)s。")


class Fee(NamedTuple):
    """What a grade pays and the cap of its stage, both by the plan's unit; no cap is None."""

    fee_fen: Fen
    cap_fen: Fen | None


@dataclass(frozen=True)
class Standard:
    """The fee of some grades in a row."""

    grades: range
    fee: Fen
    cap: Fen | None

    @property
    def grade_from(self) -> int:
        return self.grades[0]

    @property
    def grade_to(self) -> int:
        return self.grades[-1]


def fee_of(plan: Plan, grade: int) -> Fee:
    """What a child of this grade pays. One query, or none where `fees` were prefetched."""
    return by_grade(plan, (grade,))[grade]


def by_grade(plan: Plan, grades: Iterable[int]) -> dict[int, Fee]:
    """What each of these grades pays: the fee of its own, or else the plan's. One query, or none."""
    rows = {grade: row for row in plan.fees.all() for grade in range(row.grade_from, row.grade_to + 1)}
    found: dict[int, Plan | PlanFee] = {grade: rows.get(grade, plan) for grade in grades}
    return {
        grade: Fee(Fen(row.fee_fen), None if row.cap_fen is None else Fen(row.cap_fen))
        for grade, row in found.items()
    }


def standards(plan: Plan, stage: str) -> list[Standard]:
    """The fees of a school of this stage, from its lowest grade on; grades that pay the same stand together."""
    grades = GRADES[Stage(stage)]
    return _in_rows(grades, by_grade(plan, grades).__getitem__)


def said(plan: Plan, stage: str) -> str:
    """每月 ¥130.00, or 小学（1—6年级）每月 ¥70.00；初中（7—9年级）每月 ¥80.00."""
    unit = plan.get_fee_unit_display()
    found = standards(plan, stage)
    return _("；").join(f"{name_of(each.grades, stage)}{unit} {format_fen(each.fee)}" for each in found)


def standards_asked(
    policy: Policy, school: School, unit: FeeUnit, fee: Fen, from_grade: Mapping[int, Fen]
) -> list[Standard]:
    """What a school wants to charge: a fee, and others from some grades on, each beside its own cap."""

    def asked(grade: int) -> Fee:
        later = max((first for first in from_grade if first <= grade), default=None)
        wanted = fee if later is None else from_grade[later]
        return Fee(wanted, cap_in(caps_of(policy, school, grade), unit))

    return _in_rows(GRADES[Stage(school.stage)], asked)


def check(policy: Policy, school: School, unit: FeeUnit, asked: Sequence[Standard]) -> None:
    """The unit, and every fee under the cap of its own stage. Raises UnitNotAllowed or OverCap."""
    if Per(unit.value) not in policy.units:
        allowed = "、".join(str(FeeUnit(per.value).label) for per in sorted(policy.units))
        raise UnitNotAllowed(unit=unit.label, allowed=allowed)
    for standard in asked:
        for grade in standard.grades:
            cap = cap_in(caps_of(policy, school, grade), unit)
            if cap is not None and standard.fee > cap:
                who = before_sentence(standard, school.stage)
                raise OverCap(who=who, fee=format_fen(standard.fee), cap=format_fen(cap), unit=unit.label)


def caps_of(policy: Policy, school: School, grade: int) -> Caps:
    """Every limit on what a child of this grade pays."""
    return policy.caps_for(stage_of(school.stage, grade), Kind(school.kind))


def cap_in(caps: Caps, unit: str) -> Fen | None:
    """The limit of one unit."""
    return {Per.MONTH: caps.month, Per.TERM: caps.term, Per.CLASS_HOUR: caps.class_hour}[Per(unit)]


def groups(policy: Policy | None, school: School) -> list[range]:
    """Grades for which the school may set a fee of its own: one group a stage, more where caps differ by grade."""

    def key(grade: int) -> tuple[str, Caps | None]:
        return stage_of(school.stage, grade), caps_of(policy, school, grade) if policy else None

    return [_range(run) for _key, run in groupby(GRADES[Stage(school.stage)], key)]


def name_of(grades: range, stage: str) -> str:
    """小学（1—6年级）, or only the grades; nothing where they are all that the school has."""
    if grades == GRADES[Stage(stage)]:
        return ""
    span = _("%(first)s—%(last)s年级") % {"first": grades[0], "last": grades[-1]}
    whole = next((one for one in (Stage.PRIMARY, Stage.LOWER_SECONDARY) if grades == GRADES[one]), None)
    return _("%(stage)s（%(grades)s）") % {"stage": whole.label, "grades": span} if whole else span


def before_sentence(standard: Standard, stage: str) -> str:
    """小学（1—6年级）： before what is said of these grades."""
    name = name_of(standard.grades, stage)
    return _("%(grades)s：") % {"grades": name} if name else ""


def _in_rows(grades: Iterable[int], fee: Callable[[int], Fee]) -> list[Standard]:
    return [Standard(_range(run), *found) for found, run in groupby(grades, fee)]


def _range(run: Iterator[int]) -> range:
    grades = list(run)
    return range(grades[0], grades[-1] + 1)
