"""The cost summary: one row a school, the contract's columns in their order. Pure but for `of_term`.

Page, CSV, XLSX, PDF, API and command all show these rows. None is not known and never 0; each quotient is rounded
half up, once, from whole numbers. Of children nothing is shown that the city's screens hide (oversight/protection).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from django.utils import timezone

from oversight.costs import columns, mattering, peers, queries
from oversight.costs.children import Children, Hidden, of_facts
from oversight.costs.peers import Flag
from oversight.costs.queries import Fact
from oversight.indicators import ages
from oversight.indicators.catalogue import Unit
from oversight.protection.decisions import Decision
from oversight.scope import Scope


class State(StrEnum):
    """How far a row can be relied on."""

    FINAL = "final"
    """Settled, and every month in the books is published."""
    ESTIMATE = "estimate"
    MISSING = "missing"


class Row(NamedTuple):
    """One school; the fields are the contract's columns (columns.py says what each means)."""

    school_code: str
    school_name: str
    district: str
    stage: str
    kind: str
    term: str
    state: str
    days_held: int | None = None
    participants: int | None = None
    pupil_hours: Decimal | None = None
    fee_unit: str = ""
    fee_standard_fen: int | None = None
    cap_fen: int | None = None
    charged_fen: int | None = None
    waived_fen: int | None = None
    received_fen: int | None = None
    staff_fen: int | None = None
    materials_fen: int | None = None
    other_fen: int | None = None
    expenditure_fen: int | None = None
    refunded_fen: int | None = None
    surplus_fen: int | None = None
    cost_per_pupil_hour_fen: int | None = None
    peer_median_fen: int | None = None
    peer_n: int | None = None
    percentile: Decimal | None = None
    flag: str = ""
    complaints: int | None = None
    complaints_per_1000: Decimal | None = None
    statement_months_on_time: int | None = None
    statement_months_due: int | None = None
    as_of: datetime | None = None


class Reason(NamedTuple):
    """Why a school is worth a look: one of its costs a pupil hour lies in the peers' lowest or highest decile."""

    cost: str
    """A key of peers.COSTS."""
    flag: Flag
    value_fen: int
    median_fen: int
    n: int
    percentile: Decimal


class Overdue(NamedTuple):
    """Statements that a school owes its parents."""

    row: Row
    months: int


@dataclass(frozen=True)
class Summary:
    """The rows of a term that somebody may see, narrowed by what they asked for."""

    term: str
    rows: tuple[Row, ...]
    reasons: Mapping[str, tuple[Reason, ...]]
    """By school code, most telling first; schools without one are left out."""
    overdue: tuple[Overdue, ...]
    """Most months first."""
    children: Children = field(default_factory=Children)
    """Of the whole city, whatever the rows are narrowed to."""
    as_of: datetime | None = None
    """The age of the city's figures, as every page says it (indicators.ages); a row's own may be older."""

    @property
    def states(self) -> dict[State, int]:
        """How many rows of each state."""
        counts = Counter(row.state for row in self.rows)
        return {state: counts[state.value] for state in State}

    @property
    def has_data(self) -> bool:
        return any(row.state != State.MISSING for row in self.rows)


def of_term(scope: Scope, term: str) -> Summary:
    """The schools that the reader may see, each compared with the whole city's."""
    facts, decision = queries.facts(scope, term)
    whole = replace(build(facts, term, decision, least=mattering.of_term(term)), as_of=ages.as_of(scope))
    if scope.districts is None:
        return whole
    return _only(whole, [row for row in whole.rows if scope.covers(row.district)])


def narrowed(
    summary: Summary,
    *,
    district: str = "",
    stage: str = "",
    kind: str = "",
    school: str = "",
    state: str = "",
    flag: str = "",
) -> Summary:
    """By the filters of the address, a school by its code or a part of its name; an empty one does not filter."""
    wanted = {"district": district, "stage": stage, "kind": kind, "state": state, "flag": flag}
    given = [(Row._fields.index(name), value) for name, value in wanted.items() if value]
    if not given and not school:
        return summary
    rows = [row for row in summary.rows if all(row[place] == value for place, value in given)]
    return _only(summary, [row for row in rows if school in row.school_name or school == row.school_code])


