"""What families are to pay, have paid of it, and paid ahead: null until a school is asked again."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("oversight", "0006_shortfalls_and_later_rounds"),
    ]

    operations = [
        migrations.AddField(model, name, models.BigIntegerField(null=True))
        for model in ("termfact", "schoolterm", "areaterm")
        for name in ("due_fen", "paid_due_fen", "paid_ahead_fen")
    ]
