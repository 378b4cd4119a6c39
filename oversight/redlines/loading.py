"""Loads the evidence of many schools at once, in a fixed number of statements. Call it in the city."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import connection

from afterbell.kernel.dates import Period, local_date
from oversight.facts.models import ClassFact, DayFact, SchoolMonth, SchoolTerm
from oversight.redlines.evidence import CityLine, ClassLine, Evidence, MonthLine, TermLine, UncheckedLine
from tenants.models import School, Term
from tenants.policies import queries as policies
from tenants.policies.documents import Policy
from tenants.states import SchoolState

Key = tuple[UUID, str]
"""School and term."""
TERM_NUMBERS: Final = (
    "charged_fen", "received_fen", "participants", "complaints", "complaints_forced", "complaints_repeated",
    "survey_invited", "survey_answers",
    "survey_high", "surplus_fen", "surplus_returned_fen", "surplus_unsettled_fen", "children_charged_twice",
    "fee_fen", "cap_fen", "fee_term_fen", "cap_term_fen", "plan_state", "collector", "collector_due", "fee_unit",
    "surplus_due_date", "surplus_later_fen", "surplus_later_due_date", "shortfall_fen",
)  # fmt: skip

CLASS_FIELDS: Final = (
    "class_name", "grade", "pupils", "participants", "asked_answers", "asked_no", "consents", "consents_in_burst",
    "consents_one_device", "consents_before_close",
)  # fmt: skip
"""In the order of ClassLine."""


class Rules:
    """Policies of one pass, each asked for once: schools of one district and kind share theirs."""

    def __init__(self) -> None:
        self._known: dict[tuple[UUID, str, date], Policy | None] = {}

    def of(self, school: School, day: date) -> Policy | None:
        """None while nobody has said which rules apply."""
        scope = (school.district_id, school.kind, day)
        if scope not in self._known:
            try:
                self._known[scope] = policies.for_school(school, day).policy
            except policies.NoPolicyInForce:
                self._known[scope] = None
        return self._known[scope]


def evidence(
    schools: Sequence[School], terms: Collection[str], *, now: datetime, rules: Rules
) -> dict[Key, Evidence]:
    """One entry a school and term that has a roll-up."""
    ids, today = [school.pk for school in schools], local_date(now)
    spans = {
        term.code: Period(term.first_date, term.last_date) for term in Term.objects.filter(code__in=terms)
    }
    lines = _terms(ids, terms)
    months, classes = _months(ids, terms), _classes(ids, terms)
    unchecked, city = _unchecked(ids, spans), _city(terms)
    by_id = {school.pk: school for school in schools}
    found = {}
    for key, line in lines.items():
        school_id, term = key
        period = spans.get(term)
        policy = rules.of(by_id[school_id], period.first) if period else None
        found[key] = Evidence(
            term_code=term,
            today=today,
            period=period,
            term=line,
            months=tuple(months[key]),
            classes=tuple(classes[key]),
            unchecked=tuple(unchecked[key]),
            city=city.get(term, CityLine()),
            coercion=policy.coercion if policy else None,
            comparison=policy.comparison if policy else None,
        )
    return found


def _terms(schools: list[UUID], terms: Collection[str]) -> dict[Key, TermLine]:
    rows = SchoolTerm.objects.filter(school__in=schools, term_code__in=terms).values(
        "school_id", "term_code", "pupils_on_roll", "plan_published_at", "settled_at", *TERM_NUMBERS
    )
    return {
        (row["school_id"], row["term_code"]): TermLine(
            is_planned=row["pupils_on_roll"] is not None,  # of the fact, where it is never null
            plan_published_date=_day(row["plan_published_at"]),
            settled_date=_day(row["settled_at"]),
            **{name: row[name] for name in TERM_NUMBERS},
        )
        for row in rows
    }


def _months(schools: list[UUID], terms: Collection[str]) -> dict[Key, list[MonthLine]]:
    found: dict[Key, list[MonthLine]] = defaultdict(list)
    rows = SchoolMonth.objects.filter(school__in=schools, term_code__in=terms).order_by("month", "pk")
    for row in rows.values(
        "school_id",
        "term_code",
        "month",
        "charged_fen",
        "days_held",
        "statement_due_date",
        "statement_published_at",
    ):
        line = MonthLine(
            month=row["month"],
            charged_fen=row["charged_fen"],
            days_held=row["days_held"],
            statement_due_date=row["statement_due_date"],
            statement_published_date=_day(row["statement_published_at"]),
        )
        found[row["school_id"], row["term_code"]].append(line)
    return found


def _classes(schools: list[UUID], terms: Collection[str]) -> dict[Key, list[ClassLine]]:
    found: dict[Key, list[ClassLine]] = defaultdict(list)
    rows = ClassFact.objects.filter(school__in=schools, term_code__in=terms).order_by(
        "grade", "class_name", "pk"
    )
    for school, term, class_id, *about in rows.values_list(
        "school_id", "term_code", "class_id", *CLASS_FIELDS
    ):
        found[school, term].append(ClassLine(str(class_id), *about))
    return found


def _unchecked(schools: list[UUID], spans: dict[str, Period]) -> dict[Key, list[UncheckedLine]]:
    """Days become months of the term that they lie in; few days are such days."""
    days: dict[tuple[Key, str], list[tuple[date, int]]] = defaultdict(list)
    if spans:
        first, last = min(span.first for span in spans.values()), max(span.last for span in spans.values())
        rows = DayFact.objects.filter(
            school__in=schools, date__range=(first, last), duties_without_clearance__gt=0
        ).order_by("date", "pk")
        for school, day, duties in rows.values_list("school_id", "date", "duties_without_clearance"):
            for term, span in spans.items():
                if day in span:
                    days[(school, term), f"{day:%Y-%m}"].append((day, duties))
    found: dict[Key, list[UncheckedLine]] = defaultdict(list)
    for (key, month), lines in days.items():
        dates = [day for day, _duties in lines]
        duties = sum(number for _day, number in lines)
        found[key].append(UncheckedLine(month, len(dates), duties, dates[0], dates[-1]))
    return found


def _city(terms: Collection[str]) -> dict[str, CityLine]:
    """Both parts of a rate come from the same schools: those that know both. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(CITY, {"terms": sorted(terms), "active": SchoolState.ACTIVE.value})
        return {term: CityLine(*(int(number) for number in numbers)) for term, *numbers in cursor.fetchall()}


def _day(moment: datetime | None) -> date | None:
    return local_date(moment) if moment else None


CITY: Final = """
SELECT roll.term_code,
    COALESCE(SUM(roll.complaints) FILTER (WHERE roll.participants IS NOT NULL), 0),
    COALESCE(SUM(roll.participants) FILTER (WHERE roll.complaints IS NOT NULL), 0),
    COALESCE(SUM(roll.survey_high) FILTER (WHERE roll.survey_answers IS NOT NULL), 0),
    COALESCE(SUM(roll.survey_answers) FILTER (WHERE roll.survey_high IS NOT NULL), 0)
FROM oversight_schoolterm AS roll
JOIN tenants_school AS school ON school.id = roll.school_id AND school.state = %(active)s
WHERE roll.term_code = ANY(%(terms)s)
GROUP BY roll.term_code
"""


def terms_with_facts(schools: Iterable[UUID]) -> list[str]:
    """Every term that any of these schools has a roll-up of."""
    rows = SchoolTerm.objects.filter(school__in=list(schools)).order_by("term_code")
    return list(rows.values_list("term_code", flat=True).distinct())
