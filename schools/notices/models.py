"""Notices and who received them."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.privacy import classify
from afterbell.kernel.records import Record
from schools.people.models import Guardian, Pupil, SchoolClass


class NoticeKind(models.TextChoices):
    """What a notice is about."""

    FEE = "fee", _("收费公示")
    STATEMENT = "statement", _("收支公示")
    SETTLEMENT = "settlement", _("结算公示")
    CONSULTATION = "consultation", _("意愿征询")
    INCIDENT = "incident", _("突发事件告知")
    LETTER = "letter", _("告家长书")


class Notice(Record):
    """通知: published once, never edited; its hash shows that it was not."""

    kind = models.CharField(_("类别"), max_length=12, choices=NoticeKind.choices)
    title = models.CharField(_("标题"), max_length=120)
    body = models.TextField(_("内容"))
    body_sha256 = models.CharField(max_length=64)
    is_open = models.BooleanField(_("校内外公开"), default=False)
    """Shown without login under /open/; never for a notice about one child."""
    published_at = models.DateTimeField(_("发布时间"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    warned = models.CharField(_("收费字样"), max_length=120, blank=True, default="")
    """Words of charging that the second person was shown (charging.warning)."""
    release_reason = models.CharField(_("发布理由"), max_length=200, blank=True, default="")
    """Why it was let out all the same."""

    field_classes: ClassVar = classify(
        internal="id kind title body body_sha256 is_open published_at by warned release_reason"
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=NoticeKind.values), name="notice_kind_known"),
            models.CheckConstraint(
                condition=~Q(kind="incident") | Q(is_open=False), name="incident_notice_is_not_open"
            ),
            models.CheckConstraint(
                condition=Q(warned="") | ~Q(release_reason=""), name="warned_notice_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Delivery(Record):
    """送达: one notice to one adult, perhaps about one child; read once is read."""

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="deliveries")
    guardian = models.ForeignKey(Guardian, null=True, on_delete=models.PROTECT, related_name="deliveries")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    pupil = models.ForeignKey(Pupil, null=True, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    field_classes: ClassVar = classify(internal="id notice user sent_at read_at", personal="guardian pupil")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["notice", "guardian", "user", "pupil"], nulls_distinct=False, name="delivery_once"
            ),
            models.CheckConstraint(
                condition=Q(guardian__isnull=False, user__isnull=True)
                | Q(guardian__isnull=True, user__isnull=False),
                name="delivery_to_one_adult",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} → {self.guardian_id or self.user_id}"


class DispatchState(models.TextChoices):
    """What became of the way to a phone."""

    WAITING = "waiting", _("等待发送")
    SENT = "sent", _("已发送")
    FAILED = "failed", _("没有发出")
    NO_WAY = "no_way", _("没有发送渠道")


class Dispatch(Record):
    """发送: one urgent delivery on its way to a phone. `sent` only when the sender has said so."""

    delivery = models.OneToOneField(Delivery, on_delete=models.PROTECT, related_name="dispatch")
    state = models.CharField(max_length=7, choices=DispatchState.choices, default=DispatchState.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    """When it is tried, or tried again after whoever took it has died; by the database's clock."""
    sent_at = models.DateTimeField(null=True, blank=True)
    receipt = models.CharField(max_length=80, blank=True, default="")
    """What the sender calls it."""
    problem = models.CharField(max_length=80, blank=True, default="")
    """Of the last try."""

    field_classes: ClassVar = classify(internal="id delivery state tries due_at sent_at receipt problem")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=DispatchState.values), name="dispatch_state_known"),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False)
                | (~Q(state="sent") & Q(sent_at__isnull=True)),
                name="dispatch_sent_has_its_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.state}"


class Seen(Record):
    """已读: one login has opened one piece of news. The news itself is computed from what happened (news.py)."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    """The unique key begins with it."""
    about = models.UUIDField()
    """The charge, refund, application: whatever moved."""
    what = models.CharField(max_length=40)
    """How it moved. What moves again is news again."""
    at = models.DateTimeField()

    field_classes: ClassVar = classify(internal="id user about what at")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "about", "what"], name="news_seen_once"),
            models.CheckConstraint(condition=~Q(what=""), name="seen_news_says_what"),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.about}"


class Draft(Record):
    """草稿: what the office writes and somebody who may publish lets out; then it points to the notice and is history."""

    kind = models.CharField(_("类别"), max_length=12, choices=NoticeKind.choices, default=NoticeKind.LETTER)
    """A letter: every other kind says that it comes from a deed (an accepted plan, a closed month), and does (S27)."""
    title = models.CharField(_("标题"), max_length=120)
    body = models.TextField(_("内容"))
    is_open = models.BooleanField(_("校内外公开"), default=False)
    school_class = models.ForeignKey(
        SchoolClass, verbose_name=_("发给"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    """Whose guardians it goes to; null is the whole school."""
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    written_at = models.DateTimeField(_("起草时间"))
    notice = models.OneToOneField(
        Notice, null=True, blank=True, on_delete=models.PROTECT, related_name="draft"
    )

    field_classes: ClassVar = classify(
        internal="id kind title body is_open school_class by written_at notice"
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=NoticeKind.values), name="draft_kind_known"),
            models.CheckConstraint(
                condition=Q(kind="letter") | Q(notice__isnull=False), name="by_hand_only_letters"
            ),
            models.CheckConstraint(
                condition=Q(is_open=False) | Q(school_class__isnull=True),
                name="open_draft_is_for_the_whole_school",
            ),
        ]

    def __str__(self) -> str:
        return self.title
