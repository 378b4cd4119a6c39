"""Settings of a release that is one migration later (infra.bench.later)."""

from afterbell.settings import *  # noqa: F403  (a settings file is a list of names)
from afterbell.settings import MIGRATION_MODULES as KNOWN

MIGRATION_MODULES = {**KNOWN, "people": "bench_later_people"}  # type: ignore[dict-item]  # its type says None alone
