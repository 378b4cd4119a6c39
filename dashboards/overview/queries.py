"""Sums of the last terms, for the small trends of the tiles, without what is hidden in a term."""

from typing import Any, Final

import pandas as pd
from django.db import connection

from oversight.protection import loading
from oversight.protection.decisions import OF
from oversight.scope import Scope
from oversight.selection import Selection

COLUMNS: Final = (
    "pupils_on_roll", "participants", "expected", "present", "survey_answers", "survey_high",
    "complaints", "statement_months_due", "statement_months_on_time",
)  # fmt: skip
TERMS_SHOWN: Final = 6


def by_term(scope: Scope, selection: Selection) -> pd.DataFrame:
    """One row a term, by term_code: the sums of COLUMNS (NaN where nothing is known, or where it is hidden).

    One statement, one more when what is hidden of a term is not kept.
    """
    values: dict[str, Any] = {
        "district": selection.district, "stage": selection.stage, "kind": selection.kind, "most": TERMS_SHOWN,
        "whole": scope.districts is None, "districts": sorted(scope.districts or ()),
    }  # fmt: skip
    with scope.reading(), connection.cursor() as cursor:
        cursor.execute(TERMS, values)
        rows = cursor.fetchall()
    frame = pd.DataFrame.from_records(rows, columns=["term_code", "stamp", *COLUMNS])
    frame = frame.sort_values("term_code", ignore_index=True).astype(dict.fromkeys(COLUMNS, "float64"))
    return _without_hidden(frame, scope, selection)


def _without_hidden(frame: pd.DataFrame, scope: Scope, selection: Selection) -> pd.DataFrame:
    """A sum of several districts is shown where each of them is."""
    decided = loading.of_terms(dict(zip(frame["term_code"], frame["stamp"], strict=True)))
    only_one = selection.district or scope.districts is None
    districts = [selection.district] if only_one else sorted(scope.districts or ())
    for place, term in enumerate(frame["term_code"]):
        for column in (name for name in COLUMNS if name in OF):
            hidden = decided[term].families[column].areas if term in decided else None
            if hidden is None or any((one, selection.stage, selection.kind) in hidden for one in districts):
                frame.loc[place, column] = float("nan")
    return frame


TERMS: Final = f"""
SELECT area.term_code, {loading.stamp_of("area.term_code")}, {", ".join(f"SUM(area.{name})::float8" for name in COLUMNS)}
FROM oversight_areaterm AS area JOIN tenants_district AS district ON district.id = area.district_id
WHERE %(district)s IN ('', district.code) AND %(stage)s IN ('', area.stage) AND %(kind)s IN ('', area.kind)
    AND (%(whole)s OR district.code = ANY(%(districts)s))
GROUP BY area.term_code ORDER BY area.term_code DESC LIMIT %(most)s
"""  # noqa: S608
