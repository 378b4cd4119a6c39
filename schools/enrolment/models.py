"""Applications, what they ask for, reviews and agreements."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.privacy import classify
from afterbell.kernel.records import Record
from schools.enrolment.states import AgreementState, ApplicationState, SupplementState
from schools.people.models import Guardian, Pupil
from schools.planning.models import Activity, Plan

LIVE = ["submitted", "waiting", "approved"]


class SignatureMode(models.TextChoices):
    """How a guardian signed: drawn on the screen, or the full name typed where drawing is not possible."""

    DRAWN = "drawn", _("手写")
    TYPED = "typed", _("输入姓名")


class Placing(models.TextChoices):
    """What the family asks for where several activities are chosen (S13): all of them or none, or each for itself."""

    ALL = "all", _("所选活动都有名额才参加")
    EACH = "each", _("有名额的先参加，其余候补")


class Application(Record):
    """《学生在校托管服务申请表》: started and signed by a guardian, by nobody else (S1, S13)."""

    number = models.CharField(_("申请编号"), max_length=20)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="applications")
    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="applications")
    guardian = models.ForeignKey(
        Guardian, on_delete=models.PROTECT, related_name="applications", db_index=False
    )
    """Asked for with the child alone."""
    state = models.CharField(
        max_length=9, choices=ApplicationState.choices, default=ApplicationState.SUBMITTED
    )
    text = models.TextField(_("申请表全文"))
    text_sha256 = models.CharField(max_length=64)
    agreement_text = models.TextField(_("所附协议全文"), blank=True, default="")
    """What the guardian read and signed with the application; it becomes the agreement's text sign by sign."""
    placing = models.CharField(_("名额安排"), max_length=4, choices=Placing.choices, default=Placing.ALL)
    goes_home_alone = models.BooleanField(_("可自行离校"), default=False)
    signature_mode = models.CharField(
        max_length=5, choices=SignatureMode.choices, default=SignatureMode.DRAWN
    )
    signature = models.TextField(_("签名"))
    """Drawn: the strokes as an SVG path (whole numbers, M, L only), checked on the way in. Typed: the full name."""
    device = models.CharField(max_length=64)
    """Digest of the device's cookie: many consents from one device are a coercion signal (S25)."""
    submitted_at = models.DateTimeField(_("提交时间"))
    decided_at = models.DateTimeField(null=True, blank=True)
    waiting_since = models.DateTimeField(null=True, blank=True)
    """Since when both sides have approved and there is no place. The turn is that of `submitted_at` (S13)."""

    field_classes: ClassVar = classify(
        internal="id number plan state placing text_sha256 signature_mode submitted_at decided_at waiting_since",
        personal="pupil guardian text agreement_text goes_home_alone device",
        sensitive="signature",
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["number"], name="application_number_once"),
            models.UniqueConstraint(
                fields=["plan", "pupil"], condition=Q(state__in=LIVE), name="one_live_application_a_child"
            ),
            models.CheckConstraint(
                condition=Q(state__in=ApplicationState.values), name="application_state_known"
            ),
            models.CheckConstraint(condition=Q(placing__in=Placing.values), name="application_placing_known"),
            models.CheckConstraint(condition=~Q(signature=""), name="application_is_signed"),
            models.CheckConstraint(
                condition=Q(signature_mode="typed")
                | Q(signature_mode="drawn", signature__regex=r"^[ML0-9 ]+$"),
                name="drawn_signature_is_a_path",
            ),
            models.CheckConstraint(
                condition=~Q(state="waiting") | Q(waiting_since__isnull=False), name="waiting_has_a_since"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Supplement(Record):
    """《课后服务补充申请表》: one more activity under an agreement that runs; a guardian signs it (S1, S13).

    Its turn is that of its own `submitted_at` among the applications. The agreement stays as it was signed; the text here
    names it by its hash. An activity is one supplement, so each has its own turn and its own answer.
    """

    number = models.CharField(_("补充申请编号"), max_length=20)
    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="supplements", db_index=False
    )
    """Found by its chosen activity: they are few, and the schema's indexes are counted."""
    guardian = models.ForeignKey(Guardian, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=9, choices=SupplementState.choices, default=SupplementState.SUBMITTED)
    text = models.TextField(_("补充申请全文"))
    text_sha256 = models.CharField(max_length=64)
    signature_mode = models.CharField(
        max_length=5, choices=SignatureMode.choices, default=SignatureMode.DRAWN
    )
    signature = models.TextField(_("签名"))
    """As an application's."""
    device = models.CharField(max_length=64)
    submitted_at = models.DateTimeField(_("提交时间"))
    waiting_since = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    """When its place was given, or it was refused."""

    field_classes: ClassVar = classify(
        internal="id number application state text_sha256 signature_mode submitted_at waiting_since decided_at",
        personal="guardian text device",
        sensitive="signature",
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["number"], name="supplement_number_once"),
            models.CheckConstraint(
                condition=Q(state__in=SupplementState.values), name="supplement_state_known"
            ),
            models.CheckConstraint(condition=~Q(signature=""), name="supplement_is_signed"),
            models.CheckConstraint(
                condition=Q(signature_mode="typed")
                | Q(signature_mode="drawn", signature__regex=r"^[ML0-9 ]+$"),
                name="drawn_supplement_is_a_path",
            ),
            models.CheckConstraint(
                condition=~Q(state="waiting") | Q(waiting_since__isnull=False),
                name="waiting_supplement_has_a_since",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["placed", "refused"], decided_at__isnull=False)
                | Q(state__in=["submitted", "waiting", "withdrawn"], decided_at__isnull=True)
                | Q(state="ended"),
                name="supplement_decided_goes_with_state",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class ChosenActivity(Record):
    """An activity that an application asks for, and the place that was given for it.

    `holds_place` says who is counted in the activity now. What was given stays on record after the place went on to the
    next family: whoever asks about a day asks for `placed_from` and the agreement's dates (holders.on).
    """

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="choices")
    supplement = models.ForeignKey(
        Supplement, on_delete=models.PROTECT, related_name="choices", null=True, blank=True, db_index=False
    )
    """That asks for it; None: the application itself does."""
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="choices")
    holds_place = models.BooleanField(default=False)
    placed_from = models.DateField(_("名额起始日期"), null=True, blank=True)
    """The first day on which the child is expected; None while it waits, or when it never got a place."""
    placed_at = models.DateTimeField(null=True, blank=True)
    """When it was given: a fee by the class hour that was charged before is not for these lessons."""
    ended_at = models.DateTimeField(null=True, blank=True)
    """Since when it is neither held nor waited for: left, withdrawn, or the waiting part given up."""

    field_classes: ClassVar = classify(
        internal="id supplement activity holds_place placed_from placed_at ended_at", personal="application"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(  # what was given up or refused without a place may be asked for again
                fields=["application", "activity"],
                condition=Q(ended_at__isnull=True) | Q(placed_from__isnull=False),
                name="activity_chosen_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(placed_from__isnull=True, placed_at__isnull=True)
                | Q(placed_from__isnull=False, placed_at__isnull=False),
                name="placed_at_goes_with_placed_from",
            ),
            models.CheckConstraint(
                condition=Q(holds_place=True, placed_from__isnull=False, ended_at__isnull=True)
                | (Q(holds_place=False) & (Q(placed_from__isnull=True) | Q(ended_at__isnull=False))),
                name="place_is_held_since_it_was_given",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id} {self.activity_id}"

    @property
    def is_open(self) -> bool:
        """It waits, as long as its application lives."""
        return self.placed_from is None and self.ended_at is None


class Side(models.TextChoices):
    """Who reviews (S14)."""

    SCHOOL = "school", _("学校")
    COMMITTEE = "committee", _("家长委员会")


class Review(Record):
    """One side's decision; a refusal needs a reason that the parent sees."""

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="reviews", db_index=False
    )
    supplement = models.ForeignKey(
        Supplement, on_delete=models.PROTECT, related_name="reviews", null=True, blank=True, db_index=False
    )
    """That was reviewed; None: the application."""
    side = models.CharField(_("审核方"), max_length=9, choices=Side.choices)
    is_approval = models.BooleanField(_("同意"))
    reason = models.CharField(_("理由"), max_length=200, blank=True, default="")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField()

    field_classes: ClassVar = classify(
        internal="id application supplement side is_approval by at", personal="reason"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["application", "supplement", "side"],
                nulls_distinct=False,
                name="one_review_a_side_and_form",
            ),
            models.CheckConstraint(
                condition=Q(is_approval=True) | ~Q(reason=""), name="refusal_has_a_reason"
            ),
            models.CheckConstraint(condition=Q(side__in=Side.values), name="review_side_known"),
        ]

    def __str__(self) -> str:
        return f"{self.side} {self.is_approval}"


