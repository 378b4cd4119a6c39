"""Facts of one school by day, month and term: counts and sums, never a child.

Every figure that is not known is null, never 0. `version` grows with each recomputation, so that an older answer never
overwrites a newer one. Tables begin with `oversight_`: the bureaus' read-only roles see these and nothing else.
"""

from typing import ClassVar

from django.db import models

from afterbell.kernel.privacy import classify
from afterbell.kernel.records import Record
from tenants.models import School


class DayFact(Record):
    """One school on one day with sessions."""

    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="+")
    date = models.DateField()
    sessions_planned = models.PositiveBigIntegerField()
    sessions_held = models.PositiveBigIntegerField()
    sessions_cancelled = models.PositiveBigIntegerField()
    class_hours = models.PositiveBigIntegerField()
    expected = models.PositiveBigIntegerField()
    """Children expected, without the excused ones."""
    present = models.PositiveBigIntegerField()
    excused = models.PositiveBigIntegerField()
    handed_over = models.PositiveBigIntegerField()
    pupil_minutes = models.PositiveBigIntegerField()
    staff = models.PositiveBigIntegerField()
    duties_without_clearance = models.PositiveBigIntegerField()
    incidents = models.PositiveBigIntegerField()
    version = models.PositiveBigIntegerField()
    computed_at = models.DateTimeField()

    public_only = True
    field_classes: ClassVar = classify(
        internal="id school date sessions_planned sessions_held sessions_cancelled class_hours expected present excused "
        "handed_over pupil_minutes staff duties_without_clearance incidents version computed_at"
    )

    class Meta:
        db_table = "oversight_dayfact"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school", "date"], name="one_fact_a_school_day")
        ]

    def __str__(self) -> str:
        return f"{self.school_id} {self.date}"


class MonthFact(Record):
    """One school in one month of a term: money, statement, complaints."""

    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="+")
    month = models.CharField(max_length=7)
    term_code = models.CharField(max_length=11)
    charged_fen = models.BigIntegerField()
    waived_fen = models.BigIntegerField()
    received_fen = models.BigIntegerField()
    staff_fen = models.BigIntegerField()
    materials_fen = models.BigIntegerField()
    other_fen = models.BigIntegerField()
    refunded_fen = models.BigIntegerField()
    statement_due_date = models.DateField(null=True)
    """By the statement, or by the policy while there is none; null without a policy in force."""
    statement_published_at = models.DateTimeField(null=True)
    statement_sha256 = models.CharField(max_length=64, blank=True, default="")
    complaints = models.PositiveBigIntegerField()
    complaints_forced = models.PositiveBigIntegerField()
    complaints_illegal_teaching = models.PositiveBigIntegerField(default=0)
    complaints_answered_in_time = models.PositiveBigIntegerField()
    complaints_overdue = models.PositiveBigIntegerField()
    complaints_repeated = models.PositiveBigIntegerField(default=0)
    """Of somebody who had complained in this term before."""
    complaints_late = models.PositiveBigIntegerField(default=0)
    complaints_fee = models.PositiveBigIntegerField(default=0)
    complaints_safety = models.PositiveBigIntegerField(default=0)
    complaints_staff = models.PositiveBigIntegerField(default=0)
    complaints_content = models.PositiveBigIntegerField(default=0)
    complaints_waiting = models.PositiveBigIntegerField(default=0)
    """Not answered, and still in time: nobody's fault."""
    complaints_unheard = models.PositiveBigIntegerField(default=0)
    """Said to the bureau and never passed on to the school, or about somebody there: not in the school's own figures."""
    complaints_unheard_in_time = models.PositiveBigIntegerField(default=0)
    """Of these, answered in time."""
    complaints_unheard_repeated = models.PositiveBigIntegerField(default=0)
    """Repeated, and not so by what the school itself counts."""
    complaints_unheard_waiting = models.PositiveBigIntegerField(default=0)
    """Of the unheard ones, still in time."""
    version = models.PositiveBigIntegerField()
    computed_at = models.DateTimeField()

    public_only = True
    field_classes: ClassVar = classify(
        internal="id school month term_code charged_fen waived_fen received_fen staff_fen materials_fen other_fen "
        "refunded_fen statement_due_date statement_published_at statement_sha256 complaints complaints_forced "
        "complaints_illegal_teaching complaints_answered_in_time complaints_overdue complaints_unheard "
        "complaints_unheard_in_time complaints_unheard_repeated complaints_repeated complaints_late complaints_fee "
        "complaints_safety complaints_staff complaints_content complaints_waiting complaints_unheard_waiting version "
        "computed_at"
    )

    class Meta:
        db_table = "oversight_monthfact"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school", "month", "term_code"], name="one_fact_a_school_month")
        ]

    def __str__(self) -> str:
        return f"{self.school_id} {self.month}"


