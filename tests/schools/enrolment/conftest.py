"""North under the profile of Haikou (by class hour), one-time codes optional."""

import pytest

from tenants.policies import ready
from tests import makers


@pytest.fixture
def north(north, settings):
    settings.SECOND_FACTOR = "optional"
    makers.a_policy(ready.document("haikou"))
    return north
