"""Settings of a release that is one migration later (infra.bench.later)."""

from afterbell.settings import *  # noqa: F403  (a settings file is a list of names)

MIGRATION_MODULES = {"people": "bench_later_people"}
