"""Every other kind comes out of a deed (S27)."""

from django.db import migrations, models

KINDS = [
    ("fee", "收费公示"), ("statement", "收支公示"), ("settlement", "结算公示"), ("consultation", "意愿征询"),
    ("incident", "突发事件告知"), ("letter", "告家长书"),
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("notices", "0006_older_drafts_are_letters")]

    operations = [
        migrations.AlterField(
            model_name="draft",
            name="kind",
            field=models.CharField(choices=KINDS, default="letter", max_length=12, verbose_name="类别"),
        ),
        migrations.AddConstraint(
            model_name="draft",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", "letter"), ("notice__isnull", False), _connector="OR"),
                name="by_hand_only_letters",
            ),
        ),
    ]
