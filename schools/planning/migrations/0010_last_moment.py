from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ("planning", "0009_when_it_was_charged"),
    ]

    operations = [
        migrations.RenameField(model_name="plan", old_name="charged_at", new_name="last_moment"),
    ]
