"""Composite foreign keys: a duty's date is its session's date, and lies within the clearance of its person.

Django has no composite foreign keys. With these two, PostgreSQL itself refuses a duty of an unchecked or uncontracted
person, and a clearance can't be shortened while later duties stand (ON UPDATE CASCADE carries the new span to the
duty, whose own CHECK then refuses it).
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("care", "0001_initial"), ("staffing", "0001_initial")]

    operations = [
        migrations.RunSQL(
            [
                "ALTER TABLE care_duty ADD CONSTRAINT duty_session_date FOREIGN KEY (session_id, date) "
                "REFERENCES care_session (id, date) ON UPDATE CASCADE"
            ],
            ["ALTER TABLE care_duty DROP CONSTRAINT duty_session_date"],
        ),
        migrations.RunSQL(
            [
                "ALTER TABLE care_duty ADD CONSTRAINT duty_clearance_span FOREIGN KEY "
                "(clearance_id, clear_from_date, clear_until_date) "
                "REFERENCES staffing_clearance (id, from_date, until_date) ON UPDATE CASCADE"
            ],
            ["ALTER TABLE care_duty DROP CONSTRAINT duty_clearance_span"],
        ),
    ]
