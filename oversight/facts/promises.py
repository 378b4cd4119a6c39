"""What `afterbell verify` checks of the facts: kept facts equal a recomputation, once the marks are taken."""

from django.db import connections
from django.utils import timezone

from afterbell.outbox.models import Mark
from oversight.facts import actions
from tenants import queries
from tenants.context import PUBLIC, current_schema


def broken_promise() -> str | None:
    """In a school: None, or how many facts differ. The comparison is rolled back: verifying changes nothing."""
    if current_schema() == PUBLIC or Mark.objects.exists():
        return None  # the city has no facts of its own; marked facts are known to be old
    school = queries.school_by_id(connections["default"].tenant.pk)  # type: ignore[attr-defined]  # of tenants.backend
    drift = actions.drift(school=school, now=timezone.now())
    return f"{drift} facts differ from their recomputation" if drift else None
