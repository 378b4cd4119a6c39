"""Classes, pupils, their adults with their rights, and what roster imports did."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.privacy import classify
from afterbell.kernel.records import Record
from schools.people.word_models import WordKind as WordKind
from schools.people.word_models import WordQuestion as WordQuestion


class SchoolClass(Record):
    """班级: named by the year its pupils entered and its number, so that it stays one class when it moves up."""

    entry_year = models.PositiveSmallIntegerField(_("入学年份"))
    grade = models.PositiveSmallIntegerField(_("年级"))
    number = models.PositiveSmallIntegerField(_("班号"))
    name = models.CharField(_("班级名称"), max_length=40)

    field_classes: ClassVar = classify(internal="id entry_year grade number name")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["entry_year", "number"], name="class_once"),
            models.CheckConstraint(condition=Q(grade__range=(1, 9)), name="grade_from_one_to_nine"),
        ]

    def __str__(self) -> str:
        return self.name


class Pupil(Record):
    """学生: a child on the roll of this school. Nothing of this table ever leaves the schema."""

    number = models.CharField(_("学籍号"), max_length=30)
    name = models.CharField(_("姓名"), max_length=60)
    school_class = models.ForeignKey(
        SchoolClass, verbose_name=_("班级"), on_delete=models.PROTECT, related_name="pupils"
    )
    joined_date = models.DateField(_("入学日期"))
    left_date = models.DateField(_("离校日期"), null=True, blank=True)
    is_hardship = models.BooleanField(_("家庭经济困难"), default=False)

    field_classes: ClassVar = classify(
        internal="id school_class", personal="joined_date left_date", sensitive="number name is_hardship"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["number"], name="pupil_number_once"),
            models.CheckConstraint(
                condition=Q(left_date__isnull=True) | Q(left_date__gte=F("joined_date")),
                name="pupil_leaves_after_joining",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Guardian(Record):
    """家长: an adult whom the school knows by phone. One adult, one row, however many children.

    Without a number: somebody who is denied by name and was never an adult here, or a contact of one child whose number
    the roster did not have. Neither can log in.
    """

    name = models.CharField(_("姓名"), max_length=60)
    phone = models.CharField(_("手机号"), max_length=20)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="guardian"
    )

    field_classes: ClassVar = classify(internal="id user", personal="name phone")

    class Meta:
        constraints: ClassVar = [
            # Numbers are once; an index with a condition is no key that others could point to, so
            # correcting a number does not keep those waiting who write a delivery to the adult (a deadlock otherwise).
            models.UniqueConstraint(fields=["phone"], condition=~Q(phone=""), name="guardian_phone_once"),
            models.CheckConstraint(
                condition=Q(phone__regex=r"^\+[0-9]{6,15}$") | Q(phone="", user__isnull=True),
                name="guardian_phone_is_e164",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Relation(models.TextChoices):
    """What the adult is to the child."""

    FATHER = "father", _("父亲")
    MOTHER = "mother", _("母亲")
    GRANDPARENT = "grandparent", _("祖辈")
    OTHER = "other", _("其他监护人或受托人")
    NO_KIN = "no_kin", _("邻居、朋友、同事等，不是亲属")
    """Collects at most: who signs for a child is its guardian (S13)."""


class Tie(Record):
    """An adult's rights over one child: may sign (S13), may collect (S24), or may not come near it."""

    guardian = models.ForeignKey(
        Guardian, on_delete=models.PROTECT, related_name="ties", db_index=False
    )  # tie_once begins with it
    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="ties")
    relation = models.CharField(_("关系"), max_length=12, choices=Relation.choices)
    may_sign = models.BooleanField(_("可签字"), default=False)
    may_collect = models.BooleanField(_("可接送"), default=False)
    is_denied = models.BooleanField(_("禁止接走"), default=False)
    denied_reason = models.CharField(_("禁止原因"), max_length=200, blank=True, default="")
    ended_at = models.DateTimeField(null=True, blank=True)
    collects_since = models.DateTimeField(null=True)
    """When the right to collect began last; null: with the tie."""
    collected_until = models.DateTimeField(null=True)
    """When it ended last, by a denial or otherwise; a handover of before is judged by it."""
    signed_until = models.DateTimeField(null=True)
    """When the right to sign ended last; what this adult alone had agreed to before holds until then (S24)."""

    field_classes: ClassVar = classify(
        internal="id guardian pupil ended_at collects_since collected_until signed_until",
        personal="relation may_sign may_collect",
        sensitive="is_denied denied_reason",
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["guardian", "pupil"], name="tie_once"),
            models.CheckConstraint(
                condition=Q(is_denied=False) | Q(may_sign=False, may_collect=False),
                name="denied_adult_has_no_rights",
            ),
            models.CheckConstraint(condition=Q(relation__in=Relation.values), name="relation_known"),
            models.CheckConstraint(
                condition=~Q(relation=Relation.NO_KIN) | Q(may_sign=False), name="no_kin_does_not_sign"
            ),
            models.CheckConstraint(
                condition=Q(is_denied=False) | ~Q(denied_reason=""), name="denial_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.guardian_id} {self.relation} {self.pupil_id}"


class AdultQuestion(Record):
    """请监护人确认: may this member of staff be an adult of the child, with these rights (S1)? May a denial end (S24)?

    Until the yes there is no tie: the person neither signs nor collects nor sees anything of the child. A signing
    guardian answers; where there is none yet, the principal, by decision with a reason. A school has a handful of
    these in its life: no index is worth its file in 2,000 schools.
    """

    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="adult_questions", db_index=False)
    name = models.CharField(_("姓名"), max_length=60)
    phone = models.CharField(_("手机号"), max_length=20)
    relation = models.CharField(_("关系"), max_length=12, choices=Relation.choices)
    may_sign = models.BooleanField(_("可签字"), default=False)
    may_collect = models.BooleanField(_("可接送"), default=False)
    tie = models.ForeignKey(Tie, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    """Whose denial is to end; null where an adult is to be tied or to get rights."""
    why = models.CharField(_("提出的原因"), max_length=200, blank=True, default="")
    """Why the denial is to end, or the adult is to have other rights, by who asks; empty for a new adult."""
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField(_("提出时间"))
    is_yes = models.BooleanField(_("同意"), null=True)
    is_decision = models.BooleanField(_("学校决定"), default=False)
    """By the principal, because no guardian could be asked."""
    reason = models.CharField(_("理由"), max_length=200, blank=True, default="")
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    answered_at = models.DateTimeField(null=True, blank=True)

    field_classes: ClassVar = classify(
        internal="id pupil tie by at is_yes is_decision answered_by answered_at",
        personal="name phone relation may_sign may_collect",
        sensitive="why reason",
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by__isnull=True, is_yes__isnull=True)
                | Q(answered_at__isnull=False, answered_by__isnull=False, is_yes__isnull=False),
                name="question_is_answered_whole",
            ),
            models.CheckConstraint(
                condition=Q(answered_by__isnull=True) | ~Q(answered_by=F("by")), name="asker_does_not_answer"
            ),
            models.CheckConstraint(
                condition=Q(is_decision=False) | ~Q(reason=""), name="decision_on_an_adult_has_a_reason"
            ),
            models.CheckConstraint(condition=Q(relation__in=Relation.values), name="asked_relation_known"),
            models.CheckConstraint(
                condition=~Q(relation=Relation.NO_KIN) | Q(may_sign=False), name="asked_no_kin_does_not_sign"
            ),
            models.CheckConstraint(
                condition=Q(tie__isnull=True) & (Q(why="") | Q(may_sign=True) | Q(may_collect=True))
                | Q(tie__isnull=False, may_sign=False, may_collect=False) & ~Q(why=""),
                name="lifting_has_a_reason_and_gives_no_right",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pupil_id} {self.is_yes}"


