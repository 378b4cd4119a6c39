"""Stage of the tests: real servers of their own, one template database, a city of named schools and people.

Servers: tests.servers. Database: one of its own for every xdist worker, made once (tests.city); each test runs in a
transaction on top of it.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadFileScheduling

# No test asserts a time, on a busy machine neither.
settings.register_profile(
    "house", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("house")


PACKAGES = ("bench", "demo", "fleet")
"""Folders whose tests share a city in a database of its own."""


BEGUN_FIRST = ("test_pairs_of_deeds.py", "test_no_dead_ends.py", "test_term.py")
"""The longest: left for the end, one worker would wait for them."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in BEGUN_FIRST)


class ByFile(LoadFileScheduling):
    """A file, or such a folder, is one worker's: what its tests stand on is built once."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        room = file.split("/")[1]
        return room if room in PACKAGES else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    """In the order in which they lie, so that the long ones are not left for the end."""
    config.option.loadscopereorder = False
    return ByFile(config, log)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Each worker has its own database."""


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    django_db_blocker: pytest.FixtureRequest,
    django_db_modify_db_settings: None,
) -> Iterator[None]:
    """The template city: public schema, roles, three schools. Tests run in transactions on top of it."""
    from tests import city

    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        city.build()
        yield
        city.remove()


@pytest.fixture
def north(db: None) -> Any:
    """湖滨区第一小学."""
    from tests import city, makers

    return makers.school(city.NORTH)


@pytest.fixture
def south(db: None) -> Any:
    """湖滨区第二小学, in the same district."""
    from tests import city, makers

    return makers.school(city.SOUTH)


@pytest.fixture
def island(db: None) -> Any:
    """山南县海岛学校, a rural school of another district."""
    from tests import city, makers

    return makers.school(city.ISLAND)


@pytest.fixture
def committed_school(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[Any]:
    """湖滨区门口小学, whose commits are real, for tests with several connections; gone afterwards with all it has."""
    from tests import city

    with django_db_blocker.unblock(), city.real_commits(), city.passing_school() as school:  # type: ignore[attr-defined]
        yield school


@pytest.fixture(autouse=True, scope="module")
def _the_city_is_left_as_it_was(django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """A file that commits into the city on which all other files stand is named, and not the one that stumbles over it."""
    yield
    from tests import city

    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        left = city.left_behind()
    assert not left, f"committed, and still there after this file: {left}"


@pytest.fixture(autouse=True, scope="session")
def _nothing_of_the_stage_is_counted() -> Iterator[None]:
    """Rows that a test makes outside every block are sealed with the next commit, as if it were that deed's work: before
    queries are counted, they are sealed. Outside tests, a write without a transaction has one of its own.
    """
    begin = CaptureQueriesContext.__enter__

    def begins(self: CaptureQueriesContext) -> Any:
        if self.connection.in_atomic_block and self.connection._last and not self.connection.needs_rollback:
            with transaction.atomic():
                pass
        return begin(self)

    CaptureQueriesContext.__enter__ = begins
    yield
    CaptureQueriesContext.__enter__ = begin
