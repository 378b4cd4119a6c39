"""Counts, minutes and fees of facts and roll-ups become 64 bit: a sum over schools and days knows no smaller end.

One statement a table, so that each is written anew once and not once for every column.
"""

from django.db import migrations, models

DAYS = (
    "sessions_planned", "sessions_held", "sessions_cancelled", "class_hours", "expected", "present", "excused",
    "handed_over", "staff", "duties_without_clearance", "incidents",
)  # fmt: skip
VOICES = ("complaints", "complaints_forced", "complaints_answered_in_time", "complaints_overdue")
KNOWN_TERM = (
    "pupils_on_roll", "applications", "waiting", "participants", "five_day_participants", "hardship_participants",
    "staff_contracted", "staff_outside", "staff_checks_valid",
)  # fmt: skip
PERHAPS_TERM = (
    "consultation_asked", "consultation_yes", "consultation_no", "survey_invited", "survey_answers", "survey_score_sum",
    "survey_high",
)  # fmt: skip
FEES = ("fee_fen", "cap_fen", "weekly_minutes")
STATEMENTS = (
    "statement_months_due", "statement_months_on_time", "statement_months_late", "statement_months_missing",
    "months_charged",
)  # fmt: skip
CLASSES = (
    "pupils", "participants", "asked_answers", "asked_no", "consents", "consents_in_burst", "consents_one_device",
    "consents_before_close",
)  # fmt: skip
DAY_SUMS = ("days_held", *DAYS)
TERM_SUMS = (*KNOWN_TERM, *PERHAPS_TERM, *STATEMENTS)
AREA = ("schools", "schools_known")
WIDER = {
    "dayfact": (DAYS, ()),
    "monthfact": (VOICES, ()),
    "termfact": (KNOWN_TERM, (*PERHAPS_TERM, *FEES)),
    "classfact": (CLASSES, ()),
    "schoolmonth": ((), (*DAY_SUMS, *VOICES)),
    "schoolterm": ((), (*DAY_SUMS, *VOICES, *TERM_SUMS, *FEES)),
    "areamonth": (AREA, (*DAY_SUMS, *VOICES)),
    "areaterm": ((*AREA, "schools_offering"), (*DAY_SUMS, *VOICES, *TERM_SUMS)),
}
"""Columns that are always known, and those that may be null."""


def statements(type_name: str) -> list[str]:
    return [
        f"ALTER TABLE oversight_{model} "
        + ", ".join(f"ALTER COLUMN {name} TYPE {type_name}" for name in (*known, *perhaps))
        for model, (known, perhaps) in WIDER.items()
    ]


class Migration(migrations.Migration):

    dependencies = [
        ("oversight", "0003_caps_over_the_term"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL([*statements("bigint")], reverse_sql=[*statements("integer")])],
            state_operations=[
                migrations.AlterField(model, name, models.PositiveBigIntegerField(null=null))
                for model, parts in WIDER.items()
                for null, names in zip((False, True), parts, strict=True)
                for name in names
            ],
        ),
    ]
