"""Roll-ups: one school's months and terms, and the same sums of an area. Derived in SQL (rollups.py), never edited.

An area is a district's schools of one stage and kind: any filter of the city's pages is a sum of areas. Null is not
known; `schools` counts all schools in service, the other counts of schools say how many a sum rests on.
"""

from typing import ClassVar

from django.db import models

from afterbell.kernel.privacy import classify
from afterbell.kernel.records import Record
from oversight.facts import columns
from tenants.models import District, School

VERSIONED = "version computed_at"


class DaySums(models.Model):
    """Sums over days; null while there is no day with a fact."""

    days_held = models.PositiveBigIntegerField(null=True)
    sessions_planned = models.PositiveBigIntegerField(null=True)
    sessions_held = models.PositiveBigIntegerField(null=True)
    sessions_cancelled = models.PositiveBigIntegerField(null=True)
    class_hours = models.PositiveBigIntegerField(null=True)
    expected = models.PositiveBigIntegerField(null=True)
    present = models.PositiveBigIntegerField(null=True)
    excused = models.PositiveBigIntegerField(null=True)
    handed_over = models.PositiveBigIntegerField(null=True)
    pupil_minutes = models.PositiveBigIntegerField(null=True)
    staff = models.PositiveBigIntegerField(null=True)
    """People on duty, summed over days: person-days."""
    duties_without_clearance = models.PositiveBigIntegerField(null=True)
    incidents = models.PositiveBigIntegerField(null=True)

    class Meta:
        abstract = True


class MonthSums(models.Model):
    """Sums over months; null while there is no month in the books and no complaint."""

    charged_fen = models.BigIntegerField(null=True)
    waived_fen = models.BigIntegerField(null=True)
    received_fen = models.BigIntegerField(null=True)
    staff_fen = models.BigIntegerField(null=True)
    materials_fen = models.BigIntegerField(null=True)
    other_fen = models.BigIntegerField(null=True)
    refunded_fen = models.BigIntegerField(null=True)
    complaints = models.PositiveBigIntegerField(null=True)
    complaints_forced = models.PositiveBigIntegerField(null=True)
    complaints_illegal_teaching = models.PositiveBigIntegerField(null=True)
    complaints_answered_in_time = models.PositiveBigIntegerField(null=True)
    complaints_overdue = models.PositiveBigIntegerField(null=True)
    complaints_repeated = models.PositiveBigIntegerField(null=True)
    complaints_late = models.PositiveBigIntegerField(null=True)
    complaints_fee = models.PositiveBigIntegerField(null=True)
    complaints_safety = models.PositiveBigIntegerField(null=True)
    complaints_staff = models.PositiveBigIntegerField(null=True)
    complaints_content = models.PositiveBigIntegerField(null=True)
    complaints_waiting = models.PositiveBigIntegerField(null=True)
    complaints_unheard = models.PositiveBigIntegerField(null=True)
    complaints_unheard_in_time = models.PositiveBigIntegerField(null=True)
    complaints_unheard_repeated = models.PositiveBigIntegerField(null=True)
    complaints_unheard_waiting = models.PositiveBigIntegerField(null=True)

    class Meta:
        abstract = True


class TermSums(models.Model):
    """Counts of a term; null while it has not been planned."""

    pupils_on_roll = models.PositiveBigIntegerField(null=True)
    consultation_asked = models.PositiveBigIntegerField(null=True)
    consultation_yes = models.PositiveBigIntegerField(null=True)
    consultation_no = models.PositiveBigIntegerField(null=True)
    applications = models.PositiveBigIntegerField(null=True)
    waiting = models.PositiveBigIntegerField(null=True)
    participants = models.PositiveBigIntegerField(null=True)
    five_day_participants = models.PositiveBigIntegerField(null=True)
    hardship_participants = models.PositiveBigIntegerField(null=True)
    survey_invited = models.PositiveBigIntegerField(null=True)
    survey_answers = models.PositiveBigIntegerField(null=True)
    survey_score_sum = models.PositiveBigIntegerField(null=True)
    survey_high = models.PositiveBigIntegerField(null=True)
    staff_contracted = models.PositiveBigIntegerField(null=True)
    staff_outside = models.PositiveBigIntegerField(null=True)
    staff_checks_due = models.PositiveBigIntegerField(null=True)
    staff_checks_valid = models.PositiveBigIntegerField(null=True)
    surplus_fen = models.BigIntegerField(null=True)
    surplus_returned_fen = models.BigIntegerField(null=True)
    due_fen = models.BigIntegerField(null=True)
    """What families are to pay: after waivers and what was given back on paper."""
    paid_due_fen = models.BigIntegerField(null=True)
    """Of that, what has come, family by family."""
    paid_ahead_fen = models.BigIntegerField(null=True)
    """What families paid above what they are to pay."""
    statement_months_due = models.PositiveBigIntegerField(null=True)
    statement_months_on_time = models.PositiveBigIntegerField(null=True)
    statement_months_late = models.PositiveBigIntegerField(null=True)
    statement_months_missing = models.PositiveBigIntegerField(null=True)
    months_charged = models.PositiveBigIntegerField(null=True)
    """Months in which something was charged."""

    class Meta:
        abstract = True


TERM_CLASSES = " ".join((*columns.TERM, *columns.STATEMENTS, "months_charged"))


