"""Roll-ups as the school itself may see its own rows: without what families said that it was not told of (S46).

A letter to the bureau makes a month of figures where the school has none. So a row, and each part of it, is there for the
school only as far as its own books, days and complaints fill it: what it sees is a function of what it knows. Rows of
other schools are as they are. In SQL, for frames and ages; `%(seen_by)s` is the school.
"""

from typing import Final

from oversight.facts import columns

HEARD: Final = {
    "complaints": "complaints_unheard",
    "complaints_answered_in_time": "complaints_unheard_in_time",
    "complaints_repeated": "complaints_unheard_repeated",
    "complaints_waiting": "complaints_unheard_waiting",
}
"""What a school sees of its own complaints: all but those that it was not told of, or that are about somebody there."""
FOR_THE_CITY: Final = frozenset(columns.VOICES) - HEARD.keys()
"""No school sees these of itself: beside its own list they would tell what it was not told."""
NO_MONEY: Final = " AND ".join(f"COALESCE({name}, 0) = 0" for name in columns.MONEY)
NO_VOICE: Final = "COALESCE(complaints, 0) = COALESCE(complaints_unheard, 0)"
NO_DAY: Final = "sessions_planned IS NULL"
MONTH_IS_EMPTY: Final = (
    f"{NO_MONEY} AND {NO_VOICE} AND statement_due_date IS NULL AND statement_published_at IS NULL"
)
TERM_IS_EMPTY: Final = f"{NO_MONEY} AND {NO_VOICE} AND COALESCE(statement_months_due, 0) = 0"
NOT_PLANNED: Final = "pupils_on_roll IS NULL"
"""There is no fact of the term, where it is never null."""


def _seen(name: str, is_empty: str) -> str:
    own = (
        "NULL" if name in FOR_THE_CITY else f"{name} - COALESCE({HEARD[name]}, 0)" if name in HEARD else name
    )
    return f"CASE WHEN school_id <> %(seen_by)s THEN {name} WHEN NOT ({is_empty}) THEN {own} END AS {name}"


def _columns(names: tuple[str, ...], is_empty: str) -> str:
    return ", ".join(_seen(name, is_empty) for name in names)


MONTHS: Final = f"""(
    SELECT school_id, term_code, month, statement_due_date, statement_published_at, statement_sha256,
        {", ".join(columns.SCHOOL_DAYS)}, {_columns(columns.MONTH, MONTH_IS_EMPTY)}
    FROM oversight_schoolmonth
    WHERE school_id <> %(seen_by)s OR NOT ({MONTH_IS_EMPTY} AND {NO_DAY})
)"""  # noqa: S608
"""Instead of oversight_schoolmonth."""
TERMS: Final = f"""(
    SELECT school_id, term_code, first_held_date, last_held_date, computed_at,
        {", ".join((*columns.SCHOOL_DAYS, *columns.TERM, *columns.TERM_OWN))},
        {_columns(columns.MONTH, TERM_IS_EMPTY)}, {_columns(("months_charged",), TERM_IS_EMPTY)},
        {_columns(columns.STATEMENTS, f"{TERM_IS_EMPTY} AND {NO_DAY}")}
    FROM oversight_schoolterm
    WHERE school_id <> %(seen_by)s OR NOT ({TERM_IS_EMPTY} AND {NO_DAY} AND {NOT_PLANNED})
)"""  # noqa: S608
"""Instead of oversight_schoolterm."""
