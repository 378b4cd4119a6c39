"""pytest plugin, loaded before Django's settings: embedded servers that belong to the tests alone.

They live under .afterbell/test (AFTERBELL_TEST_HOME moves them). The first process starts them; xdist's workers
inherit their addresses through the environment.
"""

import os
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from afterbell.services import embedded

_servers = ExitStack()

if "PYTEST_XDIST_WORKER" not in os.environ:
    # Which part of each sweep is walked (tests.breadth): the same in all workers, past midnight too.
    os.environ.setdefault("AFTERBELL_TESTS_TURN", str(datetime.now(UTC).date().toordinal()))
    _home = Path(
        os.environ.get("AFTERBELL_TEST_HOME") or Path(__file__).resolve().parents[1] / ".afterbell" / "test"
    )
    _running = _servers.enter_context(embedded.servers(_home, durable=False))
    os.environ["AFTERBELL_HOME"] = str(_home)
    os.environ["DATABASE_URL"] = _running.database_url
    os.environ["REDIS_URL"] = _running.redis_url
else:
    # A Redis database of its own: what one worker clears, another one counts with.
    _number = int(os.environ["PYTEST_XDIST_WORKER"].removeprefix("gw")) % 15 + 1
    os.environ["REDIS_URL"] = f"{os.environ['REDIS_URL'].rpartition('/')[0]}/{_number}"


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what this process started."""
    _servers.close()
