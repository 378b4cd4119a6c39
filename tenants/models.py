"""Tables of the public schema: who the schools are and which rules they run under on which day."""

from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Concat
from django.utils.translation import gettext_lazy as _
from django_tenants.models import DomainMixin, TenantMixin

from afterbell.kernel.privacy import classify
from afterbell.kernel.records import Record
from tenants.states import SchoolState

CODE = r"^[0-9]{10}$"
DISTRICT_CODE = r"^[0-9]{6}$"
CREDIT_CODE = r"^[0-9A-HJ-NPQRTUWXY]{18}$"
"""Of the unified social credit code; its check sign is looked at in providers.credit_codes."""


class Stage(models.TextChoices):
    """学段: what a school teaches."""

    PRIMARY = "primary", _("小学")
    LOWER_SECONDARY = "lower_secondary", _("初中")
    NINE_YEAR = "nine_year", _("九年一贯制")


class Kind(models.TextChoices):
    """城乡分类: where a school lies, by the statistical classes of the ministry; fee rules differ by it."""

    URBAN = "urban", _("城区")
    TOWN = "town", _("镇区")
    RURAL = "rural", _("乡村")


class SizeClass(models.TextChoices):
    """办学规模 by pupils on the roll: under 500, to 1,500, above."""

    SMALL = "small", _("小型")
    MEDIUM = "medium", _("中型")
    LARGE = "large", _("大型")


class District(Record):
    """区县: a part of the city with supervisors of its own."""

    code = models.CharField(_("行政区划代码"), max_length=6, validators=[RegexValidator(DISTRICT_CODE)])
    name = models.CharField(_("名称"), max_length=40)
    position = models.PositiveSmallIntegerField(_("排序"), default=0)

    public_only = True
    field_classes: ClassVar = classify(public="id code name position")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["code"], name="district_code_once"),
            models.CheckConstraint(
                condition=Q(code__regex=DISTRICT_CODE), name="district_code_is_six_digits"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class School(TenantMixin, Record):  # type: ignore[misc, django-manager-missing]  # django-tenants ships no types
    """A school: one tenant, one schema, one database role."""

    auto_create_schema = False  # tenants.provisioning opens schools, saving a row does not

    schema_name = models.CharField(max_length=63)
    code = models.CharField(_("学校标识码"), max_length=10, validators=[RegexValidator(CODE)])
    name = models.CharField(_("名称"), max_length=80)
    district = models.ForeignKey(
        District, verbose_name=_("区县"), on_delete=models.PROTECT, related_name="schools"
    )
    stage = models.CharField(_("学段"), max_length=20, choices=Stage.choices)
    kind = models.CharField(_("城乡分类"), max_length=10, choices=Kind.choices)
    size_class = models.CharField(_("规模"), max_length=10, choices=SizeClass.choices)
    state = models.CharField(
        _("状态"), max_length=10, choices=SchoolState.choices, default=SchoolState.OPENING
    )
    schema_stamp = models.CharField(max_length=64, blank=True, default="")
    """Digest of the migrations that this school's schema has; behind the code's own means 503."""
    opened_at = models.DateTimeField(_("开通时间"), null=True, blank=True)
    archived_at = models.DateTimeField(_("归档时间"), null=True, blank=True)

    public_only = True
    field_classes: ClassVar = classify(
        public="id code name district stage kind size_class",
        internal="schema_name state schema_stamp opened_at archived_at",
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["code"], name="school_code_once"),
            models.UniqueConstraint(fields=["schema_name"], name="school_schema_once"),
            models.CheckConstraint(condition=Q(code__regex=CODE), name="school_code_is_ten_digits"),
            models.CheckConstraint(
                condition=Q(schema_name=Concat(models.Value("s_"), F("code"))),
                name="school_schema_is_s_code",
            ),
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="school_stage_known"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="school_kind_known"),
            models.CheckConstraint(
                condition=Q(size_class__in=SizeClass.values), name="school_size_class_known"
            ),
            models.CheckConstraint(condition=Q(state__in=SchoolState.values), name="school_state_known"),
            models.CheckConstraint(
                condition=Q(state=SchoolState.OPENING) | ~Q(schema_stamp=""),
                name="school_in_service_has_a_stamp",
            ),
            models.CheckConstraint(
                condition=Q(state=SchoolState.ARCHIVED, archived_at__isnull=False)
                | (~Q(state=SchoolState.ARCHIVED) & Q(archived_at__isnull=True)),
                name="school_archived_at_goes_with_state",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Host(DomainMixin):  # type: ignore[misc]  # django-tenants ships no types
    """An exact host name of a school; unknown hosts are 404."""

    domain = models.CharField(max_length=253)
    tenant = models.ForeignKey(School, on_delete=models.CASCADE, related_name="domains")
    is_primary = models.BooleanField(default=True)

    objects: ClassVar[models.Manager["Host"]] = models.Manager()

    public_only = True
    field_classes: ClassVar = classify(public="id domain tenant is_primary")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["domain"], name="host_once"),
            models.UniqueConstraint(
                fields=["tenant"], condition=Q(is_primary=True), name="one_primary_host_a_school"
            ),
            models.CheckConstraint(condition=Q(domain__regex=r"^[a-z0-9.-]+$"), name="host_is_lower_case"),
        ]

    def __str__(self) -> str:
        return self.domain


