"""What the second person looked at stands on the notice."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notices", "0004_fewer_indexes")]

    operations = [
        migrations.AddField(
            model_name="notice",
            name="warned",
            field=models.CharField(blank=True, default="", max_length=120, verbose_name="收费字样"),
        ),
        migrations.AddField(
            model_name="notice",
            name="release_reason",
            field=models.CharField(blank=True, default="", max_length=200, verbose_name="发布理由"),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(("warned", ""), models.Q(("release_reason", ""), _negated=True), _connector="OR"),
                name="warned_notice_has_a_reason",
            ),
        ),
    ]
