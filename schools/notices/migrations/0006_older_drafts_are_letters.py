"""A draft that nobody published under a kind of its own is a letter, and is looked at as one."""

from typing import Any

from django.db import migrations


def fill(apps: Any, _schema_editor: object) -> None:
    waiting = apps.get_model("notices", "Draft").objects.filter(notice__isnull=True)
    waiting.exclude(kind="letter").update(kind="letter")


class Migration(migrations.Migration):
    dependencies = [("notices", "0005_words_of_charging")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
