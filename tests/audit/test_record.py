"""Writing the chain: in the action's transaction, one after the other, and never again changed."""

import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from afterbell.accounts.models import User
from afterbell.audit import actions as audit
from afterbell.audit import chain, queries
from afterbell.audit.chain import Anchor, Flaw, Verdict
from afterbell.audit.models import Entry, Head
from afterbell.kernel.records import WrongSchool
from schools.people.models import SchoolClass
from tenants.context import as_owner, in_city, in_school
from tests import makers
from tests.city import NOON


def done(verb="test.thing.do", target="test.thing:1", *, by=None, at=NOON, **details):
    """One action with one entry; gives the entry as it stands in the chain."""
    with transaction.atomic():
        audit.record(verb=verb, target=target, by=by, at=at, details=details)
    return Entry.objects.order_by("-position").first()


def a_user(login="wang"):
    return User.objects.create_user(login=login, name="王老师")


def test_the_first_entry_begins_the_chain_and_moves_the_head(north):
    with in_school(north):
        entry = done()
        assert (entry.position, entry.before_hash) == (1, chain.ZEROS)
        assert queries.head() == Anchor(1, entry.hash)


def test_entries_are_chained_and_the_chain_holds(north):
    with in_school(north):
        wang = a_user()
        first = done(by=wang, amount_fen=5000)
        second = done(
            at=NOON + timedelta(seconds=1),
            state="approved",
            since=NOON.date(),
            who=wang.pk,
            ok=True,
            none=None,
        )
        assert second.before_hash == first.hash
        assert queries.verdict(Anchor(1, first.hash)) == Verdict(2)


def test_what_is_read_back_is_what_was_hashed(north):
    """jsonb and timestamptz give back what they were given: otherwise an honest chain would not verify."""
    with in_school(north):
        done(
            at=datetime(2026, 9, 1, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=8))),
            z=1,
            a=[3, "b", {"y": 2**53, "x": -1}],
            empty=[],
            moment=NOON,
            big_fen=13_800_138_000,
        )
        entry = Entry.objects.get()
        assert entry.as_line()["at"] == "2026-09-01T04:00:00.123456+00:00"
        assert entry.details["a"] == [3, "b", {"y": 2**53, "x": -1}]
        assert chain.digest(north.schema_name, entry.as_line()) == entry.hash


def test_a_row_is_named_by_its_kind_and_id(north):
    with in_school(north):
        row = SchoolClass.objects.create(entry_year=2026, grade=1, number=1, name="一年级1班")
        assert done(target=row).target == f"people.schoolclass:{row.pk}"


def test_a_person_is_named_by_id_alone(north):
    with in_school(north):
        wang = a_user()
        done(by=wang, target=wang)
        text = "\n".join(queries.export())
        assert str(wang.pk) in text
        assert "王老师" not in text
        assert wang.login not in text


def test_the_system_acts_without_a_name(north):
    with in_school(north):
        assert done().by_id is None
        assert queries.verdict().holds


def test_each_school_and_the_city_have_chains_of_their_own(north, south):
    with in_city():
        start = queries.head()
    for place in (in_school(north), in_school(south), in_city()):
        with place:
            done()
    with in_school(north):
        assert queries.head().position == 1
    with in_city():
        assert queries.head().position == start.position + 1
        assert queries.verdict().holds


def test_a_row_of_another_school_cannot_be_a_target(north, south):
    with in_school(north):
        row = SchoolClass.objects.create(entry_year=2026, grade=1, number=1, name="一年级1班")
    with in_school(south), pytest.raises(WrongSchool):
        done(target=row)


def test_a_user_of_another_school_cannot_act_here_but_the_citys_can(north, south):
    with in_school(north):
        stranger = a_user()
    with in_city():
        officer = a_user("officer")
    with in_school(south):
        with pytest.raises(WrongSchool):
            done(by=stranger)
        assert done(by=officer).by_id == officer.pk


@pytest.mark.parametrize(
    "words",
    [
        {"verb": "approve"},
        {"verb": "Finance.approve"},
        {"verb": "a.b\nposition: 9"},
        {"verb": "a.b\n"},
        {"target": ""},
        {"target": "x:y z"},
        {"target": "x\nby: -"},
        {"target": "王小明"},
    ],
)
def test_a_verb_or_target_that_could_forge_a_line_is_refused_by_the_database(north, words):
    with in_school(north), pytest.raises(IntegrityError), transaction.atomic():
        done(**words)


