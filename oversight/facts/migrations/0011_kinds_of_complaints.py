"""What complaints are about, and how many were answered late: null until a school is asked again, 0 in its months."""

from django.db import migrations, models

NAMES = tuple(f"complaints_{name}" for name in ("late", "fee", "safety", "staff", "content"))


class Migration(migrations.Migration):

    dependencies = [
        ("oversight", "0010_complaints_repeated"),
    ]

    operations = [
        *(migrations.AddField("monthfact", name, models.PositiveBigIntegerField(default=0)) for name in NAMES),
        *(
            migrations.AddField(model, name, models.PositiveBigIntegerField(null=True))
            for model in ("schoolmonth", "schoolterm", "areamonth", "areaterm")
            for name in NAMES
        ),
    ]
