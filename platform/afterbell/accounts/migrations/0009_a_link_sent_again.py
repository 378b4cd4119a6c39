"""When the confirmation link of a claimed number was sent last: an earlier one is void."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('accounts', '0008_one_administrator_role_again'),
    ]

    operations = [
        migrations.AddField(
            model_name='numberclaim',
            name='sent_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='确认链接发出时间'),
        ),
    ]
