"""An answer counts in the class of the close, so that no count of a class moves with a child."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('people', '0013_when_signing_ended'),
        ('planning', '0006_amendments'),
    ]

    operations = [
        migrations.AddField(
            model_name='answer',
            name='school_class',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.schoolclass'),
        ),
    ]
