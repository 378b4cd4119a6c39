"""The school's review says why it sends a plan back."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('planning', '0004_fewer_indexes'),
    ]

    operations = [
        migrations.AddField(
            model_name='plan',
            name='return_reason',
            field=models.CharField(blank=True, default='', max_length=200, verbose_name='学校退回的理由'),
        ),
        migrations.AddConstraint(
            model_name='plan',
            constraint=models.CheckConstraint(condition=models.Q(('return_reason', ''), ('state', 'draft'), _connector='OR'), name='return_reason_is_a_drafts'),
        ),
    ]
