"""Nobody who can count works out a hidden figure of a small city, whatever is published of it (calculations.md).

A run of the suite takes a few of the 600 cities of campaign.py.
"""

import pytest

from tests.oversight.protection.campaign import attacked, public_tables, screens

CITIES = (0, 2, 7, 11, 14, 19, 44, 60, 400)
"""Some that an earlier protection did not hold for."""


@pytest.mark.parametrize("publish", [public_tables, screens])
def test_each_hidden_figure_keeps_the_values_that_were_promised(publish):
    found = list(attacked(publish, CITIES))
    assert len(found) > 50
    assert [one for one in found if one.is_below] == []
