"""Writes the banks' numbers of older payments with one kind of mark (provider_keys.plain); where two rows would be one, the second stays."""

import unicodedata
from typing import Any

from django.db import migrations


def plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    seen = (sign for sign in folded if sign.isspace() or unicodedata.category(sign) not in ("Cc", "Cf"))
    return "-".join("".join(sign if sign.isalnum() else " " for sign in seen).split())


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