class Agreement(Record):
    """托管协议: the frozen text that both sides signed, with its hash. No charge and no attendance without it (S15)."""

    number = models.CharField(_("协议编号"), max_length=20)
    application = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="agreement")
    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="agreements")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="agreements")
    state = models.CharField(max_length=6, choices=AgreementState.choices, default=AgreementState.ACTIVE)
    text = models.TextField(_("协议全文"))
    text_sha256 = models.CharField(max_length=64)
    guardian_signed_at = models.DateTimeField()
    school_signed_at = models.DateTimeField()
    school_signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    from_date = models.DateField(_("生效日期"))
    until_date = models.DateField(_("终止日期"))
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(_("终止原因"), max_length=200, blank=True, default="")
    goes_home_alone = models.BooleanField(_("可自行离校"), default=False)

    field_classes: ClassVar = classify(
        internal="id number plan state text_sha256 guardian_signed_at school_signed_at school_signed_by from_date "
        "until_date ended_at",
        personal="application pupil text end_reason goes_home_alone",
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["number"], name="agreement_number_once"),
            models.UniqueConstraint(
                fields=["plan", "pupil"], condition=Q(state="active"), name="one_active_agreement_a_child"
            ),
            models.CheckConstraint(
                condition=Q(until_date__gte=F("from_date")), name="agreement_dates_in_order"
            ),
            models.CheckConstraint(
                condition=Q(state__in=AgreementState.values), name="agreement_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["ended", "void"], ended_at__isnull=False)
                | Q(state="active", ended_at__isnull=True),
                name="agreement_ended_at_goes_with_state",
            ),
        ]

    def __str__(self) -> str:
        return self.number
