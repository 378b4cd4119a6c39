"""Whether the city, or one school, can be worked with: what /readyz says beside the services.

The city goes on without a school whose schema is behind; that school's own host says 503 by itself.
"""

from collections.abc import Collection
from typing import TypedDict

from django.conf import settings

from tenants import context, queries, stamps
from tenants.fleet import migrating, plan
from tenants.states import SchoolState

FIRST = 20
OK = "ok"


class Behind(TypedDict):
    """Schools in service that answer 503 until they are migrated; the codes of the first of them."""

    count: int
    first: list[str]


def of_city() -> str:
    """'ok', or what `afterbell migrate` has not done yet for the city itself or for the template."""
    lacks = {
        "city": _lacks(context.PUBLIC, stamps.city_migrations()),
        "template": _lacks(settings.TEMPLATE_SCHEMA, stamps.school_migrations()),
    }
    return ", ".join(f"{name} behind" for name, is_behind in lacks.items() if is_behind) or OK


def of_host(host: str) -> str | None:
    """'ok' or what keeps this host's school out of service; None when the host is no school's."""
    school = queries.school_by_host(host)
    if school is None:
        return None
    if school.state != SchoolState.ACTIVE:
        return f"school {school.state}"
    return OK if school.schema_stamp == stamps.code_stamp() else "school behind"


def schools_behind() -> Behind:
    codes = list(migrating.behind().values_list("code", flat=True))
    return Behind(count=len(codes), first=codes[:FIRST])


def _lacks(schema: str, wanted: Collection[plan.Key]) -> bool:
    return not set(wanted) <= plan.applied_in(schema)
