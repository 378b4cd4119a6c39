"""A day lies in one term at most. In SQL, since Django's own class wants an application that asks each new connection for
types; a range of two dates needs no extension."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("tenants", "0002_providers")]

    operations = [
        migrations.RunSQL(
            [
                "ALTER TABLE tenants_term ADD CONSTRAINT no_day_in_two_terms"
                " EXCLUDE USING gist (daterange(first_date, last_date, '[]') WITH &&)"
            ],
            ["ALTER TABLE tenants_term DROP CONSTRAINT no_day_in_two_terms"],
        )
    ]
