"""Still one account a number; no key that rows elsewhere hold fast while it is corrected."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.RemoveConstraint(model_name="user", name="phone_once"),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(
                condition=models.Q(("phone__isnull", False)),
                fields=("phone",),
                name="phone_once",
                violation_error_message="这个手机号已经属于另一个账号。",
            ),
        ),
    ]
