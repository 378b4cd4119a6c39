"""Tables as the statements that make them."""

from collections.abc import Iterator

from tenants import roles
from tenants.fleet.catalogue import Column, Constraint, Table


def structure(tables: tuple[Table, ...]) -> Iterator[str]:
    """Statements in an order that works.

    Keys stand inside CREATE TABLE where the table they point at is there already: no rows are looked for then.
    """
    made: set[str] = set()
    later: list[str] = []
    for table in by_need(tables):
        made.add(table.name)
        inside = [one for one in table.constraints if one.to is None or one.to in made]
        lines = [*(_column(column) for column in table.columns), *(_constraint(one) for one in inside)]
        options = f" WITH ({table.options})" if table.options else ""
        yield f"CREATE TABLE {_quoted(table.name)} ({', '.join(lines)}){options}"
        later += [
            f"ALTER TABLE {_quoted(table.name)} ADD {_constraint(one)}"
            for one in table.constraints
            if one not in inside
        ]
        yield from (index.definition for index in table.indexes)
    yield from later


def by_need(tables: tuple[Table, ...]) -> list[Table]:
    """Tables that others point at come first; a circle is left for ALTER TABLE."""
    waiting = {table.name: table for table in tables}
    order: list[Table] = []
    while waiting:
        free = [table for table in waiting.values() if not _needs(table) & (waiting.keys() - {table.name})]
        order += free or [next(iter(waiting.values()))]
        waiting = {name: table for name, table in waiting.items() if table not in order}
    return order


def _needs(table: Table) -> set[str]:
    return {constraint.to for constraint in table.constraints if constraint.to is not None}


def _column(column: Column) -> str:
    parts = [_quoted(column.name), column.type]
    if column.collation:
        parts.append(f"COLLATE {_quoted(column.collation)}")
    if column.identity:
        kind = "ALWAYS" if column.identity == "a" else "BY DEFAULT"
        parts.append(f"GENERATED {kind} AS IDENTITY (SEQUENCE NAME {_quoted(str(column.sequence))})")
    elif column.generated:
        parts.append(f"GENERATED ALWAYS AS ({column.default}) STORED")
    elif column.default is not None:
        parts.append(f"DEFAULT {column.default}")
    if column.not_null:
        parts.append("NOT NULL")
    return " ".join(parts)


def _constraint(constraint: Constraint) -> str:
    return f"CONSTRAINT {_quoted(constraint.name)} {constraint.definition}"


def _quoted(name: str) -> str:
    return roles.identifier(name)
