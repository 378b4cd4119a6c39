"""A school whose commits are real, for tests with several connections; gone afterwards."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from tenants import provisioning
from tenants.context import in_school
from tenants.models import District
from tests.fleet.stage import close_school
from tests.makers import NOON
from tests.schools.care.stage import FOUR, Gate, a_gate


@pytest.fixture
def committed_school(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[Any]:
    """湖滨区门口小学."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        school = provisioning.open_school(
            code="3301020098",
            name="湖滨区门口小学",
            district=District.objects.get(code="330102"),
            stage="primary",
            kind="urban",
            size_class="small",
            now=NOON,
        )
        try:
            yield school
        finally:
            close_school(school)


@pytest.fixture
def committed_gate(committed_school: Any) -> tuple[Any, Gate]:
    """A fresh session of three children, really there."""
    with in_school(committed_school):
        return committed_school, a_gate(3)


@pytest.fixture
def at_four(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """It is Monday 7 September 2026, 16:00 at the school, and nobody is asked for one-time codes."""
    monkeypatch.setattr(timezone, "now", lambda: FOUR)
    settings.SECOND_FACTOR = "optional"
