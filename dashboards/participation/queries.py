"""Counts by grade, added up in the database: a city has 30,000 classes, and no page reads them one by one."""

from typing import NamedTuple

from django.db.models import Q, Sum

from oversight.facts.models import ClassFact
from oversight.scope import Scope
from oversight.selection import Selection


class Grade(NamedTuple):
    """One grade: pupils of its classes, and those who take part."""

    grade: int
    pupils: int
    participants: int


def grades(scope: Scope, selection: Selection) -> list[Grade]:
    """One statement, as the reader; by grade."""
    wanted = Q(term_code=selection.term, school__state="active")
    if scope.districts is not None:
        wanted &= Q(school__district__code__in=sorted(scope.districts))
    for name, field in (("district", "school__district__code"), ("stage", "school__stage"),
                        ("kind", "school__kind"), ("school", "school__code")):  # fmt: skip
        if value := getattr(selection, name):
            wanted &= Q(**{field: value})
    counts = ClassFact.objects.filter(wanted).values("grade")
    added = counts.annotate(all_pupils=Sum("pupils"), joined=Sum("participants")).order_by("grade")
    with scope.reading():
        return [Grade(row["grade"], row["all_pupils"], row["joined"]) for row in added]
