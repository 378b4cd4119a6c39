"""The first day on which a published plan offers service: null until a school is asked again."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("oversight", "0013_termmark"),
    ]

    operations = [
        migrations.AddField(model, "plan_first_date", models.DateField(null=True))
        for model in ("termfact", "schoolterm")
    ]
