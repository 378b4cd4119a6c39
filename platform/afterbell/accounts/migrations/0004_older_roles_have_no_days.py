"""A committee's role that stands already is over, until the committee's own migration finds its seat."""

from datetime import date
from typing import Any

from django.db import migrations

BY_SEAT = ["committee_chair", "treasurer", "committee_member"]
LONG_AGO = date(1970, 1, 1)


def fill(apps: Any, _schema_editor: object) -> None:
    held = apps.get_model("accounts", "Assignment").objects.filter(role__in=BY_SEAT)
    held.update(from_date=LONG_AGO, until_date=LONG_AGO)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_days_of_a_seat")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
