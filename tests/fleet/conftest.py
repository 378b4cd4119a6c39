"""Fixtures of the fleet's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tenants.models import School
from tests.fleet import stage


@pytest.fixture(scope="package")
def fleet(django_db_blocker: pytest.FixtureRequest) -> Iterator[str]:
    """A database of their own, and leave to use it: these tests commit."""
    with django_db_blocker.unblock(), stage.own_database() as name:  # type: ignore[attr-defined]
        yield name


@pytest.fixture
def east(fleet: str) -> Iterator[School]:
    """试验小学1, gone after the test."""
    school = stage.a_school(1)
    yield school
    stage.close_school(school)


@pytest.fixture
def west(fleet: str) -> Iterator[School]:
    """试验小学2, gone after the test."""
    school = stage.a_school(2)
    yield school
    stage.close_school(school)