def test_a_moment_without_a_zone_is_refused(north):
    with in_school(north), pytest.raises(ValueError, match="time zone"):
        done(at=datetime(2026, 9, 1))  # noqa: DTZ001  (the mistake under test)


# --- what the database refuses ------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["school", "city"])
@pytest.mark.parametrize(
    "change", ["UPDATE audit_entry SET verb = 'a.b'", "DELETE FROM audit_entry", "TRUNCATE audit_entry"]
)
def test_an_entry_can_be_neither_changed_nor_deleted(north, place, change):
    with in_school(north) if place == "school" else in_city():
        done()
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(change)
        assert queries.verdict().holds


def test_the_models_own_save_and_delete_are_refused_too(north):
    with in_school(north):
        entry = done()
        for attempt in (entry.save, entry.delete, Entry.objects.all().delete):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                attempt()


def test_the_database_takes_no_second_successor_and_no_second_head(north):
    with in_school(north):
        first = done()
        done()
        for stray in (
            Entry(position=3, before_hash=first.hash, hash="a" * 64, at=NOON, verb="a.b", target="x"),
            Entry(position=2, before_hash="b" * 64, hash="a" * 64, at=NOON, verb="a.b", target="x"),
            Entry(position=3, before_hash=chain.ZEROS, hash="a" * 64, at=NOON, verb="a.b", target="x"),
            Entry(position=3, before_hash="b" * 64, hash="not a hash", at=NOON, verb="a.b", target="x"),
            Head(),
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                stray.save(force_insert=True)


# --- tampering with all rights ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("forgery", "verdict"),
    [
        (
            "UPDATE audit_entry SET details = '{\"amount_fen\": 9}' WHERE position = 2",
            Verdict(2, Flaw.CHANGED),
        ),
        (
            "UPDATE audit_entry SET at = at + interval '1 microsecond' WHERE position = 3",
            Verdict(3, Flaw.CHANGED),
        ),
        ("DELETE FROM audit_entry WHERE position = 1", Verdict(1, Flaw.GAP)),
        ("DELETE FROM audit_entry WHERE position = 3", Verdict(3, Flaw.CUT)),
        ("DELETE FROM audit_entry", Verdict(1, Flaw.CUT)),
        (
            "UPDATE audit_head SET position = 2, hash = (SELECT hash FROM audit_entry WHERE position = 2)",
            Verdict(3, Flaw.BEYOND),
        ),
        ("DELETE FROM audit_head", Verdict(1, Flaw.BEYOND)),
    ],
)
def test_what_the_tables_owner_changes_is_found(north, forgery, verdict):
    with in_school(north):
        for number in range(3):
            done(amount_fen=number)
    with as_owner(north.schema_name), connection.cursor() as cursor:
        cursor.execute(forgery)
    with in_school(north):
        assert queries.verdict() == verdict
        assert queries.broken_promise() == f"audit chain, {verdict}"


# --- transactions ---------------------------------------------------------------------------------------------------


def test_an_action_that_is_rolled_back_leaves_no_entry(north):
    with in_school(north):
        done()
        with pytest.raises(RuntimeError, match="the action fails"), transaction.atomic():
            done(verb="test.thing.fail")
            raise RuntimeError("the action fails")
        assert queries.head().position == Entry.objects.count() == 1
        done()
        assert queries.verdict() == Verdict(2)


def test_a_missing_head_is_made_by_the_first_who_needs_it(north):
    with as_owner(north.schema_name), connection.cursor() as cursor:
        cursor.execute("DELETE FROM audit_head")
    with in_school(north):
        assert queries.head() == Anchor(0, chain.ZEROS)
        assert queries.verdict() == Verdict(0)
        done()
        done()
        assert Head.objects.count() == 1
        assert queries.verdict() == Verdict(2)


def test_an_entry_outside_a_transaction_is_refused(committed_school):
    with in_school(committed_school), pytest.raises(audit.NoTransaction):
        audit.record(verb="test.thing.do", target="test.thing:1", by=None, at=NOON)
    with in_school(committed_school):
        assert Entry.objects.count() == 0


