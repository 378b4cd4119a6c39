"""`afterbell cost-summary`: the file, whole or not at all; plain lines and exit codes."""

import argparse
import csv
import os

import pytest

from afterbell import cli
from oversight.costs.commands import cost_summary
from tests.makers import TERM


def run(*words):
    parser = argparse.ArgumentParser()
    cost_summary.add_arguments(parser)
    return cost_summary.run(parser.parse_args(words))


def written(path):
    return list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))


def test_the_file_is_written_and_counted(city, tmp_path, capsys):
    target = tmp_path / "f.csv"
    assert run("--term", TERM, "--format", "csv", "--out", str(target)) == 0
    assert "3 schools (final 1, estimate 1, missing 1)" in capsys.readouterr().out
    assert len(written(target)) == 3


def test_a_document_is_written_too(city, tmp_path):
    assert run("--term", TERM, "--format", "pdf", "--out", str(tmp_path / "f.pdf")) == 0
    assert (tmp_path / "f.pdf").read_bytes().startswith(b"%PDF")


def test_one_district_alone(city, tmp_path):
    target = tmp_path / "f.csv"
    assert run("--term", TERM, "--format", "csv", "--out", str(target), "--district", "330106") == 0
    assert [row["school_code"] for row in written(target)] == ["3301060003"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--term", "2099-2100-1"), "no term '2099-2100-1'"),
        (("--term", TERM, "--district", "1"), "no district '1'"),
    ],
)
def test_a_term_or_district_that_is_not_there_is_wrong_usage(city, tmp_path, capsys, words, said):
    assert run(*words, "--format", "csv", "--out", str(tmp_path / "f.csv")) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "f.csv").exists()


def test_a_term_without_data_gives_rows_that_say_missing(city, tmp_path):
    target = tmp_path / "f.csv"
    assert run("--term", "2025-2026-2", "--format", "csv", "--out", str(target)) == 0
    assert [row["state"] for row in written(target)] == ["missing"] * 3
    assert {row["received_fen"] for row in written(target)} == {""}


def test_a_folder_that_is_not_there_fails_in_one_line(city, tmp_path, capsys):
    assert run("--term", TERM, "--format", "csv", "--out", str(tmp_path / "no" / "f.csv")) == 1
    assert "can't be written" in capsys.readouterr().err
    assert run("--term", TERM, "--format", "csv", "--out", str(tmp_path)) == 1


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    target = tmp_path / "f.csv"
    target.write_bytes(b"old")

    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        cost_summary.write_whole(target, b"new")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_the_file_has_the_rights_of_any_new_file(tmp_path):
    cost_summary.write_whole(tmp_path / "ours", b"x")
    (tmp_path / "any").write_bytes(b"x")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "any").stat().st_mode


def test_a_kind_of_file_that_is_not_made_is_wrong_usage(capsys):
    with pytest.raises(SystemExit) as stopped:
        run("--term", TERM, "--format", "docx", "--out", "f")
    assert stopped.value.code == 2


def test_the_command_line_knows_the_command():
    assert cli.COMMANDS["cost-summary"].module == cost_summary.__name__