class SchoolMonth(DaySums, MonthSums, Record):
    """One school in one month of a term."""

    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="+")
    term_code = models.CharField(max_length=11)
    month = models.CharField(max_length=7)
    statement_due_date = models.DateField(null=True)
    statement_published_at = models.DateTimeField(null=True)
    statement_sha256 = models.CharField(max_length=64, blank=True, default="")
    version = models.PositiveBigIntegerField()
    computed_at = models.DateTimeField()

    public_only = True
    field_classes: ClassVar = classify(
        internal=f"id school term_code month statement_due_date statement_published_at statement_sha256 {VERSIONED} "
        + " ".join((*columns.SCHOOL_DAYS, *columns.MONTH))
    )

    class Meta:
        db_table = "oversight_schoolmonth"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["school", "term_code", "month"], name="one_roll_up_a_school_month"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["term_code", "month"], name="school_months_of_a_term")]

    def __str__(self) -> str:
        return f"{self.school_id} {self.month}"


class SchoolTerm(DaySums, MonthSums, TermSums, Record):
    """One school in one term: what every comparison of schools reads."""

    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="+")
    term_code = models.CharField(max_length=11)
    first_held_date = models.DateField(null=True)
    last_held_date = models.DateField(null=True)
    plan_state = models.CharField(max_length=9, blank=True, default="")
    plan_published_at = models.DateTimeField(null=True)
    plan_first_date = models.DateField(null=True)
    collector = models.CharField(max_length=10, blank=True, default="")
    collector_due = models.CharField(max_length=10, blank=True, default="")
    fee_unit = models.CharField(max_length=10, blank=True, default="")
    fee_fen = models.PositiveBigIntegerField(null=True)
    cap_fen = models.PositiveBigIntegerField(null=True)
    fee_term_fen = models.PositiveBigIntegerField(null=True)
    """What the standard comes to in the term; null by the class hour."""
    cap_term_fen = models.PositiveBigIntegerField(null=True)
    """The tightest cap of another unit, over the term."""
    weekly_minutes = models.PositiveBigIntegerField(null=True)
    surplus_unsettled_fen = models.BigIntegerField(null=True)
    """Of the surplus, what came after the last settlement and waits for another one."""
    surplus_later_fen = models.BigIntegerField(null=True)
    """That, and what later rounds have on its way: due by a date of its own."""
    surplus_later_due_date = models.DateField(null=True)
    shortfall_fen = models.BigIntegerField(null=True)
    """What families are to get of their own and the account does not hold; null before the settlement."""
    children_charged_twice = models.PositiveBigIntegerField(null=True)
    settled_at = models.DateTimeField(null=True)
    settlement_due_date = models.DateField(null=True)
    surplus_due_date = models.DateField(null=True)
    version = models.PositiveBigIntegerField()
    computed_at = models.DateTimeField()

    public_only = True
    field_classes: ClassVar = classify(
        internal=f"id school term_code first_held_date last_held_date {TERM_CLASSES} {VERSIONED} "
        + " ".join((*columns.SCHOOL_DAYS, *columns.MONTH, *columns.TERM_OWN))
    )

    class Meta:
        db_table = "oversight_schoolterm"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school", "term_code"], name="one_roll_up_a_school_term")
        ]
        indexes: ClassVar = [models.Index(fields=["term_code"], name="school_terms_of_a_term")]

    def __str__(self) -> str:
        return f"{self.school_id} {self.term_code}"


class Area(models.Model):
    """A district's schools of one stage and kind, in one term."""

    district = models.ForeignKey(District, on_delete=models.CASCADE, related_name="+")
    stage = models.CharField(max_length=20)
    kind = models.CharField(max_length=10)
    term_code = models.CharField(max_length=11)
    schools = models.PositiveBigIntegerField()
    """In service."""
    schools_known = models.PositiveBigIntegerField()
    """Of these, how many have any fact."""
    version = models.PositiveBigIntegerField()
    computed_at = models.DateTimeField()

    class Meta:
        abstract = True


AREA_CLASSES = f"id district stage kind term_code schools schools_known {VERSIONED} "


class AreaMonth(Area, DaySums, MonthSums, Record):
    """One area in one month of a term."""

    month = models.CharField(max_length=7)

    public_only = True
    field_classes: ClassVar = classify(
        internal=AREA_CLASSES + " ".join(("month", *columns.SCHOOL_DAYS, *columns.MONTH))
    )

    class Meta:
        db_table = "oversight_areamonth"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["district", "stage", "kind", "term_code", "month"], name="one_roll_up_an_area_month"
            )
        ]

    def __str__(self) -> str:
        return f"{self.district_id} {self.stage} {self.kind} {self.month}"


class AreaTerm(Area, DaySums, MonthSums, TermSums, Record):
    """One area in one term."""

    schools_offering = models.PositiveBigIntegerField()
    """With a published plan."""

    public_only = True
    field_classes: ClassVar = classify(
        internal=AREA_CLASSES
        + " ".join(("schools_offering", TERM_CLASSES, *columns.SCHOOL_DAYS, *columns.MONTH))
    )

    class Meta:
        db_table = "oversight_areaterm"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["district", "stage", "kind", "term_code"], name="one_roll_up_an_area_term"
            )
        ]

    def __str__(self) -> str:
        return f"{self.district_id} {self.stage} {self.kind} {self.term_code}"
