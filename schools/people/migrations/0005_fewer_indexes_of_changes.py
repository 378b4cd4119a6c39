"""A school corrects a few hundred names in its life: no index is worth its file in 2,000 schools."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0004_a_phone_is_no_key")]

    operations = [
        migrations.AlterField(
            model_name="change",
            name=name,
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="changes",
                to=f"people.{name}",
            ),
        )
        for name in ("guardian", "pupil")
    ]
