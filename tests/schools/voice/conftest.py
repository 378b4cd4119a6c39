"""North under the seed's profile (15 days to answer a complaint), with a term, one-time codes optional."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tenants.policies import ready
from tests import makers


@pytest.fixture
def north(north, settings):
    settings.SECOND_FACTOR = "optional"
    makers.a_policy(ready.document("seed"))
    today = timezone.localdate()
    makers.a_term(first_date=today - timedelta(days=60), last_date=today + timedelta(days=60))
    return north
