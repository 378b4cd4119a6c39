"""A role of the parents' committee stands for the days of its seat."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_number_is_no_key")]

    operations = [
        migrations.AddField(
            model_name="assignment",
            name="from_date",
            field=models.DateField(blank=True, null=True, verbose_name="自"),
        ),
        migrations.AddField(
            model_name="assignment",
            name="until_date",
            field=models.DateField(blank=True, null=True, verbose_name="至"),
        ),
    ]
