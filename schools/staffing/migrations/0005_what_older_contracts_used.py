"""The last contract of each person used up the decision that stands on the person; whoever is dismissed is proposed."""

from typing import Any

from django.db import migrations
from django.utils import timezone


def fill(apps: Any, _schema_editor: object) -> None:
    contracts = apps.get_model("staffing", "Contract").objects.order_by("candidate", "-signed_at", "-pk")
    for contract in contracts.distinct("candidate").select_related("candidate"):
        person = contract.candidate
        contract.resolution_id = person.resolution_id
        contract.save(update_fields=["resolution_id"])
        if contract.state == "dismissed":
            person.state, person.resolution_id, person.dismissed_at = "proposed", None, timezone.now()
            person.save(update_fields=["state", "resolution_id", "dismissed_at"])


class Migration(migrations.Migration):
    dependencies = [("staffing", "0004_a_decision_hires_once")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
