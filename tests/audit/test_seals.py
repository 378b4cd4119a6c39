"""How rows are sealed: whoever writes them, bound by an entry, in digests that betray nothing, and what was there before."""

from types import SimpleNamespace

import pytest
from django.db import connection, transaction

from afterbell.audit import actions as audit
from afterbell.audit import queries, sealing, seals
from afterbell.audit.models import Entry, Head, Seal
from afterbell.kernel import copying
from afterbell.kernel.bounded import bounded
from afterbell.kernel.seals import Sealed
from schools.committee.models import Choice, Vote
from schools.people.models import Pupil, SchoolClass
from tenants.context import as_owner, in_school
from tests import makers
from tests.city import NOON


@pytest.fixture
def school(north):
    with in_school(north):
        yield north


def settled():
    """What was written so far has its seals: here a savepoint stands for the commit."""
    with transaction.atomic():
        pass


def a_class(number):
    return SchoolClass(entry_year=2026, grade=1, number=number, name="一年级1班")


def below(statement, *values):
    """By somebody with every right."""
    with as_owner(connection.schema_name), connection.cursor() as cursor:
        cursor.execute(statement, values)


def found():
    settled()
    return list(queries.broken_promises())


def test_a_deeds_own_entry_binds_what_it_wrote(school):
    with transaction.atomic():
        row = makers.a_class()
        audit.record(verb="test.thing.do", target=row, by=None, at=NOON)
    entry, seal = Entry.objects.get(), Seal.objects.get()
    assert (seal.position, seal.model) == (entry.position, "people.schoolclass")
    assert entry.seals == sealing.bound("", number=1, label=seal.model, form=seal.form, rows=bytes(seal.rows))
    assert found() == []


def test_what_has_no_entry_is_bound_by_the_next_one(school):
    row = makers.a_class()
    assert found() == []
    SchoolClass.objects.filter(pk=row.pk).update(name="一年级2班")
    assert found() == []
    with transaction.atomic():
        audit.record(verb="test.thing.do", target="test.thing:1", by=None, at=NOON)
    assert set(Seal.objects.values_list("position", flat=True)) == {1}
    assert Entry.objects.get().seals
    assert Head.objects.get().seals == ""
    assert found() == []


def test_every_way_to_write_is_heard(school):
    """One by one, many, by COPY, over a row that is there, by condition, not at all, and away."""
    one = makers.a_class()
    SchoolClass.objects.bulk_create([a_class(30_001), a_class(30_002)])
    copying.instances([a_class(30_003)])
    SchoolClass.objects.bulk_create([a_class(30_003)], ignore_conflicts=True)
    SchoolClass.objects.bulk_create(
        [a_class(30_002)],
        update_conflicts=True,
        unique_fields=["entry_year", "number"],
        update_fields=["name"],
    )
    assert found() == []
    SchoolClass.objects.filter(number__gt=30_000).update(name="一年级9班")
    assert found() == []
    one.name = "一年级8班"
    one.save()
    assert found() == []
    SchoolClass.objects.filter(number=30_001).delete()
    one.delete()
    assert found() == []
    assert SchoolClass.objects.count() == 2


def test_what_is_rolled_back_leaves_no_seal(school):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        makers.a_class()
        raise ZeroDivisionError
    settled()
    assert not Seal.objects.exists()


def test_a_loose_column_makes_no_seal(school):
    user = makers.a_user()
    settled()
    before = Seal.objects.count()
    user.last_login = NOON
    user.save(update_fields=["last_login"])
    settled()
    assert Seal.objects.count() == before


def test_one_word_in_two_schools_has_two_digests(school, south):
    """So that nobody can look a vote up in a list of all votes."""
    row = a_class(30_001)
    SchoolClass.objects.bulk_create([row])
    settled()
    here = bytes(Seal.objects.get().rows)
    with in_school(south):
        SchoolClass.objects.bulk_create(
            [SchoolClass(id=row.pk, entry_year=2026, grade=1, number=30_001, name="一年级1班")]
        )
        settled()
        there = bytes(Seal.objects.get().rows)
    assert here[:16] == there[:16]
    assert here[16:] != there[16:]


def test_an_export_has_the_hash_of_the_seals_and_nothing_of_the_rows(school):
    with transaction.atomic():
        row = makers.a_class()
        audit.record(verb="test.thing.do", target="test.thing:1", by=None, at=NOON)
    text = "\n".join(queries.export())
    seal = Seal.objects.get()
    assert Entry.objects.get().seals in text
    assert str(row.pk) not in text
    assert bytes(seal.rows)[16:].hex() not in text


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (
            "UPDATE audit_seal SET rows = overlay(rows PLACING '\\x00'::bytea FROM 20)",
            "not the ones that it binds",
        ),
        ("UPDATE audit_seal SET position = 2", "those of entry 1 are missing"),
        ("DELETE FROM audit_seal WHERE number = 1", "seal 1 is missing"),
        ("DELETE FROM audit_seal", "those of entry 1 are missing"),
        ("DELETE FROM audit_seal WHERE number = 2", "they end at 1, the head says 2"),
        ("UPDATE audit_entry SET seals = ''", "the entry was changed"),
        ("UPDATE audit_head SET salt = repeat('0', 64)", "the row was changed after entry 1"),
        ("UPDATE audit_head SET forms = '{}', tables = '[]', salt = ''", "is not theirs"),
    ],
)
def test_who_changes_a_seal_is_seen(school, statement, words):
    with transaction.atomic():
        makers.a_class()
        makers.a_user()
        audit.record(verb="test.thing.do", target="test.thing:1", by=None, at=NOON)
    below(statement)
    assert words in "\n".join(found())


