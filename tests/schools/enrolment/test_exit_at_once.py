"""An exit whose child somebody else holds for a moment (a corrected name, the roster), while the office charges the term."""

import threading
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from afterbell.kernel import locks
from schools.enrolment import actions
from schools.enrolment.models import Agreement
from schools.finance import actions as finance
from schools.finance import promises, queries
from schools.people.models import Pupil
from schools.planning.models import Plan
from tenants.context import as_owner, in_school
from tenants.policies import ready
from tests import makers
from tests.schools.enrolment import stage
from tests.schools.enrolment.test_places import _at_once, _forget_public, _kept_public


@pytest.fixture
def real_commits(committed_school):
    before, today = _kept_public(), timezone.localdate()
    makers.a_policy(ready.document("haikou"))
    term = makers.a_term(first_date=today - timedelta(days=30), last_date=today + timedelta(days=60))
    yield committed_school
    _forget_public(before)
    with as_owner("public"):
        term.delete()


def test_who_leaves_on_the_first_day_does_not_pay_the_term(real_commits):
    today = timezone.localdate()
    with in_school(real_commits):
        plan = stage.a_running_plan()
        activity, family, sides = makers.an_activity(plan), stage.a_family(), stage.reviewers()
        stage.approved(stage.applied(real_commits, family, activity), sides)
        clerk = makers.a_user("clerk")
        for n in range(-1, 59):
            makers.a_session(activity, day=today + timedelta(days=n))
        Agreement.objects.update(from_date=today - timedelta(days=1))
        activity.choices.update(placed_from=today - timedelta(days=1))
    held, asked, charged = threading.Event(), threading.Event(), threading.Event()

    def another_deed_of_the_child():
        with in_school(real_commits), transaction.atomic():
            locks.locked(Pupil.objects.get(pk=family.pupil.pk))
            held.set()
            charged.wait(10)

    def leaves():
        held.wait(10)
        with in_school(real_commits), transaction.atomic():
            agreement = Agreement.objects.select_related("pupil").get()
            now = stage.now()
            asked.set()
            actions.exit_agreement(agreement=agreement, reason="", by=family.user, now=now)

    def charges():
        asked.wait(10)
        with in_school(real_commits), transaction.atomic():
            finance.charge_period(plan=Plan.objects.get(), period=makers.TERM, by=clerk, now=stage.now())
        charged.set()

    assert _at_once([another_deed_of_the_child, leaves, charges]) == []
    with in_school(real_commits):
        assert promises.broken_promise() is None
        assert queries.owed_by(queries.agreement(Agreement.objects.get().pk)) < 60 * 2 * 300 / 2