def test_concurrent_actions_make_one_chain(committed_school):
    """Eight threads, five entries each, from a chain without a head: nobody waits in vain, nothing forks."""
    with as_owner(committed_school.schema_name):
        Head.objects.all().delete()
    start, errors = threading.Barrier(8), []

    def works():
        try:
            start.wait(10)
            for number in range(5):
                with in_school(committed_school), transaction.atomic():
                    done(at=datetime.now(UTC), number_of_try=number)
        except Exception as error:  # noqa: BLE001  (a thread has nobody above it: the test asserts on it)
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=works) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    with in_school(committed_school):
        assert queries.verdict() == Verdict(40)
        assert Head.objects.count() == 1


def test_an_export_during_an_action_shows_the_chain_before_it(committed_school):
    """The head and the entries are read one after the other; a newcomer between them is no flaw."""
    with in_school(committed_school), transaction.atomic():
        done()
    lines = []
    with in_school(committed_school):
        reading = queries.export()
        lines.append(next(reading))

        def another():
            with in_school(committed_school), transaction.atomic():
                done()
            connection.close()

        thread = threading.Thread(target=another)
        thread.start()
        thread.join(10)
        lines += list(reading)
        assert Entry.objects.count() == 2
    assert chain.verify(lines) == Verdict(1)


# --- cost -----------------------------------------------------------------------------------------------------------


def test_an_entry_costs_three_statements(north, django_assert_num_queries):
    """Lock the head, insert, move the head; between the savepoint of the action and its release."""
    with in_school(north):
        done()
        with django_assert_num_queries(3 + 2), transaction.atomic():
            audit.record(verb="test.thing.do", target="test.thing:1", by=None, at=NOON)


# --- last in the transaction --------------------------------------------------------------------------------------


def positions():
    return list(Entry.objects.order_by("position").values_list("verb", flat=True))


def say(verb):
    audit.record(verb=verb, target="test.thing:1", by=None, at=NOON)


def test_entries_are_written_at_the_end_in_the_order_in_which_they_were_said(north):
    with in_school(north):
        with transaction.atomic():
            say("test.first.do")
            assert positions() == []
            with transaction.atomic():
                say("test.second.do")
            assert positions() == []
        assert positions() == ["test.first.do", "test.second.do"]
        assert queries.verdict().holds


def test_what_a_savepoint_took_back_was_never_said(north):
    with in_school(north):
        with transaction.atomic():
            say("test.first.do")
            with suppress(ZeroDivisionError), transaction.atomic():
                say("test.undone.do")
                raise ZeroDivisionError
            say("test.second.do")
        assert positions() == ["test.first.do", "test.second.do"]


def test_an_action_that_fails_leaves_no_entry_for_the_next_one(north):
    with in_school(north):
        with suppress(ZeroDivisionError), transaction.atomic():
            say("test.undone.do")
            raise ZeroDivisionError
        with transaction.atomic():
            say("test.first.do")
        assert positions() == ["test.first.do"]


def test_each_school_gets_its_own_entries_whatever_the_transaction_ends_in(north, south):
    with transaction.atomic():
        with in_school(south):
            say("test.south.do")
        with in_school(north):
            say("test.north.do")
        with in_city():
            say("test.city.do")
    for place, verb in ((in_school(north), "test.north.do"), (in_school(south), "test.south.do")):
        with place:
            assert positions() == [verb]
            assert queries.verdict().holds
    with in_city():
        assert positions()[-1:] == ["test.city.do"]


def test_a_committed_transaction_has_its_entry_and_a_rolled_back_one_has_none(committed_school):
    with in_school(committed_school):
        with suppress(ZeroDivisionError), transaction.atomic():
            say("test.undone.do")
            raise ZeroDivisionError
        with transaction.atomic():
            say("test.first.do")
        assert positions() == ["test.first.do"]


def test_an_entry_that_the_database_refuses_takes_the_action_with_it(committed_school):
    with in_school(committed_school):
        with pytest.raises(IntegrityError), transaction.atomic():
            makers.a_user(login="gone")
            say("not a verb")
        assert not User.objects.filter(login="gone").exists()
        assert positions() == []
