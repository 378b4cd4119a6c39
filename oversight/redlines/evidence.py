"""What the rules look at: one school's term as plain values. None is not known, and never counts as 0."""

from dataclasses import dataclass, field
from datetime import date

from afterbell.kernel.dates import Period
from tenants.policies.documents import Coercion, Comparison


@dataclass(frozen=True)
class TermLine:
    """The roll-up of the term."""

    is_planned: bool = False
    """There is a fact of the term: the school has asked or planned, and what is empty is empty there."""
    plan_state: str = ""
    plan_published_date: date | None = None
    collector: str = ""
    collector_due: str = ""
    fee_unit: str = ""
    fee_fen: int | None = None
    cap_fen: int | None = None
    fee_term_fen: int | None = None
    cap_term_fen: int | None = None
    charged_fen: int | None = None
    received_fen: int | None = None
    participants: int | None = None
    complaints: int | None = None
    complaints_forced: int | None = None
    complaints_repeated: int | None = None
    survey_invited: int | None = None
    survey_answers: int | None = None
    survey_high: int | None = None
    settled_date: date | None = None
    surplus_due_date: date | None = None
    surplus_fen: int | None = None
    surplus_returned_fen: int | None = None
    surplus_unsettled_fen: int | None = None
    surplus_later_fen: int | None = None
    surplus_later_due_date: date | None = None
    shortfall_fen: int | None = None
    children_charged_twice: int | None = None


@dataclass(frozen=True)
class MonthLine:
    """The roll-up of one month (2026-09) of the term."""

    month: str
    charged_fen: int | None = None
    days_held: int | None = None
    statement_due_date: date | None = None
    statement_published_date: date | None = None


@dataclass(frozen=True)
class ClassLine:
    """One class: take-up, answers to the consultation, consents (S25)."""

    class_id: str
    name: str
    grade: int
    pupils: int = 0
    participants: int = 0
    answers: int = 0
    refusals: int = 0
    consents: int = 0
    in_burst: int = 0
    one_device: int = 0
    before_close: int = 0


@dataclass(frozen=True)
class UncheckedLine:
    """The days of one month on which somebody without valid checks was on duty."""

    month: str
    days: int
    duties: int
    first_date: date
    last_date: date


@dataclass(frozen=True)
class CityLine:
    """Sums of the term over all schools in service that know both parts of the rate."""

    complaints: int = 0
    participants: int = 0
    survey_high: int = 0
    survey_answers: int = 0


@dataclass(frozen=True)
class Evidence:
    """One school in one term, on one day, under the rules that the term began with (S48)."""

    term_code: str
    today: date
    period: Period | None = None
    """None for a term that the city has not (any more)."""
    term: TermLine = TermLine()
    months: tuple[MonthLine, ...] = ()
    classes: tuple[ClassLine, ...] = ()
    unchecked: tuple[UncheckedLine, ...] = ()
    city: CityLine = CityLine()
    coercion: Coercion | None = field(default=None)
    """Thresholds; None while no policy is in force: nothing is measured by a rule that nobody has set."""
    comparison: Comparison | None = field(default=None)
