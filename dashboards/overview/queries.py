"""Sums of the last terms, for the small trends of the tiles, without what is hidden in a term."""

from typing import Final

import pandas as pd
from django.db.models import FloatField, Sum
from django.db.models.functions import Cast

from oversight.facts.models import AreaTerm
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
    """One row a term, by term_code: the sums of COLUMNS (NaN where nothing is known, or where it is hidden)."""
    wanted = {"district__code": selection.district, "stage": selection.stage, "kind": selection.kind}
    areas = AreaTerm.objects.filter(**{name: value for name, value in wanted.items() if value})
    if scope.districts is not None:
        areas = areas.filter(district__code__in=sorted(scope.districts))
    sums = {f"all_{name}": Cast(Sum(name), FloatField()) for name in COLUMNS}
    with scope.reading():
        rows = list(areas.values("term_code").annotate(**sums).order_by("term_code"))
    frame = pd.DataFrame.from_records(rows, columns=["term_code", *sums])
    frame = frame.rename(columns={f"all_{name}": name for name in COLUMNS}).astype(dict.fromkeys(COLUMNS, "float64"))
    return _without_hidden(frame.tail(TERMS_SHOWN).reset_index(drop=True), scope, selection)


def _without_hidden(frame: pd.DataFrame, scope: Scope, selection: Selection) -> pd.DataFrame:
    decided = loading.of_terms(list(frame["term_code"]))
    districts = [selection.district] if selection.district or scope.districts is None else sorted(scope.districts)
    for place, term in enumerate(frame["term_code"]):
        for column in OF.keys() & set(COLUMNS):
            hidden = decided[term].families[column].areas if term in decided else None
            if hidden is None or any((one, selection.stage, selection.kind) in hidden for one in districts):
                frame.loc[place, column] = float("nan")
    return frame
