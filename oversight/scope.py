"""What of the city somebody may see, and as which read-only role the database is asked: every load takes one of these."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from afterbell.accounts.models import User
from afterbell.accounts.roles import Role
from tenants import context
from tenants.models import School


class Reader(StrEnum):
    """Whose rights a load runs with."""

    BUREAU = "bureau"
    PRICE = "price"


@dataclass(frozen=True)
class Scope:
    """Districts that rows are limited to (None: the whole city), and the reader's role."""

    districts: frozenset[str] | None
    reader: Reader = Reader.BUREAU
    only_school: UUID | None = None
    """A school looking at itself: its own rows alone; its peers are numbers without names."""
    seen_by: UUID | None = None
    """The school for whose eyes it is: of its own complaints those that it has never been told of are left out."""

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Statements inside run as bureau_ro or price_ro: they see facts, and nothing of any school."""
        door = context.as_price_bureau if self.reader is Reader.PRICE else context.as_bureau
        with door():
            yield

    def covers(self, district: str) -> bool:
        return self.districts is None or district in self.districts


WHOLE_CITY = Scope(districts=None)
"""For the public pages and the background, which show aggregates of everybody."""


def of_user(user: User) -> Scope:
    """A district's supervisor sees the district; a price officer sees costs of the whole city; others nothing."""
    scopes = user.rights.scopes
    if Role.BUREAU_SUPERVISOR in scopes:
        return Scope(districts=user.rights.scope_of(Role.BUREAU_SUPERVISOR))
    if Role.PRICE_OFFICER in scopes:
        return Scope(districts=None, reader=Reader.PRICE)
    return Scope(districts=frozenset())


def of_school(school: School) -> Scope:
    """A school's own view of itself."""
    return Scope(districts=None, only_school=school.pk, seen_by=school.pk)
