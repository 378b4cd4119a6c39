"""All or nothing was placed until now: what each application was given, and since when, is said of it."""

from typing import Any

from django.db import migrations
from django.db.models import Case, DateTimeField, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce


def fill(apps: Any, _schema_editor: object) -> None:
    """Every choice under an agreement had its place from the agreement's first day,
    also one that an exit has given to the next family since."""
    chosen = apps.get_model("enrolment", "ChosenActivity").objects
    agreements = apps.get_model("enrolment", "Agreement").objects.filter(application=OuterRef("application"))
    plans = apps.get_model("planning", "Plan").objects.filter(applications=OuterRef("application"))
    was_given = Q(application__agreement__isnull=False) | Q(holds_place=True)
    rows = chosen.filter(pk__in=chosen.filter(was_given).values("pk"))
    rows.update(
        placed_from=Coalesce(
            Subquery(agreements.values("from_date")[:1]), Subquery(plans.values("first_date")[:1])
        ),
        placed_at=Coalesce(
            Subquery(agreements.values("application__decided_at")[:1]),
            Subquery(agreements.values("school_signed_at")[:1]),
            Subquery(plans.values("created_at")[:1]),
        ),
        ended_at=Case(
            When(holds_place=True, then=Value(None, output_field=DateTimeField())),
            default=Coalesce(
                Subquery(agreements.values("ended_at")[:1]), Subquery(agreements.values("school_signed_at")[:1])
            ),
            output_field=DateTimeField(),
        ),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("enrolment", "0005_places_one_by_one"),
        ("planning", "0004_fewer_indexes"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
