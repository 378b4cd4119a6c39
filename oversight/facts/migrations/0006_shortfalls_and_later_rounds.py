"""What families are to get and nobody holds, and the dates of later rounds: null until a school is asked again."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("oversight", "0005_charged_twice_and_unsettled"),
    ]

    operations = [
        migrations.AddField(model, name, field)
        for model in ("termfact", "schoolterm")
        for name, field in (
            ("surplus_later_fen", models.BigIntegerField(null=True)),
            ("surplus_later_due_date", models.DateField(null=True)),
            ("shortfall_fen", models.BigIntegerField(null=True)),
        )
    ]