def build(
    facts: Sequence[Fact],
    term: str,
    decision: Decision | None = None,
    *,
    least: Mapping[mattering.Key, mattering.Least] | None = None,
) -> Summary:
    """Rows of all schools, with their places among similar ones; `decision` is what the city hides of children, `least`
    from which difference on a school is flagged (the defaults, unless said)."""
    children = of_facts(facts, decision)
    frame = _frame(facts)
    among = peers.find(frame)
    matters = mattering.of_frame(frame, least or {}, Unit.FEN)
    compared = {cost: peers.compare(frame, cost, among=among, matters=matters) for cost in peers.COSTS}
    cost, staff = compared["cost_per_pupil_hour"], compared["staff_cost_per_pupil_hour"]
    places = zip(
        cost["median"], cost["n"], cost["percentile"], _flags(cost["flag"], staff["flag"]), strict=True
    )
    zone = timezone.get_current_timezone()
    rows = tuple(_row(fact, term, place, zone, children) for fact, place in zip(facts, places, strict=True))
    overdue = (
        Overdue(row, fact.statement_months_missing or 0) for row, fact in zip(rows, facts, strict=True)
    )
    return Summary(
        term=term,
        rows=rows,
        reasons=_reasons(frame["code"], compared),
        overdue=tuple(
            sorted((one for one in overdue if one.months), key=lambda one: (-one.months, one.row.school_code))
        ),
        children=children,
        as_of=max((row.as_of for row in rows if row.as_of), default=None),
    )


def total(rows: Iterable[Row], children: Children) -> dict[str, int | Decimal | Hidden | None]:
    """The sums of the columns that add up (over schools whose figure is known), and the quotients of the sums.

    Children are added up with those of schools whose own number is hidden, or their sum is hidden too.
    """
    seen = list(rows)
    sums: dict[str, int | Decimal | Hidden | None] = {
        code: _sum(row[place] for row in seen) for place, code in enumerate(columns.CODES) if code in ADDS_UP
    }
    costed = [row for row in seen if row.expenditure_fen is not None and row.pupil_hours]
    hours = sum((row.pupil_hours for row in costed if row.pupil_hours), Decimal(0))
    spent = sum(row.expenditure_fen or 0 for row in costed)
    sums["participants"] = children.total([row.school_code for row in seen])
    heard = [row for row in seen if row.complaints is not None and children.counts.get(row.school_code)]
    voices, people = (
        sum(row.complaints or 0 for row in heard),
        children.total([row.school_code for row in heard]),
    )
    sums["cost_per_pupil_hour_fen"] = half_up(spent * 100, int(hours * 100)) if hours else None
    sums["complaints_per_1000"] = people if isinstance(people, str) else _per_1000(voices, people)
    return sums


def half_up(part: int, whole: int) -> int:
    """part ÷ whole to the nearest whole number, exactly; a half goes away from zero (kernel.money)."""
    nearest = (2 * abs(part) + whole) // (2 * whole)
    return -nearest if part < 0 else nearest


