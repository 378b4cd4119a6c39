"""Fills what rows from before have in the new columns; a charge that doubled another one covers nothing, verify names it."""

from calendar import monthrange
from datetime import date
from typing import Any
from uuid import UUID

from django.db import migrations
from django.db.models import Q

DAYS = 10_000_000


def fill(apps: Any, _schema_editor: object) -> None:
    _holders(apps)
    _days(apps)
    _sendings(apps)
    _calculations(apps)


def _holders(apps: Any) -> None:
    plans = apps.get_model("planning", "Plan").objects.filter(state__in=["published", "ended"]).order_by("version")
    by_term = dict(plans.values_list("term_code", "collector"))
    for account in apps.get_model("finance", "Account").objects.filter(code="cash"):
        account.holder = by_term.get(account.term_code, "school")
        account.save(update_fields=["holder"])


def _days(apps: Any) -> None:
    seen: dict[UUID, list[tuple[date, date]]] = {}
    for charge in apps.get_model("finance", "Charge").objects.select_related("agreement").order_by("created_at", "pk"):
        first, last = charge.agreement.from_date, charge.agreement.until_date
        if len(charge.period) == 7:
            year, month = (int(part) for part in charge.period.split("-"))
            first, last = max(first, date(year, month, 1)), min(last, date(year, month, monthrange(year, month)[1]))
        last = max(first, last)
        charge.first_date, charge.last_date = first, last
        taken = seen.setdefault(charge.agreement.pupil_id, [])
        if not any(first <= other_last and other_first <= last for other_first, other_last in taken):
            taken.append((first, last))
            base = charge.agreement.pupil_id.int * DAYS
            charge.covers = (base + first.toordinal(), base + last.toordinal() + 1)
        charge.save(update_fields=["first_date", "last_date", "covers"])


def _sendings(apps: Any) -> None:
    sent = apps.get_model("finance", "Transfer").objects.filter(key__startswith="refund:")
    counts: dict[str, int] = {}
    for key in sent.values_list("key", flat=True):
        pk = key.split(":")[1]
        counts[pk] = counts.get(pk, 0) + 1
    for refund in apps.get_model("finance", "Refund").objects.filter(pk__in=list(counts)):
        refund.sent = counts[str(refund.pk)]
        refund.save(update_fields=["sent"])


def _calculations(apps: Any) -> None:
    refunds = apps.get_model("finance", "Refund").objects
    made = apps.get_model("finance", "Calculation").objects
    rows = apps.get_model("finance", "Transfer").objects.filter(
        Q(key__startswith="credit:exit:") | Q(key__startswith="credit:absence:")
    )
    for row in rows.select_related("credit"):
        _credit, cause, _agreement, *period = row.key.split(":")
        key = row.key.removeprefix("credit:")
        refund = refunds.filter(key=key).first()
        made.create(
            agreement_id=row.credit.agreement_id, term_code=row.term_code, cause=cause, period="".join(period), key=key,
            credit_fen=row.amount_fen, text=refund.explanation if refund else "", at=row.posted_at, by=row.by,
        )  # fmt: skip
    for refund in refunds.filter(cause__in=["exit", "absence"]):
        if not made.filter(key=refund.key).exists():
            made.create(
                agreement=refund.agreement, term_code=refund.term_code, cause=refund.cause, key=refund.key, credit_fen=0,
                period=refund.key.split(":")[2] if refund.cause == "absence" else "", text=refund.explanation,
                at=refund.created_at, by=refund.prepared_by,
            )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("finance", "0003_runs_waivers_calculations")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
