"""Alerts and their history: one alert a school, term, rule and cause; its events are written once and never changed."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.privacy import classify
from afterbell.kernel.records import Record
from oversight.redlines.states import UNRESOLVED, AlertState, EventKind, Level, RuleCode
from tenants.models import School


class Alert(Record):
    """预警. `holds` is what the last evaluation found; an officer may close an alert whose condition still holds."""

    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="+")
    term_code = models.CharField(_("学期"), max_length=11)
    rule = models.CharField(_("规则"), max_length=24, choices=RuleCode.choices)
    cause = models.CharField(max_length=40)
    """What of the rule: a month, a class, or one word where a term has only one."""
    level = models.CharField(_("级别"), max_length=6, choices=Level.choices)
    state = models.CharField(_("状态"), max_length=6, choices=AlertState.choices, default=AlertState.OPEN)
    holds = models.BooleanField(default=True)
    weight = models.BigIntegerField()
    """How serious, in the rule's own measure: an alert that grows by half or more gets an event."""
    numbers = models.JSONField()
    """As last found, small counts too: show them through `rules.registry` only, which hides what k = 5 hides."""
    times = models.PositiveSmallIntegerField(default=1)
    """How often it came up: 1, and one more for each time that it came back."""
    first_raised_at = models.DateTimeField()
    raised_at = models.DateTimeField(_("发现时间"))
    state_at = models.DateTimeField()
    closed_by = models.UUIDField(null=True)
    """The officer; null for an alert that ended by itself."""

    public_only = True
    field_classes: ClassVar = classify(
        internal="id school term_code rule cause level state holds weight numbers times first_raised_at raised_at state_at "
        "closed_by"
    )

    class Meta:
        db_table = "oversight_alert"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["school", "term_code", "rule", "cause"], name="one_alert_a_school_term_rule_cause"
            ),
            models.CheckConstraint(condition=Q(rule__in=RuleCode.values), name="alert_rule_known"),
            models.CheckConstraint(condition=Q(level__in=Level.values), name="alert_level_known"),
            models.CheckConstraint(condition=Q(state__in=AlertState.values), name="alert_state_known"),
            models.CheckConstraint(
                condition=Q(holds=True) | Q(state=AlertState.CLOSED), name="alert_without_condition_is_closed"
            ),
            models.CheckConstraint(
                condition=Q(closed_by__isnull=True) | Q(state=AlertState.CLOSED),
                name="alert_closer_goes_with_state",
            ),
            models.CheckConstraint(
                condition=Q(holds=False) | ~Q(state=AlertState.CLOSED) | Q(closed_by__isnull=False),
                name="alert_that_holds_is_closed_by_somebody",
            ),
            models.CheckConstraint(condition=Q(times__gte=1), name="alert_came_up_once_at_least"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["-level", "-raised_at"], name="alerts_unresolved", condition=Q(state__in=UNRESOLVED)
            )
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.cause}"


class AlertEvent(Record):
    """What happened to an alert, when and by whom, with the numbers before and after."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=8, choices=EventKind.choices)
    at = models.DateTimeField()
    by = models.UUIDField(null=True)
    """A user of the city; null for what the evaluation did."""
    note = models.CharField(_("备注"), max_length=500, blank=True, default="")
    level = models.CharField(max_length=6, choices=Level.choices)
    """After the event."""
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    public_only = True
    field_classes: ClassVar = classify(internal="id alert kind at by note level before after")

    class Meta:
        db_table = "oversight_alertevent"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=EventKind.values), name="alert_event_kind_known"),
            models.CheckConstraint(
                condition=~Q(kind__in=[EventKind.NOTED, EventKind.CLOSED])
                | (Q(by__isnull=False) & ~Q(note="")),
                name="alert_event_of_an_officer_says_why",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["alert", "at"], name="alert_events_in_order")]

    def __str__(self) -> str:
        return f"{self.kind} {self.at}"
