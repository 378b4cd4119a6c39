"""Consultations with their answers, plans with activities, fee item and cost lines."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.privacy import classify
from afterbell.kernel.records import Record
from schools.people.models import Guardian, Pupil, SchoolClass
from schools.planning.states import AmendmentState, ConsultationState, PlanState

TERM_FORM = r"^20[0-9]{2}-20[0-9]{2}-[12]$"


class Consultation(Record):
    """意愿征询 of one term, asked of every guardian who may sign (S11)."""

    term_code = models.CharField(_("学期"), max_length=11)
    title = models.CharField(_("标题"), max_length=120)
    text = models.TextField(_("说明"))
    state = models.CharField(max_length=6, choices=ConsultationState.choices, default=ConsultationState.DRAFT)
    closes_at = models.DateTimeField(_("截止时间"))
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    asked = models.PositiveIntegerField(_("征询人数"), default=0)
    yes = models.PositiveIntegerField(_("有需求"), default=0)
    no = models.PositiveIntegerField(_("无需求"), default=0)
    undecided = models.PositiveIntegerField(_("未定"), default=0)
    """Counts at the close: what was decided on must not move with a later correction."""

    field_classes: ClassVar = classify(
        internal="id term_code title text state closes_at opened_at closed_at asked yes no undecided"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["term_code"], name="one_consultation_a_term"),
            models.CheckConstraint(condition=Q(term_code__regex=TERM_FORM), name="consultation_term_form"),
            models.CheckConstraint(
                condition=Q(state__in=ConsultationState.values), name="consultation_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False)
                | (~Q(state="closed") & Q(closed_at__isnull=True)),
                name="consultation_closed_at_goes_with_state",
            ),
            models.CheckConstraint(
                condition=Q(asked__gte=F("yes") + F("no") + F("undecided")), name="consultation_counts_fit"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Wish(models.TextChoices):
    """An answer to a consultation; "no" is as easy as "yes"."""

    YES = "yes", _("需要")
    NO = "no", _("不需要")
    UNDECIDED = "undecided", _("还没想好")


class Channel(models.TextChoices):
    """How an answer came."""

    PHONE = "phone", _("手机")
    PAPER = "paper", _("纸质回执")


class Answer(Record):
    """One child's answer; the last one before the close counts."""

    consultation = models.ForeignKey(
        Consultation, on_delete=models.PROTECT, related_name="answers", db_index=False
    )
    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="+")
    guardian = models.ForeignKey(Guardian, null=True, on_delete=models.PROTECT, related_name="+")
    wish = models.CharField(_("意愿"), max_length=9, choices=Wish.choices)
    channel = models.CharField(max_length=5, choices=Channel.choices)
    keyed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField()
    school_class = models.ForeignKey(
        SchoolClass, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    """The child's class at the close, null before it: counts of classes don't move with a child (S11)."""

    field_classes: ClassVar = classify(
        internal="id consultation channel keyed_by at school_class", personal="pupil guardian wish"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["consultation", "pupil"], name="one_answer_a_child"),
            models.CheckConstraint(condition=Q(wish__in=Wish.values), name="wish_known"),
            models.CheckConstraint(
                condition=Q(channel="phone", guardian__isnull=False, keyed_by__isnull=True)
                | Q(channel="paper", keyed_by__isnull=False),
                name="answer_channel_fits",
            ),
        ]

    def __str__(self) -> str:
        return self.wish


class FeeUnit(models.TextChoices):
    """What a fee is charged by."""

    MONTH = "month", _("每月")
    TERM = "term", _("每学期")
    CLASS_HOUR = "class_hour", _("每课时")


