"""Complaints of somebody who had complained in the term before: null until a school is asked again, 0 in its months."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("oversight", "0009_letters"),
    ]

    operations = [
        migrations.AddField("monthfact", "complaints_repeated", models.PositiveBigIntegerField(default=0)),
        *(
            migrations.AddField(model, "complaints_repeated", models.PositiveBigIntegerField(null=True))
            for model in ("schoolmonth", "schoolterm", "areamonth", "areaterm")
        ),
    ]
