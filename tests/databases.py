"""Databases of a test's own, beside the template city's on the same server: made, gone to, dropped with their roles."""

from django.conf import settings
from django.db import connections
from psycopg import connect, sql
from psycopg.errors import InsufficientPrivilege


def create(name: str) -> None:
    server(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


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
