"""Fixtures of the fleet's tests."""

from collections.abc import Iterator

import pytest
from django.db import connection

from tenants import context, provisioning
from tenants.models import FleetStep, School
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


@pytest.fixture
def template_again(fleet: str) -> Iterator[None]:
    """The template as the code on disk has it, whatever the test did to it."""
    yield
    with context.as_owner(), connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA template_school CASCADE")
        FleetStep.objects.all().delete()
    provisioning.install()
