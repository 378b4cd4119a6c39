"""The gate of a school whose commits are real, for tests with several connections."""

from typing import Any

import pytest
from django.utils import timezone

from tenants.context import in_school
from tests.schools.care.stage import FOUR, Gate, a_gate


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
