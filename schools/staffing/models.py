"""Candidates, their checks, contracts, and the clearance that lets a person on a session."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.privacy import classify
from afterbell.kernel.records import Record
from schools.staffing.states import CandidateState, ContractState


class Origin(models.TextChoices):
    """S16: the three kinds of people whom the committee may hire."""

    PARENT = "parent", _("家长")
    PROFESSIONAL = "professional", _("社会专业人员")
    SCHOOL = "school", _("学校教职工")


class Candidate(Record):
    """应聘人: a person, never an organisation."""

    name = models.CharField(_("姓名"), max_length=60)
    phone = models.CharField(_("手机号"), max_length=20)
    origin = models.CharField(_("来源"), max_length=12, choices=Origin.choices)
    skills = models.CharField(_("专长"), max_length=120, blank=True, default="")
    state = models.CharField(max_length=8, choices=CandidateState.choices, default=CandidateState.PROPOSED)
    resolution_id = models.UUIDField(null=True, blank=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="candidate"
    )
    proposed_at = models.DateTimeField()
    dismissed_at = models.DateTimeField(null=True, blank=True)
    """The last dismissal (S19): only a vote that was opened after it hires this person again."""

    field_classes: ClassVar = classify(
        internal="id origin state resolution_id user proposed_at dismissed_at", personal="name phone skills"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["phone"], name="candidate_phone_once"),
            models.CheckConstraint(condition=Q(origin__in=Origin.values), name="candidate_origin_known"),
            models.CheckConstraint(
                condition=Q(state__in=CandidateState.values), name="candidate_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(resolution_id__isnull=False), name="hired_by_resolution"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CheckKind(models.TextChoices):
    """S17. Which of them are required says the policy profile."""

    IDENTITY = "identity", _("身份核验")
    QUALIFICATION = "qualification", _("资格")
    HEALTH = "health", _("健康")
    CRIMINAL_RECORD = "criminal_record", _("违法犯罪记录查询")


class Check(Record):
    """核查: result, date and document number, never the record itself (reference facts)."""

    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="checks", db_index=False)
    kind = models.CharField(_("核查项目"), max_length=15, choices=CheckKind.choices)
    passed = models.BooleanField(_("合格"))
    checked_date = models.DateField(_("核查日期"))
    expires_date = models.DateField(_("有效期至"))
    document_number = models.CharField(_("证明编号"), max_length=60)
    consent_at = models.DateTimeField(_("本人同意时间"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    recorded_at = models.DateTimeField()

    field_classes: ClassVar = classify(
        internal="id kind passed checked_date expires_date consent_at by recorded_at",
        personal="candidate",
        sensitive="document_number",
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["candidate", "kind", "checked_date"], name="check_once_a_day"),
            models.CheckConstraint(condition=Q(kind__in=CheckKind.values), name="check_kind_known"),
            models.CheckConstraint(
                condition=Q(expires_date__gt=F("checked_date")), name="check_expires_later"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.expires_date}"


class Contract(Record):
    """聘用协议 with its pay basis (S18)."""

    number = models.CharField(_("编号"), max_length=20)
    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="contracts")
    resolution_id = models.UUIDField(null=True, editable=False)
    """The committee's decision that this contract used up. Null for contracts of before this was kept."""
    state = models.CharField(max_length=9, choices=ContractState.choices, default=ContractState.ACTIVE)
    from_date = models.DateField(_("起"))
    until_date = models.DateField(_("止"))
    pay_fen = models.PositiveBigIntegerField(_("每课时报酬（分）"))
    text = models.TextField(_("协议全文"), blank=True, default="")
    """Frozen when signed; `text_sha256` shows that it was not touched."""
    text_sha256 = models.CharField(max_length=64)
    signed_at = models.DateTimeField()
    ended_date = models.DateField(null=True, blank=True)
    end_reason = models.CharField(_("终止原因"), max_length=200, blank=True, default="")

    field_classes: ClassVar = classify(
        internal="id number resolution_id state from_date until_date pay_fen text_sha256 signed_at ended_date",
        personal="candidate text end_reason",
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["number"], name="contract_number_once"),
            models.UniqueConstraint(fields=["resolution_id"], name="resolution_hires_once"),
            models.UniqueConstraint(
                fields=["candidate"], condition=Q(state="active"), name="one_active_contract_a_person"
            ),
            models.CheckConstraint(condition=Q(state__in=ContractState.values), name="contract_state_known"),
            models.CheckConstraint(
                condition=Q(until_date__gte=F("from_date")), name="contract_dates_in_order"
            ),
            models.CheckConstraint(
                condition=Q(state="active", ended_date__isnull=True)
                | (~Q(state="active") & Q(ended_date__isnull=False)),
                name="contract_ended_date_goes_with_state",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Clearance(Record):
    """上岗许可: the days on which one person has a contract and every required check, computed by staffing.actions alone.

    A duty points here with its own date between the two dates, by a composite foreign key (care, migration 0002): the
    database itself refuses a duty of an unchecked or uncontracted person, and shortening a clearance is refused while
    later duties stand.
    """

    contract = models.OneToOneField(Contract, on_delete=models.PROTECT, related_name="clearance")
    from_date = models.DateField()
    until_date = models.DateField()

    field_classes: ClassVar = classify(internal="id contract from_date until_date")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["id", "from_date", "until_date"], name="clearance_span"),
            models.CheckConstraint(
                condition=Q(until_date__gte=F("from_date")), name="clearance_dates_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_date}–{self.until_date}"
