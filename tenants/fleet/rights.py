"""Who may do what on which relation: what the code wants, what PostgreSQL's catalogue holds, and what closes the gap.

`afterbell migrate` closes every gap, `afterbell status` names it, and the fingerprint of a schema holds its rights. A
gap is closed by taking everything and giving what is wanted, in one transaction: nobody ever has more than before or
than wanted, not for a moment.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import NamedTuple

from django.db import connection, transaction

from tenants import context, roles

# Tables of one school have few different lists of rights, so relations come by their list: a handful of rows a school.
GIVEN = """
WITH holder AS (
    SELECT n.nspname AS place, c.relacl::text AS acl, c.relowner AS owner, NULL::text AS of_column,
           CASE WHEN c.relkind IN ('r', 'p') THEN 'TABLE' WHEN c.relkind = 'S' THEN 'SEQUENCE' ELSE 'VIEW' END AS kind,
           pg_catalog.array_agg(c.relname::text) AS names
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = ANY(%(schemas)s) AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
     GROUP BY 1, 2, 3, 4, 5
    UNION ALL
    SELECT n.nspname, a.attacl::text, c.relowner, a.attname::text, 'TABLE', ARRAY[c.relname::text]
      FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = ANY(%(schemas)s) AND a.attacl IS NOT NULL AND NOT a.attisdropped
    UNION ALL
    SELECT n.nspname, n.nspacl::text, n.nspowner, NULL, 'SCHEMA', ARRAY[n.nspname::text]
      FROM pg_catalog.pg_namespace n WHERE n.nspname = ANY(%(schemas)s)
)
SELECT place, kind, names, CASE item.grantee WHEN 0 THEN 'PUBLIC' ELSE r.rolname::text END AS who,
       pg_catalog.array_agg(item.privilege_type), pg_catalog.array_agg(COALESCE(of_column, '')),
       pg_catalog.array_agg(item.is_grantable)
  FROM holder
  LEFT JOIN LATERAL pg_catalog.aclexplode(acl::aclitem[]) AS item ON item.grantee <> owner
  LEFT JOIN pg_catalog.pg_roles r ON r.oid = item.grantee
 GROUP BY 1, 2, 3, 4
UNION ALL
SELECT DISTINCT wanted.place, 'ROLE', ARRAY[g.rolname::text], m.rolname::text, ARRAY['MEMBER'], ARRAY[''], ARRAY[FALSE]
  FROM unnest(%(places)s::text[], %(roles)s::text[]) AS wanted(place, role)
  JOIN pg_catalog.pg_roles m ON m.rolname = wanted.role
  JOIN pg_catalog.pg_auth_members a ON a.member = m.oid
  JOIN pg_catalog.pg_roles g ON g.oid = a.roleid
ORDER BY 1
"""
COLUMNS = (
    "SELECT table_name::text, column_name::text FROM information_schema.columns WHERE table_schema = 'public'"
)
ROLES = "SELECT rolname::text FROM pg_catalog.pg_roles WHERE rolname = ANY(%s)"


class Right(NamedTuple):
    """One word of GRANT."""

    word: str
    column: str = ""
    onward: bool = False
    """May be given to others: never wanted."""

    def __str__(self) -> str:
        column = f" ({self.column})" if self.column else ""
        return f"{self.word}{column}{' WITH GRANT OPTION' if self.onward else ''}"


Rights = frozenset[Right]
Holder = tuple[str, str]
"""Kind and name of what rights are on: TABLE, VIEW, SEQUENCE, SCHEMA, or ROLE for being its member."""
NOTHING: Rights = frozenset()


@dataclass(frozen=True)
class Gap:
    """One role whose rights on one thing are not those that the code wants."""

    schema: str
    holder: Holder
    grantee: str
    given: Rights
    wanted: Rights

    def __str__(self) -> str:
        kind, name = self.holder
        what = name if kind == "SCHEMA" else f"{self.schema}.{name}"
        too_much, too_little = self.given - self.wanted, self.wanted - self.given
        parts = [
            f"{title} {', '.join(sorted(map(str, words)))}"
            for title, words in (("too much:", too_much), ("lacks", too_little))
            if words
        ]
        return f"{kind.lower()} {what}, {self.grantee}: {'; '.join(parts)}"

    def statements(self) -> Iterator[str]:
        """Take all that there is, then give what is wanted."""
        kind, name = self.holder
        who = self.grantee if self.grantee == "PUBLIC" else roles.identifier(self.grantee)
        thing = roles.identifier(name)
        if kind == "ROLE":
            yield f"GRANT {thing} TO {who}" if self.wanted else f"REVOKE {thing} FROM {who}"
            return
        on = {
            "SCHEMA": f"SCHEMA {thing}",
            "SEQUENCE": f"SEQUENCE {roles.identifier(self.schema)}.{thing}",
        }.get(kind, f"TABLE {roles.identifier(self.schema)}.{thing}")
        if self.given:
            yield f"REVOKE ALL ON {on} FROM {who} CASCADE"
        if self.wanted:
            words = (f"{r.word} ({roles.identifier(r.column)})" if r.column else r.word for r in self.wanted)
            yield f"GRANT {', '.join(sorted(words))} ON {on} TO {who}"


def gaps(schemas: Collection[str]) -> list[Gap]:
    """All of these schemas, public among them or not; the number of queries does not depend on theirs."""
    found: list[Gap] = []
    given = _given(schemas)
    columns = _columns() if context.PUBLIC in schemas else {}
    for schema in sorted(schemas):
        for holder, has in given.get(schema, {}).items():
            wants = _of_city(holder, columns) if schema == context.PUBLIC else _of_school(schema, holder)
            found += [
                Gap(schema, holder, who, has.get(who, NOTHING), wants.get(who, NOTHING))
                for who in sorted(has.keys() | wants.keys())
                if has.get(who, NOTHING) != wants.get(who, NOTHING)
            ]
    return found


def close(found: Collection[Gap]) -> None:
    """All or nothing; the roles that they are about are made if they are missing."""
    with context.as_owner(), transaction.atomic(), connection.cursor() as cursor:
        for schema in sorted({gap.schema for gap in found}):
            _ensure_roles(schema)
        statements = [statement for gap in found for statement in gap.statements()]
        if statements:
            cursor.execute(";\n".join(statements))


def mend(schemas: Collection[str]) -> list[Gap]:
    """Close what is open in these schemas; gives what was."""
    found = gaps(schemas)
    close(found)
    return found


def by_schema(found: Collection[Gap]) -> dict[str, list[Gap]]:
    return {schema: list(some) for schema, some in groupby(found, key=attrgetter("schema"))}


def lines(schema: str) -> list[str]:
    """The rights in a schema, one line a holder and role, the schema's own names left out: for its fingerprint."""
    own = {roles.of_school(schema): "its role"}
    return sorted(
        f"right {kind} {'' if kind == 'SCHEMA' else name} {own.get(who, who)}: {', '.join(sorted(map(str, words)))}"
        for (kind, name), has in _given([schema]).get(schema, {}).items()
        for who, words in has.items()
    )


