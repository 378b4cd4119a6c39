"""Complaints at the bureau, what the bureau asked schools about them, and everything that was said on the way."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.privacy import classify
from afterbell.kernel.records import Record
from tenants.letterbox.doubts import in_words as words_of_doubt
from tenants.letterbox.states import LetterState
from tenants.models import School


class ComplaintKind(models.TextChoices):
    """What a complaint is about, said to the school or to the bureau."""

    FORCED = "forced", _("强制或变相强制")
    ILLEGAL_TEACHING = "illegal_teaching", _("违规授课（讲新课、借托管收补课费）")
    FEE = "fee", _("收费")
    SAFETY = "safety", _("安全")
    STAFF = "staff", _("服务人员")
    CONTENT = "content", _("服务内容")
    OTHER = "other", _("其他")


class Accused(models.TextChoices):
    """Whose conduct it is about: whoever that is never handles it."""

    NOBODY = "", _("不涉及具体的人")
    PRINCIPAL = "principal", _("校长（组长）")
    DEPUTY = "deputy", _("副校长（副组长）")
    LEADERS = "leaders", _("校长和副校长")
    OFFICE = "office", _("学校办公室人员")
    TEACHER = "teacher", _("班主任或服务教师")
    COMMITTEE = "committee", _("家长委员会成员")
    BUREAU = "bureau", _("教育局工作人员")


class Origin(models.TextChoices):
    """How a complaint came to the bureau."""

    DIRECT = "direct", _("家长直接提交")
    ESCALATED = "escalated", _("家长对学校的答复不满意")
    OVERDUE = "overdue", _("学校逾期未答复")


class BureauComplaint(Record):
    """教育局投诉. The school's schema holds no row, no number and no audit entry of a direct one."""

    number = models.CharField(_("编号"), max_length=20)
    origin = models.CharField(_("来源"), max_length=9, choices=Origin.choices, default=Origin.DIRECT)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+", db_index=False)
    guardian_id = models.UUIDField(null=True, blank=True)
    """Key of the guardian's row in the school; null where the school's complaint came up without a name."""
    guardian_name = models.CharField(_("投诉人"), max_length=60, blank=True, default="")
    guardian_phone = models.CharField(_("联系电话"), max_length=20, blank=True, default="")
    may_name = models.BooleanField(default=False)
    """The family's own choice: may the school be told who complained?"""
    term_code = models.CharField(max_length=11)
    kind = models.CharField(_("类别"), max_length=16, choices=ComplaintKind.choices)
    accused = models.CharField(_("涉及"), max_length=9, choices=Accused.choices, blank=True, default="")
    accused_name = models.CharField(_("涉及人姓名"), max_length=60, blank=True, default="")
    text = models.TextField(_("内容"), blank=True, default="")
    """Empty for an escalated one: what was written to the school stays there."""
    school_number = models.CharField(_("学校编号"), max_length=20, blank=True, default="")
    """Of an escalated one: the number that the family and the school quote."""
    state = models.CharField(_("状态"), max_length=8, choices=LetterState.choices, default=LetterState.OPEN)
    submitted_at = models.DateTimeField(_("提交时间"))
    due_at = models.DateTimeField(_("答复期限"))
    answer = models.CharField(_("答复"), max_length=500, blank=True, default="")
    answered_at = models.DateTimeField(null=True, blank=True)
    first_answered_at = models.DateTimeField(null=True, blank=True)
    """Whether it was in time is decided once, by the first answer and the first deadline."""
    answered_in_time = models.BooleanField(null=True, blank=True)
    family_seen_at = models.DateTimeField(null=True, blank=True)
    """When the family last looked; what happened later is news."""
    envelope_id = models.UUIDField(null=True, blank=True)
    """Of an escalated one: the bureau's answer goes back with it."""
    changes = models.PositiveBigIntegerField(default=1)
    marked = models.PositiveBigIntegerField(default=0)
    """How many of the changes the school's figures know (schools.voice.carrying)."""

    public_only = True
    field_classes: ClassVar = classify(
        internal="id number origin school may_name term_code kind accused school_number state submitted_at due_at "
        "answered_at first_answered_at answered_in_time family_seen_at envelope_id changes marked",
        personal="guardian_id guardian_name guardian_phone accused_name text answer",
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["number"], name="bureau_complaint_number_once"),
            models.CheckConstraint(
                condition=Q(kind__in=ComplaintKind.values), name="bureau_complaint_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(accused__in=Accused.values), name="bureau_complaint_accused_known"
            ),
            models.CheckConstraint(
                condition=Q(origin__in=Origin.values), name="bureau_complaint_origin_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=LetterState.values), name="bureau_complaint_state_known"
            ),
            models.CheckConstraint(
                condition=Q(due_at__gt=F("submitted_at")), name="bureau_complaint_due_later"
            ),
            models.CheckConstraint(
                condition=~Q(state="answered") | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="bureau_complaint_answered_with_an_answer",
            ),
            models.CheckConstraint(
                condition=Q(origin="direct", school_number="") & ~Q(text="")
                | ~Q(origin="direct") & ~Q(school_number=""),
                name="bureau_complaint_has_words_or_number",
            ),
            models.CheckConstraint(
                condition=Q(first_answered_at__isnull=True, answered_in_time__isnull=True)
                | Q(first_answered_at__isnull=False, answered_in_time__isnull=False),
                name="first_answer_was_in_time_or_not",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "due_at"], name="bureau_complaint_by_state"),
            models.Index(fields=["school", "guardian_id"], name="bureau_complaint_by_family"),
        ]

    def __str__(self) -> str:
        return self.number


