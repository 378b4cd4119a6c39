"""Each activity for itself: what the family asks for, and since when a place is held."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("enrolment", "0004_fewer_indexes"),
    ]

    operations = [
        migrations.AddField(
            model_name="application",
            name="placing",
            field=models.CharField(
                choices=[("all", "所选活动都有名额才参加"), ("each", "有名额的先参加，其余候补")],
                default="all",
                max_length=4,
                verbose_name="名额安排",
            ),
        ),
        migrations.AddField(
            model_name="chosenactivity",
            name="placed_from",
            field=models.DateField(blank=True, null=True, verbose_name="名额起始日期"),
        ),
        migrations.AddField(
            model_name="chosenactivity",
            name="placed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="chosenactivity",
            name="ended_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