class TermFact(Record):
    """One school in one term: participation, plan and fee, satisfaction, settlement, staff."""

    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="+")
    term_code = models.CharField(max_length=11)
    pupils_on_roll = models.PositiveBigIntegerField()
    consultation_asked = models.PositiveBigIntegerField(null=True)
    consultation_yes = models.PositiveBigIntegerField(null=True)
    consultation_no = models.PositiveBigIntegerField(null=True)
    applications = models.PositiveBigIntegerField()
    waiting = models.PositiveBigIntegerField()
    participants = models.PositiveBigIntegerField()
    five_day_participants = models.PositiveBigIntegerField()
    hardship_participants = models.PositiveBigIntegerField()
    plan_state = models.CharField(max_length=9, blank=True, default="")
    plan_published_at = models.DateTimeField(null=True)
    plan_first_date = models.DateField(null=True)
    """From which a published plan offers service; null in a fact from before it was asked."""
    collector = models.CharField(max_length=10, blank=True, default="")
    fee_unit = models.CharField(max_length=10, blank=True, default="")
    fee_fen = models.PositiveBigIntegerField(null=True)
    cap_fen = models.PositiveBigIntegerField(null=True)
    fee_term_fen = models.PositiveBigIntegerField(null=True)
    """What the standard comes to in the term; null by the class hour."""
    cap_term_fen = models.PositiveBigIntegerField(null=True)
    """The tightest cap of another unit, over the term."""
    weekly_minutes = models.PositiveBigIntegerField(null=True)
    survey_invited = models.PositiveBigIntegerField(null=True)
    survey_answers = models.PositiveBigIntegerField(null=True)
    survey_score_sum = models.PositiveBigIntegerField(null=True)
    survey_high = models.PositiveBigIntegerField(null=True)
    """Answers of 4 or 5."""
    staff_contracted = models.PositiveBigIntegerField()
    staff_outside = models.PositiveBigIntegerField()
    staff_checks_due = models.PositiveBigIntegerField(null=True)
    """Contracted people of whom the rules in force ask for checks: none without rules."""
    staff_checks_valid = models.PositiveBigIntegerField()
    """Of those, who has all of them."""
    settled_at = models.DateTimeField(null=True)
    surplus_fen = models.BigIntegerField(null=True)
    surplus_returned_fen = models.BigIntegerField(null=True)
    due_fen = models.BigIntegerField(null=True)
    """What families are to pay: after waivers and what was given back on paper."""
    paid_due_fen = models.BigIntegerField(null=True)
    """Of that, what has come, family by family."""
    paid_ahead_fen = models.BigIntegerField(null=True)
    """What families paid above what they are to pay."""
    surplus_unsettled_fen = models.BigIntegerField(null=True)
    """Of the surplus, what came after the last settlement and waits for another one."""
    surplus_later_fen = models.BigIntegerField(null=True)
    """That, and what later rounds have on its way: due by a date of its own."""
    surplus_later_due_date = models.DateField(null=True)
    shortfall_fen = models.BigIntegerField(null=True)
    """What families are to get of their own and the account does not hold; null before the settlement."""
    children_charged_twice = models.PositiveBigIntegerField(null=True)
    """Children with two standing charges for one day; null in a fact from before it was asked."""
    collector_due = models.CharField(max_length=10, blank=True, default="")
    """Who had to collect by the rules on the plan's first day: a rule that the nation forbids names the school."""
    settlement_due_date = models.DateField(null=True)
    surplus_due_date = models.DateField(null=True)
    version = models.PositiveBigIntegerField()
    computed_at = models.DateTimeField()

    public_only = True
    field_classes: ClassVar = classify(
        internal="id school term_code pupils_on_roll consultation_asked consultation_yes consultation_no applications "
        "waiting participants five_day_participants hardship_participants plan_state plan_published_at plan_first_date "
        "collector fee_unit fee_fen cap_fen fee_term_fen cap_term_fen weekly_minutes survey_invited survey_answers "
        "survey_score_sum survey_high staff_contracted staff_outside staff_checks_due staff_checks_valid settled_at "
        "surplus_fen surplus_returned_fen "
        "due_fen paid_due_fen paid_ahead_fen surplus_unsettled_fen surplus_later_fen surplus_later_due_date shortfall_fen "
        "children_charged_twice collector_due settlement_due_date surplus_due_date version computed_at"
    )

    class Meta:
        db_table = "oversight_termfact"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school", "term_code"], name="one_fact_a_school_term")
        ]

    def __str__(self) -> str:
        return f"{self.school_id} {self.term_code}"


class ClassFact(Record):
    """One class in one term: take-up and the signs of forcing (S25). One long over keeps what was last counted."""

    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="+")
    term_code = models.CharField(max_length=11)
    class_id = models.UUIDField()
    class_name = models.CharField(max_length=40)
    grade = models.PositiveSmallIntegerField()
    pupils = models.PositiveBigIntegerField()
    participants = models.PositiveBigIntegerField()
    asked_answers = models.PositiveBigIntegerField()
    """Answers to the closed consultation."""
    asked_no = models.PositiveBigIntegerField()
    consents = models.PositiveBigIntegerField()
    consents_in_burst = models.PositiveBigIntegerField()
    """The most consents within the policy's minutes (10)."""
    consents_one_device = models.PositiveBigIntegerField()
    """The most consents from one device."""
    consents_before_close = models.PositiveBigIntegerField()
    """Consents before the consultation closed."""
    version = models.PositiveBigIntegerField()
    computed_at = models.DateTimeField()

    public_only = True
    field_classes: ClassVar = classify(
        internal="id school term_code class_id class_name grade pupils participants asked_answers asked_no consents "
        "consents_in_burst consents_one_device consents_before_close version computed_at"
    )

    class Meta:
        db_table = "oversight_classfact"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["school", "term_code", "class_id"], name="one_fact_a_class_and_term"
            )
        ]

    def __str__(self) -> str:
        return f"{self.school_id} {self.term_code} {self.class_name}"
