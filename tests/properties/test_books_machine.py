r"""Random books of one school under every ready profile: no order of deeds breaks a promise.

The machine (books_machine.py) does real deeds through the real hooks with rows that were read before others acted, by
persons who may and may not, at times that fit and don't, with statements that break in the middle. In the suite it does
the same few lives each time, under some of the profiles each day. Deeper, with other lives each time and shrinking what
they find:

    AFTERBELL_DEEP=1 BOOKS_EXAMPLES=200 BOOKS_STEPS=60 \
        .venv/bin/python -m pytest -n 2 -q tests/properties/test_books_machine.py
"""

import os
from collections import Counter
from typing import Final

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tenants.policies import ready
from tests.breadth import todays
from tests.properties.books_machine import BEGINNINGS, lives
from tests.undone import undone

EXAMPLES: Final = int(os.environ.get("BOOKS_EXAMPLES", "0"))
STEPS: Final = int(os.environ.get("BOOKS_STEPS", "25"))
FEW: Final = settings(
    max_examples=EXAMPLES or 3, stateful_step_count=STEPS, deadline=None, database=None, print_blob=False,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


@pytest.mark.parametrize("profile", todays(ready.codes(), parts=3))
def test_no_order_of_deeds_breaks_a_promise(north, profile):
    """S3, S27, S36, S37."""
    begun = 0
    with undone(), lives(north, profile, Counter()) as beginnings:
        for number, begin in enumerate(beginnings):
            life = begin if EXAMPLES else seed(ready.codes().index(profile) * 10 + number)(begin)
            run_state_machine_as_test(life, settings=FEW)
            begun += 1
    assert begun == len(BEGINNINGS)
