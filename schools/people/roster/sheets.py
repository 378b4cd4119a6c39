"""Sheets of cells, as every kind of file is read into them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Final

Place = tuple[int, int]
"""Row and column, from 0."""
Cell = str | int | float | bool | date | time | timedelta
EMPTY: Final = ""


@dataclass(frozen=True)
class Sheet:
    """One sheet as the clerk sees it, from A1 on."""

    name: str
    rows: list[list[Cell]]
    formulas: frozenset[Place] = frozenset()
    widths: Mapping[Place, int] = field(default_factory=dict)
    """Numbers that the sheet shows with leading zeros (format 00000), and how many digits it shows."""


def filled(rows: list[list[Cell]], merged: Sequence[tuple[Place, Place]]) -> list[list[Cell]]:
    """What is merged over several rows of one column stands in each of them."""
    for (top, left), (bottom, right) in merged:
        if left == right and top < len(rows) and left < len(rows[top]):
            for row in rows[top + 1 : bottom + 1]:
                row[left] = rows[top][left]
    return rows
