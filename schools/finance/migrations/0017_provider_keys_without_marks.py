"""Writes the banks' numbers of older payments without marks (provider_keys.plain); where two rows would be one, each stays as it is."""

import unicodedata
from typing import Any

from django.db import migrations


def plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(sign for sign in folded if sign.isalnum())


def fill(apps: Any, _schema_editor: object) -> None:
    payments = apps.get_model("finance", "Payment").objects
    rows = dict(payments.values_list("pk", "provider_key"))
    taken = set(rows.values())
    for pk, key in sorted(rows.items()):
        wanted = plain(key)
        if wanted != key and 0 < len(wanted) <= 64 and wanted not in taken:
            payments.filter(pk=pk).update(provider_key=wanted)
            taken.add(wanted)


class Migration(migrations.Migration):
    dependencies = [("finance", "0016_what_earlier_rounds_shared")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
