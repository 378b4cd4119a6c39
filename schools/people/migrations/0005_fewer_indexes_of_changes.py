"""A school corrects a few hundred names in its life: no index is worth its file in 2,000 schools."""

import django.db.models.deletion
from django.db import migrations, models


def unindexed(to: str) -> models.ForeignKey:
    return models.ForeignKey(
        db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="changes", to=to
    )


class Migration(migrations.Migration):
    dependencies = [("people", "0004_a_phone_is_no_key")]

    operations = [
        migrations.AlterField(model_name="change", name="guardian", field=unindexed("people.guardian")),
        migrations.AlterField(model_name="change", name="pupil", field=unindexed("people.pupil")),
    ]
