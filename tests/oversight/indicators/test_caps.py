"""A fee beside its caps: worked numbers, the boundary, and nothing out of what is not known (S3)."""

from math import nan

import pytest

from oversight.indicators.caps import Breach, breach


@pytest.mark.parametrize(
    ("fees", "found"),
    [
        ((420, 350, None, None), Breach.OWN),
        ((350, 350, None, None), None),
        ((8_000, 8_000, 40_000, 30_000), Breach.TERM),
        ((8_000, 7_000, 40_000, 30_000), Breach.OWN),
        ((6_000, None, 30_000, 30_000), None),
        ((8_000, None, 40_000, None), None),
        ((250, 250, None, 40_000), None),
        ((None, 350, None, 30_000), None),
        ((nan, 350.0, nan, nan), None),
        ((8_000.0, nan, 40_000.0, 30_000.0), Breach.TERM),
        ((1, 0, None, None), Breach.OWN),
    ],
)
def test_a_fee_is_measured_by_its_own_unit_and_over_the_term(fees, found):
    assert breach(*fees) is found
