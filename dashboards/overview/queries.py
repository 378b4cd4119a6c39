"""Sums of every term, for the small trends of the tiles. One statement, as the reader."""

from typing import Final

import pandas as pd
from django.db.models import FloatField, Sum
from django.db.models.functions import Cast

from oversight.facts.models import AreaTerm
from oversight.scope import Scope
from oversight.selection import Selection

COLUMNS: Final = (
    "pupils_on_roll", "participants", "expected", "present", "survey_answers", "survey_high",
    "complaints", "statement_months_due", "statement_months_on_time",
)  # fmt: skip


def by_term(scope: Scope, selection: Selection) -> pd.DataFrame:
    """One row a term, by term_code: the sums of COLUMNS (NaN where nothing is known)."""
    wanted = {"district__code": selection.district, "stage": selection.stage, "kind": selection.kind}
    areas = AreaTerm.objects.filter(**{name: value for name, value in wanted.items() if value})
    if scope.districts is not None:
        areas = areas.filter(district__code__in=sorted(scope.districts))
    sums = {f"all_{name}": Cast(Sum(name), FloatField()) for name in COLUMNS}
    with scope.reading():
        rows = list(areas.values("term_code").annotate(**sums).order_by("term_code"))
    frame = pd.DataFrame.from_records(rows, columns=["term_code", *sums])
    return frame.rename(columns={f"all_{name}": name for name in COLUMNS}).astype(
        dict.fromkeys(COLUMNS, "float64")
    )
