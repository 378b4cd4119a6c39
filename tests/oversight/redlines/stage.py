"""A school's term as plain values: everything in order, so that each test says only what is wrong."""

from dataclasses import replace
from datetime import date

from afterbell.kernel.dates import Period
from oversight.redlines.evidence import CityLine, ClassLine, Evidence, MonthLine, TermLine
from oversight.redlines.rules import registry
from tenants.policies import ready
from tenants.policies.documents import Policy

TODAY = date(2026, 11, 23)
POLICY = Policy.from_document(ready.document("national-2024"))
IN_ORDER = Evidence(
    term_code="2026-2027-1",
    today=TODAY,
    period=Period(date(2026, 9, 1), date(2027, 1, 22)),
    term=TermLine(
        is_planned=True, plan_state="published", plan_published_date=date(2026, 9, 1), collector="school",
        collector_due="school", fee_unit="class_hour", fee_fen=350, cap_fen=350, charged_fen=3_900_000,
        received_fen=3_900_000, participants=500, complaints=1, complaints_forced=0, survey_invited=200,
        survey_answers=150, survey_high=135,
    ),
    months=(
        MonthLine("2026-09", 2_000_000, 20, date(2026, 10, 10), date(2026, 10, 10)),
        MonthLine("2026-10", 1_900_000, 16, date(2026, 11, 10), date(2026, 11, 5)),
        MonthLine("2026-11", 1_900_000, 0, date(2026, 12, 10), None),
    ),
    classes=(ClassLine("c1", "一年级1班", 1, pupils=40, participants=30, answers=38, refusals=8, consents=30, in_burst=6,
                       one_device=1),),
    city=CityLine(complaints=200, participants=100_000, survey_high=9_000, survey_answers=10_000),
    coercion=POLICY.coercion,
    comparison=POLICY.comparison,
)  # fmt: skip


def with_term(**more) -> Evidence:
    return replace(IN_ORDER, term=replace(IN_ORDER.term, **more))


def with_months(*months: MonthLine, **more) -> Evidence:
    return replace(IN_ORDER, months=months, **more)


def with_class(forced: int = 0, **more) -> Evidence:
    line = replace(IN_ORDER.classes[0], **more)
    term = replace(IN_ORDER.term, complaints_forced=forced, complaints=max(forced, 1))
    return replace(IN_ORDER, classes=(line,), term=term)


def found(evidence: Evidence) -> list[tuple[str, str, str]]:
    """Rule, level and cause of each finding."""
    return [(one.rule.value, one.level.value, one.cause) for one in registry.findings(evidence)]


def only(evidence: Evidence):
    """The one finding, with the sentence that it makes."""
    (one,) = registry.findings(evidence)
    rule = registry.RULES[one.rule]
    assert all(label and value for label, value in rule.figures(one.kept))
    return one, rule.say(one.kept)
