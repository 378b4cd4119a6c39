"""`afterbell migrate`: template, then every school by replay; what fails in one school is that school's alone."""

import time
from threading import Thread

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tenants import context, provisioning, roles
from tenants.fleet import fingerprint, guard, migrating, plan, replay
from tenants.fleet.errors import AnotherMigrate, NotAtomic, UnknownMigrations
from tenants.models import School
from tenants.stamps import code_stamp
from tests.fleet import stage
from tests.fleet.stage import NOON, a_school, migrations

TEMPLATE = "template_school"
QUICK = replay.Patience(many_ms=50, one_ms=50, tries=2, pause_seconds=0.05)

MARK = """[migrations.CreateModel("Mark", [
    ("id", models.UUIDField(primary_key=True, default=uuid.uuid4)),
    ("word", models.CharField(max_length=20)),
    ("pupil", models.ForeignKey("people.Pupil", models.CASCADE, null=True)),
])]"""
KINDS = {
    "create_model_with_key": (MARK,),
    "two_tables_that_point_at_each_other": (
        MARK,
        """[
            migrations.CreateModel("Other", [("id", models.UUIDField(primary_key=True)),
                ("mark", models.ForeignKey("people.Mark", models.CASCADE)),
                ("self", models.ForeignKey("people.Other", models.CASCADE, null=True))]),
            migrations.AddField("Mark", "other", models.ForeignKey("people.Other", models.CASCADE, null=True)),
        ]""",
    ),
    "add_field": ("[migrations.AddField('pupil', 'nick', models.CharField(max_length=9, default='~'))]",),
    "alter_field": ("[migrations.AlterField('pupil', 'name', models.TextField(null=True))]",),
    "add_check": (
        "[migrations.AddConstraint('pupil', models.CheckConstraint(condition=Q(name__in=['a', 'b']), name='a_or_b'))]",
    ),
    "add_unique": (
        "[migrations.AddConstraint('pupil', models.UniqueConstraint(fields=['name', 'number'], name='once',"
        " nulls_distinct=False))]",
    ),
    "remove_constraint": ("[migrations.RemoveConstraint('pupil', 'pupil_number_once')]",),
    "add_index": (
        "[migrations.AddIndex('pupil', models.Index(F('name').desc(), name='by_name', condition=Q(name__gt='')))]",
    ),
    "rename_field": ("[migrations.RenameField('pupil', 'name', 'full_name')]",),
    "rename_and_alter": (
        "[migrations.RenameField('pupil', 'name', 'full_name')]",
        "[migrations.AlterField('pupil', 'full_name', models.CharField(max_length=70, default='100%'))]",
    ),
    "rename_model": (MARK, "[migrations.RenameModel('Mark', 'Remark')]"),
    "delete_model": (MARK, "[migrations.DeleteModel('Mark')]"),
    "remove_field": ("[migrations.RemoveField('pupil', 'school_class')]",),
    "two_in_one": (
        "[migrations.RemoveField('pupil', 'name'),"
        " migrations.AddField('pupil', 'x', models.IntegerField(null=True))]",
    ),
    "statements": (
        "[migrations.RunSQL(['ALTER TABLE people_pupil ADD COLUMN y text', 'UPDATE people_pupil SET y = name'])]",
    ),
    "python": (
        MARK,
        "[migrations.RunPython(fill)]---def fill(apps, editor):\n"
        "    apps.get_model('people', 'Mark').objects.create(word='x')",
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_migrated_school_is_like_the_template_and_like_one_that_django_migrated(
    template_again, east, west, tmp_path, kind
):
    with migrations(tmp_path, **{f"{kind}_{n}": text for n, text in enumerate(KINDS[kind])}):
        report = migrating.migrate(now=NOON)
        assert (report.behind, report.migrated, report.failures) == (2, 2, [])
        stage.by_django("peer")
        assert fingerprint.structure(TEMPLATE) == fingerprint.structure("peer")
        expected = fingerprint.lines(TEMPLATE)
        for school in (east, west):
            assert fingerprint.lines(school.schema_name) == expected
            assert plan.applied_in(school.schema_name) == plan.applied_in(TEMPLATE)
        fresh = a_school(3)
        assert fingerprint.lines(fresh.schema_name) == expected
        stage.close_school(fresh)
        assert not migrating.behind().exists()


def test_python_runs_in_each_school_and_sees_only_its_rows(template_again, east, west, tmp_path):
    fill = """[migrations.RunPython(fill)]---def fill(apps, editor):
    Type = apps.get_model('contenttypes', 'ContentType')
    Type.objects.get_for_model(apps.get_model('people', 'Mark'))
    apps.get_model('people', 'Mark').objects.create(word=editor.connection.schema_name)"""
    with migrations(tmp_path, mark=MARK, fill=fill):
        assert migrating.migrate(now=NOON).migrated == 2
        for school in (east, west):
            with context.in_school(school), connection.cursor() as cursor:
                cursor.execute("SELECT word FROM people_mark")
                assert cursor.fetchall() == [(school.schema_name,)]
                cursor.execute("SELECT count(*) FROM django_content_type WHERE model = 'mark'")
                assert cursor.fetchone() == (1,)


def test_a_new_table_is_the_schools_own_with_rights(template_again, east, west, tmp_path):
    with migrations(tmp_path, mark=MARK):
        migrating.migrate(now=NOON)
        with context.in_school(east), connection.cursor() as cursor:
            cursor.execute("INSERT INTO people_mark (id, word) VALUES (gen_random_uuid(), 'x')")
            with pytest.raises(Exception, match="permission denied"):
                cursor.execute(f"SELECT 1 FROM {west.schema_name}.people_mark")


def test_an_append_only_table_stays_append_only(template_again, east, tmp_path, monkeypatch):
    monkeypatch.setattr(roles, "SCHOOL_APPEND_ONLY", (*roles.SCHOOL_APPEND_ONLY, "people_mark"))
    with migrations(tmp_path, mark=MARK):
        migrating.migrate(now=NOON)
        with (
            context.in_school(east),
            connection.cursor() as cursor,
            pytest.raises(Exception, match="permission denied"),
        ):
            cursor.execute("DELETE FROM people_mark")


def test_what_fails_in_one_school_of_forty_is_reported_and_the_others_are_done(template_again, tmp_path):
    schools = [a_school(number) for number in range(1, 41)]
    with context.as_owner(schools[36].schema_name), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE people_pupil ADD COLUMN nick text")
    with migrations(tmp_path, nick=KINDS["add_field"][0], more=MARK):
        report = migrating.migrate(now=NOON)
        assert [failure.school.code for failure in report.failures] == ["3301990037"]
        assert report.failures[0].step == "people.9001_nick"
        assert 'column "nick" of relation "people_pupil" already exists' in report.failures[0].reason
        assert report.migrated == 39
        assert [school.code for school in migrating.behind()] == ["3301990037"]
        with context.as_owner(schools[36].schema_name), connection.cursor() as cursor:
            cursor.execute("ALTER TABLE people_pupil DROP COLUMN nick")
        again = migrating.migrate(now=NOON)
        assert (again.migrated, again.failures) == (1, [])
        for school in (schools[0], schools[36], schools[39]):
            assert fingerprint.of(school.schema_name) == fingerprint.of(TEMPLATE)
    for school in schools:
        stage.close_school(school)


def test_python_that_fails_in_one_school_is_reported_with_its_error(template_again, east, west, tmp_path):
    fail = f"""[migrations.RunPython(fill)]---def fill(apps, editor):
    if editor.connection.schema_name == '{west.schema_name}':
        raise LookupError('no such pupil')"""
    with migrations(tmp_path, fail=fail):
        report = migrating.migrate(now=NOON)
        assert [(f.school, f.reason) for f in report.failures] == [(west, "LookupError: no such pupil")]
        assert report.migrated == 1


def test_a_school_behind_by_several_releases_catches_up(template_again, east, tmp_path):
    with migrations(tmp_path, mark=MARK):
        migrating.migrate(now=NOON)
    with migrations(tmp_path, mark=MARK, nick=KINDS["add_field"][0], name=KINDS["alter_field"][0]):
        late = a_school_as_of_old(2)
        assert migrating.migrate(now=NOON).migrated == 2
        assert (
            fingerprint.of(late.schema_name) == fingerprint.of(east.schema_name) == fingerprint.of(TEMPLATE)
        )
        stage.close_school(late)


def a_school_as_of_old(number: int) -> School:
    """Opened by the code before any of the toy migrations: rebuilt from the template's first steps."""
    school = School.objects.get(code="3301990001")
    other = School(
        code=f"330199{number:04d}", schema_name=f"s_330199{number:04d}", name="旧校", district=school.district
    )
    other.stage, other.kind, other.size_class = school.stage, school.kind, school.size_class
    other.state, other.schema_stamp = "active", "old"
    other.save()
    with context.as_owner(), connection.cursor() as cursor:
        cursor.execute(";".join(roles.make_school(other.schema_name)))
        cursor.execute(f"CREATE SCHEMA {other.schema_name}")
        cursor.execute(
            f"CREATE TABLE {other.schema_name}.django_migrations (id bigint GENERATED BY DEFAULT AS IDENTITY"
            " PRIMARY KEY, app varchar(255) NOT NULL, name varchar(255) NOT NULL, applied timestamptz NOT NULL)"
        )
        cursor.execute(
            f"INSERT INTO {other.schema_name}.django_migrations (app, name, applied) VALUES ('x', 'y', now())"
        )
    return other


def test_nothing_to_do_costs_one_query_for_the_fleet_whatever_its_size(fleet):
    migrating.migrate(now=NOON)
    counts = []
    for number in (1, 2, 3):
        a_school(number)
        with CaptureQueriesContext(connection) as queries:
            report = migrating.migrate(now=NOON)
        assert (report.city, report.template, report.behind) == ([], [], 0)
        counts.append(len(queries))
    assert counts == [8, 8, 8]  # three of them ask for rights
    for school in School.objects.all():
        stage.close_school(school)


def test_a_table_in_use_fails_that_school_only_and_says_so(template_again, east, west, tmp_path):
    with migrations(tmp_path, nick=KINDS["add_field"][0]), stage.somebody_else() as other:
        other.execute(f"SELECT 1 FROM {west.schema_name}.people_pupil")
        report = migrating.migrate(now=NOON, patience=QUICK)
        assert [(f.school, "in use" in f.reason) for f in report.failures] == [(west, True)]
        assert report.migrated == 1
        other.rollback()
        assert migrating.migrate(now=NOON, patience=QUICK).migrated == 1


def test_a_table_that_is_let_go_in_time_is_migrated(template_again, east, tmp_path):
    with migrations(tmp_path, nick=KINDS["add_field"][0]), stage.somebody_else() as other:
        other.execute(f"SELECT 1 FROM {east.schema_name}.people_pupil")
        letting_go = Thread(target=lambda: (time.sleep(0.5), other.rollback()))
        letting_go.start()
        assert migrating.migrate(now=NOON, patience=replay.Patience(one_ms=200, tries=10)).migrated == 1
        letting_go.join()


def test_the_wait_for_a_lock_ends_with_the_migration(template_again, east, tmp_path):
    with migrations(tmp_path, nick=KINDS["add_field"][0]):
        migrating.migrate(now=NOON)
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)


def test_a_run_that_stops_half_way_is_gone_on_with(template_again, tmp_path, monkeypatch):
    schools = [a_school(number) for number in (1, 2, 3)]
    monkeypatch.setattr(migrating, "BATCH", 1)

    def stop_after_two(done: int, _of: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with migrations(tmp_path, nick=KINDS["add_field"][0]):
        with pytest.raises(KeyboardInterrupt):
            migrating.migrate(now=NOON, progress=stop_after_two)
        assert [school.code for school in migrating.behind()] == ["3301990003"]
        assert migrating.migrate(now=NOON).migrated == 1
        assert {school.schema_stamp for school in School.objects.all()} == {code_stamp()}
    for school in schools:
        stage.close_school(school)


def test_two_migrates_at_once_do_not_both_work(template_again, east, tmp_path, monkeypatch):
    monkeypatch.setattr(guard, "TRIES", 1)
    with migrations(tmp_path, nick=KINDS["add_field"][0]):
        with guard.alone(), pytest.raises(AnotherMigrate):
            migrating.migrate(now=NOON)
        assert migrating.migrate(now=NOON).migrated == 1


def test_a_migration_without_a_transaction_is_refused_before_anything_is_done(template_again, east, tmp_path):
    text = "atomic = False\noperations = [migrations.AddField('pupil', 'x', models.IntegerField(null=True))]"
    with migrations(tmp_path, nick=KINDS["add_field"][0], loose=text):
        with pytest.raises(NotAtomic, match=r"people\.9002_loose"):
            migrating.migrate(now=NOON)
        assert ("people", "9001_nick") not in plan.applied_in(TEMPLATE)


def test_an_older_release_does_not_touch_a_newer_database(template_again, east, tmp_path):
    with migrations(tmp_path, nick=KINDS["add_field"][0]):
        migrating.migrate(now=NOON)
    with pytest.raises(UnknownMigrations, match=r"people\.9001_nick"):
        migrating.migrate(now=NOON)


def test_an_archived_school_catches_up_when_it_is_restored(template_again, east, tmp_path):
    provisioning.archive_school(school=east, now=NOON)
    with migrations(tmp_path, nick=KINDS["add_field"][0]):
        assert migrating.migrate(now=NOON).behind == 0
        provisioning.restore_school(school=east, now=NOON)
        assert fingerprint.of(east.schema_name) == fingerprint.of(TEMPLATE)
        assert School.objects.get(pk=east.pk).schema_stamp == code_stamp()


def test_a_school_whose_schema_is_gone_is_reported(template_again, east, west, tmp_path):
    with context.as_owner(), connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA {west.schema_name} CASCADE")
    with migrations(tmp_path, nick=KINDS["add_field"][0]):
        report = migrating.migrate(now=NOON)
        ((school, reason),) = [(failure.school, failure.reason) for failure in report.failures]
        assert (school, "s_3301990002.django_migrations" in reason) == (west, True)
        assert report.migrated == 1
