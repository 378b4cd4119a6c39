"""The code's schema stamp: which migrations a school must have to work with this code."""

import hashlib
from functools import cache

from django.apps import apps
from django.conf import settings
from django.db.migrations.loader import MigrationLoader


@cache
def code_stamp() -> str:
    """Digest of all school migrations on disk; the same for every process of one release."""
    return stamp_of(school_migrations())


@cache
def school_migrations() -> tuple[tuple[str, str], ...]:
    """(app, name) of every migration that a school's schema needs, in an order that can be applied."""
    return _migrations_of(school_labels())


@cache
def city_migrations() -> tuple[tuple[str, str], ...]:
    """The same of the public schema."""
    return _migrations_of(_labels(settings.SHARED_APPS))


@cache
def school_labels() -> frozenset[str]:
    """App labels whose tables live in a school's schema."""
    return _labels(settings.TENANT_APPS)


def stamp_of(migrations: tuple[tuple[str, str], ...]) -> str:
    lines = sorted(f"{app}.{name}" for app, name in migrations)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _labels(app_names: list[str]) -> frozenset[str]:
    return frozenset(config.label for config in apps.get_app_configs() if config.name in app_names)


def _migrations_of(labels: frozenset[str]) -> tuple[tuple[str, str], ...]:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    plan: list[tuple[str, str]] = []
    for leaf in sorted(loader.graph.leaf_nodes()):
        plan += [key for key in loader.graph.forwards_plan(leaf) if key not in plan]
    return tuple(key for key in plan if key[0] in labels)
