"""Still one adult a number; no key that rows elsewhere hold fast while it is corrected."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0003_fewer_indexes")]

    operations = [
        migrations.RemoveConstraint(model_name="guardian", name="guardian_phone_once"),
        migrations.AddConstraint(
            model_name="guardian",
            constraint=models.UniqueConstraint(
                fields=["phone"], condition=models.Q(("phone", ""), _negated=True), name="guardian_phone_once"
            ),
        ),
    ]
