"""Letters of a family that had written before: null until a school is asked again, 0 in its months."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("oversight", "0011_kinds_of_complaints"),
    ]

    operations = [
        migrations.AddField(
            "monthfact", "complaints_unheard_repeated", models.PositiveBigIntegerField(default=0)
        ),
        *(
            migrations.AddField(model, "complaints_unheard_repeated", models.PositiveBigIntegerField(null=True))
            for model in ("schoolmonth", "schoolterm", "areamonth", "areaterm")
        ),
    ]
