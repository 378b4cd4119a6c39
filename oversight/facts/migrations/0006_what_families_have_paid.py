"""What families are to pay, have paid of it, and paid ahead: null until a school is asked again."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("oversight", "0005_charged_twice_and_unsettled"),
    ]

    operations = [
        migrations.AddField(model, name, models.BigIntegerField(null=True))
        for model in ("termfact", "schoolterm", "areaterm")
        for name in ("due_fen", "paid_due_fen", "paid_ahead_fen")
    ]
