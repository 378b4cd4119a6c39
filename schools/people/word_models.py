"""Questions about words that no rule decides, with their answers."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.privacy import classify
from afterbell.kernel.records import Record


class WordKind(models.TextChoices):
    """What is asked about words that no rule decides."""

    NAME = "name", _("是不是学生姓名")
    TEACHING = "teaching", _("是不是学科教学")
    HOURS = "hours", _("时间是不是合适")
    PERSON = "person", _("是不是一个人")


class WordQuestion(Record):
    """用词核对: asked of somebody else than who wrote it, for one text; the answer stays on record (S26, S46).

    The id is made of what is asked (words.Doubt.id), so that one text is asked about once.
    """

    kind = models.CharField(_("核对什么"), max_length=8, choices=WordKind.choices)
    text = models.CharField(_("原文"), max_length=500)
    found = models.CharField(_("核对的词"), max_length=60)
    about = models.UUIDField(null=True, blank=True)
    """The plan or the candidate whose text it is; null for a name in any text that goes out."""
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    asked_at = models.DateTimeField(_("提出时间"))
    is_fine = models.BooleanField(_("可以使用"), null=True)
    reason = models.CharField(_("理由"), max_length=200, blank=True, default="")
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    answered_at = models.DateTimeField(null=True, blank=True)

    field_classes: ClassVar = classify(
        internal="id kind about asked_by asked_at is_fine answered_by answered_at",
        personal="reason",
        sensitive="text found",
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=WordKind.values), name="word_question_kind_known"),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by__isnull=True, is_fine__isnull=True)
                | Q(answered_at__isnull=False, answered_by__isnull=False, is_fine__isnull=False)
                & ~Q(reason=""),
                name="word_question_answered_whole",
            ),
            models.CheckConstraint(
                condition=Q(answered_by__isnull=True) | ~Q(answered_by=F("asked_by")),
                name="word_question_needs_two_persons",
            ),
        ]

    def __str__(self) -> str:
        return self.found
