"""Loads small frames of roll-ups: one statement each, as the reader's read-only role. Nothing is calculated here.

Counts and single fees come as float64 with NaN for what is not known; sums of money come as Int64 with NA, for they may
pass 2**53, beyond which a float loses fen; dates come as date or None. A school in service without a roll-up is a row of
NaN: missing is never 0.
"""

from collections.abc import Collection
from typing import Any, Final

import pandas as pd
from django.db import connection

from oversight.facts import columns
from oversight.facts.rollups import OFFERING
from oversight.indicators import heard
from oversight.protection import decisions, loading
from oversight.scope import Reader, Scope
from oversight.selection import Selection
from tenants import roles

OWN: Final = ("plan_state", "plan_published_at", "collector", "collector_due", "fee_unit", "settled_at",
              "settlement_due_date", "surplus_due_date")  # fmt: skip
NUMBERS_OWN: Final = ("fee_fen", "cap_fen", "fee_term_fen", "cap_term_fen", "weekly_minutes")
BY_MONTH: Final = (*columns.SCHOOL_DAYS, *columns.MONTH)
STAMPS: Final = ("stamp", "class_stamp")
"""Of a frame of classes: the state of the term's figures that it shows (protection.loading)."""
BY_TERM: Final = (*columns.TERM, *columns.STATEMENTS, "months_charged")
SUMS_OF_MONEY: Final = frozenset(
    {*columns.MONEY, "surplus_fen", "surplus_returned_fen", "due_fen", "paid_due_fen", "paid_ahead_fen"}
)
SCHOOL_ABOUT: Final = ("code", "name", "district_code", "district_name", "stage", "kind", "size_class")
DIMENSIONS: Final = {
    "district": ("district.code AS district_code", "district.name AS district_name", "district.position"),
    "stage": ("area.stage",),
    "kind": ("area.kind",),
    "month": ("area.month",),
}


def schools(scope: Scope, selection: Selection, *, needs: Collection[str] | None = None) -> pd.DataFrame:
    """One row a school in service: who it is, and its sums in the term (of some months when the selection says so).

    The frame brings along what is hidden of its counts of children (protection.decisions.COLUMN), decided for the whole
    city from the figures of this very snapshot. A school that looks at itself alone has nothing to hide from itself.

    Columns: school_id, SCHOOL_ABOUT, district_position, first_held_date, last_held_date, OWN, NUMBERS_OWN, BY_MONTH,
    BY_TERM, is_known, computed_at, schools (1), schools_offering (0 or 1) and service_months: the months that were charged
    or served, whichever are more, so that a fee by the term is spread over its months. Ordered by code. With `needs`, of
    all numbers only these columns (Indicator.columns): a third of the time at 1,233 schools.
    """
    wanted = frozenset((*BY_MONTH, *BY_TERM, *NUMBERS_OWN)) if needs is None else frozenset(needs)
    months = tuple(name for name in _allowed(BY_MONTH, scope) if name in wanted)
    terms = tuple(name for name in _allowed((*BY_TERM, *NUMBERS_OWN), scope) if name in wanted)
    where, values = _where_school(scope, selection)
    values |= _span(selection) | {"term": selection.term}
    source = "part" if selection.by_month else "roll"
    own = tuple(f"roll.{name}" for name in OWN if needs is None or name in wanted)
    needs_months = selection.by_month or needs is None or "service_months" in needs
    joined = _months_of_schools(scope, months if selection.by_month else ()) if needs_months else ""
    served = "part.service_months::float8" if needs_months else "NULL::float8"
    numbers = [*(_number(source, name) for name in months), *(_number("roll", name) for name in terms)]
    text = f"""
        SELECT school.id AS school_id, school.code, school.name, district.code AS district_code,
            district.name AS district_name, district.position AS district_position,
            school.stage, school.kind, school.size_class, roll.first_held_date, roll.last_held_date,
            {"".join(f"{name}, " for name in (*own, *numbers))}
            (roll.school_id IS NOT NULL) AS is_known, roll.computed_at, 1::float8 AS schools,
            {served} AS service_months,
            COALESCE(roll.plan_state IN {OFFERING}, FALSE)::int::float8 AS schools_offering,
            {loading.STAMP} AS {decisions.COLUMN}
        FROM tenants_school AS school
        JOIN tenants_district AS district ON district.id = school.district_id
        LEFT JOIN {_terms(scope)} AS roll ON roll.school_id = school.id AND roll.term_code = %(term)s
        {joined}
        WHERE school.state = 'active' {where}
        ORDER BY school.code
    """  # noqa: S608
    for _try in range(loading.TRIES):
        frame = _frame(scope, text, values)
        if frame.empty or scope.only_school is not None:
            return frame.assign(**{decisions.COLUMN: None})
        found = loading.of_term(selection.term, str(frame[decisions.COLUMN].iat[0]))
        if found is not None:
            return frame.assign(
                **{decisions.COLUMN: pd.Series([found] * len(frame), index=frame.index, dtype=object)}
            )
    raise loading.Restless


