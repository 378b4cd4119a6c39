"""`afterbell school import`: preview, error workbook, import; exit codes."""

import argparse

import pytest

from schools.people.commands import roster
from schools.people.models import Pupil, RosterImport
from tenants.context import in_school
from tests.city import NORTH
from tests.schools.people.books import LI, WANG, book, opened

pytestmark = pytest.mark.django_db


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    roster.add_arguments(parser)
    return roster.run(parser.parse_args([str(word) for word in words]))


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "名册.xlsx"
    path.write_bytes(book(LI, WANG))
    return path


def test_a_dry_run_says_what_would_change_and_writes_nothing(north, file, capsys):
    assert run(file, "--school", NORTH, "--dry-run") == 0
    assert "2 new" in capsys.readouterr().out
    with in_school(north):
        assert Pupil.objects.count() == 0


def test_a_run_imports_and_a_second_one_updates(north, file, capsys):
    assert run(file, "--school", NORTH) == 0
    assert run(file, "--school", NORTH) == 0
    assert "writing rows" in capsys.readouterr().out
    with in_school(north):
        assert Pupil.objects.count() == 2
        assert RosterImport.objects.count() == 2


@pytest.mark.parametrize("extra", [[], ["--dry-run"]])
def test_flaws_end_in_an_error_workbook_beside_the_file(north, file, capsys, extra):
    file.write_bytes(book(LI, ("", *WANG[1:])))
    assert run(file, "--school", NORTH, *extra) == 1
    said = capsys.readouterr()
    assert "Sheet1!A4" in said.out
    assert said.err.count("\n") == 1
    errors = file.with_name("名册-errors.xlsx")
    assert "缺学籍号" in opened(errors.read_bytes())["Sheet1"]["F4"].value
    with in_school(north):
        assert Pupil.objects.count() == 0


def test_no_file_no_school_and_no_roster_are_wrong_usage(north, file, tmp_path, capsys):
    assert run(tmp_path / "none.xlsx", "--school", NORTH) == 2
    assert run(file, "--school", "0000000000") == 2
    file.write_bytes(b"hello")
    assert run(file, "--school", NORTH) == 2
    assert all(line.startswith("afterbell: ") for line in capsys.readouterr().err.splitlines())
