"""Committees, their seats, their resolutions and the votes."""

from typing import ClassVar, Final

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.roles import Role
from afterbell.kernel.privacy import classify
from afterbell.kernel.records import Record
from schools.committee.states import ResolutionState
from schools.people.models import Guardian, SchoolClass


class Level(models.TextChoices):
    """S6: committees of the school, a grade, a class."""

    SCHOOL = "school", _("校级")
    GRADE = "grade", _("年级")
    CLASS = "class", _("班级")


class Office(models.TextChoices):
    """Offices of a committee."""

    CHAIR = "chair", _("主任")
    TREASURER = "treasurer", _("财务委员")
    MEMBER = "member", _("委员")


ROLES: Final = {
    Office.CHAIR: Role.COMMITTEE_CHAIR,
    Office.TREASURER: Role.TREASURER,
    Office.MEMBER: Role.COMMITTEE_MEMBER,
}


class Committee(Record):
    """家长委员会 of one level."""

    level = models.CharField(_("层级"), max_length=6, choices=Level.choices)
    grade = models.PositiveSmallIntegerField(_("年级"), null=True, blank=True)
    school_class = models.ForeignKey(
        SchoolClass, null=True, blank=True, on_delete=models.PROTECT, related_name="committees"
    )
    founded_date = models.DateField(_("成立日期"))

    field_classes: ClassVar = classify(internal="id level grade school_class founded_date")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["level", "grade", "school_class"], nulls_distinct=False, name="committee_once"
            ),
            models.CheckConstraint(
                condition=Q(level="school", grade__isnull=True, school_class__isnull=True)
                | Q(level="grade", grade__isnull=False, school_class__isnull=True)
                | Q(level="class", grade__isnull=True, school_class__isnull=False),
                name="committee_level_fits",
            ),
        ]

    def __str__(self) -> str:
        return str(Level(self.level).label)


class Seat(Record):
    """A parent's seat with its term of office. One chair and one treasurer at a time; the next may be written down ahead.

    That two terms of one office or one parent have no day in common is asked under the committee's lock
    (actions.appoint_seat); the keys below stand against the same seat twice.
    """

    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="seats")
    guardian = models.ForeignKey(Guardian, on_delete=models.PROTECT, related_name="seats")
    office = models.CharField(_("职务"), max_length=10, choices=Office.choices)
    from_date = models.DateField(_("任期自"))
    until_date = models.DateField(_("任期至"))
    ended_at = models.DateTimeField(null=True, blank=True)

    field_classes: ClassVar = classify(
        internal="id committee office from_date until_date ended_at", personal="guardian"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["committee", "guardian", "from_date"],
                condition=Q(ended_at__isnull=True),
                name="one_seat_a_parent",
            ),
            models.UniqueConstraint(
                fields=["committee", "office", "from_date"],
                condition=Q(ended_at__isnull=True, office__in=["chair", "treasurer"]),
                name="one_chair_one_treasurer",
            ),
            models.CheckConstraint(condition=Q(until_date__gt=F("from_date")), name="seat_has_a_term"),
            models.CheckConstraint(condition=Q(office__in=Office.values), name="office_known"),
        ]

    def __str__(self) -> str:
        return f"{self.guardian_id} {self.office}"

    @property
    def role(self) -> Role:
        """Only the school's committee has a chair and a treasurer who sign for money; elsewhere a seat is a vote."""
        return ROLES[Office(self.office)] if self.committee.level == Level.SCHOOL else Role.COMMITTEE_MEMBER


class Subject(models.TextChoices):
    """What a resolution decides; later gates ask for a passed one of their subject (S7)."""

    PLAN = "plan", _("服务方案与收费标准")
    HIRE = "hire", _("聘用服务人员")
    SETTLEMENT = "settlement", _("学期结算")
    RULES = "rules", _("管理制度")


class Resolution(Record):
    """决议 on one subject and object, passed by the votes of the seated."""

    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="resolutions")
    number = models.CharField(_("编号"), max_length=20)
    subject = models.CharField(_("事项"), max_length=12, choices=Subject.choices)
    object_id = models.UUIDField(null=True)
    """The plan, candidate or settlement that it is about; no key across rooms, the rooms below know nothing of it."""
    title = models.CharField(_("标题"), max_length=120)
    text = models.TextField(_("决议内容"))
    text_sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=ResolutionState.choices, default=ResolutionState.OPEN)
    quorum = models.PositiveSmallIntegerField(_("法定人数"))
    opened_at = models.DateTimeField(_("提出时间"))
    closed_at = models.DateTimeField(_("表决结束"), null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    field_classes: ClassVar = classify(
        internal="id committee number subject object_id title text text_sha256 state quorum opened_at closed_at by"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["number"], name="resolution_number_once"),
            models.CheckConstraint(
                condition=Q(state__in=ResolutionState.values), name="resolution_state_known"
            ),
            models.CheckConstraint(condition=Q(subject__in=Subject.values), name="resolution_subject_known"),
            models.CheckConstraint(condition=Q(quorum__gte=1), name="resolution_has_a_quorum"),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True)
                | (~Q(state="open") & Q(closed_at__isnull=False)),
                name="resolution_closed_at_goes_with_state",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Choice(models.TextChoices):
    """A vote."""

    YES = "yes", _("同意")
    NO = "no", _("反对")
    ABSTAIN = "abstain", _("弃权")


class Vote(Record):
    """One seat's vote, once."""

    resolution = models.ForeignKey(Resolution, on_delete=models.PROTECT, related_name="votes", db_index=False)
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="votes")
    choice = models.CharField(_("表决"), max_length=7, choices=Choice.choices)
    at = models.DateTimeField()

    field_classes: ClassVar = classify(internal="id resolution seat choice at")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["resolution", "seat"], name="vote_once"),
            models.CheckConstraint(condition=Q(choice__in=Choice.values), name="vote_choice_known"),
        ]

    def __str__(self) -> str:
        return self.choice