def test_the_role_of_a_school_neither_changes_nor_deletes_a_seal(school):
    makers.a_class()
    settled()
    for statement in ("UPDATE audit_seal SET rows = ''", "DELETE FROM audit_seal"):
        with (
            pytest.raises(Exception, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_all_are_named_but_of_a_kind_the_first_twenty(school):
    SchoolClass.objects.bulk_create([a_class(30_000 + number) for number in range(25)])
    pupil = makers.a_pupil()
    settled()
    below("UPDATE people_schoolclass SET name = 'x' WHERE number >= 30000")
    below("UPDATE people_pupil SET name = '李四'")
    lines = found()
    assert sum("people.schoolclass" in line for line in lines) == 20
    assert "seals, and 5 more of this kind" in lines
    assert [line for line in lines if "people.pupil" in line] == [
        f"seals, people.pupil {pupil.pk}: the row was changed after entry 1"
    ]


def test_a_list_says_how_many_it_leaves_out():
    assert list(bounded(f"books, {n}" for n in range(3))) == ["books, 0", "books, 1", "books, 2"]
    assert list(bounded((f"books, {n}" for n in range(9)), most=2))[-1] == "books, and 7 more of this kind"


def test_a_member_who_votes_is_bound_to_the_own_vote_alone(school):
    """A vote of a committee is open; one that is changed or gone is named, the others are not."""
    committee = makers.a_committee()
    seats = [makers.a_seat(committee=committee) for _number in range(3)]
    resolution = makers.a_passed_resolution(committee=committee)
    votes = [Vote(resolution=resolution, seat=seat, choice=Choice.NO, at=NOON) for seat in seats]
    for vote in votes:
        vote.save()
    assert found() == []
    below("UPDATE committee_vote SET choice = 'yes' WHERE id = %s", votes[1].pk)
    below("DELETE FROM committee_vote WHERE id = %s", votes[2].pk)
    assert sorted(line.partition(": ")[0] for line in found()) == sorted(
        f"seals, committee.vote {vote.pk}" for vote in votes[1:]
    )


# --- what was there before ----------------------------------------------------------------------------------------


def as_before_seals():
    """A school from before there were seals: rows, and a head that knows of nothing."""
    below("DELETE FROM audit_seal")
    below("UPDATE audit_head SET sealed = 0, seals = '', salt = '', known = '', forms = '{}', tables = '[]'")


def catch_up():
    with transaction.atomic():
        audit.catch_up(now=NOON)


def test_what_is_there_is_sealed_as_found_with_an_entry_that_says_so(school):
    pupil = makers.a_pupil()
    settled()
    as_before_seals()
    assert found() == []
    catch_up()
    entry = Entry.objects.get(verb="audit.rows.found")
    assert entry.details == {"rows": 2, "tables": ["people.pupil", "people.schoolclass"]}
    assert found() == []
    below("UPDATE people_pupil SET name = '李四'")
    assert found() == [f"seals, people.pupil {pupil.pk}: the row was changed after entry {entry.position}"]


def test_nothing_is_found_a_second_time(school):
    """Who puts a row in below the application does not get a seal for it from the next migration."""
    makers.a_pupil()
    catch_up()
    below(
        "INSERT INTO people_schoolclass (id, entry_year, grade, number, name)"
        " VALUES (gen_random_uuid(), 2026, 1, 31000, 'x')"
    )
    catch_up()
    assert len(found()) == 1
    assert "has no seal" in found()[0]
    assert not Entry.objects.filter(verb="audit.rows.found").exists()


@pytest.fixture
def later_code(monkeypatch):
    """The code of a later day: other columns of pupils are sealed."""

    def forget():
        for cached in (sealing.form_of, sealing.codes, sealing.all_codes, seals._statement):
            cached.cache_clear()

    def with_loose(**loose):
        known = {**sealing.registry(), "people.pupil": Sealed("people.pupil", loose=loose)}
        monkeypatch.setattr(sealing, "registry", lambda: known)
        forget()

    yield with_loose
    monkeypatch.undo()
    forget()


def test_a_table_is_sealed_by_other_columns_from_today_on(school, later_code):
    """Rows are sound by the columns that they were sealed by, and sealed anew by today's; what was changed is not."""
    sound, changed = makers.a_pupil(), makers.a_pupil()
    settled()
    below("UPDATE people_pupil SET joined_date = '2020-01-01' WHERE id = %s", changed.pk)
    later_code(name="no more")
    [line] = found()
    assert str(changed.pk) in line
    catch_up()
    entry = Entry.objects.get(verb="audit.rows.found")
    assert entry.details == {"rows": 1, "tables": ["people.pupil"]}
    [line] = found()
    assert str(changed.pk) in line
    below("UPDATE people_pupil SET name = '李四' WHERE id = %s", sound.pk)
    assert len(found()) == 1
    below("UPDATE people_pupil SET joined_date = '2020-01-01' WHERE id = %s", sound.pk)
    assert len(found()) == 2


def test_what_a_migration_writes_waits_for_its_end_and_is_sealed_then(school):
    """A migration's own models may have other columns than the tables of the last one."""
    old = SimpleNamespace(_meta=Pupil._meta, __module__=seals.OLD_MODELS)
    pupil = makers.a_pupil()
    settled()
    below("UPDATE people_pupil SET name = '李四'")
    with transaction.atomic():
        seals.Keeper(audit.write_seals).hear(old, [str(pupil.pk)])
    assert found() == [
        f"seals, people.pupil {pupil.pk}: the row was written by a migration that did not come to its end"
    ]
    catch_up()
    assert found() == []
    assert Entry.objects.get(verb="audit.rows.found").details["tables"] == ["people.pupil"]
