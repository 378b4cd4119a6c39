"""`make bare` where no bare machine can be made: one line says what is missing and what was proved instead."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.files import ROOT


@pytest.fixture
def bare(monkeypatch):
    """The script as a module; it is no package's."""
    spec = importlib.util.spec_from_file_location("bare", ROOT / "infra" / "setup" / "bare.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "bare", module)
    spec.loader.exec_module(module)
    return module


def test_without_root_it_says_so(bare, tmp_path, monkeypatch):
    monkeypatch.setattr(bare.os, "geteuid", lambda: 1000)
    assert bare.missing(tmp_path) == "root is needed for a chroot"


def test_without_debootstrap_it_says_so(bare, tmp_path, monkeypatch):
    monkeypatch.setattr(bare.os, "geteuid", lambda: 0)
    monkeypatch.setattr(
        bare.shutil, "which", lambda name: "" if name == "debootstrap" else f"/usr/bin/{name}"
    )
    assert bare.missing(tmp_path).startswith("debootstrap not here")


@pytest.fixture
def instead(bare, tmp_path, monkeypatch, capsys):
    """What it prints when the smoke test ends with this code; and what that one would have found."""
    seen = {}

    def smoke(command, **how):
        house = Path(command[1]).parents[2]
        seen["files"] = {path.name for path in house.iterdir()}
        seen["git"] = shutil.which("git", path=how["env"]["PATH"])
        seen["make"] = shutil.which("make", path=how["env"]["PATH"])
        return subprocess.CompletedProcess(
            command, seen["code"], "smoke: set-up 9 s\nsmoke: tests: 3 passed\n"
        )

    monkeypatch.setattr(bare.subprocess, "run", smoke)

    def run(code):
        seen["code"] = code
        return bare.instead(tmp_path, "no debootstrap"), capsys.readouterr().out.splitlines(), seen

    return run


def test_it_proves_an_archive_without_git_instead_and_says_what_that_does_not_prove(instead):
    code, (said, proved), seen = instead(0)
    assert code == 0
    assert "no debootstrap" in said
    assert "not proved: other users, private folders" in said
    assert "set-up 9 s; tests: 3 passed" in proved
    assert ".git" not in seen["files"]
    assert {"Makefile", "README.md", "infra"} <= seen["files"]
    assert seen["git"] is None
    assert seen["make"]


def test_what_breaks_there_is_not_called_proved(instead):
    code, said, _ = instead(1)
    assert code == 1
    assert "FAILED" in said[1]
