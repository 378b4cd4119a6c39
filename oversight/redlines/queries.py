"""Reads of the alerts: counts, lists and one with its history. Rows are read as the bureau's read-only role.

What is unresolved is unresolved, whatever term it came up in: pages count it without a term, as the list does. A term
narrows where it is asked for, or where a page shows one rule's findings beside the figures of that term.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Max, Q, QuerySet
from django.urls import reverse

from afterbell.accounts.models import User
from oversight.redlines import for_school
from oversight.redlines.findings import Figure, Rule
from oversight.redlines.models import Alert, AlertEvent
from oversight.redlines.rules import registry
from oversight.redlines.states import UNRESOLVED, AlertState, EventKind, Level, RuleCode
from oversight.scope import Scope
from tenants.models import District, School, Term
from tenants.policies import queries as policies
from tenants.policies.queries import PolicyInForce
from tenants.states import SchoolState

SEVERITY = ("-level", "-raised_at", "pk")
"""Red before notice (the alphabet helps), the newest first."""


@dataclass(frozen=True)
class Shown:
    """An alert as pages show it."""

    alert: Alert

    @property
    def id(self) -> UUID:
        return self.alert.pk

    @property
    def school(self) -> School:
        return self.alert.school

    @property
    def rule(self) -> Rule:
        return registry.rule_of(self.alert.rule)

    @property
    def rule_name(self) -> str:
        return self.rule.name

    @property
    def sentence(self) -> str:
        """What was found, with its numbers."""
        return self.rule.say(self.alert.numbers)

    @property
    def cause_name(self) -> str:
        """The month or the class; empty where a term has one cause only."""
        numbers = self.alert.numbers
        return str(numbers.get("month") or numbers.get("class_name") or "")

    @property
    def figures(self) -> list[Figure]:
        return self.rule.figures(self.alert.numbers)

    @property
    def is_red(self) -> bool:
        return self.alert.level == Level.RED

    @property
    def level_name(self) -> str:
        return str(Level(self.alert.level).label)

    @property
    def state_name(self) -> str:
        return str(AlertState(self.alert.state).label)

    @property
    def raised_at(self) -> datetime:
        return self.alert.raised_at

    @property
    def url(self) -> str:
        """On the city's host."""
        return reverse("redlines:alert", args=[self.alert.pk])


@dataclass(frozen=True)
class RuleCount:
    """Unresolved alerts of one rule."""

    rule: Rule
    red: int
    notice: int

    @property
    def total(self) -> int:
        return self.red + self.notice


@dataclass(frozen=True)
class Happened:
    """A line of the history, with the officer's name."""

    event: AlertEvent
    who: str
    """The officer; empty for what the evaluation did."""
    sentence: str
    """The numbers after the event; empty where none belong to it."""
    was: str
    """And those before it."""

    @property
    def kind_name(self) -> str:
        return str(EventKind(self.event.kind).label)


def counts_by_rule(scope: Scope, found: QuerySet[Alert]) -> tuple[RuleCount, ...]:
    """Of a list that was narrowed already. One statement."""
    with scope.reading():
        return _by_rule(list(found.order_by().values_list("rule", "level").annotate(n=Count("pk"))))


def counts_by_school(scope: Scope, term: str = "", **narrower: str) -> dict[str, tuple[int, int]]:
    """School code → unresolved (red, notice), for a column beside a ranking; `rule="coercion"` counts one rule."""
    rows = narrowed(alerts(scope), term=term, **narrower).order_by().values_list("school__code", "level")
    with scope.reading():
        return _red_and_notice(rows.annotate(n=Count("pk")))


def rules_by_school(scope: Scope, term: str = "", **narrower: str) -> dict[str, list[RuleCount]]:
    """School code → unresolved by rule, in the order of the rules: which rules, where a number would not say enough."""
    rows = (
        narrowed(alerts(scope), term=term, **narrower).order_by().values_list("school__code", "rule", "level")
    )
    with scope.reading():
        counted = {(code, rule, level): n for code, rule, level, n in rows.annotate(n=Count("pk"))}
    found: dict[str, list[RuleCount]] = {}
    for code in dict.fromkeys(code for code, _rule, _level in counted):
        of_rules = [
            RuleCount(
                registry.RULES[rule],
                red=counted.get((code, rule, Level.RED), 0),
                notice=counted.get((code, rule, Level.NOTICE), 0),
            )
            for rule in RuleCode
        ]
        found[code] = [one for one in of_rules if one.total]
    return found


def stamp(scope: Scope) -> str:
    """Another one after an alert came, was closed or came back: pages that show alerts are kept by it. One statement."""
    with scope.reading():
        of = (
            alerts(scope)
            .order_by()
            .aggregate(n=Count("pk", filter=Q(state__in=UNRESOLVED)), at=Max("state_at"))
        )
    return f"{of['n']}:{of['at'].isoformat() if of['at'] else ''}"


