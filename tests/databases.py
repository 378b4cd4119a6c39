"""Databases of a test's own, beside the template city's on the same server: made, gone to, dropped with their roles.

Running all migrations takes most of a minute. It is done once for a state of the code, in a base that stays on the
server; every other database is a copy of it, whose own roles `provisioning.install` makes and gives their rights.
"""

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connections
from psycopg import Connection, connect, sql
from psycopg.errors import InsufficientPrivilege

from tenants import provisioning

BASE: Final = "test_base"
TREE: Final = Path(__file__).resolve().parents[1]
WHAT_MIGRATES: Final = ("platform/**/*.py", "tenants/**/*.py", "schools/**/migrations/*.py", "oversight/**/migrations/*.py",
                        "dashboards/**/migrations/*.py")  # fmt: skip


def create(name: str) -> None:
    """Empty."""
    server(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def is_there(name: str) -> bool:
    with connect(settings.DATABASE_URL, autocommit=True) as connection:
        return (
            connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None
        )


def create_installed(name: str) -> None:
    """As `provisioning.install` leaves it, but for the roles of its own: who goes there installs once more."""
    with connect(settings.DATABASE_URL, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(hashtext(%s))", [BASE])  # until this connection ends
        base = f"{BASE}_{_state_of_the_code()}"
        if not _is_whole(connection, base):
            _make(connection, base)
        names = sql.Identifier(name), sql.Identifier(base)
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))


def _is_whole(connection: Connection, base: str) -> bool:
    asked = "SELECT 1 FROM pg_database WHERE datname = %s AND datistemplate"
    return connection.execute(asked, [base]).fetchone() is not None


def _make(connection: Connection, base: str) -> None:
    """Anew, and those of older code are gone. Only a whole one is marked as a template."""
    others = "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"
    for (old,) in connection.execute(others, [f"{BASE}_"]).fetchall():
        connection.execute(sql.SQL("ALTER DATABASE {} IS_TEMPLATE false").format(sql.Identifier(old)))
        drop(old)
    create(base)
    before = connections["default"].settings_dict["NAME"]
    go_to(base)
    try:
        provisioning.install()
    finally:
        go_to(before)
    connection.execute(sql.SQL("ALTER DATABASE {} IS_TEMPLATE true").format(sql.Identifier(base)))


@cache
def _state_of_the_code() -> str:
    files = sorted({path for some in WHAT_MIGRATES for path in TREE.glob(some)})
    return sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]


def go_to(name: str) -> None:
    """From now on this thread works in that database."""
    wrapper = connections["default"]
    wrapper.close()
    wrapper.close_pool()
    settings.DATABASES["default"]["NAME"] = name
    wrapper.settings_dict["NAME"] = name


def drop(name: str) -> None:
    """With the roles of its schools; a database that is not there is no error."""
    drop_database(name)
    with connect(settings.DATABASE_URL, autocommit=True) as connection:
        like = name.replace("_", r"\_") + r"\_%"
        for (role,) in connection.execute(
            "SELECT rolname FROM pg_roles WHERE rolname LIKE %s", [like]
        ).fetchall():
            connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


def drop_database(name: str) -> None:
    """With whoever is in it. A worker that vacuums it is the server's own and no login may end it by force; without force
    the server sends it away by itself."""
    gone = sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name))
    try:
        server(gone + sql.SQL(" WITH (FORCE)"))
    except InsufficientPrivilege:
        server(gone)


def server(statement: sql.Composed) -> None:
    """One statement outside every transaction, as the login role."""
    with connect(settings.DATABASE_URL, autocommit=True) as connection:
        connection.execute(statement)
