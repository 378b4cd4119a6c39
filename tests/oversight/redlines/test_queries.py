"""Reads that other pages build on: counts, newest, one school's; always within the scope, as the read-only role."""

import pytest
from django.db import ProgrammingError

from oversight.redlines import actions, queries
from oversight.redlines.models import Alert
from oversight.scope import WHOLE_CITY, Reader, Scope, of_school
from tenants.context import in_city, in_school
from tests import makers as people
from tests.makers import TERM
from tests.oversight.redlines.conftest import NOW

pytestmark = pytest.mark.usefixtures("alerts")
LAKE = Scope(districts=frozenset({"330102"}))
NOBODY = Scope(districts=frozenset())


def open_ones(scope, term="", **narrower):
    """How many are unresolved in a scope, whatever the school."""
    return sum(red + notice for red, notice in queries.counts_by_school(scope, term, **narrower).values())


def test_open_ones_are_counted_by_rule_and_level(django_assert_num_queries):
    with in_city(), django_assert_num_queries(1):
        counts = queries.counts_by_rule(WHOLE_CITY, queries.narrowed(queries.alerts(WHOLE_CITY), term=TERM))
    assert {one.rule.code.value: (one.red, one.notice) for one in counts if one.total} == {
        "over_cap": (1, 0), "coercion": (1, 0), "statement": (1, 0),
    }  # fmt: skip
    assert open_ones(LAKE) == 2
    assert open_ones(NOBODY) == 0
    assert open_ones(WHOLE_CITY, "2025-2026-2") == 0
    assert open_ones(WHOLE_CITY, rule="coercion") == 1


def test_counts_by_school_stand_beside_a_ranking(north):
    assert queries.counts_by_school(WHOLE_CITY, TERM, rule="coercion") == {north.code: (1, 0)}


def test_the_newest_come_red_first_and_closed_ones_not_at_all(north):
    Alert.objects.filter(rule="statement").update(level="notice")
    assert [one.alert.rule for one in queries.newest(WHOLE_CITY, 10)][-1] == "statement"
    assert len(queries.newest(WHOLE_CITY, 1)) == 1
    with in_city():
        officer = people.a_user("bureau_supervisor")
        actions.close(alert=Alert.objects.get(rule="statement"), reason="已看", by=officer, now=NOW)
    assert {one.alert.rule for one in queries.newest(WHOLE_CITY, 10)} == {"over_cap", "coercion"}


def test_a_schools_alerts_hold_the_closed_ones_last(north, island):
    with in_city():
        officer = people.a_user("bureau_supervisor")
        actions.close(alert=Alert.objects.get(rule="over_cap"), reason="已看", by=officer, now=NOW)
    assert [one.alert.rule for one in queries.of_school(WHOLE_CITY, north)] == ["coercion", "over_cap"]
    assert queries.of_school(Scope(districts=frozenset({"330106"})), north) == []


def test_a_school_sees_its_own_alerts_and_nobody_elses(north, island):
    with in_school(north):
        mine = queries.of_school(of_school(north), north)
        assert len(mine) == 2
        assert all(one.sentence for one in mine)
        assert queries.of_school(of_school(north), island) == []


def test_an_archived_schools_alerts_leave_the_lists(island):
    type(island).objects.filter(pk=island.pk).update(state="archived", archived_at=NOW)
    assert open_ones(WHOLE_CITY) == 2


def test_the_price_bureaus_role_can_not_read_them():
    with pytest.raises(ProgrammingError, match="permission denied"):
        queries.newest(Scope(districts=None, reader=Reader.PRICE))