class Term(Record):
    """学期: the city's terms; every period of fees lies inside one (reference facts: never across terms)."""

    code = models.CharField(_("代码"), max_length=11)
    name = models.CharField(_("名称"), max_length=40)
    first_date = models.DateField(_("开学日期"))
    last_date = models.DateField(_("结束日期"))

    public_only = True
    field_classes: ClassVar = classify(public="id code name first_date last_date")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["code"], name="term_code_once"),
            models.CheckConstraint(
                condition=Q(code__regex=r"^20[0-9]{2}-20[0-9]{2}-[12]$"), name="term_code_form"
            ),
            models.CheckConstraint(
                condition=Q(last_date__gt=F("first_date")), name="term_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CalendarOverride(Record):
    """校历调整: a day on which the city differs from the national calendar; a district's own goes before the city's."""

    date = models.DateField(_("日期"))
    is_school_day = models.BooleanField(_("上课"))
    district = models.ForeignKey(
        District,
        verbose_name=_("区县"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="calendar_overrides",
    )
    follows_weekday = models.PositiveSmallIntegerField(_("按星期几的课表"), null=True, blank=True)
    """1 Monday to 7 Sunday: a make-up day runs another weekday's timetable."""
    reason = models.CharField(_("说明"), max_length=80)

    public_only = True
    field_classes: ClassVar = classify(public="id date is_school_day district follows_weekday reason")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["date", "district"], nulls_distinct=False, name="one_override_a_day"
            ),
            models.CheckConstraint(
                condition=Q(follows_weekday__isnull=True)
                | Q(is_school_day=True, follows_weekday__range=(1, 7)),
                name="override_timetable_only_on_school_days",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.reason}"


class PolicyProfile(Record):
    """政策档案: the rules in force from a day on, for the city, a district, a kind of school, or both.

    A profile is in force until the next one of the same scope begins, so ranges can't overlap. A past term keeps the
    profile that it ran under, because rows are never edited once in force (mission, "Policy profiles").
    """

    name = models.CharField(_("名称"), max_length=60)
    district = models.ForeignKey(
        District,
        verbose_name=_("区县"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="policies",
    )
    kind = models.CharField(_("城乡分类"), max_length=10, choices=Kind.choices, blank=True, default="")
    valid_from_date = models.DateField(_("生效日期"))
    document = models.JSONField(_("内容"))
    source = models.TextField(_("依据"))
    created_at = models.DateTimeField(_("建立时间"))

    public_only = True
    field_classes: ClassVar = classify(
        public="id name district kind valid_from_date document source", internal="created_at"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["district", "kind", "valid_from_date"],
                nulls_distinct=False,
                name="one_policy_a_scope_and_day",
            ),
            models.CheckConstraint(condition=Q(kind__in=["", *Kind.values]), name="policy_kind_known"),
        ]

    def __str__(self) -> str:
        return self.name


class Provider(Record):
    """合作机构: an organisation that renders services to schools and that the bureau has approved (S26).

    An approval runs out or is revoked and is never edited: a new one is a new row. Without a district it holds for the
    whole city.
    """

    name = models.CharField(_("机构名称"), max_length=60)
    credit_code = models.CharField(_("统一社会信用代码"), max_length=18)
    services = models.CharField(_("服务内容"), max_length=200)
    district = models.ForeignKey(
        District,
        verbose_name=_("区县"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="providers",
    )
    approved_from_date = models.DateField(_("核准自"))
    approved_until_date = models.DateField(_("核准至"))
    decision_number = models.CharField(_("核准文号"), max_length=40)
    revoked_date = models.DateField(_("撤销日期"), null=True, blank=True)
    """From this day on it may render nothing more."""
    revoke_reason = models.CharField(_("撤销原因"), max_length=200, blank=True, default="")

    public_only = True
    field_classes: ClassVar = classify(
        public="id name credit_code services district approved_from_date approved_until_date decision_number revoked_date "
        "revoke_reason"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["credit_code", "district", "approved_from_date"],
                condition=Q(revoked_date__isnull=True),
                nulls_distinct=False,
                name="provider_approved_once_a_day",
            ),
            models.CheckConstraint(
                condition=Q(credit_code__regex=CREDIT_CODE), name="provider_credit_code_form"
            ),
            models.CheckConstraint(
                condition=Q(approved_until_date__gte=F("approved_from_date")),
                name="provider_approval_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(revoked_date__isnull=True, revoke_reason="")
                | (Q(revoked_date__isnull=False) & ~Q(revoke_reason="")),
                name="provider_revoked_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class FleetStep(Record):
    """One migration as the template ran it: the statements that bring every school to the same place.

    Written in the template's own transaction, so that a school that is behind can always catch up.
    `statements` is null for a migration that runs Python and is done school by school through its operations.
    """

    app = models.CharField(max_length=100)
    name = models.CharField(max_length=255)
    position = models.PositiveIntegerField()
    statements = models.JSONField(null=True)
    applied_at = models.DateTimeField()

    public_only = True
    field_classes: ClassVar = classify(internal="id app name position statements applied_at")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["app", "name"], name="fleet_step_once"),
            models.UniqueConstraint(fields=["position"], name="fleet_step_position_once"),
        ]

    def __str__(self) -> str:
        return f"{self.app}.{self.name}"
