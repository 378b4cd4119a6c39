"""Children charged twice, and what came after a term's last settlement: null until a school is asked again."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("oversight", "0004_sums_of_any_size"),
    ]

    operations = [
        migrations.AddField(model, name, field)
        for model in ("termfact", "schoolterm")
        for name, field in (
            ("surplus_unsettled_fen", models.BigIntegerField(null=True)),
            ("children_charged_twice", models.PositiveBigIntegerField(null=True)),
        )
    ]
