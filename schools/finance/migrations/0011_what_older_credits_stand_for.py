"""What exits and absences from before gave back, on the charges that it was given back of: a returning child's cap needs it."""

from collections.abc import Iterable
from typing import Any

from django.db import migrations


def fill(apps: Any, _schema_editor: object) -> None:
    """Absences on their period; an exit from the last period backwards, as months that nobody used came back whole."""
    charges = apps.get_model("finance", "Charge").objects.filter(taken_back_at=None)
    made = apps.get_model("finance", "Calculation").objects.filter(credit_fen__gt=0)
    for agreement in made.order_by("agreement_id").values_list("agreement_id", flat=True).distinct():
        own = list(charges.filter(agreement_id=agreement).order_by("first_date", "created_at", "pk"))
        given = made.filter(agreement_id=agreement)
        if any(charge.credited_fen for charge in own):
            continue  # calculated since credits are kept by charge
        for row in given.filter(cause="absence").order_by("at", "pk"):
            left = _give([charge for charge in own if charge.period == row.period], row.credit_fen)
            _give(reversed(own), left)
        for row in given.exclude(cause="absence").order_by("at", "pk"):
            _give(reversed(own), row.credit_fen)
        for charge in own:
            if charge.credited_fen:
                charge.save(update_fields=["credited_fen"])


def _give(charges: Iterable[Any], fen: int) -> int:
    for charge in charges:
        part = min(fen, charge.gross_fen - charge.waived_fen - charge.credited_fen)
        charge.credited_fen += part
        fen -= part
    return fen


class Migration(migrations.Migration):
    dependencies = [("finance", "0010_what_follows_a_waiver_or_a_run")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
