"""The table of clauses is what the tests say."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_table_of_clauses_is_fresh_and_every_claim_is_cited():
    done = subprocess.run(
        [sys.executable, "infra/handbook/clauses.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
