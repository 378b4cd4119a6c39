"""A clerk makes the term's sessions at seven in the evening: today's of four o'clock can't be held any more (S21)."""

from datetime import timedelta

import pytest

from schools.care import actions
from schools.care.models import Session
from tenants.context import in_school
from tests import makers
from tests.schools.care.stage import FOUR, a_gate
from tests.schools.care.test_days import MONDAY, the_term  # noqa: F401

pytestmark = pytest.mark.usefixtures("at_four", "the_term")


def test_nothing_is_made_up_for_an_hour_that_is_over(north):
    with in_school(north):
        gate = a_gate(1)
        plan = gate.session.activity.plan
        makers.an_activity(plan, title="足球")
        evening = FOUR + timedelta(hours=5)
        actions.make_sessions(plan=plan, school=north, by=makers.a_user("clerk"), now=evening)
        made = Session.objects.exclude(pk=gate.session.pk)
        assert made.exists()
        assert not made.filter(ends_at__lte=evening).exists(), list(made.values_list("date", "starts_at")[:2])