def _given(schemas: Collection[str]) -> dict[str, dict[Holder, dict[str, Rights]]]:
    """By schema, holder and role; a holder that nobody has rights on is there too."""
    members = [(schema, role) for schema in schemas for role in _roles_of(schema)]
    values = {
        "schemas": list(schemas),
        "places": [schema for schema, _role in members],
        "roles": [role for _schema, role in members],
    }
    with context.as_owner(), connection.cursor() as cursor:
        cursor.execute(GIVEN, values)
        rows = cursor.fetchall()
    found: dict[str, dict[Holder, dict[str, Rights]]] = {}
    for schema, some in groupby(rows, key=itemgetter(0)):
        holders: dict[Holder, dict[str, Rights]] = {("ROLE", roles.of_schools()): {}}
        for _schema, kind, names, who, *words in some:
            has = frozenset(map(Right, *words))
            for name in names:
                holder = holders.setdefault((kind, name), {})
                if who is not None:
                    holder[who] = has | holder.get(who, NOTHING)
        found[schema] = holders
    return found


def _roles_of(schema: str) -> tuple[str, ...]:
    if schema == context.PUBLIC:
        return roles.of_schools(), roles.of_city(), roles.of_bureau(), roles.of_price(), roles.of_letters()
    return (roles.of_school(schema),)


def _ensure_roles(schema: str) -> None:
    wanted = _roles_of(schema)
    with connection.cursor() as cursor:
        cursor.execute(ROLES, [list(wanted)])
        there = {name for (name,) in cursor.fetchall()}
        for role in wanted:
            if role not in there:
                made = roles.make(role) if schema == context.PUBLIC else roles.make_school(schema)
                cursor.execute(";\n".join(made))


def _of_school(schema: str, holder: Holder) -> Mapping[str, Rights]:
    kind, name = holder
    role = roles.of_school(schema)
    if kind == "TABLE":
        return {role: _words(roles.rights_on(name))}
    if kind == "ROLE":
        return {role: _words(("MEMBER",))} if name == roles.of_schools() else {}
    return {} if kind == "VIEW" else {role: _words(("USAGE",))}


def _of_city(holder: Holder, columns: Mapping[str, list[str]]) -> Mapping[str, Rights]:
    """The city its tables, the schools the register, the bureaus' readers facts and costs, families the letterbox."""
    kind, name = holder
    schools, city, bureau, price, letters = _roles_of(context.PUBLIC)
    if kind == "SCHEMA":
        return dict.fromkeys((schools, city, bureau, price, letters), _words(("USAGE",)))
    if kind == "SEQUENCE":
        return {city: _words(("USAGE",))}
    if kind != "TABLE":
        return {}
    wants = {city: _words(roles.rights_in_city(name))}
    if name in roles.SCHOOL_READS:
        wants[schools] = _words(("SELECT",))
    if name in roles.LETTER_TABLES:
        wants[letters] = _words(roles.LETTER_TABLES[name])
    if name in roles.BUREAUS_READ or name.startswith(roles.FACTS):
        wants[bureau] = _words(("SELECT",))
    if name in roles.BUREAUS_READ:
        wants[price] = _words(("SELECT",))
    elif re.fullmatch(roles.PRICE_TABLES, name):
        shown = (column for column in columns.get(name, ()) if column not in roles.NOT_FOR_PRICES)
        wants[price] = frozenset(Right("SELECT", column) for column in shown)
    return wants


@cache
def _words(words: tuple[str, ...]) -> Rights:
    return frozenset(map(Right, words))


def _columns() -> dict[str, list[str]]:
    """Of the tables that the price bureau's reader may see in part."""
    found: dict[str, list[str]] = defaultdict(list)
    with context.as_owner(), connection.cursor() as cursor:
        cursor.execute(COLUMNS)
        for table, column in cursor.fetchall():
            found[table].append(column)
    return found
