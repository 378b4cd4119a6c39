"""A school is opened whole and just like the template, or not at all."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection

from afterbell.audit.models import Entry, Head
from afterbell.kernel.states import MoveNotAllowed
from tenants import context, provisioning, roles
from tenants.fleet import blueprint, fingerprint
from tenants.fleet.errors import TemplateBehind
from tenants.models import School
from tenants.states import SchoolState
from tests.fleet import stage
from tests.fleet.stage import NOON, a_school

TEMPLATE = "template_school"
ROOT = Path(__file__).resolve().parents[2]


def test_an_opened_school_is_just_like_the_template(east):
    assert fingerprint.lines(east.schema_name) == fingerprint.lines(TEMPLATE)
    assert fingerprint.of(east.schema_name) == fingerprint.of(TEMPLATE)


def test_an_opened_school_is_just_like_one_that_django_migrated(east):
    stage.by_django("peer")
    assert fingerprint.structure(east.schema_name) == fingerprint.structure("peer")


def test_a_school_of_the_city_is_just_like_its_template(north):
    """With all applications; `bench open` compares it with Django's own way too."""
    assert fingerprint.lines(north.schema_name) == fingerprint.lines(TEMPLATE)


def test_another_column_changes_the_fingerprint(east):
    with context.as_owner(east.schema_name), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE people_pupil ALTER COLUMN name TYPE varchar(61)")
    assert fingerprint.of(east.schema_name) != fingerprint.of(TEMPLATE)


def test_an_opened_school_is_in_service_with_its_host_role_and_an_audit_entry(east):
    assert east.state == SchoolState.ACTIVE
    assert east.opened_at == NOON
    assert east.domains.get().domain == "s3301990001.localhost"
    with context.in_school(east), connection.cursor() as cursor:
        cursor.execute("SELECT current_user, count(*) FROM people_pupil")
        assert cursor.fetchone() == (roles.of_school(east.schema_name), 0)
    assert Entry.objects.order_by("-position").values_list("verb", "details").first() == (
        "tenants.school.open",
        {"school": "3301990001"},
    )


def test_each_school_has_an_audit_head_of_its_own(east, west):
    heads = []
    for school in (east, west):
        with context.in_school(school):
            heads.append(Head.objects.get().pk)
    with context.as_owner(TEMPLATE):
        heads.append(Head.objects.get().pk)
    assert len(set(heads)) == 3


def test_new_migration_rows_get_free_numbers(east):
    with context.as_owner(east.schema_name), connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('x', 'y', now())")


def test_opening_again_with_the_same_facts_changes_nothing(east):
    before = Entry.objects.count()
    assert a_school(1) == east
    assert Entry.objects.count() == before


def test_opening_again_with_other_facts_is_refused_with_the_names_of_the_facts(east):
    with pytest.raises(provisioning.SchoolExists, match="名称、学段"):
        a_school(1, name="另一所小学", stage="nine_year")


@pytest.mark.parametrize(
    "code", ["", "33019900'1", '33019900"1', "330199000", "33019900011", "３３０１９９０００１"]
)
def test_a_code_that_is_no_code_is_refused_and_leaves_nothing(fleet, code):
    with pytest.raises(provisioning.BadFacts, match="学校标识码"):
        a_school(1, code=code)
    assert not School.objects.exists()


def test_no_school_is_opened_from_a_template_behind_the_code(fleet, tmp_path):
    with stage.migrations(tmp_path, nothing="[]"), pytest.raises(TemplateBehind):
        a_school(1)
    assert not School.objects.exists()


def test_an_error_in_the_middle_leaves_nothing(fleet, monkeypatch):
    monkeypatch.setattr(roles, "grant_school", lambda *_: ["GRANT nonsense"])
    with pytest.raises(Exception, match="syntax"):
        a_school(1)
    assert left_of("3301990001") == (0, 0, 0)


def test_a_kill_in_the_middle_leaves_nothing_and_the_next_run_goes_on(fleet, tmp_path):
    file = tmp_path / "schools.csv"
    file.write_text(
        "code,name,district_code,district_name,stage,kind,size_class\n"
        + "".join(f"330199000{n},试验小学{n},330199,试验区,primary,urban,small\n" for n in (1, 2, 3))
    )
    a_school(1)
    with stage.somebody_else() as other:
        # The audit head is locked last: school 2 waits for it with all its tables made.
        other.execute("SELECT 1 FROM public.audit_head FOR UPDATE")
        process = open_by_command(file)
        wait_until_it_waits()
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    wait_until_it_is_gone()
    assert left_of("3301990002") == (0, 0, 0)
    assert open_by_command(file).wait() == 0
    assert left_of("3301990003") == (1, 1, 1)
    for school in School.objects.order_by("code"):
        assert fingerprint.of(school.schema_name) == fingerprint.of(TEMPLATE)
        stage.close_school(school)


def test_an_archived_school_is_out_of_service_and_comes_back(east):
    provisioning.archive_school(school=east, now=NOON)
    assert School.objects.get(pk=east.pk).archived_at == NOON
    with pytest.raises(MoveNotAllowed):
        provisioning.archive_school(school=east, now=NOON)
    provisioning.restore_school(school=east, now=NOON)
    assert School.objects.get(pk=east.pk).state == SchoolState.ACTIVE


def test_the_statements_keep_to_the_portable_subset(fleet):
    text = blueprint.of_template().statements().lower()
    for banned in ("::regclass", "trigger", "function", "inherits", "temp table", "advisory", TEMPLATE):
        assert banned not in text


def open_by_command(file: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "afterbell.cli", "school", "open", "--from", str(file)],
        env={
            **os.environ,
            "DATABASE_URL": stage.address(),
            "PYTHONPATH": f"{ROOT / 'platform'}:{ROOT}",
            "DJANGO_SETTINGS_MODULE": "tests.fleet.small_settings",
        },
        stdout=subprocess.DEVNULL,
    )


def wait_until_it_waits() -> None:
    _wait(
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
        there=True,
    )


def wait_until_it_is_gone() -> None:
    _wait(
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND state LIKE '%transaction%'",
        there=False,
    )


def _wait(query: str, *, there: bool) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(query)
            if bool(cursor.fetchone()) == there:
                return
        time.sleep(0.05)
    raise AssertionError(query)


def left_of(code: str) -> tuple[int, int, int]:
    """Rows, schemas and roles of a school."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_namespace WHERE nspname = %s", [f"s_{code}"])
        schemas = cursor.fetchone()[0]
        cursor.execute("SELECT count(*) FROM pg_roles WHERE rolname = %s", [roles.of_school(f"s_{code}")])
        return School.objects.filter(code=code).count(), schemas, cursor.fetchone()[0]