class ChangeKind(models.TextChoices):
    """What about a person was changed by hand, with a reason."""

    PUPIL_NAME = "pupil_name", _("更正学生姓名")
    NAME = "name", _("更正家长姓名")
    PHONE = "phone", _("更正手机号")
    DENIED = "denied", _("登记禁止接走")
    LIFTED = "lifted", _("解除禁止")
    ENDED = "ended", _("解除关系")
    RIGHTS = "rights", _("修改权限")
    LOGIN_ENDED = "login_ended", _("停用账号")
    LOGIN_AGAIN = "login_again", _("重新启用账号")


class Change(Record):
    """变更记录: who corrected, denied, lifted or ended what, or changed rights, when and why. Written once.

    It is the history that pages show.
    A school corrects a few hundred names in its life: no index is worth its file in 2,000 schools.
    """

    kind = models.CharField(_("事项"), max_length=12, choices=ChangeKind.choices)
    pupil = models.ForeignKey(
        Pupil, null=True, db_index=False, on_delete=models.PROTECT, related_name="changes"
    )
    """Whose name, or whom the adult was kept from; null for what an adult is called everywhere."""
    guardian = models.ForeignKey(
        Guardian, null=True, db_index=False, on_delete=models.PROTECT, related_name="changes"
    )
    before = models.CharField(_("原来"), max_length=60, blank=True, default="")
    after = models.CharField(_("现在"), max_length=60, blank=True, default="")
    reason = models.CharField(_("原因"), max_length=240)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, db_index=False, on_delete=models.PROTECT, related_name="+"
    )
    """Null for a roster that was imported by command."""
    at = models.DateTimeField(_("时间"))

    field_classes: ClassVar = classify(
        internal="id kind pupil guardian by at", personal="before after", sensitive="reason"
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind="pupil_name", pupil__isnull=False, guardian__isnull=True)
                | Q(
                    kind__in=["name", "phone", "login_ended", "login_again"],
                    pupil__isnull=True,
                    guardian__isnull=False,
                )
                | Q(
                    kind__in=["denied", "lifted", "ended", "rights"],
                    pupil__isnull=False,
                    guardian__isnull=False,
                ),
                name="change_of_whom",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="change_has_a_reason"),
            models.CheckConstraint(
                condition=Q(kind__in=["denied", "lifted", "ended", "login_ended", "login_again"])
                | ~Q(before=F("after")),
                name="change_changes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pupil_id or self.guardian_id}"


class RosterImport(Record):
    """名册导入: one workbook that was applied, with its digest and what it changed."""

    file_name = models.CharField(_("文件名"), max_length=200)
    file_sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    applied_at = models.DateTimeField(_("导入时间"))
    rows = models.PositiveIntegerField(_("行数"))
    created = models.PositiveIntegerField(_("新增学生"))
    updated = models.PositiveIntegerField(_("更新学生"))
    moved = models.PositiveIntegerField(_("转班"))
    missing = models.PositiveIntegerField(_("名册中没有的在校生"))
    left_out = models.JSONField(default=list)
    """Who stands in the file and was not written, each with the reason: the office looks after them by hand."""

    field_classes: ClassVar = classify(
        internal="id file_name file_sha256 by applied_at rows created updated moved missing",
        sensitive="left_out",
    )

    def __str__(self) -> str:
        return self.file_name

    @property
    def short_number(self) -> str:
        """To quote on the telephone: R20260901-3F9A2C."""
        return f"R{timezone.localdate(self.applied_at):%Y%m%d}-{self.pk.hex[-6:].upper()}"
