"""Complaints that are still in time, of the rows that there are: what is neither answered nor overdue."""

from django.db import migrations, models

TABLES = ("monthfact", "schoolmonth", "schoolterm", "areamonth", "areaterm")
WAITING = (
    "UPDATE oversight_{} SET complaints_unheard_waiting = 0, complaints_waiting = GREATEST("
    "complaints - complaints_answered_in_time - complaints_overdue - COALESCE(complaints_late, 0), 0) "
    "WHERE complaints IS NOT NULL"
)


class Migration(migrations.Migration):

    dependencies = [
        ('oversight', '0015_staff_checks_due'),
    ]

    operations = [
        migrations.AddField(
            model_name='areamonth',
            name='complaints_unheard_waiting',
            field=models.PositiveBigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='areamonth',
            name='complaints_waiting',
            field=models.PositiveBigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='areaterm',
            name='complaints_unheard_waiting',
            field=models.PositiveBigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='areaterm',
            name='complaints_waiting',
            field=models.PositiveBigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='monthfact',
            name='complaints_unheard_waiting',
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='monthfact',
            name='complaints_waiting',
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='schoolmonth',
            name='complaints_unheard_waiting',
            field=models.PositiveBigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='schoolmonth',
            name='complaints_waiting',
            field=models.PositiveBigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='schoolterm',
            name='complaints_unheard_waiting',
            field=models.PositiveBigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='schoolterm',
            name='complaints_waiting',
            field=models.PositiveBigIntegerField(null=True),
        ),
        migrations.RunSQL([WAITING.format(table) for table in TABLES], []),
    ]
