"""The one door: who works in a school, in the city or as a bureau's reader, works inside one of these blocks.

Nothing else changes the schema of a connection (lint bans django_tenants.utils elsewhere). Blocks nest, restore what
was before them in the same thread, and restore it also after an exception.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connections
from django_tenants.postgresql_backend.base import FakeTenant

from tenants import roles
from tenants.backend.base import DatabaseWrapper, Place
from tenants.models import School
from tenants.states import SchoolState

PUBLIC = "public"


class NotInService(Exception):
    """The school has no schema to work in: it is being opened, or archived."""


@contextmanager
def in_school(school: School) -> Iterator[School]:
    """Work inside one school: its tables, its role, its cache keys. Raises NotInService."""
    if school.state == SchoolState.OPENING:
        raise NotInService(school.code)
    place = Place(role=roles.of_school(school.schema_name), schemas=(school.schema_name, PUBLIC))
    with _standing(place, school):
        yield school


@contextmanager
def in_city() -> Iterator[None]:
    """Work on the public schema with the city's rights: no right on any school's schema."""
    with _standing(Place(role=roles.of_city(), schemas=(PUBLIC,)), FakeTenant(PUBLIC)):
        yield


@contextmanager
def as_bureau() -> Iterator[None]:
    """Read facts with the bureau's read-only role."""
    with _standing(Place(role=roles.of_bureau(), schemas=(PUBLIC,)), FakeTenant(PUBLIC)):
        yield


@contextmanager
def as_price_bureau() -> Iterator[None]:
    """Read cost views with the price bureau's read-only role."""
    with _standing(Place(role=roles.of_price(), schemas=(PUBLIC,)), FakeTenant(PUBLIC)):
        yield


@contextmanager
def at_letterbox() -> Iterator[None]:
    """What a family of a school says to the bureau: on the public schema, with rights on the letterbox alone."""
    with _standing(Place(role=roles.of_letters(), schemas=(PUBLIC,)), FakeTenant(PUBLIC)):
        yield


@contextmanager
def as_owner(schema_name: str = PUBLIC) -> Iterator[None]:
    """Work as the tables' owner: for opening and migrating schools only."""
    schemas = (PUBLIC,) if schema_name == PUBLIC else (schema_name,)
    with _standing(Place(role="none", schemas=schemas), FakeTenant(schema_name)):
        yield


def current_schema() -> str:
    """The schema of this thread's work; 'public' outside every school."""
    return str(_wrapper().schema_name)


def school_id() -> UUID:
    """Of the school whose row opened the door for this thread; without a query. Raises NotInService elsewhere."""
    tenant = _wrapper().tenant
    if not isinstance(tenant, School):
        raise NotInService(current_schema())
    return tenant.pk


@contextmanager
def _standing(place: Place, tenant: School | FakeTenant) -> Iterator[None]:
    wrapper = _wrapper()
    before = (wrapper.place, wrapper.tenant)
    wrapper.set_tenant(tenant)
    wrapper.stand_in(place)
    try:
        yield
    finally:
        wrapper.set_tenant(before[1])
        wrapper.stand_in(before[0])


def _wrapper() -> DatabaseWrapper:
    wrapper = connections["default"]
    if not isinstance(wrapper, DatabaseWrapper):
        raise TypeError("The database's ENGINE must be tenants.backend.")
    return wrapper
