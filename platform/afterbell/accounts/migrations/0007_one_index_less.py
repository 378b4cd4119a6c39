"""The unique key of an assignment begins with its user: an index of the user alone is paid for 2,000 times for nothing."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_two_persons_for_a_number")]

    operations = [
        migrations.AlterField(
            model_name="assignment",
            name="user",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="assignments",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
