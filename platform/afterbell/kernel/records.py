"""The base of every table of ours: a UUIDv7 key, classified fields and a guard against the wrong school."""

from collections.abc import Collection, Mapping
from typing import Any, ClassVar, Self

from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

from afterbell.kernel.ids import uuid7
from afterbell.kernel.privacy import FieldClass


class WrongSchool(Exception):
    """A row of one school was about to be written in another: always a programming error, never shown."""


def schema_of(connection: BaseDatabaseWrapper | Any) -> str:
    """The schema that this connection works in."""
    return str(connection.schema_name)


class Record(models.Model):
    """A row that remembers the schema it was made in or read from, and refuses to be written in another."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    field_classes: ClassVar[Mapping[str, FieldClass]] = {}
    public_only: ClassVar[bool] = False
    """True for tables that exist once, in the public schema: there is no wrong school for them."""

    class Meta:
        abstract = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._home_schema = schema_of(connections["default"])

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any]) -> Self:
        row = super().from_db(db, field_names, values)
        row._home_schema = schema_of(connections[db or "default"])
        return row

    def save_base(self, *args: Any, **kwargs: Any) -> None:
        self._refuse_another_schema()
        super().save_base(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self._refuse_another_schema()
        return super().delete(*args, **kwargs)

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        self._refuse_another_schema()
        super().refresh_from_db(*args, **kwargs)

    def _refuse_another_schema(self) -> None:
        here = schema_of(connections["default"])
        if here != self._home_schema and not self.public_only:
            raise WrongSchool(f"{self._meta.label} {self.pk} comes from {self._home_schema}, not from {here}")
