"""The base of every table of ours: a UUIDv7 key, classified fields and a guard against the wrong school."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, ClassVar, Self, TypeVar

from django.db import connections, models

from afterbell.kernel.among import Among
from afterbell.kernel.ids import uuid7
from afterbell.kernel.privacy import FieldClass

Row = TypeVar("Row", bound=models.Model, covariant=True)
One = TypeVar("One", bound=models.Model)


class WrongSchool(Exception):
    """A row of one school was about to be written in another: always a programming error, never shown."""


def schema_of(connection: Any) -> str:
    """The schema that this connection works in."""
    return str(connection.schema_name)


class RecordQuerySet(models.QuerySet[Row]):
    """A queryset that remembers the schema it was made in: read later in another school, it would answer wrongly.

    So querysets are made where they are read (in `queries.py`), never kept as attributes of classes.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._home_schema = schema_of(connections["default"])
        super().__init__(*args, **kwargs)

    def _clone(self) -> Self:
        copy: Self = super()._clone()  # type: ignore[misc]  # Django's own; not in its stubs
        copy._home_schema = self._home_schema
        return copy

    @property
    def query(self) -> Any:
        """Everything that reads or writes goes through the query: the one place to look at the door."""
        here = schema_of(connections["default"])
        if here != self._home_schema and not getattr(self.model, "public_only", False):
            raise WrongSchool(f"a queryset of {self._home_schema} was used in {here}")
        return super().query

    @query.setter
    def query(self, value: Any) -> None:
        models.QuerySet.query.fset(self, value)  # type: ignore[attr-defined]  # a property in Django, a field in its stubs

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> Any:
        return super().bulk_create(at_home(objs), *args, **kwargs)

    def bulk_update(self, objs: Any, *args: Any, **kwargs: Any) -> Any:
        return super().bulk_update(at_home(objs), *args, **kwargs)


def at_home(rows: Iterable[One]) -> list[One]:
    """The rows, for writes that don't pass through save(). Raises WrongSchool when one is of another school.

    One of each school says it for all: thousands come from one.
    """
    kept = list(rows)
    for row in {row._home_schema: row for row in kept if isinstance(row, Record)}.values():
        row._refuse_another_schema()
    return kept


models.Field.register_lookup(Among)
RecordManager = models.Manager.from_queryset(RecordQuerySet)


class Record(models.Model):
    """A row that remembers the schema it was made in or read from, and refuses to be written in another."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    objects = RecordManager()

    field_classes: ClassVar[Mapping[str, FieldClass]] = {}
    public_only: ClassVar[bool] = False
    """True for tables that exist once, in the public schema: there is no wrong school for them."""

    class Meta:
        abstract = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._home_schema = schema_of(connections["default"])

    @classmethod
    def from_db(
        cls, db: str | None, field_names: Collection[str], values: Collection[Any], **more: Any
    ) -> Self:
        row = super().from_db(db, field_names, values, **more)
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

    @property
    def home_schema(self) -> str:
        """The schema that this row was made in or read from."""
        return self._home_schema

    def ensure_home(self) -> None:
        """For writes that don't pass through save(): raises WrongSchool outside the row's own school."""
        self._refuse_another_schema()

    def _refuse_another_schema(self) -> None:
        here = schema_of(connections["default"])
        if here != self._home_schema and not self.public_only:
            raise WrongSchool(f"{self._meta.label} {self.pk} comes from {self._home_schema}, not from {here}")
