"""A small city in a database of its own, built once for all benchmarks' tests."""

from collections.abc import Iterator

import pytest

from infra.bench import stage
from infra.bench.city import build, shape

SEED = 7
SHAPES = shape.city(3, seed=SEED, mean=60)


@pytest.fixture(scope="package")
def bench_database(django_db_setup, django_db_blocker) -> Iterator[list]:
    """Three schools with rows and without facts, in a database beside the worker's own."""
    with django_db_blocker.unblock(), stage.own_database("tests"):
        yield build.build(SHAPES, days=shape.window(), seed=SEED)
