import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("finance", "0007_payees"),
    ]

    operations = [
        migrations.AlterField(
            model_name="waiver",
            name="state",
            field=models.CharField(choices=[("requested", "待审批"), ("granted", "已减免"), ("refused", "未批准"), ("withdrawn", "已撤回")], default="requested", max_length=9),
        ),
        migrations.AddField(
            model_name="waiver",
            name="withdrawn_by",
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name="waiver",
            name="withdrawn_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="waiver",
            name="withdrawal_reason",
            field=models.CharField(blank=True, default="", max_length=200),
        ),
        migrations.AddConstraint(
            model_name="waiver",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "withdrawn"), ("withdrawn_at__isnull", False), ("withdrawn_by__isnull", False), models.Q(("withdrawal_reason", ""), _negated=True), models.Q(("withdrawn_by", models.F("decided_by")), _negated=True)),
                    models.Q(models.Q(("state", "withdrawn"), _negated=True), ("withdrawn_at__isnull", True), ("withdrawn_by__isnull", True)),
                    _connector="OR",
                ),
                name="waiver_withdrawn_by_another_for_a_reason",
            ),
        ),
    ]
