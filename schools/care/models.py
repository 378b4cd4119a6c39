"""Rooms, sessions, duties, the roll, handovers, incidents and the operations that came from the gate."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.privacy import classify
from afterbell.kernel.records import Record
from schools.care.home_models import HomeWord as HomeWord
from schools.care.past_models import PastDuty as PastDuty
from schools.care.states import IncidentState, RollState, SessionState
from schools.enrolment.models import Agreement
from schools.people.models import Guardian, Pupil
from schools.planning.models import Activity
from schools.staffing.models import Clearance


class Condition(models.TextChoices):
    """Condition of a room (S34)."""

    GOOD = "good", _("良好")
    REPAIR = "repair", _("待维修")
    CLOSED = "closed", _("停用")


class Room(Record):
    """场地: a registered room of the school, free of charge (S2)."""

    name = models.CharField(_("名称"), max_length=60)
    places = models.PositiveSmallIntegerField(_("容纳人数"))
    condition = models.CharField(_("状况"), max_length=6, choices=Condition.choices, default=Condition.GOOD)

    field_classes: ClassVar = classify(internal="id name places condition")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["name"], name="room_name_once"),
            models.CheckConstraint(condition=Q(places__gte=1), name="room_has_places"),
            models.CheckConstraint(condition=Q(condition__in=Condition.values), name="room_condition_known"),
        ]

    def __str__(self) -> str:
        return self.name


class Session(Record):
    """一次服务: one activity on one day. `unaccounted` counts children expected or present; it must be 0 to close."""

    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="sessions")
    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="sessions")
    date = models.DateField(_("日期"))
    starts_at = models.DateTimeField(_("开始"))
    ends_at = models.DateTimeField(_("结束"))
    planned_units = models.PositiveSmallIntegerField(_("计划课时"))
    state = models.CharField(max_length=9, choices=SessionState.choices, default=SessionState.PLANNED)
    unaccounted = models.PositiveSmallIntegerField(_("未交接人数"), default=0)
    note = models.TextField(_("服务记录"), blank=True, default="")
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    cancel_reason = models.CharField(_("取消原因"), max_length=200, blank=True, default="")
    late_reason = models.CharField(_("补记原因"), max_length=200, blank=True, default="")
    """Why nobody opened it on its day, where a leader opened it afterwards."""
    opened_late_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    made_at = models.DateTimeField(_("生成时间"), null=True, blank=True)
    """A fee by the class hour is for the sessions that had been made when it was charged. Null: from before it was kept."""
    cancelled_at = models.DateTimeField(_("取消时间"), null=True, blank=True)
    """The first time. A charge run after it leaves the session out, until it is restored."""
    restored_at = models.DateTimeField(_("恢复时间"), null=True, blank=True)
    """Once alone, so that what was charged between the two moments can be told."""

    field_classes: ClassVar = classify(
        internal="id activity room date starts_at ends_at planned_units state unaccounted opened_at closed_at closed_by "
        "cancel_reason late_reason opened_late_by made_at cancelled_at restored_at",
        personal="note",
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["activity", "date"], name="one_session_a_day"),
            models.UniqueConstraint(fields=["id", "date"], name="session_with_its_date"),
            models.CheckConstraint(condition=Q(state__in=SessionState.values), name="session_state_known"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="session_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=~Q(state="closed") | Q(unaccounted=0, closed_at__isnull=False),
                name="closed_session_has_no_child_left",
            ),
            models.CheckConstraint(
                condition=~Q(state="cancelled") | ~Q(cancel_reason=""), name="cancelled_with_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(restored_at=None)
                | Q(cancelled_at__isnull=False, restored_at__gt=F("cancelled_at")),
                name="restored_after_it_was_cancelled",
            ),
            models.CheckConstraint(
                condition=Q(late_reason="", opened_late_by__isnull=True)
                | (~Q(late_reason="") & Q(opened_late_by__isnull=False, opened_at__isnull=False)),
                name="opened_late_with_a_reason",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["date", "state"], name="session_by_day")]

    def __str__(self) -> str:
        return f"{self.date} {self.activity_id}"


class DutyRole(models.TextChoices):
    """S21, S22."""

    RESPONSIBLE = "responsible", _("服务教师")
    LEADER = "leader", _("带班领导")


class Duty(Record):
    """值班: a person on a session. The three copied columns are tied to their rows by composite foreign keys."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="duties", db_constraint=False)
    date = models.DateField()
    clearance = models.ForeignKey(
        Clearance, on_delete=models.PROTECT, related_name="duties", db_constraint=False
    )
    clear_from_date = models.DateField()
    clear_until_date = models.DateField()
    role = models.CharField(_("职责"), max_length=11, choices=DutyRole.choices, default=DutyRole.RESPONSIBLE)

    field_classes: ClassVar = classify(
        internal="id session date clearance clear_from_date clear_until_date role"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "clearance"], name="duty_once"),
            models.UniqueConstraint(fields=["session", "role"], name="one_person_a_duty_role"),
            models.CheckConstraint(
                condition=Q(date__gte=F("clear_from_date"), date__lte=F("clear_until_date")),
                name="duty_within_clearance",
            ),
            models.CheckConstraint(condition=Q(role__in=DutyRole.values), name="duty_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.role}"


class RollEntry(Record):
    """点名: one child on one session, by its agreement (S15: no attendance without one)."""

    session = models.ForeignKey(
        Session, on_delete=models.PROTECT, related_name="roll", db_index=False
    )  # child_once_on_a_roll begins with it
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="roll")
    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="roll")
    state = models.CharField(max_length=8, choices=RollState.choices, default=RollState.EXPECTED)
    arrived_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)

    field_classes: ClassVar = classify(
        internal="id session", personal="agreement pupil state arrived_at left_at"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "pupil"], name="child_once_on_a_roll"),
            models.CheckConstraint(condition=Q(state__in=RollState.values), name="roll_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=["left", "moved"], arrived_at__isnull=False, left_at__isnull=False)
                | Q(state="present", arrived_at__isnull=False, left_at__isnull=True)
                | Q(
                    state__in=["expected", "absent", "excused"], arrived_at__isnull=True, left_at__isnull=True
                ),
                name="roll_times_go_with_state",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.state}"


