"""One small demo city for all tests of this folder."""

import pytest

from tests.demo.stage import a_small_city


@pytest.fixture(scope="package")
def demo(django_db_setup, django_db_blocker):
    """What `afterbell demo` would write into demo.json; the city lies in a database of its own until the last test."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, a_small_city(patch) as filled:
        yield filled
