"""The commands around schools: what they say, where, and with which exit code."""

import argparse
import json

import pytest
from django.db import connection

from tenants.commands import migrate, school, status
from tenants.models import District, School
from tests.fleet import stage
from tests.fleet.stage import a_school, migrations

HEADER = "code,name,district_code,district_name,stage,kind,size_class\n"
NICK = "[migrations.AddField('pupil', 'nick', models.CharField(max_length=9, default=''))]"


@pytest.fixture
def afterbell(fleet, capsys):
    """Runs a command; returns exit code, stdout, stderr. All schools are gone afterwards."""

    def run(module, *words):
        parser = argparse.ArgumentParser()
        module.add_arguments(parser)
        code = module.run(parser.parse_args([str(word) for word in words]))
        return (code, *capsys.readouterr())

    yield run
    for row in School.objects.all():
        stage.close_school(row)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM tenants_district WHERE code <> '330199'")


@pytest.fixture
def listed(tmp_path):
    def write(*rows):
        file = tmp_path / "schools.csv"
        file.write_text(HEADER + "".join(f"{row}\n" for row in rows))
        return file

    return write


def row(number, **more):
    facts = {"code": f"330199{number:04d}", "name": f"试验小学{number}", "district": "330199,试验区", **more}
    return f"{facts['code']},{facts['name']},{facts['district']},primary,urban,small"


def test_a_list_of_schools_is_opened_and_a_second_run_opens_nothing(afterbell, listed):
    file = listed(row(1), row(2), row(3, district="330198,新区"))
    code, out, err = afterbell(school, "open", "--from", file)
    assert (code, err) == (0, "")
    assert "3 schools in the list: 0 already open, 3 to open." in out
    assert "opening schools: 3 of 3" in out
    assert District.objects.get(code="330198").name == "新区"
    assert "3 already open, 0 to open" in afterbell(school, "open", "--from", file)[1]
    assert School.objects.count() == 3


def test_a_dry_run_opens_nothing(afterbell, listed):
    code, out, _ = afterbell(school, "open", "--from", listed(row(1)), "--dry-run")
    assert (code, School.objects.count()) == (0, 0)
    assert "1 to open" in out


def test_one_bad_row_and_no_school_of_the_list_is_opened(afterbell, listed):
    code, _, err = afterbell(school, "open", "--from", listed(row(1), row(1), row(3, code='33019900""03')))
    assert (code, School.objects.count()) == (1, 0)
    assert "line 3, code: 3301990001 is in line 2 already" in err
    assert "line 4, code: '33019900\"\"03' is not 10 digits" in err
    assert "2 bad rows" in err


def test_a_list_that_contradicts_the_register_is_refused_with_the_fact(afterbell, listed):
    a_school(1)
    code, _, err = afterbell(
        school, "open", "--from", listed(row(1, name="别的小学"), row(2, district="330199,别区"))
    )
    assert (code, School.objects.count()) == (1, 1)
    assert "line 2, name: 3301990001 is open already, with '试验小学1'" in err
    assert "line 3, district_name: 330199 is '试验区' in the register" in err


def test_a_file_that_can_not_be_read_is_wrong_usage(afterbell, tmp_path):
    code, _, err = afterbell(school, "open", "--from", tmp_path / "none.csv")
    assert code == 2
    assert err.count("\n") == 1


def test_one_school_is_added_archived_restored_and_listed(afterbell):
    facts = ("--stage", "primary", "--kind", "urban", "--size-class", "small", "--name", "新校")
    code, out, _ = afterbell(school, "add", "--code", "3301990009", "--district-code", "330199", *facts)
    assert (code, "s3301990009.localhost" in out) == (0, True)
    assert afterbell(school, "archive", "3301990009")[0] == 0
    assert "archived" in afterbell(school, "list")[1]
    assert afterbell(school, "restore", "3301990009")[0] == 0
    assert "active" in afterbell(school, "list")[1]


def test_a_school_of_a_new_district_needs_the_districts_name(afterbell):
    facts = ("--stage", "primary", "--kind", "urban", "--size-class", "small", "--name", "新校")
    code, _, err = afterbell(school, "add", "--code", "3301980009", "--district-code", "330198", *facts)
    assert (code, "--district-name" in err) == (1, True)


def test_an_unknown_code_is_one_line_on_stderr(afterbell):
    code, _, err = afterbell(school, "archive", "3301990009'")
    assert (code, err) == (1, 'afterbell: there is no school "3301990009\'" (`afterbell school list`).\n')


def test_status_is_well_when_everything_is_at_the_code(afterbell):
    a_school(1)
    code, out, _ = afterbell(status)
    assert code == 0
    assert "database   ok  16" in out
    assert "schools    0 opening, 1 active, 0 archived" in out


def test_status_says_who_is_behind_and_what_to_do(afterbell, tmp_path):
    a_school(1)
    with migrations(tmp_path, nick=NICK):
        code, out, _ = afterbell(status, "--json")
        found = json.loads(out)
        assert (code, found["well"]) == (1, False)
        assert found["missing"] == {"city": [], "template": ["people.9001_nick"]}
        assert [(one["code"], one["name"]) for one in found["behind"]["first"]] == [
            ("3301990001", "试验小学1")
        ]
        assert "Run `afterbell migrate`." in afterbell(status)[1]


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0"])
def test_status_with_redis_down_names_it(afterbell, settings, url):
    settings.REDIS_URL = url
    code, out, _ = afterbell(status)
    assert code == 1
    assert "redis      down" in out


def test_migrate_says_what_it_would_do_and_does_it(template_again, afterbell, tmp_path):
    a_school(1)
    with migrations(tmp_path, nick=NICK):
        assert (
            "template: would run 1: people.9001_nick\nschools: 1 behind" in afterbell(migrate, "--dry-run")[1]
        )
        code, out, err = afterbell(migrate)
        assert (code, err) == (0, "")
        assert "schools: 1 of 1 migrated" in out
        assert "Nothing to do" in afterbell(migrate)[1]