class Way(models.TextChoices):
    """How a child left a session (S24)."""

    ADULT = "adult", _("交给接送人")
    ALONE = "alone", _("按协议自行离校")
    NEXT = "next", _("转到下一场")
    """It stays at school: to a later session of the same day."""


class Handover(Record):
    """交接: who took which child when, from whose hand. Undone by a reversal row, never deleted."""

    entry = models.ForeignKey(RollEntry, on_delete=models.PROTECT, related_name="handovers")
    way = models.CharField(_("方式"), max_length=5, choices=Way.choices)
    collector = models.ForeignKey(Guardian, null=True, on_delete=models.PROTECT, related_name="handovers")
    next_session = models.ForeignKey(
        Session, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    keeper = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    """Who is responsible on the way, until the next session has the child on its roll as present."""
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    undone_at = models.DateTimeField(null=True, blank=True)

    field_classes: ClassVar = classify(
        internal="id way next_session keeper at by undone_at", personal="entry collector"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["entry"], condition=Q(undone_at__isnull=True), name="one_handover_a_child"
            ),
            models.CheckConstraint(
                condition=Q(
                    way="adult", collector__isnull=False, next_session__isnull=True, keeper__isnull=True
                )
                | Q(way="alone", collector__isnull=True, next_session__isnull=True, keeper__isnull=True)
                | Q(way="next", collector__isnull=True, next_session__isnull=False, keeper__isnull=False),
                name="handover_names_its_adult",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.way} {self.at}"


class Operation(Record):
    """An operation from the gate, by its own UUID: whatever is sent how often in which order has one effect."""

    kind = models.CharField(max_length=20)
    payload_sha256 = models.CharField(max_length=64)
    result = models.CharField(max_length=9)
    reason = models.CharField(max_length=60, blank=True, default="")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    said_at = models.DateTimeField()
    received_at = models.DateTimeField()

    field_classes: ClassVar = classify(internal="id kind payload_sha256 result reason by said_at received_at")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(result__in=["applied", "refused"]), name="operation_result_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.result}"


class LateDeed(Record):
    """补传: an operation that came on a later day than it was done, or from somebody who had been replaced, taken or not,
    until a leader has looked at it.

    When it was done and when it came stand at the operation.
    """

    operation = models.OneToOneField(Operation, on_delete=models.PROTECT, related_name="late")
    session = models.ForeignKey(
        Session, on_delete=models.PROTECT, related_name="late_deeds", db_index=False
    )  # few rows: a phone without network for a day is rare
    pupil = models.ForeignKey(Pupil, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    seen_at = models.DateTimeField(null=True, blank=True)
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    field_classes: ClassVar = classify(internal="id operation session seen_at seen_by", personal="pupil")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(seen_at__isnull=True, seen_by__isnull=True)
                | Q(seen_at__isnull=False, seen_by__isnull=False),
                name="late_deed_seen_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.operation_id}"


class AlarmKind(models.TextChoices):
    """What somebody must hear of at once (S23, S24)."""

    DENIED = "denied", _("禁止接走的人来接")
    GIVEN = "given", _("孩子已由现在不得接走的人接走")
    """Done while the adult still could, told to the platform when it no longer can."""
    ALONE = "alone", _("孩子凭已失效的同意自行离校")
    """The consent holds no longer; `right_until` says until when it did, where it is known."""
    MISSING = "missing", _("孩子不在应在的地方")
    INCIDENT = "incident", _("突发情况")


class Alarm(Record):
    """警报: told at once on the screens and phones of who must hear of it, until somebody who leads has looked.

    One at a time of one cause: whoever presses again while nobody has looked adds nothing.
    """

    kind = models.CharField(max_length=8, choices=AlarmKind.choices)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="alarms", db_index=False)
    pupil = models.ForeignKey(Pupil, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    adult = models.ForeignKey(Guardian, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    """Who is on the deny list, has the child and may no longer collect it, or had said that it goes home alone."""
    incident = models.ForeignKey(
        "Incident", null=True, on_delete=models.PROTECT, related_name="alarms", db_index=False
    )
    notice_id = models.UUIDField(null=True)
    at = models.DateTimeField()
    """When it happened, as who was there says."""
    right_until = models.DateTimeField(null=True)
    """Until when the adult could collect the child that it has, or its consent held."""
    told_at = models.DateTimeField()
    """When the platform heard of it and told the first people."""
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    """Null: the platform noticed it by itself."""
    level = models.PositiveSmallIntegerField(default=0)
    """How often it went to the next people because nobody had looked."""
    level_at = models.DateTimeField()
    """When it was told last; by the database's clock."""
    seen_at = models.DateTimeField(null=True, blank=True)
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    field_classes: ClassVar = classify(
        internal="id kind session notice_id at right_until told_at by level level_at seen_at seen_by",
        personal="pupil adult",
        sensitive="incident",
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "session", "pupil", "adult", "incident"],
                condition=Q(seen_at__isnull=True),
                nulls_distinct=False,
                name="one_unseen_alarm_of_a_cause",
            ),
            models.CheckConstraint(condition=Q(kind__in=AlarmKind.values), name="alarm_kind_known"),
            models.CheckConstraint(
                condition=Q(seen_at__isnull=True, seen_by__isnull=True)
                | Q(seen_at__isnull=False, seen_by__isnull=False),
                name="alarm_seen_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["denied", "given", "alone"])
                | Q(adult__isnull=False, pupil__isnull=False),
                name="alarm_names_who_is_denied",
            ),
            models.CheckConstraint(
                condition=Q(kind="given", right_until__isnull=False)
                | Q(kind="alone")
                | (~Q(kind__in=["given", "alone"]) & Q(right_until__isnull=True)),
                name="alarm_says_until_when_it_was_right",
            ),
            models.CheckConstraint(
                condition=~Q(kind="incident") | Q(incident__isnull=False), name="alarm_names_its_incident"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.told_at}"


class Incident(Record):
    """突发事件 with its notices to guardian and duty leader (S23)."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="incidents")
    pupil = models.ForeignKey(
        Pupil, null=True, blank=True, on_delete=models.PROTECT, related_name="incidents", db_index=False
    )
    summary = models.CharField(_("经过"), max_length=500)
    state = models.CharField(max_length=6, choices=IncidentState.choices, default=IncidentState.OPEN)
    happened_at = models.DateTimeField(_("发生时间"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    notice_id = models.UUIDField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(_("处理结果"), max_length=500, blank=True, default="")

    field_classes: ClassVar = classify(
        internal="id session state happened_at by notice_id closed_at", sensitive="pupil summary outcome"
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=IncidentState.values), name="incident_state_known"),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True)
                | (Q(state="closed", closed_at__isnull=False) & ~Q(outcome="")),
                name="closed_incident_has_an_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.happened_at}"
