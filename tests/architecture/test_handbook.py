"""The pages of the handbook that are made from code are fresh."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("page", ["clauses", "indicators"])
def test_a_page_made_from_the_code_is_fresh(page):
    """Clauses: the table is what the tests say, and every claim is cited. Indicators: the catalogue as it is."""
    done = subprocess.run(
        [sys.executable, f"infra/handbook/{page}.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