def _row(
    fact: Fact, term: str, place: tuple[float, int, float, str], zone: tzinfo, children: Children
) -> Row:
    about = (fact.code, fact.name, fact.district_code, fact.stage, fact.kind, term)
    if fact.computed_at is None:
        return Row(*about, State.MISSING.value)
    median, n, percentile, flag = place
    kinds = (fact.staff_fen, fact.materials_fen, fact.other_fen)
    known = [amount for amount in kinds if amount is not None]
    spent = sum(known) if len(known) == len(kinds) else None
    minutes = fact.pupil_minutes
    settled = fact.settled_at is not None and not fact.unpublished
    return Row(
        *about,
        state=(State.FINAL if settled else State.ESTIMATE).value,
        days_held=fact.days_held,
        participants=children.of(fact.code),
        pupil_hours=None if minutes is None else _scaled(half_up(minutes * 100, 60), 2),
        fee_unit=fact.fee_unit,
        fee_standard_fen=fact.fee_fen,
        cap_fen=fact.cap_fen,
        charged_fen=fact.charged_fen,
        waived_fen=fact.waived_fen,
        received_fen=fact.received_fen,
        staff_fen=fact.staff_fen,
        materials_fen=fact.materials_fen,
        other_fen=fact.other_fen,
        expenditure_fen=spent,
        refunded_fen=fact.refunded_fen,
        surplus_fen=fact.surplus_fen,
        cost_per_pupil_hour_fen=None if spent is None or not minutes else half_up(spent * 60, minutes),
        peer_median_fen=None if np.isnan(median) else _nearest(median),
        peer_n=int(n),
        percentile=None if np.isnan(percentile) else _scaled(_nearest(percentile * 10), 1),
        flag=flag,
        complaints=fact.complaints,
        complaints_per_1000=_per_1000(fact.complaints, children.of(fact.code)),
        statement_months_on_time=fact.statement_months_on_time,
        statement_months_due=fact.statement_months_due,
        as_of=fact.computed_at.astimezone(zone).replace(microsecond=0),
    )


def _flags(cost: "pd.Series[str]", staff: "pd.Series[str]") -> list[str]:
    """That of the whole cost; where it is in the middle, too cheap staff is a reason to look as well."""
    in_the_middle = (cost == Flag.NONE.value) & (staff == Flag.LOW.value)
    return list(cost.where(~in_the_middle, Flag.LOW.value))


def _reasons(codes: "pd.Series[str]", compared: Mapping[str, pd.DataFrame]) -> dict[str, tuple[Reason, ...]]:
    found: dict[str, list[Reason]] = {}
    for cost, frame in compared.items():
        flagged = frame[frame["flag"].isin((Flag.LOW.value, Flag.HIGH.value))]
        for index, value, median, n, percentile, flag in zip(
            flagged.index, flagged["value"], flagged["median"], flagged["n"], flagged["percentile"], flagged["flag"],
            strict=True,
        ):  # fmt: skip
            place = _scaled(_nearest(percentile * 10), 1)
            reason = Reason(cost, Flag(flag), _nearest(value), _nearest(median), int(n), place)
            found.setdefault(str(codes[index]), []).append(reason)
    return {code: tuple(sorted(reasons, key=_telling, reverse=True)) for code, reasons in found.items()}


def _telling(reason: Reason) -> int:
    return abs(reason.value_fen - reason.median_fen)


def _only(summary: Summary, rows: Sequence[Row]) -> Summary:
    codes = {row.school_code for row in rows}
    return replace(
        summary,
        rows=tuple(rows),
        reasons={code: reasons for code, reasons in summary.reasons.items() if code in codes},
        overdue=tuple(one for one in summary.overdue if one.row.school_code in codes),
    )


def _frame(facts: Sequence[Fact]) -> pd.DataFrame:
    """What peers compares, as the loads of oversight.indicators give it."""
    numbers = ("participants", "weekly_minutes", "hardship_participants", "staff_outside", "staff_contracted",
               "days_held", "pupil_minutes", "staff_fen", "materials_fen", "other_fen")  # fmt: skip
    frame = pd.DataFrame.from_records(facts, columns=list(Fact._fields))
    return frame[["code", "district_code", "stage", "kind", *numbers]].astype(
        dict.fromkeys(numbers, "float64")
    )


def _per_1000(complaints: int | None, participants: int | None) -> Decimal | None:
    if complaints is None or not participants:
        return None
    return _scaled(half_up(complaints * 10_000, participants), 1)


def _nearest(number: float) -> int:
    """Half up."""
    return int(np.floor(number + 0.5))


def _scaled(number: int, places: int) -> Decimal:
    return Decimal(number).scaleb(-places)


def _sum(cells: Iterable[object]) -> int | Decimal | None:
    known = [cell for cell in cells if isinstance(cell, int | Decimal)]
    return sum(known[1:], known[0]) if known else None


ADDS_UP: Final = frozenset(column.code for column in columns.ALL if column.adds_up)