class Passing(Record):
    """转办: what a school is asked to look into. Its key is the key of the complaint that the school then has."""

    complaint = models.ForeignKey(BureauComplaint, on_delete=models.PROTECT, related_name="passings")
    text = models.TextField(_("转给学校的内容"))
    is_named = models.BooleanField(default=False)
    accused = models.CharField(max_length=9, choices=Accused.choices, blank=True, default="")
    accused_name = models.CharField(max_length=60, blank=True, default="")
    due_at = models.DateTimeField(_("学校回复期限"))
    passed_at = models.DateTimeField()
    carried_at = models.DateTimeField(null=True, blank=True)
    """When the school had it; null while it is on its way."""
    bounced_at = models.DateTimeField(null=True, blank=True)
    """When it came back without having been in the school; the history says why."""
    answer = models.TextField(_("学校的回复"), blank=True, default="")
    answered_at = models.DateTimeField(null=True, blank=True)
    envelope_id = models.UUIDField(null=True, blank=True)
    """With which the answer came: noted when the bureau answers the family."""
    doubts = models.TextField(blank=True, default="")
    """What was asked about its words (letterbox.doubts), one a line."""
    why_fine = models.CharField(_("核对说明"), max_length=200, blank=True, default="")
    """The officer's answer to what was asked."""

    public_only = True
    field_classes: ClassVar = classify(
        internal="id complaint is_named accused due_at passed_at carried_at bounced_at answered_at envelope_id",
        personal="text accused_name answer doubts why_fine",
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(text=""), name="passing_says_something"),
            models.CheckConstraint(condition=Q(due_at__gt=F("passed_at")), name="passing_due_later"),
            models.CheckConstraint(
                condition=Q(accused__in=[*Accused.values]) & ~Q(accused__in=["leaders", "bureau"]),
                name="passing_leaves_somebody",
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True)
                | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="passing_answered_with_words",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.complaint_id}"

    @property
    def questions(self) -> list[str]:
        """What was asked about its words."""
        return words_of_doubt(self.doubts)


class StepKind(models.TextChoices):
    """What happened; `said` holds the words that belong to it."""

    SUBMITTED = "submitted", _("提交")
    ADDED = "added", _("家长补充")
    RECEIVED = "received", _("教育局受理")
    PASSED = "passed", _("转学校核实")
    RETURNED = "returned", _("学校回复")
    BOUNCED = "bounced", _("学校没有可以回避的办理人，退回教育局")
    EXPOSED = "exposed", _("家长写明的人在学校看得到，没有转，退回教育局")
    NAMED = "named", _("转给学校的内容里有孩子的姓名，没有转，退回教育局")
    DOUBTED = "doubted", _("转给学校的内容要再核对，没有转，退回教育局")
    ANSWERED = "answered", _("教育局答复")
    REOPENED = "reopened", _("家长不满意，请教育局再办")
    CLOSED = "closed", _("办结")


class Step(Record):
    """经过: one line of the history, written once."""

    complaint = models.ForeignKey(BureauComplaint, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=9, choices=StepKind.choices)
    at = models.DateTimeField()
    said = models.TextField(blank=True, default="")
    by_family = models.BooleanField(default=False)
    by_id = models.UUIDField(null=True, blank=True)
    """The officer; null for the family, the school and what happens by itself."""

    public_only = True
    field_classes: ClassVar = classify(internal="id complaint kind at by_family by_id", personal="said")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=StepKind.values), name="complaint_step_known"),
            models.CheckConstraint(
                condition=Q(by_family=False) | Q(by_id__isnull=True), name="step_has_one_doer"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.complaint_id} {self.kind}"
