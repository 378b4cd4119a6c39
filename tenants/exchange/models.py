"""Envelopes between a school and the city: the same row on both sides, carried by the relay."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.privacy import classify
from afterbell.kernel.records import Record
from tenants.exchange.states import EnvelopeState


class EnvelopeKind(models.TextChoices):
    """What an envelope carries; each kind has a payload schema in payloads.py."""

    PLAN_FILING = "plan_filing", _("方案报备")
    STATEMENT = "statement", _("月度收支公示")
    COMPLAINT = "complaint", _("投诉上报")
    INCIDENT = "incident", _("突发事件上报")
    REPORT = "report", _("情况报告")


class Direction(models.TextChoices):
    """Up from the school, down from the city."""

    UP = "up", _("学校上报")
    DOWN = "down", _("教育局下发")


class Envelope(Record):
    """往来件. Its id is the same on both sides, so that carrying it twice is carrying it once."""

    kind = models.CharField(_("类别"), max_length=12, choices=EnvelopeKind.choices)
    direction = models.CharField(max_length=4, choices=Direction.choices)
    school_id = models.UUIDField()
    subject = models.CharField(_("标题"), max_length=120)
    payload = models.JSONField()
    payload_sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=EnvelopeState.choices, default=EnvelopeState.WAITING)
    sent_at = models.DateTimeField(_("发出时间"))
    due_at = models.DateTimeField(_("答复期限"), null=True, blank=True)
    answer = models.CharField(_("处理结果"), max_length=10, blank=True, default="")
    answer_note = models.CharField(_("处理意见"), max_length=500, blank=True, default="")
    answered_at = models.DateTimeField(null=True, blank=True)
    answer_carried = models.BooleanField(default=False)

    field_classes: ClassVar = classify(
        internal="id kind direction school_id subject payload payload_sha256 state sent_at due_at answer answer_note "
        "answered_at answer_carried"
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=EnvelopeKind.values), name="envelope_kind_known"),
            models.CheckConstraint(
                condition=Q(direction__in=Direction.values), name="envelope_direction_known"
            ),
            models.CheckConstraint(
                condition=Q(answer__in=["", "accepted", "returned", "noted"]), name="envelope_answer_known"
            ),
            models.CheckConstraint(
                condition=Q(state="answered", answered_at__isnull=False) | ~Q(state="answered"),
                name="answered_envelope_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(answer="returned") | ~Q(answer_note=""), name="returned_with_a_reason"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["state", "due_at"], name="envelope_by_state")]

    def __str__(self) -> str:
        return self.subject
