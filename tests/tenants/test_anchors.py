"""The heads of the schools' chains, anchored in the city: a school that writes its past anew is found (architecture §7)."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import ProgrammingError, connection, transaction

from afterbell.audit import actions as audit
from afterbell.audit import chain
from afterbell.audit import queries as chains
from afterbell.audit.chain import Anchor
from afterbell.audit.models import Entry, Head
from tenants.anchors import actions, queries
from tenants.anchors.models import ChainAnchor, ChainFlaw
from tenants.commands import verify
from tenants.context import as_owner, in_city, in_school
from tests.city import NOON, NORTH, SOUTH

HOUR = timedelta(hours=1)


def deeds(school, count=1):
    with in_school(school), transaction.atomic():
        for number in range(count):
            audit.record(verb="test.thing.do", target=f"test.thing:{number}", by=None, at=NOON)


def past_written_anew(school, position=2):
    """By the owner of the tables, with the head and every hash after it: the chain by itself holds."""
    with as_owner(school.schema_name), transaction.atomic():
        before = Entry.objects.get(position=position - 1).hash
        for entry in Entry.objects.filter(position__gte=position).order_by("position"):
            entry.verb, entry.before_hash = "test.thing.forged", before
            entry.hash = before = chain.digest(school.schema_name, entry.as_line())
            Entry.objects.filter(pk=entry.pk).update(before_hash="f" * 63 + str(entry.position % 10))
            Entry.objects.filter(pk=entry.pk).update(
                verb=entry.verb, hash=entry.hash, before_hash=entry.before_hash
            )
        Head.objects.update(hash=before)


def end_cut_off(school, left):
    with as_owner(school.schema_name), transaction.atomic():
        Entry.objects.filter(position__gt=left).delete()
        Head.objects.update(position=left, hash=Entry.objects.get(position=left).hash)


def verdict(*words):
    return verify.run(SimpleNamespace(school=words[0] if words else None, export_audit=None))


def test_a_pass_writes_down_where_every_chain_ends(north, south, island):
    deeds(north, 3)
    deeds(south, 1)
    assert actions.anchor_all(now=NOON) == (2, 0, 0)  # where nothing was done there is nothing to keep
    with in_school(north):
        end = chains.head()
    with in_city():
        assert queries.of_school(north.pk) == [end] == [Anchor(3, end.hash)]
        assert set(queries.last_ones([north.pk, south.pk, island.pk])) == {north.pk, south.pk}
        assert Entry.objects.filter(verb="anchors.heads.anchor").count() == 1


def test_a_second_pass_keeps_only_what_moved(north, south):
    deeds(north, 3)
    deeds(south, 1)
    actions.anchor_all(now=NOON)
    assert actions.anchor_all(now=NOON + HOUR) == (0, 0, 0)
    deeds(north)
    assert actions.anchor_all(now=NOON + 2 * HOUR) == (1, 0, 0)
    with in_city():
        assert [anchor.position for anchor in queries.of_school(north.pk)] == [3, 4]
        assert Entry.objects.filter(verb="anchors.heads.anchor").count() == 2


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


def test_the_next_pass_says_so_once_and_nobody_takes_it_back(north, capsys):
    deeds(north, 3)
    actions.anchor_all(now=NOON)
    past_written_anew(north)
    deeds(north)
    assert actions.anchor_all(now=NOON + HOUR) == (0, 1, 0)
    actions.anchor_all(now=NOON + 2 * HOUR)
    with in_city():
        assert [(row.anchor.position, row.flaw) for row in ChainFlaw.objects.select_related("anchor")] == [
            (3, "rewritten")
        ]
    assert verdict() == 1
    assert f"public: audit chain of {NORTH}, it did not go through its anchor" in capsys.readouterr().out


def test_an_end_that_was_cut_off_is_found_even_when_others_were_written_since(north):
    deeds(north, 4)
    actions.anchor_all(now=NOON)
    end_cut_off(north, 2)
    assert actions.anchor_all(now=NOON + HOUR) == (0, 1, 0)
    with in_city():
        assert ChainFlaw.objects.get().flaw == "cut"


def test_the_citys_own_role_can_change_no_anchor_and_a_school_reads_none(north):
    deeds(north)
    actions.anchor_all(now=NOON)
    for statement in ("UPDATE anchors_chainanchor SET position = 9", "DELETE FROM anchors_chainflaw"):
        with in_city(), pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            connection.cursor().execute(statement)
    with in_school(north), pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        connection.cursor().execute("SELECT 1 FROM public.anchors_chainanchor")


def test_one_school_that_cant_be_read_is_one_schools_trouble(north, south):
    deeds(north)
    deeds(south)
    with as_owner(north.schema_name), connection.cursor() as cursor:
        cursor.execute("DROP TABLE audit_head")
    assert actions.anchor_all(now=NOON) == (1, 0, 1)
    with in_city():
        assert [row.school_id for row in ChainAnchor.objects.all()] == [south.pk]


def test_an_anchor_changed_in_the_tables_is_named_by_its_seal(north, capsys):
    deeds(north)
    actions.anchor_all(now=NOON)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("UPDATE anchors_chainanchor SET hash = repeat('a', 64)")
    assert verdict() == 1
    out = capsys.readouterr().out
    assert "public: " in out
    assert "anchors.chainanchor" in out