def areas(scope: Scope, selection: Selection, *, by: tuple[str, ...] = ()) -> pd.DataFrame:
    """Sums of the term by any of district, stage and kind (one row in all without): from the areas' roll-ups.

    Columns: those of `by` (a district as district_code, district_name, position), schools, schools_known,
    schools_offering, BY_MONTH, BY_TERM. A selection of months or of one school is not for this load: `schools` and
    `months` are. Sums only: a ratio of money to minutes or children counts a school here that knows one of the two, and
    surpluses are netted against gaps; figures of areas are measures.grouped of a frame of schools (queries.by).
    """
    names = _allowed((*BY_MONTH, *BY_TERM), scope)
    return _of_areas(scope, selection, "oversight_areaterm", ("schools_offering", *names), by)


def months(scope: Scope, selection: Selection, *, by: tuple[str, ...] = ()) -> pd.DataFrame:
    """Sums by month of the term, and by any of district, stage and kind: from the areas' roll-ups. Ordered by month.

    Columns: month, those of `by`, schools, schools_known, BY_MONTH.
    """
    return _of_areas(scope, selection, "oversight_areamonth", _allowed(BY_MONTH, scope), ("month", *by))


def months_of_schools(scope: Scope, selection: Selection) -> pd.DataFrame:
    """One row a school and month: school_id, code, month, statement_due_date, statement_published_at,
    statement_sha256, BY_MONTH. Ordered by month and code."""
    names = ", ".join(_number("roll", name) for name in _allowed(BY_MONTH, scope))
    where, values = _where_school(scope, selection)
    values |= _span(selection) | {"term": selection.term}
    text = f"""
        SELECT school.id AS school_id, school.code, roll.month, roll.statement_due_date, roll.statement_published_at,
            roll.statement_sha256, {names}
        FROM {_months(scope)} AS roll
        JOIN tenants_school AS school ON school.id = roll.school_id AND school.state = 'active'
        JOIN tenants_district AS district ON district.id = school.district_id
        WHERE roll.term_code = %(term)s AND roll.month BETWEEN %(first)s AND %(last)s {where}
        ORDER BY roll.month, school.code
    """  # noqa: S608
    return _frame(scope, text, values)


def classes(scope: Scope, selection: Selection) -> pd.DataFrame:
    """One row a class of the term: who its school is, class_name, grade, take-up and signs of forcing (S25).

    Counts are of children: show what protection.grades leaves, by the book of STAMPS. Not for the price bureau, whose role
    has no right on it.
    """
    where, values = _where_school(scope, selection)
    text = f"""
        SELECT school.id AS school_id, school.code, school.name, district.code AS district_code, fact.class_name,
            fact.grade, fact.pupils::float8, fact.participants::float8, fact.asked_answers::float8,
            fact.asked_no::float8, fact.consents::float8, fact.consents_in_burst::float8,
            fact.consents_one_device::float8, fact.consents_before_close::float8,
            {loading.STAMP} AS {STAMPS[0]}, {loading.CLASS_STAMP} AS {STAMPS[1]}
        FROM oversight_classfact AS fact
        JOIN tenants_school AS school ON school.id = fact.school_id AND school.state = 'active'
        JOIN tenants_district AS district ON district.id = school.district_id
        WHERE fact.term_code = %(term)s {where}
        ORDER BY school.code, fact.grade, fact.class_name, fact.class_id
    """  # noqa: S608
    return _frame(scope, text, values | {"term": selection.term})


