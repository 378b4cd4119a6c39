"""A school that starts in the middle of a term: its plan says what is still to come (S3)."""

import re
from datetime import date

import pytest
from django.utils import timezone

from tests.schools.planning.stage import browser
from tests.schools.planning.test_pages import people  # noqa: F401

LATE = date(2026, 9, 8)


@pytest.mark.skipif(timezone.localdate() < LATE, reason="the stage's term runs by the real clock")
def test_the_first_day_that_a_draft_proposes_can_still_be_served(north, people):  # noqa: F811
    page = (
        browser(north, people["clerk"])
        .get(f"/desk/consultations/{people['asked'].pk}/plan/")
        .content.decode()
    )
    shown = re.search(
        r'name="first_date"[^>]*value="([0-9-]+)"|value="([0-9-]+)"[^>]*name="first_date"', page
    )
    assert shown is not None
    assert date.fromisoformat(shown[1] or shown[2]) >= timezone.localdate()