class Plan(Record):
    """服务方案 of one term: what, when, where, for how much (S10)."""

    term_code = models.CharField(_("学期"), max_length=11)
    version = models.PositiveSmallIntegerField(_("版本"), default=1)
    name = models.CharField(_("名称"), max_length=80)
    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="plans")
    state = models.CharField(max_length=9, choices=PlanState.choices, default=PlanState.DRAFT)
    first_date = models.DateField(_("开始日期"))
    last_date = models.DateField(_("结束日期"))
    fee_unit = models.CharField(_("计费方式"), max_length=10, choices=FeeUnit.choices)
    fee_fen = models.BigIntegerField(_("收费标准（分）"))
    cap_fen = models.BigIntegerField(_("封顶（分）"), null=True, blank=True)
    """The profile's cap in force when the plan was drafted, per fee unit; null when the profile has none.

    Fee and cap are those of the lowest grade served; where others differ, `fees` has them by grade (PlanFee).
    """
    collector = models.CharField(_("收费主体"), max_length=10)
    expected_participants = models.PositiveIntegerField(_("预计人数"))
    resolution_id = models.UUIDField(null=True, blank=True)
    filing_id = models.UUIDField(null=True, blank=True)
    fee_notice_id = models.UUIDField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    ended_date = models.DateField(_("提前结束的日期"), null=True, blank=True)
    end_reason = models.CharField(_("提前结束的原因"), max_length=200, blank=True, default="")
    """Why the service ended before its last day; told to families and the bureau."""
    return_reason = models.CharField(_("学校退回的理由"), max_length=200, blank=True, default="")
    """What the school's review found, until the committee has passed the plan again."""
    last_moment = models.DateTimeField(null=True, blank=True)
    """Of the last charge run or exit, set under the plan's lock: what waited for it is later."""

    field_classes: ClassVar = classify(
        internal="id term_code version name consultation state first_date last_date fee_unit fee_fen cap_fen collector "
        "expected_participants resolution_id filing_id fee_notice_id published_at created_at ended_date end_reason "
        "return_reason last_moment"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["term_code", "version"], name="plan_version_once"),
            models.UniqueConstraint(
                fields=["term_code"], condition=Q(state="published"), name="one_published_plan_a_term"
            ),
            models.CheckConstraint(condition=Q(term_code__regex=TERM_FORM), name="plan_term_form"),
            models.CheckConstraint(condition=Q(state__in=PlanState.values), name="plan_state_known"),
            models.CheckConstraint(condition=Q(fee_unit__in=FeeUnit.values), name="plan_fee_unit_known"),
            models.CheckConstraint(condition=Q(last_date__gte=F("first_date")), name="plan_dates_in_order"),
            models.CheckConstraint(condition=Q(fee_fen__gte=0), name="fee_not_below_zero"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "returned"]) | Q(resolution_id__isnull=False),
                name="plan_needs_a_resolution",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "resolved", "returned"]) | Q(filing_id__isnull=False),
                name="plan_needs_a_filing",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["published", "ended"])
                | Q(fee_notice_id__isnull=False, published_at__isnull=False),
                name="published_plan_has_a_fee_notice",
            ),
            models.CheckConstraint(
                condition=Q(ended_date__isnull=True, end_reason="")
                | (Q(ended_date__isnull=False, state="ended") & ~Q(end_reason="")),
                name="early_end_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(return_reason="") | Q(state="draft"), name="return_reason_is_a_drafts"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def next_moment(self, now: datetime) -> datetime:
        """The moment of a deed that holds the plan: after the last charge run and the last exit, though its request came
        before them and waited. A run is for the places and lessons up to its moment, an exit for the runs before it."""
        return now if self.last_moment is None else max(now, self.last_moment + timedelta(microseconds=1))


class PlanFee(Record):
    """收费标准 of some grades, where one plan has several; by the unit of the plan (a nine-year school has two stages)."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="fees", db_index=False)
    grade_from = models.PositiveSmallIntegerField(_("年级自"))
    grade_to = models.PositiveSmallIntegerField(_("年级至"))
    fee_fen = models.BigIntegerField(_("收费标准（分）"))
    cap_fen = models.BigIntegerField(_("封顶（分）"), null=True, blank=True)

    field_classes: ClassVar = classify(internal="id plan grade_from grade_to fee_fen cap_fen")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "grade_from"], name="one_fee_from_a_grade_on"),
            models.CheckConstraint(
                condition=Q(grade_from__range=(1, 9), grade_to__range=(1, 9), grade_to__gte=F("grade_from")),
                name="fee_grades_in_order",
            ),
            models.CheckConstraint(condition=Q(fee_fen__gte=0), name="plan_fee_not_below_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.grade_from}–{self.grade_to} {self.fee_fen}"


class ActivityKind(models.TextChoices):
    """S8. Subject teaching is no kind, so that it can't be planned (S46)."""

    HOMEWORK = "homework", _("作业辅导")
    READING = "reading", _("自主阅读")
    SPORT = "sport", _("体育")
    ART = "art", _("艺术")
    SCIENCE = "science", _("科普")
    GAMES = "games", _("娱乐游戏")
    OUTWARD = "outward", _("拓展训练")
    CLUB = "club", _("社团及兴趣小组")


class Activity(Record):
    """活动: a group on one weekday in one room, with places. `taken` is moved by compare-and-set alone."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="activities")
    title = models.CharField(_("名称"), max_length=60)
    kind = models.CharField(_("类别"), max_length=8, choices=ActivityKind.choices)
    weekday = models.PositiveSmallIntegerField(_("星期"))
    """1 Monday to 5 Friday."""
    starts = models.TimeField(_("开始"))
    ends = models.TimeField(_("结束"))
    room_id = models.UUIDField()
    """A room of schools.care; rooms lie above, so no key."""
    grade_from = models.PositiveSmallIntegerField(_("年级自"))
    grade_to = models.PositiveSmallIntegerField(_("年级至"))
    capacity = models.PositiveSmallIntegerField(_("名额"))
    taken = models.PositiveSmallIntegerField(_("已占名额"), default=0)

    field_classes: ClassVar = classify(
        internal="id plan title kind weekday starts ends room_id grade_from grade_to capacity taken"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["plan", "weekday", "starts", "room_id"], name="room_used_once_at_a_time"
            ),
            models.CheckConstraint(condition=Q(kind__in=ActivityKind.values), name="activity_kind_known"),
            models.CheckConstraint(condition=Q(weekday__range=(1, 5)), name="activity_on_a_weekday"),
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="activity_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(grade_from__range=(1, 9), grade_to__range=(1, 9), grade_to__gte=F("grade_from")),
                name="activity_grades_in_order",
            ),
            models.CheckConstraint(condition=Q(capacity__gte=1), name="activity_has_places"),
            models.CheckConstraint(
                condition=Q(taken__lte=F("capacity")), name="activity_never_over_capacity"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class CostKind(models.TextChoices):
    """What may be a cost (S2): venue, rent, water and power do not exist as kinds."""

    STAFF = "staff", _("服务人员报酬")
    MATERIALS = "materials", _("耗材")
    OTHER = "other", _("其他允许支出")


class CostLine(Record):
    """A line of the planned cost that parents see (S3)."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="cost_lines")
    kind = models.CharField(_("类别"), max_length=9, choices=CostKind.choices)
    title = models.CharField(_("名称"), max_length=80)
    amount_fen = models.PositiveBigIntegerField(_("金额（分）"))

    field_classes: ClassVar = classify(internal="id plan kind title amount_fen")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=CostKind.values), name="cost_kind_known"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="cost_line_has_an_amount"),
        ]

    def __str__(self) -> str:
        return self.title