def _of_areas(
    scope: Scope, selection: Selection, table: str, names: tuple[str, ...], by: tuple[str, ...]
) -> pd.DataFrame:
    groups = [part for name in by for part in DIMENSIONS[name]]
    keys = [part.partition(" AS ")[0] for part in groups]
    sums = ", ".join(
        f"SUM(area.{name})::{_type(name)} AS {name}" for name in ("schools", "schools_known", *names)
    )
    where, values = _where_area(scope, selection)
    if "month" in by and selection.by_month:
        where += " AND area.month BETWEEN %(first)s AND %(last)s"
        values |= _span(selection)
    order = ["district.position", "district.code"] if "district" in by else []
    order += [key for key in keys if not key.startswith("district.")]
    if "month" in by:
        order = ["area.month", *(key for key in order if key != "area.month")]
    text = f"""
        SELECT {", ".join([*groups, sums])}
        FROM {table} AS area JOIN tenants_district AS district ON district.id = area.district_id
        WHERE area.term_code = %(term)s {where}
        {"GROUP BY " + ", ".join(keys) if keys else ""}
        {"ORDER BY " + ", ".join(order) if order else ""}
    """  # noqa: S608
    return _frame(scope, text, values | {"term": selection.term})


def _allowed(names: tuple[str, ...], scope: Scope) -> tuple[str, ...]:
    if scope.reader is Reader.PRICE:
        return tuple(name for name in names if name not in roles.NOT_FOR_PRICES)
    return names


def _where_area(scope: Scope, selection: Selection) -> tuple[str, dict[str, Any]]:
    parts, values = [], {}
    if scope.districts is not None:
        parts.append("district.code = ANY(%(districts)s)")
        values["districts"] = sorted(scope.districts)
    for name, column in (("district", "district.code"), ("stage", "area.stage"), ("kind", "area.kind")):
        wanted = getattr(selection, name)
        if wanted:
            parts.append(f"{column} = %({name})s")
            values[name] = wanted
    return "".join(f" AND {part}" for part in parts), values


def _where_school(scope: Scope, selection: Selection) -> tuple[str, dict[str, Any]]:
    where, values = _where_area(scope, selection)
    where = where.replace("area.", "school.")
    if selection.school:
        where += " AND school.code = %(school)s"
        values["school"] = selection.school
    if scope.seen_by is not None:
        values["seen_by"] = scope.seen_by
    if scope.only_school is not None:
        where += " AND school.id = %(only)s"
        values["only"] = scope.only_school
    return where, values


def _span(selection: Selection) -> dict[str, Any]:
    return {"first": selection.first_month or "0000-00", "last": selection.last_month or "9999-99"}


def _terms(scope: Scope) -> str:
    return "oversight_schoolterm" if scope.seen_by is None else heard.TERMS


def _months(scope: Scope) -> str:
    return "oversight_schoolmonth" if scope.seen_by is None else heard.MONTHS


def _months_of_schools(scope: Scope, names: tuple[str, ...]) -> str:
    sums = "".join(f"SUM({name}) AS {name}, " for name in names)
    return f"""
        LEFT JOIN (
            SELECT school_id, {sums}
                GREATEST(SUM((charged_fen > 0)::int), SUM((days_held > 0)::int)) AS service_months
            FROM {_months(scope)} AS month_roll
            WHERE term_code = %(term)s AND month BETWEEN %(first)s AND %(last)s GROUP BY school_id
        ) AS part ON part.school_id = school.id
    """  # noqa: S608


def _frame(scope: Scope, text: str, values: dict[str, Any]) -> pd.DataFrame:
    with scope.reading(), connection.cursor() as cursor:
        cursor.execute(text, values)
        names = [column.name for column in cursor.description]
        rows = cursor.fetchall()
    frame = pd.DataFrame.from_records(rows, columns=names)
    money = {
        name: pd.array([row[place] for row in rows], dtype="Int64")  # never by way of a float
        for place, name in enumerate(names)
        if name in SUMS_OF_MONEY
    }
    numbers = [name for name in names if name in NUMERIC and name not in money]
    return frame.astype(dict.fromkeys(numbers, "float64")).assign(**money)


def _number(table: str, name: str) -> str:
    return f"{table}.{name}::{_type(name)}"


def _type(name: str) -> str:
    return "bigint" if name in SUMS_OF_MONEY else "float8"


NUMERIC: Final = frozenset(
    {
        *BY_MONTH, *BY_TERM, *NUMBERS_OWN, "schools", "schools_known", "schools_offering", "service_months", "pupils",
        "consents", "asked_answers", "asked_no", "consents_in_burst", "consents_one_device", "consents_before_close",
    }
)  # fmt: skip
