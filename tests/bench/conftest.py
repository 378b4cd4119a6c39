"""A small city in a database of its own, built once for all benchmarks' tests."""

from collections.abc import Iterator

import pytest

from infra.bench import stage
from infra.bench.city import build, shape
from tests import databases

SEED = 7
SHAPES = shape.city(3, seed=SEED, mean=60)


@pytest.fixture(scope="package", autouse=True)
def installed_before(django_db_setup) -> Iterator[None]:
    """A benchmark itself runs all migrations, for most of a minute; its tests begin with what these leave."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stage, "_create", _there_and_installed)
        yield


def _there_and_installed(name: str) -> None:
    """`kept` ones are there already."""
    if not databases.is_there(name):
        databases.create_installed(name)


@pytest.fixture(scope="package")
def bench_database(installed_before, django_db_blocker) -> Iterator[list]:
    """Three schools with rows and without facts, in a database beside the worker's own."""
    with django_db_blocker.unblock(), stage.own_database("tests"):
        yield build.build(SHAPES, days=shape.window(), seed=SEED)
