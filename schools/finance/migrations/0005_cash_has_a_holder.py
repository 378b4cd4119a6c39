from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("finance", "0004_what_older_rows_stand_for")]

    operations = [
        migrations.AddConstraint(
            model_name='account',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('code', 'cash'), ('holder__in', ['school', 'committee'])), models.Q(models.Q(('code', 'cash'), _negated=True), ('holder', '')), _connector='OR'), name='cash_has_a_holder'),
        ),
    ]
