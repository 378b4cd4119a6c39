"""What a request for money made the house ask about is kept with its kind (findings.py)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("finance", "0014_room_for_what_moves")]

    operations = [
        migrations.AlterField(
            "expenditure",
            "warning",
            models.CharField(blank=True, default="", max_length=200, verbose_name="提示词"),
        ),
        migrations.AddField("expenditure", "findings", models.JSONField(blank=True, default=list)),
    ]
