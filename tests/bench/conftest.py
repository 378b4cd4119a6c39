"""A small city in a database of its own, built once for all benchmarks' tests."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from infra.bench import stage
from infra.bench.city import build, shape
from tests import databases

SEED = 7
SHAPES = shape.city(3, seed=SEED, mean=60)


@pytest.fixture(scope="package")
def bench_database(django_db_setup, django_db_blocker) -> Iterator[list]:
    """Three schools with rows and without facts, in a database beside the worker's own."""
    with django_db_blocker.unblock(), _own_database():
        yield build.build(SHAPES, days=shape.window(), seed=SEED)


@contextmanager
def _own_database() -> Iterator[None]:
    """A benchmark itself runs all migrations; its tests need what these leave."""
    with ExitStack() as stack:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(stage, "_create", databases.create_installed)
            stack.enter_context(stage.own_database("tests"))
        yield