def newest(scope: Scope, limit: int = 5, term: str = "", **narrower: str) -> list[Shown]:
    """Unresolved ones, red first, then the newest. One statement; e.g. `rule="coercion"`, `district=…`."""
    found = narrowed(alerts(scope), term=term, **narrower).order_by(*SEVERITY)[:limit]
    with scope.reading():
        return [Shown(alert) for alert in found]


def of_school(scope: Scope, school: UUID | School) -> list[Shown]:
    """All alerts of a school, unresolved and red first; for its page, and its own view of itself.

    A school is told none that rests on complaints: with its own list beside it, it would count those at the bureau.
    """
    key = school.pk if isinstance(school, School) else school
    found = alerts(scope).filter(school=key)
    ordered = found.annotate(is_over=Q(state=AlertState.CLOSED)).order_by("is_over", *SEVERITY)
    with scope.reading():
        rows: list[Alert] = list(ordered)
        if scope.only_school is not None:
            forcing = [alert.pk for alert in rows if alert.rule == RuleCode.COERCION]
            events = AlertEvent.objects.filter(alert__in=forcing).order_by("at", "pk")
            rows = for_school.without_complaints(rows, events)
    return [Shown(alert) for alert in rows]


def alerts(scope: Scope) -> QuerySet[Alert]:
    """Of the scope's schools in service; evaluate it inside `scope.reading()`."""
    found: QuerySet[Alert] = Alert.objects.select_related("school__district").filter(
        school__state=SchoolState.ACTIVE
    )
    if scope.districts is not None:
        found = found.filter(school__district__code__in=scope.districts)
    if scope.only_school is not None:
        found = found.filter(school=scope.only_school)
    return found


def narrowed(
    found: QuerySet[Alert],
    *,
    term: str = "",
    district: str = "",
    stage: str = "",
    kind: str = "",
    school: str = "",
    rule: str = "",
    level: str = "",
    state: str = "",
) -> QuerySet[Alert]:
    """By the filters of the address; an empty one does not filter, but without a state only unresolved ones stay."""
    exact = {
        "term_code": term, "school__district__code": district, "school__stage": stage, "school__kind": kind,
        "rule": rule, "level": level,
    }  # fmt: skip
    found = found.filter(**{name: value for name, value in exact.items() if value})
    if school:
        found = found.filter(Q(school__name__icontains=school) | Q(school__code__startswith=school))
    if state == "all":
        return found
    return found.filter(state=state) if state else found.filter(state__in=UNRESOLVED)


def alert_for(scope: Scope, alert_id: UUID) -> Shown:
    """Raises Alert.DoesNotExist for another district's, too. One statement."""
    with scope.reading():
        return Shown(alerts(scope).get(pk=alert_id))


def history(scope: Scope, shown: Shown) -> list[Happened]:
    """The newest first. Officers' names come from the city's accounts, which the read-only role does not see."""
    events = shown.alert.events.order_by(F("at").desc(), F("pk").desc())
    with scope.reading():
        rows = list(events)
    names = dict(User.objects.filter(pk__in={row.by for row in rows if row.by}).values_list("pk", "name"))
    say = shown.rule.say
    return [
        Happened(
            row,
            who=names.get(row.by, "") if row.by else "",
            sentence=say(row.after) if row.after else "",
            was=say(row.before) if row.before else "",
        )
        for row in rows
    ]


def rules_then(scope: Scope, shown: Shown) -> PolicyInForce | None:
    """The policy that the alert's term began with, as the thresholds came from it; None without a term or policy."""
    with scope.reading():
        term = Term.objects.filter(code=shown.alert.term_code).first()
        if term is None:
            return None
        try:
            return policies.for_school(shown.school, term.first_date)
        except policies.NoPolicyInForce:
            return None


def choices(scope: Scope) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Terms, the latest first, and the scope's districts: code and name. Two statements."""
    with scope.reading():
        terms = list(Term.objects.order_by("-first_date", "pk").values_list("code", "name"))
        districts = list(District.objects.order_by("position", "code").values_list("code", "name"))
    return terms, [(code, name) for code, name in districts if scope.covers(code)]


def _by_rule(rows: Iterable[tuple[Any, ...]]) -> tuple[RuleCount, ...]:
    counted = {(rule, level): n for rule, level, n in rows}
    return tuple(
        RuleCount(
            registry.RULES[code],
            red=counted.get((code, Level.RED), 0),
            notice=counted.get((code, Level.NOTICE), 0),
        )
        for code in RuleCode
    )


def _red_and_notice(rows: Iterable[tuple[Any, ...]]) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for key, level, n in rows:
        red, notice = found.get(key, (0, 0))
        found[key] = (red + n, notice) if level == Level.RED else (red, notice + n)
    return found
