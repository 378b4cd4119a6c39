"""People of whom the rules in force ask for checks: as many as were counted before, until a school is asked again."""

from django.db import migrations, models

TABLES = ("oversight_termfact", "oversight_schoolterm", "oversight_areaterm")


class Migration(migrations.Migration):

    dependencies = [
        ("oversight", "0014_plan_first_date"),
    ]

    operations = [
        *(
            migrations.AddField(
                table.removeprefix("oversight_"), "staff_checks_due", models.PositiveBigIntegerField(null=True)
            )
            for table in TABLES
        ),
        migrations.RunSQL(
            [f"UPDATE {table} SET staff_checks_due = staff_contracted" for table in TABLES],  # noqa: S608
            [],
        ),
    ]
