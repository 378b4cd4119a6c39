"""North under the seed's profile (15 days to answer a complaint), with a term, one-time codes optional."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tenants.context import in_school
from tenants.policies import ready
from tests import makers


@pytest.fixture
def north(north, settings):
    settings.SECOND_FACTOR = "optional"
    makers.a_policy(ready.document("seed"))
    today = timezone.localdate()
    makers.a_term(first_date=today - timedelta(days=60), last_date=today + timedelta(days=60))
    return north


@pytest.fixture
def school(north):
    with in_school(north):
        yield north


@pytest.fixture
def parent(school):
    user = makers.a_user("guardian", name="李强")
    makers.a_guardian(makers.a_pupil(name="李小明"), user=user, name="李强")
    return user


@pytest.fixture
def principal(school):
    return makers.a_user("principal", name="赵校长")
