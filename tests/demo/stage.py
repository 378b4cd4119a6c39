"""Stage of the demo's tests: its first five schools, small, with all stories in three of them; filled after a break."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from django.db import connections
from django.test import override_settings

from infra.demo import fill, money, names, stories
from infra.demo.stories import Plot, Story
from tenants import context
from tenants.models import School
from tests import city, databases

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
FORCED, KEPT, WALKED, CLEAN, CHEAP = "3301020001", "3301040002", "3301090003", "3301220004", "3301020005"
"""The schools, by what is told of them."""
PLOTS = {
    FORCED: {stories.RUNNING: (Plot.FORCED, Plot.OVER_CAP, Plot.LATE_STATEMENT), stories.PAST: ()},
    KEPT: {
        stories.RUNNING: (Plot.UNCHECKED, Plot.MISSING_STATEMENT),
        stories.PAST: (Plot.SURPLUS_KEPT, Plot.SURVEY),
    },
    CHEAP: {stories.RUNNING: (Plot.TOO_CHEAP, Plot.COMPLAINTS), stories.PAST: ()},
}
PUPILS = 150


class Killed(Exception):
    """Somebody pulled the plug."""


@contextmanager
def a_small_city(patch: pytest.MonkeyPatch) -> Iterator[fill.DemoCity]:
    """Filled, but for a kill in the middle of the first school's books, and then filled on."""
    name = f"test_demo_{city.os_worker()}"
    before = connections["default"].settings_dict["NAME"]
    _shrink(patch)
    databases.drop(name)
    databases.create_installed(name)
    databases.go_to(name)
    try:
        # The load is alone in its schools: each of its steps is one transaction of many deeds, in the order of a term.
        with override_settings(OUTBOX_WAKE="tests.demo.stage.nobody_is_woken", WATCH_LOCKS=False):
            with patch.context() as once, pytest.raises(Killed):
                once.setattr(money, "settle", _killed)
                fill.fill(schools=1, now=NOW)
            yield fill.fill(schools=5, now=NOW)
    finally:
        databases.go_to(before)
        databases.drop(name)


def nobody_is_woken(school_id: str) -> None:
    """No worker runs here: the load drains the outbox itself."""


def school(code: str) -> School:
    with context.in_city():
        return School.objects.select_related("district").get(code=code)


def _killed(*_args: object) -> None:
    raise Killed


def _shrink(patch: pytest.MonkeyPatch) -> None:
    told = tuple(
        Story(plot, code, term, "", "")
        for code, terms in PLOTS.items()
        for term, plots in terms.items()
        for plot in plots
    )
    small = tuple((*row[:-1], min(row[-1], PUPILS)) for row in names.FIRST)
    patch.setattr(names, "FIRST", small)
    patch.setattr(names, "THROUGH_ACTIONS", frozenset({WALKED}))
    patch.setattr(stories, "STORIES", told)
