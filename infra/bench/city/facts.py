"""The city's facts of three terms, made set by set in the public schema, and their roll-ups by the product's own SQL."""

from collections.abc import Sequence
from pathlib import Path

from django.db import connection, transaction

from infra.bench.city.fill import EVENING
from infra.bench.city.shape import LAST_DAY, Shape
from oversight.facts import actions, rollups
from tenants.context import as_owner
from tenants.models import School

STATEMENTS = Path(__file__).with_name("facts.sql").read_text(encoding="utf-8")
FACTS = ("termfact", "monthfact", "dayfact", "classfact")


def fill(schools: Sequence[School], shapes: Sequence[Shape], *, seed: int) -> dict[str, int]:
    """Facts where the schools' own are missing, then every roll-up. Safe to repeat. Gives the rows by table."""
    size = {shape.code: shape for shape in shapes}
    mine = [school for school in schools if school.code in size]
    with as_owner():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                STATEMENTS,
                {
                    "schools": [school.pk for school in mine],
                    "numbers": [size[school.code].number for school in mine],
                    "pupils": [size[school.code].pupils for school in mine],
                    "participants": [size[school.code].participants for school in mine],
                    "today": LAST_DAY,
                    "seed": seed,
                    "version": 1,
                    "now": EVENING,
                },
            )
        _vacuum()
    rollups.roll_everything(now=EVENING)
    actions.after_full_pass(now=EVENING)
    with as_owner():
        _vacuum()
        return _counts()


def _vacuum() -> None:
    """What autovacuum does within a minute: pages read right after the load should not pay for it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(quote_ident(tablename), ', ') FROM pg_catalog.pg_tables"
            " WHERE schemaname = 'public' AND (tablename LIKE 'oversight%' OR tablename LIKE 'tenants%')"
        )
        (tables,) = cursor.fetchone()
        cursor.execute(f"VACUUM (ANALYZE) {tables}")


def _counts() -> dict[str, int]:
    with connection.cursor() as cursor:
        found = {}
        for name in FACTS:
            cursor.execute(f"SELECT count(*) FROM oversight_{name}")  # noqa: S608  (names of ours)
            (found[f"{name}s"],) = cursor.fetchone()
        return found
