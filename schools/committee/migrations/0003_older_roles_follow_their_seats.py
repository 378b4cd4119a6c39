"""Roles that stand already get the days of the seats that give them; without a seat they stay over, and the night takes them."""

from datetime import date, timedelta
from typing import Any

from django.db import migrations
from django.utils import timezone

OFFICES = {"chair": "committee_chair", "treasurer": "treasurer", "member": "committee_member"}


def fill(apps: Any, _schema_editor: object) -> None:
    held = apps.get_model("accounts", "Assignment").objects
    days: dict[tuple[Any, str], tuple[date, date]] = {}
    seats = apps.get_model("committee", "Seat").objects.filter(
        ended_at=None, until_date__gte=timezone.localdate(), guardian__user__isnull=False
    )
    for seat in seats.select_related("committee", "guardian").order_by("from_date", "until_date", "pk"):
        role = OFFICES[seat.office] if seat.committee.level == "school" else "committee_member"
        key = (seat.guardian.user_id, role)
        first, last = days.setdefault(key, (seat.from_date, seat.until_date))
        if seat.from_date <= last + timedelta(days=1):
            days[key] = (first, max(last, seat.until_date))
    for (user, role), (first, last) in days.items():
        held.filter(user=user, role=role).update(from_date=first, until_date=last)


class Migration(migrations.Migration):
    dependencies = [
        ("committee", "0002_fewer_indexes"),
        ("accounts", "0004_older_roles_have_no_days"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
