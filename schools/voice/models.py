"""Surveys with answers apart from identities, and complaints."""

from typing import ClassVar
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.privacy import classify
from afterbell.kernel.records import Record
from schools.people.models import Guardian
from schools.staffing.models import Contract
from schools.voice.states import ComplaintState, SurveyState
from tenants.letterbox.models import Accused, ComplaintKind

TERM_FORM = r"^20[0-9]{2}-20[0-9]{2}-[12]$"


class Survey(Record):
    """满意度测评 of one hired person in one term (S42)."""

    term_code = models.CharField(max_length=11)
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="surveys")
    state = models.CharField(max_length=6, choices=SurveyState.choices, default=SurveyState.OPEN)
    opened_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    invited = models.PositiveIntegerField(default=0)

    field_classes: ClassVar = classify(
        internal="id term_code contract state opened_at closes_at closed_at invited"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["term_code", "contract"], name="one_survey_a_person_and_term"),
            models.CheckConstraint(condition=Q(closes_at__gt=F("opened_at")), name="survey_closes_later"),
            models.CheckConstraint(condition=Q(state__in=SurveyState.values), name="survey_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.term_code} {self.contract_id}"


class Invitation(Record):
    """邀请: one family, one use. Knows that it was used, not what was answered."""

    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="invitations")
    guardian = models.ForeignKey(Guardian, on_delete=models.PROTECT, related_name="invitations")
    used_date = models.DateField(null=True, blank=True)
    """The day only: the minute would lead to the answer."""

    field_classes: ClassVar = classify(internal="id survey used_date", personal="guardian")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["survey", "guardian"], name="one_invitation_a_family")
        ]

    def __str__(self) -> str:
        return f"{self.survey_id}"


class Rating(Record):
    """评分 without a name, a time or an order: its key is random (UUIDv4), not by time."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="ratings")
    score = models.PositiveSmallIntegerField(_("评分"))
    comment = models.CharField(_("意见"), max_length=500, blank=True, default="")

    field_classes: ClassVar = classify(internal="id survey score", personal="comment")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(score__range=(1, 5)), name="score_from_one_to_five"),
        ]

    def __str__(self) -> str:
        return f"{self.score}"


class Addressee(models.TextChoices):
    """To whom it was said first. What was said to the bureau is here only once the bureau has passed it on."""

    SCHOOL = "school", _("学校")
    BUREAU = "bureau", _("教育局")


class Complaint(Record):
    """投诉 with a deadline and an answer. One that the bureau passed on has the key of the passing."""

    number = models.CharField(_("编号"), max_length=20)
    term_code = models.CharField(max_length=11)
    kind = models.CharField(_("类别"), max_length=16, choices=ComplaintKind.choices)
    addressee = models.CharField(_("提交给"), max_length=6, choices=Addressee.choices)
    guardian = models.ForeignKey(
        Guardian, null=True, blank=True, on_delete=models.PROTECT, related_name="complaints"
    )
    accused = models.CharField(_("涉及"), max_length=9, choices=Accused.choices, blank=True, default="")
    accused_name = models.CharField(_("涉及人姓名"), max_length=60, blank=True, default="")
    text = models.TextField(_("内容"))
    state = models.CharField(max_length=9, choices=ComplaintState.choices, default=ComplaintState.OPEN)
    submitted_at = models.DateTimeField(_("提交时间"))
    due_at = models.DateTimeField(_("答复期限"))
    answer = models.TextField(_("答复"), blank=True, default="")
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    passed_on_at = models.DateTimeField(null=True, blank=True)
    """When it came from the bureau."""
    escalated_at = models.DateTimeField(null=True, blank=True)
    envelope_id = models.UUIDField(null=True, blank=True)

    field_classes: ClassVar = classify(
        internal="id number term_code kind addressee accused state submitted_at due_at answered_at answered_by "
        "passed_on_at escalated_at envelope_id",
        personal="guardian accused_name text answer",
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["number"], name="complaint_number_once"),
            models.CheckConstraint(condition=Q(kind__in=ComplaintKind.values), name="complaint_kind_known"),
            models.CheckConstraint(condition=Q(accused__in=Accused.values), name="complaint_accused_known"),
            models.CheckConstraint(
                condition=Q(state__in=ComplaintState.values), name="complaint_state_known"
            ),
            models.CheckConstraint(condition=Q(due_at__gt=F("submitted_at")), name="complaint_due_later"),
            models.CheckConstraint(
                condition=~Q(state="answered") | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="answered_with_an_answer",
            ),
        ]

    def __str__(self) -> str:
        return self.number
