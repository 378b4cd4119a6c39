"""Who a school is and what it has planned and promised in a term: its line of the city's frame, as plain values. Pure."""

from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import pandas as pd

from afterbell.pages.sheets import Cell
from dashboards.frame import words
from dashboards.frame.look import Look
from oversight.indicators import measures
from oversight.indicators.frames import OWN


class Facts(NamedTuple):
    """One school in service in one term; None or empty is not known."""

    id: UUID
    code: str
    name: str
    district_code: str
    district_name: str
    stage: str
    kind: str
    plan_state: str
    plan_published_at: datetime | None
    collector: str
    collector_due: str
    fee_unit: str
    settled_at: datetime | None
    settlement_due_date: date | None
    last_held_date: date | None
    pupils_on_roll: float | None
    participants: Cell
    """As the city shows it."""
    fee_fen: float | None
    cap_fen: float | None
    fee_term_fen: float | None
    cap_term_fen: float | None
    service_months: float | None


NEEDS = frozenset(
    {
        *OWN,
        "service_months",
        "pupils_on_roll",
        "participants",
        "fee_fen",
        "cap_fen",
        "fee_term_fen",
        "cap_term_fen",
    }
)
"""Columns of the frame, beside those that are always there."""
TEXTS = frozenset({"plan_state", "collector", "collector_due", "fee_unit"})


def of(city: pd.DataFrame, code: str, look: Look) -> Facts | None:
    """None for a school that is not there, not in service or not within the scope of the look."""
    found = city[city["code"] == code]
    if found.empty or not look.scope.covers(str(found["district_code"].iloc[0])):
        return None
    row = found.iloc[0]
    values = {name: _plain(row[name], is_text=name in TEXTS) for name in Facts._fields if name != "id"}
    values["participants"] = words.children(measures.children(found))
    return Facts(id=row["school_id"], **values)


def _plain(value: Any, *, is_text: bool) -> Any:
    if pd.isna(value):
        return "" if is_text else None
    return value.to_pydatetime() if isinstance(value, pd.Timestamp) else value