class Amendment(Record):
    """方案变更: the next version of a published plan, until it is in force; what it was and what it will be (S10).

    The plan itself stays as it is until then, so that nobody reads a version that nobody has decided on.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="amendments", db_index=False)
    version = models.PositiveSmallIntegerField(_("版本"))
    state = models.CharField(max_length=9, choices=AmendmentState.choices, default=AmendmentState.DRAFT)
    reason = models.CharField(_("变更的理由"), max_length=200)
    before = models.JSONField()
    """The plan's content when the change was begun (amending.Content); nothing else can change it meanwhile."""
    after = models.JSONField()
    return_reason = models.CharField(_("学校退回的理由"), max_length=200, blank=True, default="")
    resolution_id = models.UUIDField(null=True, blank=True)
    filing_id = models.UUIDField(null=True, blank=True)
    notice_id = models.UUIDField(null=True, blank=True)
    created_at = models.DateTimeField()
    in_force_at = models.DateTimeField(_("生效时间"), null=True, blank=True)

    field_classes: ClassVar = classify(
        internal="id plan version state reason before after return_reason resolution_id filing_id notice_id created_at "
        "in_force_at"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["plan", "version"], condition=~Q(state="dropped"), name="one_amendment_a_version"
            ),
            models.CheckConstraint(
                condition=Q(state__in=AmendmentState.values), name="amendment_state_known"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="amendment_has_a_reason"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "returned", "dropped"]) | Q(resolution_id__isnull=False),
                name="amendment_needs_a_resolution",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "resolved", "returned", "dropped"])
                | Q(filing_id__isnull=False),
                name="amendment_needs_a_filing",
            ),
            models.CheckConstraint(
                condition=Q(state="in_force", in_force_at__isnull=False, notice_id__isnull=False)
                | (~Q(state="in_force") & Q(in_force_at__isnull=True, notice_id__isnull=True)),
                name="in_force_goes_with_a_notice",
            ),
            models.CheckConstraint(
                condition=Q(return_reason="") | Q(state__in=["draft", "dropped"]),
                name="amendment_return_reason_is_a_drafts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.version}"
