"""What a schema is made of, read from PostgreSQL's own catalogue: tables, columns, constraints, indexes.

Definitions come without the schema's name, so that schemas can be compared and one replayed as another.
"""

from dataclasses import dataclass

from django.db import connection

from tenants import context, roles
from tenants.fleet.errors import NotPortable

# 1259 is pg_class itself in pg_depend: with it, its indexes can be used.
COLUMNS = """
SELECT c.oid, c.relname, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull,
       a.attidentity, a.attgenerated, pg_catalog.pg_get_expr(d.adbin, d.adrelid),
       CASE WHEN a.attcollation <> t.typcollation THEN l.collname END,
       pg_catalog.array_to_string(c.reloptions, ', '),
       (SELECT s.relname FROM pg_catalog.pg_depend p
          JOIN pg_catalog.pg_class s ON s.oid = p.objid AND s.relkind = 'S'
         WHERE p.refclassid = 1259 AND p.refobjid = c.oid AND p.refobjsubid = a.attnum
           AND p.classid = 1259 AND p.deptype = 'i')
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
  LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation
 WHERE n.nspname = %s AND c.relkind IN ('r', 'p')
 ORDER BY c.relname, a.attnum
"""
CONSTRAINTS = """
SELECT o.conrelid, o.conname, o.contype, pg_catalog.pg_get_constraintdef(o.oid), f.relname
  FROM pg_catalog.pg_constraint o
  JOIN pg_catalog.pg_namespace n ON n.oid = o.connamespace
  LEFT JOIN pg_catalog.pg_class f ON f.oid = o.confrelid
 WHERE n.nspname = %s AND o.conrelid <> 0 AND o.contype IN ('p', 'u', 'c', 'f', 'x')
 ORDER BY o.conrelid, pg_catalog.strpos('pucxf', o.contype::text), o.conname
"""
INDEXES = """
SELECT i.indrelid, x.relname, pg_catalog.pg_get_indexdef(i.indexrelid)
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = x.relnamespace
 WHERE n.nspname = %s
   AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_constraint o
                    WHERE o.conrelid = i.indrelid AND o.conindid = i.indexrelid AND o.contype IN ('p', 'u', 'x'))
 ORDER BY x.relname
"""
STRANGERS = """
SELECT 'trigger ' || t.tgname
  FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %(schema)s AND NOT t.tgisinternal
UNION ALL
SELECT 'function ' || p.proname
  FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
 WHERE n.nspname = %(schema)s
UNION ALL
SELECT CASE c.relkind WHEN 'v' THEN 'view ' WHEN 'm' THEN 'view ' WHEN 'p' THEN 'partitioned table '
                      WHEN 'f' THEN 'foreign table ' ELSE 'relation ' END || c.relname
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = %(schema)s AND c.relkind NOT IN ('r', 'i', 'S', 't', 'c')
UNION ALL
SELECT 'inheritance of ' || c.relname
  FROM pg_catalog.pg_inherits h JOIN pg_catalog.pg_class c ON c.oid = h.inhrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %(schema)s
UNION ALL
SELECT 'type ' || t.typname
  FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
 WHERE n.nspname = %(schema)s AND t.typtype IN ('e', 'd', 'r')
UNION ALL
SELECT 'sequence ' || s.relname || ' of no column'
  FROM pg_catalog.pg_class s JOIN pg_catalog.pg_namespace n ON n.oid = s.relnamespace
 WHERE n.nspname = %(schema)s AND s.relkind = 'S'
   AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend p
                    WHERE p.classid = 1259 AND p.objid = s.oid AND p.deptype = 'i')
UNION ALL
SELECT 'foreign key ' || o.conname || ' to another schema'
  FROM pg_catalog.pg_constraint o JOIN pg_catalog.pg_namespace n ON n.oid = o.connamespace
  JOIN pg_catalog.pg_class f ON f.oid = o.confrelid
 WHERE n.nspname = %(schema)s AND o.contype = 'f' AND f.relnamespace <> n.oid
ORDER BY 1
"""


@dataclass(frozen=True)
class Column:
    """One column, in words of CREATE TABLE."""

    name: str
    type: str
    not_null: bool
    identity: str
    """'' or 'a' (always) or 'd' (by default)."""
    generated: bool
    default: str | None
    collation: str | None
    sequence: str | None
    """Of an identity column."""


@dataclass(frozen=True)
class Constraint:
    """`kind` as in pg_constraint: p, u, c, x, f; `to` is the table that a foreign key points at."""

    name: str
    kind: str
    definition: str
    to: str | None


@dataclass(frozen=True)
class Index:
    """An index that stands behind no constraint; the definition has no schema in it."""

    name: str
    definition: str


@dataclass(frozen=True)
class Table:
    """One table with all that belongs to it."""

    name: str
    options: str | None
    columns: tuple[Column, ...]
    constraints: tuple[Constraint, ...]
    indexes: tuple[Index, ...]


def tables(schema: str) -> tuple[Table, ...]:
    """All tables of a schema by name. Three queries."""
    # With nothing but this schema in sight, PostgreSQL writes its definitions without the schema's name.
    with context.as_owner(schema), connection.cursor() as cursor:
        cursor.execute(COLUMNS, [schema])
        column_rows = cursor.fetchall()
        cursor.execute(CONSTRAINTS, [schema])
        constraint_rows = cursor.fetchall()
        cursor.execute(INDEXES, [schema])
        index_rows = cursor.fetchall()
    found: dict[int, Table] = {}
    for oid, table_name, *_column, options, _sequence in column_rows:
        if oid not in found:
            found[oid] = Table(
                name=table_name,
                options=options,
                columns=tuple(_column_of(row) for row in column_rows if row[0] == oid),
                constraints=tuple(
                    Constraint(name, kind, definition, to)
                    for table_oid, name, kind, definition, to in constraint_rows
                    if table_oid == oid
                ),
                indexes=tuple(
                    Index(name, _bare(definition, schema))
                    for table_oid, name, definition in index_rows
                    if table_oid == oid
                ),
            )
    return tuple(found.values())


def strangers(schema: str) -> list[str]:
    """What no school may hold: triggers, functions, views, types, free sequences, keys to elsewhere."""
    with connection.cursor() as cursor:
        cursor.execute(STRANGERS, {"schema": schema})
        return [row[0] for row in cursor.fetchall()]


def _column_of(row: tuple[object, ...]) -> Column:
    _oid, _table, name, type_, not_null, identity, generated, default, collation, _options, sequence = row
    return Column(
        name=str(name),
        type=str(type_),
        not_null=bool(not_null),
        identity=str(identity),
        generated=bool(generated),
        default=None if default is None else str(default),
        collation=None if collation is None else str(collation),
        sequence=None if sequence is None else str(sequence),
    )


def _bare(definition: str, schema: str) -> str:
    """pg_get_indexdef always names the schema: CREATE INDEX i ON schema.table USING …"""
    for written in (schema, roles.identifier(schema)):
        head, found, tail = definition.partition(f" ON {written}.")
        if found:
            return f"{head} ON {tail}"
    raise NotPortable(what=definition)
