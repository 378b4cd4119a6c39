"""Which columns the roll-ups add up, by the fact that they come from. Null stays null: a missing value is never 0."""

from typing import Final

DAY: Final = (
    "sessions_planned",
    "sessions_held",
    "sessions_cancelled",
    "class_hours",
    "expected",
    "present",
    "excused",
    "handed_over",
    "pupil_minutes",
    "staff",
    "duties_without_clearance",
    "incidents",
)
"""Summed over days; `days_held` counts the days with a held session, `staff` sums people by day."""
MONEY: Final = (
    "charged_fen",
    "waived_fen",
    "received_fen",
    "staff_fen",
    "materials_fen",
    "other_fen",
    "refunded_fen",
)
VOICES: Final = (
    "complaints",
    "complaints_forced",
    "complaints_illegal_teaching",
    "complaints_answered_in_time",
    "complaints_overdue",
    "complaints_repeated",
    "complaints_late",
    "complaints_fee",
    "complaints_safety",
    "complaints_staff",
    "complaints_content",
    "complaints_waiting",
    "complaints_unheard",
    "complaints_unheard_in_time",
    "complaints_unheard_repeated",
    "complaints_unheard_waiting",
)
"""All that families said, to schools and to the bureau; of the unheard ones the school has never been told, or they
are about somebody there who must not learn of them; a school that looks at itself sees the others alone
(indicators.frames)."""
MONTH: Final = (*MONEY, *VOICES)
STATEMENTS: Final = (
    "statement_months_due",
    "statement_months_on_time",
    "statement_months_late",
    "statement_months_missing",
)
"""Months in the books whose statement was due by the day of the roll-up: published in time, late, or not at all."""
TERM: Final = (
    "pupils_on_roll",
    "consultation_asked",
    "consultation_yes",
    "consultation_no",
    "applications",
    "waiting",
    "participants",
    "five_day_participants",
    "hardship_participants",
    "survey_invited",
    "survey_answers",
    "survey_score_sum",
    "survey_high",
    "staff_contracted",
    "staff_outside",
    "staff_checks_due",
    "staff_checks_valid",
    "surplus_fen",
    "surplus_returned_fen",
    "due_fen",
    "paid_due_fen",
    "paid_ahead_fen",
)
"""Counts and sums of one school's term that can be added over schools."""
TERM_OWN: Final = (
    "plan_state",
    "plan_published_at",
    "plan_first_date",
    "collector",
    "collector_due",
    "fee_unit",
    "fee_fen",
    "cap_fen",
    "fee_term_fen",
    "cap_term_fen",
    "weekly_minutes",
    "surplus_unsettled_fen",
    "surplus_later_fen",
    "surplus_later_due_date",
    "shortfall_fen",
    "children_charged_twice",
    "settled_at",
    "settlement_due_date",
    "surplus_due_date",
)
"""What belongs to one school's term and is not added over schools."""
SCHOOL_DAYS: Final = ("days_held", *DAY)
