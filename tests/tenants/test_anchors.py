"""The heads of the schools' chains, anchored in the city: a school that writes its past anew is found (architecture §7)."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from afterbell.audit import actions as audit
from afterbell.audit import queries as chains
from afterbell.audit.chain import Anchor
from afterbell.audit.models import Entry
from tenants.anchors import actions, queries
from tenants.anchors.models import ChainAnchor, ChainFlaw, ChainState
from tenants.commands import verify
from tenants.context import as_owner, in_city, in_school
from tenants.models import School
from tenants.states import SchoolState
from tests.city import NOON, NORTH, SOUTH
from tests.tenants.chains import deeds, end_cut_off, past_written_anew

HOUR = timedelta(hours=1)


def verdict(*words):
    return verify.run(SimpleNamespace(school=words[0] if words else None, export_audit=None))


def entries_of_passes():
    with in_city():
        return Entry.objects.filter(verb="anchors.heads.anchor").count()


def state_of(school):
    with in_city():
        return ChainState.objects.get(school=school)


def flaws():
    with in_city():
        rows = ChainFlaw.objects.order_by("at", "pk").values_list(
            "anchor__school", "anchor__position", "flaw"
        )
        return list(rows)


def test_a_pass_writes_down_where_every_chain_ends(north, south, island):
    deeds(north, 3)
    deeds(south, 1)
    with in_city():
        citys = chains.head()
    assert actions.anchor_all(now=NOON) == (3, 0, 0)  # where nothing was done there is nothing to keep
    with in_school(north):
        end = chains.head()
    with in_city():
        assert queries.of_chain(north.pk) == [end] == [Anchor(3, end.hash)]
        assert queries.of_chain(None) == [citys]
        assert set(queries.last_ones([north.pk, south.pk, island.pk])) == {None, north.pk, south.pk}
    assert entries_of_passes() == 1


def test_a_pass_says_how_each_chain_stands(north, island):
    deeds(north, 3)
    actions.anchor_all(now=NOON)
    found = state_of(north)
    assert (found.position, found.last_entry_at, found.seen_at, found.flaw) == (3, NOON, NOON, "")
    empty = state_of(island)
    assert (empty.position, empty.last_entry_at, empty.seen_at) == (0, None, NOON)
    assert state_of(None).position > 0


def test_a_second_pass_keeps_only_what_moved(north, south):
    deeds(north, 3)
    deeds(south, 1)
    actions.anchor_all(now=NOON)
    assert actions.anchor_all(now=NOON + HOUR) == (0, 0, 0)
    assert entries_of_passes() == 1
    deeds(north)
    assert actions.anchor_all(now=NOON + 2 * HOUR) == (1, 0, 0)
    with in_city():
        assert [anchor.position for anchor in queries.of_chain(north.pk)] == [3, 4]
    assert entries_of_passes() == 2


def test_two_passes_at_once_keep_each_end_once(north, monkeypatch):
    deeds(north, 3)
    keep, second = actions._keep, []

    def another_comes_between(*seen):
        monkeypatch.setattr(actions, "_keep", keep)
        second.append(actions.anchor_all(now=NOON))
        return keep(*seen)

    monkeypatch.setattr(actions, "_keep", another_comes_between)
    assert actions.anchor_all(now=NOON) == (0, 0, 0)
    assert second == [(2, 0, 0)]
    assert entries_of_passes() == 1


def test_a_clock_that_goes_back_changes_nothing(north):
    deeds(north, 3)
    actions.anchor_all(now=NOON)
    deeds(north)
    assert actions.anchor_all(now=NOON - 5 * HOUR) == (1, 0, 0)
    deeds(north)
    assert actions.anchor_all(now=NOON - 4 * HOUR) == (2, 0, 0)
    with in_city():
        assert [anchor.position for anchor in queries.of_chain(north.pk)] == [3, 4, 5]
        assert queries.last_ones([north.pk])[north.pk].position == 5
    assert verdict(NORTH) == 0


def test_a_past_written_anew_holds_by_itself_and_is_found_by_its_anchor(north, south, capsys):
    deeds(north, 3)
    deeds(south, 3)
    actions.anchor_all(now=NOON)
    past_written_anew(north)
    with in_school(north):
        assert chains.verdict().holds
    assert verdict(NORTH) == 1
    assert "audit chain, it does not go through the city's anchor 3: rewritten" in capsys.readouterr().out
    assert verdict(SOUTH) == 0


@pytest.mark.parametrize("first", [1, 2, 3])
def test_wherever_the_new_past_begins_the_next_pass_says_so(north, first):
    deeds(north, 3)
    actions.anchor_all(now=NOON)
    past_written_anew(north, first)
    assert actions.anchor_all(now=NOON + HOUR).broken == 1
    assert flaws() == [(north.pk, 3, "rewritten")]
    found = state_of(north)
    assert (found.flaw, found.flaw_position) == ("rewritten", 3)


def test_the_next_pass_says_so_once_and_nobody_takes_it_back(north, capsys):
    deeds(north, 3)
    actions.anchor_all(now=NOON)
    past_written_anew(north)
    deeds(north)
    assert actions.anchor_all(now=NOON + HOUR).broken == 1
    before = entries_of_passes()
    assert actions.anchor_all(now=NOON + 2 * HOUR).broken == 0
    assert flaws() == [(north.pk, 3, "rewritten")]
    assert entries_of_passes() == before + 1  # of the city's own end
    actions.anchor_all(now=NOON + 3 * HOUR)
    assert entries_of_passes() == before + 1
    assert verdict() == 1
    assert (
        f"public: audit chain of {NORTH}, it did not go through its anchor 3 (rewritten)"
        in capsys.readouterr().out
    )


def test_a_chain_that_was_rewritten_is_anchored_on_and_the_second_time_is_found_too(north):
    deeds(north, 3)
    actions.anchor_all(now=NOON)
    past_written_anew(north)
    deeds(north)
    assert actions.anchor_all(now=NOON + HOUR).broken == 1
    past_written_anew(north)
    assert actions.anchor_all(now=NOON + 2 * HOUR).broken == 1
    assert flaws() == [(north.pk, 3, "rewritten"), (north.pk, 4, "rewritten")]


def test_an_end_that_was_cut_off_is_found_even_when_others_were_written_since(north):
    deeds(north, 4)
    actions.anchor_all(now=NOON)
    end_cut_off(north, 2)
    assert actions.anchor_all(now=NOON + HOUR).broken == 1
    deeds(north, 3)
    actions.anchor_all(now=NOON + 2 * HOUR)
    assert flaws() == [(north.pk, 4, "cut"), (north.pk, 4, "rewritten")]


def test_a_head_that_lies_on_no_entry_is_no_anchor(north):
    deeds(north, 2)
    actions.anchor_all(now=NOON)
    deeds(north, 2)
    with as_owner(north.schema_name):
        Entry.objects.filter(position__gt=2).delete()
    assert actions.anchor_all(now=NOON + HOUR).anchored == 0
    found = state_of(north)
    assert (found.flaw, found.flaw_position) == ("cut", 4)
    with in_city():
        assert [anchor.position for anchor in queries.of_chain(north.pk)] == [2]


def test_the_citys_own_past_written_anew_is_found_too(north, capsys):
    with in_city(), transaction.atomic():
        audit.record(verb="test.thing.do", target="test.thing:1", by=None, at=NOON)
    actions.anchor_all(now=NOON)
    past_written_anew(SimpleNamespace(schema_name="public"))
    assert actions.anchor_all(now=NOON + HOUR).broken == 1
    assert verdict() == 1
    out = capsys.readouterr().out
    assert "public: audit chain, it does not go through the city's anchor" in out
    assert "public: audit chain of the city, it did not go through its anchor" in out


def test_the_citys_own_role_can_change_no_anchor_and_a_school_reads_none(north):
    deeds(north)
    actions.anchor_all(now=NOON)
    for statement in ("UPDATE anchors_chainanchor SET position = 9", "DELETE FROM anchors_chainflaw"):
        with in_city(), pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            connection.cursor().execute(statement)
    for table in ("chainanchor", "chainflaw", "chainstate", "verification"):
        with (
            in_school(north),
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(),
        ):
            connection.cursor().execute(f"SELECT 1 FROM public.anchors_{table}")


def test_one_school_that_cant_be_read_is_one_schools_trouble(north, south, monkeypatch):
    deeds(north)
    deeds(south)
    seen = actions._seen

    def broken_at_north(school, last):
        if school == north:
            raise ProgrammingError("the head is gone")
        return seen(school, last)

    monkeypatch.setattr(actions, "_seen", broken_at_north)
    assert actions.anchor_all(now=NOON) == (2, 0, 1)
    found = state_of(north)
    assert (found.failure, found.seen_at) == ("ProgrammingError", None)
    with in_city():
        assert {row.school_id for row in ChainAnchor.objects.all()} == {south.pk, None}
    monkeypatch.undo()
    assert actions.anchor_all(now=NOON + HOUR) == (1, 0, 0)
    assert state_of(north).failure == ""


@pytest.mark.parametrize("state", [SchoolState.OPENING, SchoolState.ARCHIVED])
def test_a_school_out_of_service_keeps_its_anchors_and_goes_on_later(north, state):
    deeds(north)
    actions.anchor_all(now=NOON)
    archived_at = NOON if state == SchoolState.ARCHIVED else None
    School.objects.filter(pk=north.pk).update(state=state, archived_at=archived_at)
    assert actions.anchor_all(now=NOON + HOUR) == (0, 0, 0)
    School.objects.filter(pk=north.pk).update(state=SchoolState.ACTIVE, archived_at=None)
    deeds(north)
    assert actions.anchor_all(now=NOON + 2 * HOUR) == (1, 0, 0)
    assert verdict(NORTH) == 0


def test_an_anchor_changed_in_the_tables_is_named_by_its_seal(north, capsys):
    deeds(north)
    actions.anchor_all(now=NOON)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("UPDATE anchors_chainanchor SET at = at + interval '1 day'")
    assert verdict() == 1
    out = capsys.readouterr().out
    assert "public: seals, anchors.chainanchor" in out
    assert "the row was changed" in out


def test_a_pass_takes_two_statements_a_chain(north, south, island):
    for school in (north, south, island):
        deeds(school)
    with CaptureQueriesContext(connection) as three:
        actions.anchor_all(now=NOON)
    deeds(north)
    School.objects.exclude(pk=north.pk).update(state=SchoolState.OPENING)
    with CaptureQueriesContext(connection) as one:
        actions.anchor_all(now=NOON)
    assert len(read(three)) - len(read(one)) == 2 * 2


def read(captured):
    return [
        query["sql"] for query in captured if "audit_" in query["sql"] and query["sql"].startswith("SELECT")
    ]
