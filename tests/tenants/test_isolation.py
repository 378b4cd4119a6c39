"""One school never sees another: every way that we know of, each with the guard that stops it.

Where a guard is ours, a second test takes the guard away and shows that the leak is real: a test that can't turn red
guards nothing.
"""

import logging
import threading
from contextlib import ExitStack
from uuid import uuid4

import pytest
from django.core.cache import cache, caches
from django.core.signing import BadSignature
from django.db import DataError, IntegrityError, ProgrammingError, connection, connections, transaction
from django.test import Client
from structlog.testing import capture_logs

from afterbell.kernel import signing
from afterbell.kernel.records import Record, WrongSchool
from oversight.facts import tasks as facts_tasks
from schools.people.models import SchoolClass
from tenants import context, roles, tasks
from tenants.backend.base import DatabaseWrapper, Place
from tenants.context import as_bureau, as_price_bureau, in_city, in_school
from tenants.exchange import tasks as exchange_tasks
from tenants.fleet import rights
from tests import city


def a_class(**more):
    return SchoolClass.objects.create(
        **{"entry_year": 2026, "grade": 1, "number": 1, "name": "一年级1班", **more}
    )


def sql(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


# --- the role and the search path --------------------------------------------------------------------------------


def test_a_row_of_one_school_is_not_in_another(north, south):
    with in_school(north):
        a_class()
        assert SchoolClass.objects.count() == 1
    with in_school(south):
        assert SchoolClass.objects.count() == 0


def test_raw_sql_in_one_school_cannot_read_another(north, south):
    with in_school(north), pytest.raises(ProgrammingError, match="permission denied"):
        sql(f"SELECT * FROM {south.schema_name}.people_schoolclass")


def test_without_the_role_raw_sql_would_read_another_school(north, south, monkeypatch):
    """The guard taken away: the test above is red without the school's role."""
    monkeypatch.setattr(roles, "of_school", lambda schema_name: "none")
    with in_school(north):
        assert sql(f"SELECT count(*) FROM {south.schema_name}.people_schoolclass") == [(0,)]


def test_outside_every_school_there_is_no_class_table(db):
    with pytest.raises(ProgrammingError, match="does not exist"):
        SchoolClass.objects.count()


@pytest.mark.parametrize("table", ["accounts_user", "audit_entry", "django_session", "account_emailaddress"])
def test_a_missing_table_fails_instead_of_falling_through_to_public(north, table):
    """A school's schema that lost a table must not use the city's table of the same name."""
    with context.as_owner(north.schema_name):
        sql(f"ALTER TABLE {table} RENAME TO was_{table}")
    with in_school(north), pytest.raises(ProgrammingError, match="permission denied"):
        sql(f"SELECT * FROM {table}")


def test_without_the_role_a_missing_table_falls_through(north, monkeypatch):
    """The guard taken away: public's users would answer."""
    with context.as_owner(north.schema_name):
        sql("ALTER TABLE accounts_user RENAME TO was_accounts_user")
    monkeypatch.setattr(roles, "of_school", lambda schema_name: "none")
    with in_school(north):
        sql("SELECT * FROM accounts_user")


def test_a_school_reads_its_rules_but_writes_nothing_public(north):
    with in_school(north):
        assert sql("SELECT count(*) FROM tenants_policyprofile") == [(0,)]
        with pytest.raises(ProgrammingError, match="permission denied"):
            sql("UPDATE tenants_school SET name = 'x'")


def test_the_city_cannot_read_a_school(north):
    with in_city(), pytest.raises(ProgrammingError, match="permission denied"):
        sql(f"SELECT * FROM {north.schema_name}.people_pupil")


@pytest.mark.parametrize("reader", [as_bureau, as_price_bureau])
@pytest.mark.parametrize(
    "table", ["accounts_user", "audit_entry", "tenants_fleetstep", "s_3301020001.people_pupil"]
)
def test_the_bureaus_readers_see_facts_only(db, reader, table):
    with reader(), pytest.raises(ProgrammingError, match="permission denied"):
        sql(f"SELECT * FROM {table}")


def test_the_bureaus_readers_read_the_facts(db):
    with context.as_owner():
        sql("CREATE TABLE oversight_probe (id int PRIMARY KEY)")
    rights.mend(["public"])
    with as_bureau():
        assert sql("SELECT count(*) FROM oversight_probe") == [(0,)]
        with pytest.raises(ProgrammingError, match="permission denied"):
            sql("INSERT INTO oversight_probe VALUES (1)")


def test_the_audit_log_can_only_grow(north):
    with in_school(north):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            sql("UPDATE audit_entry SET verb = 'x'")
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            sql("DELETE FROM audit_entry")


# --- what PostgreSQL forgets ---------------------------------------------------------------------------------------


def test_a_rolled_back_savepoint_does_not_leave_the_school(north, south):
    """PostgreSQL takes the SET of a rolled back savepoint back; we must not go on in the wrong place."""
    with in_school(north):
        a_class()
        with in_school(south), pytest.raises(IntegrityError), transaction.atomic():
            a_class()
            a_class()
        assert SchoolClass.objects.count() == 1
    with in_school(south):
        assert SchoolClass.objects.count() == 0


def enter_north_inside_a_savepoint_that_fails(north, south):
    """Where the next statement runs, after a savepoint took the entering's own SET back."""
    with in_school(south), ExitStack() as stack:
        with pytest.raises(DataError), transaction.atomic():
            stack.enter_context(in_school(north))
            sql("SELECT 1 / 0")
        return sql("SELECT current_schema()")[0][0]


def test_a_school_entered_inside_a_savepoint_that_rolls_back_stays_the_right_one(north, south):
    assert enter_north_inside_a_savepoint_that_fails(north, south) == north.schema_name


def test_without_forgetting_a_rolled_back_savepoint_would_change_the_school(north, south, monkeypatch):
    """The guard taken away: the wrapper trusts a SET that PostgreSQL has undone."""
    with monkeypatch.context() as patch:
        patch.setattr(DatabaseWrapper, "_forget", lambda self: None)
        assert enter_north_inside_a_savepoint_that_fails(north, south) == south.schema_name
    connection._applied = None


def test_the_school_is_left_after_an_exception(north):
    before = context.current_schema()
    with pytest.raises(ValueError, match="enough"), in_school(north):
        raise ValueError("enough")
    assert context.current_schema() == before


def test_blocks_nest_and_restore(north, south):
    with in_school(north):
        with in_school(south):
            assert sql("SELECT current_schema()") == [(south.schema_name,)]
        assert sql("SELECT current_schema()") == [(north.schema_name,)]
        with in_city():
            assert sql("SELECT current_schema()") == [("public",)]


def test_two_threads_stand_in_two_schools(north, south):
    """django-tenants' own `with tenant:` mixes threads up (architecture §3); in_school does not."""
    seen: dict[str, list[str]] = {}
    meet = threading.Barrier(2)

    def work(school):
        names = []
        for _ in range(20):
            meet.wait(timeout=10)
            with in_school(school):
                meet.wait(timeout=10)
                names.append(sql("SELECT current_schema()")[0][0])
        seen[school.code] = names
        connections["default"].close()

    threads = [threading.Thread(target=work, args=(school,)) for school in (north, south)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert seen == {school.code: [school.schema_name] * 20 for school in (north, south)}


def test_a_connection_from_the_pool_starts_in_its_own_place(north, south):
    """The pool hands out connections that worked elsewhere; here two pieces of work follow on the same one."""
    places = []

    def work(school):
        with in_school(school):
            places.append(
                (sql("SELECT current_schema(), current_user")[0], roles.of_school(school.schema_name))
            )
        connections["default"].close()

    for school in (north, south, north):
        thread = threading.Thread(target=work, args=(school,))
        thread.start()
        thread.join(timeout=30)
    assert [schema for (schema, _), _ in places] == [north.schema_name, south.schema_name, north.schema_name]
    assert all(user == role for (_, user), role in places)


def test_the_pool_is_switched_on(db):
    assert connections["default"].pool is not None


# --- objects that travel -------------------------------------------------------------------------------------------


def test_a_row_of_one_school_cannot_be_saved_in_another(north, south):
    with in_school(north):
        row = a_class()
    with in_school(south):
        with pytest.raises(WrongSchool):
            row.save()
        with pytest.raises(WrongSchool):
            row.delete()
        with pytest.raises(WrongSchool):
            row.refresh_from_db()
        assert SchoolClass.objects.count() == 0


def test_a_row_made_in_one_school_cannot_be_saved_in_another(north, south):
    with in_school(north):
        row = SchoolClass(entry_year=2026, grade=1, number=1, name="一年级1班")
    with in_school(south), pytest.raises(WrongSchool):
        row.save()


def test_rows_of_one_school_cannot_be_saved_together_in_another(north, south):
    with in_school(north):
        rows = [SchoolClass(entry_year=2026, grade=1, number=1, name="一年级1班")]
        kept = a_class(number=2)
    with in_school(south):
        with pytest.raises(WrongSchool):
            SchoolClass.objects.bulk_create(rows)
        with pytest.raises(WrongSchool):
            SchoolClass.objects.bulk_update([kept], ["name"])


def test_without_the_guard_the_row_would_be_copied(north, south, monkeypatch):
    """The guard taken away."""
    with in_school(north):
        row = a_class()
    monkeypatch.setattr(Record, "_refuse_another_schema", lambda self: None)
    with in_school(south):
        row.save(force_insert=True)
        assert SchoolClass.objects.count() == 1


def test_a_lazy_queryset_of_one_school_is_not_read_in_another(north, south):
    """A queryset made in one school and read in another would silently read the other one's rows."""
    with in_school(north):
        a_class()
        lazy = SchoolClass.objects.all()
        first = SchoolClass.objects.filter(number=1)
    with in_school(south), pytest.raises(WrongSchool):
        list(lazy)
    with in_school(south), pytest.raises(WrongSchool):
        first.filter(grade=1).exists()
    with pytest.raises(WrongSchool):
        lazy.count()


def test_a_lazy_queryset_may_be_read_in_its_own_school_again(north):
    with in_school(north):
        a_class()
        lazy = SchoolClass.objects.all()
    with in_school(north):
        assert len(lazy) == 1


# --- keys and signatures -------------------------------------------------------------------------------------------


def test_the_cache_of_one_school_is_not_read_in_another(north, south):
    with in_school(north):
        cache.set("greeting", "north", 60)
    with in_school(south):
        assert cache.get("greeting") is None
    with in_school(north):
        assert cache.get("greeting") == "north"
        cache.delete("greeting")


def test_without_the_key_function_the_cache_would_leak(north, south, monkeypatch):
    """The guard taken away."""
    monkeypatch.setattr(caches["default"], "key_func", lambda key, prefix, version: key)
    with in_school(north):
        cache.set("greeting", "north", 60)
    with in_school(south):
        assert cache.get("greeting") == "north"
        cache.delete("greeting")


def test_a_value_signed_in_one_school_is_refused_in_another(north, south):
    with in_school(north):
        signed = signing.sign({"pupil": 1}, purpose="letter")
        assert signing.unsign(signed, purpose="letter", max_age=60) == {"pupil": 1}
    with in_school(south), pytest.raises(BadSignature):
        signing.unsign(signed, purpose="letter", max_age=60)


# --- tasks ---------------------------------------------------------------------------------------------------------


def a_task(**kwargs):
    from celery import Celery

    app = Celery(set_as_current=False)

    @app.task(base=tasks.SchoolTask, name=f"where-{uuid4()}")
    def where() -> str:
        return str(sql("SELECT current_schema()")[0][0])

    return where(**kwargs)


def test_a_school_task_runs_in_its_school(north):
    assert a_task(school_id=str(north.pk)) == north.schema_name


@pytest.mark.parametrize("school_id", [None, "", "north", "018f0000-0000-7000-8000-000000000000"])
def test_a_task_without_a_known_school_is_refused(db, school_id):
    with pytest.raises(tasks.NoSuchSchool):
        a_task(school_id=school_id)


@pytest.mark.parametrize("task", [exchange_tasks.carry, facts_tasks.roll_up], ids=lambda task: task.name)
def test_a_task_whose_school_is_gone_is_one_line_and_no_traceback(db, task, caplog):
    gone = str(uuid4())
    with capture_logs() as said:
        outcome = task.apply(kwargs={"school_id": gone})
    assert isinstance(outcome.result, tasks.NoSuchSchool)
    assert [(line["event"], line["school_id"]) for line in said] == [("task.no_such_school", gone)]
    assert not any(record.exc_info for record in caplog.records if record.levelno > logging.INFO)


def test_a_task_that_forgets_its_school_is_refused(db):
    with pytest.raises(tasks.NoSuchSchool):
        a_task()


# --- hosts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["s9999999999.localhost", "evil.example", "localhost", "x.s3301020001.localhost"]
)
def test_an_unknown_host_is_not_found(db, host):
    assert Client(SERVER_NAME=host).get("/").status_code in {400, 404}


def test_a_forwarded_host_is_not_believed(north):
    response = Client(SERVER_NAME="nobody.localhost").get(
        "/", HTTP_X_FORWARDED_HOST=f"s{city.NORTH}.localhost"
    )
    assert response.status_code == 404


def test_a_school_behind_the_code_answers_503(north):
    north.schema_stamp = "old"
    north.save()
    response = Client(SERVER_NAME=f"s{city.NORTH}.localhost").get("/")
    assert response.status_code == 503
    assert response["Retry-After"]


def test_the_place_is_quoted(north):
    """A schema name never reaches SQL unquoted."""
    with pytest.raises(ProgrammingError, match=r"schema|exist"):
        connection.stand_in(Place(role="none", schemas=('public"; DROP TABLE x; --',)))
        sql("SELECT * FROM tenants_school")
    connection.stand_in(Place(role="none", schemas=("public",)))
