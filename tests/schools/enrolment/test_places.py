"""Places and the queue under every order of deeds: a model beside the database, and threads for the last place."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from schools.enrolment import actions, places
from schools.enrolment.models import Agreement, Application, ChosenActivity, Placing, Review, Side
from schools.enrolment.rules import Waiter, who_moves_up
from schools.enrolment.states import ApplicationState
from schools.planning.models import Activity
from tenants.context import as_owner, in_school
from tenants.policies import ready
from tests import makers
from tests.schools.enrolment import stage
from tests.undone import undone

WANTS = some.lists(some.frozensets(some.integers(0, 3), min_size=1), max_size=8)
DEEDS = some.lists(
    some.one_of(
        some.tuples(
            some.just("apply"), some.frozensets(some.integers(0, 2), min_size=1), some.sampled_from(Placing)
        ),
        some.tuples(some.just("leave"), some.integers(0, 9), some.just(None)),
        some.tuples(some.just("stop waiting"), some.integers(0, 9), some.just(None)),
    ),
    min_size=4,
    max_size=14,
)


APPROVED = some.lists(some.booleans(), min_size=8, max_size=8)
EACH = some.lists(some.booleans(), min_size=8, max_size=8)
FREE = some.lists(some.integers(0, 3), min_size=4, max_size=4)


@given(WANTS, FREE, APPROVED)
def test_who_moves_up_passes_nobody_and_fits(wants, free, approved):
    """S13: in the order of applying, within what is free; what an earlier family may still get is left to it."""
    line = [Waiter(place, want, approved[place]) for place, want in enumerate(wants)]
    served = list(who_moves_up(line, dict(enumerate(free))))
    assert served == sorted(served)
    for activity, places_ in enumerate(free):
        standing = [place for place, want in enumerate(wants) if activity in want]
        assert all(place in standing[:places_] for place in served if activity in wants[place])


@given(WANTS, FREE, APPROVED)
def test_nobody_waits_for_nothing(wants, free, approved):
    """Who is not served is not approved yet, or has as many families before as there are places, in some activity."""
    line = [Waiter(place, want, approved[place]) for place, want in enumerate(wants)]
    served = who_moves_up(line, dict(enumerate(free)))
    for place, want in enumerate(wants):
        before = [sum(activity in other for other in wants[:place]) for activity in sorted(want)]
        is_full = any(n >= free[activity] for n, activity in zip(before, sorted(want), strict=True))
        assert (place in served) is (approved[place] and not is_full)


@given(WANTS, FREE, APPROVED, EACH)
def test_each_for_itself_takes_what_there_is_and_passes_nobody(wants, free, approved, each):
    """S13: in every activity a place goes to the earliest of those who want it and could take it; none lies idle for
    somebody who asks for it by itself."""
    line = [Waiter(place, want, approved[place], takes_each=each[place]) for place, want in enumerate(wants)]
    served = who_moves_up(line, dict(enumerate(free)))
    for place, want in enumerate(wants):
        turns = {
            activity
            for activity in want
            if sum(activity in other for other in wants[:place]) < free[activity]
        }
        if not approved[place] or not turns or (not each[place] and turns != want):
            assert place not in served
        else:
            assert served[place] == turns
    for activity, places_ in enumerate(free):
        assert sum(activity in turns for turns in served.values()) <= places_


@given(WANTS, FREE, EACH, some.permutations(range(8)))
def test_the_order_of_reviews_moves_nobody(wants, free, each, order):
    """S13, S14: whoever is approved first, in the end the same families have the same places."""
    holds, left = {place: frozenset() for place in range(len(wants))}, list(free)
    approved = set()
    for turn in (place for place in order if place < len(wants)):
        approved.add(turn)
        line = [
            Waiter(n, want - holds[n], n in approved, each[n])
            for n, want in enumerate(wants)
            if want - holds[n]
        ]
        for place, turns in who_moves_up(line, dict(enumerate(left))).items():
            for activity in turns:
                left[activity] -= 1
            holds[place] |= turns
    whole = [Waiter(n, want, takes_each=each[n]) for n, want in enumerate(wants)]
    at_once = who_moves_up(whole, dict(enumerate(free)))
    assert {place: turns for place, turns in holds.items() if turns} == at_once


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.lists(some.integers(1, 2), min_size=3, max_size=3), DEEDS)
def test_taken_is_what_is_held_never_too_much_and_the_queue_keeps_its_order(north, capacities, deeds):
    """Random applications and exits against a model of the queue, in one transaction that is rolled back."""
    with in_school(north), undone():
        plan = stage.a_running_plan()
        found = [
            makers.an_activity(plan, weekday=day + 1, capacity=capacity)
            for day, capacity in enumerate(capacities)
        ]
        model, sides = Model(capacities), stage.reviewers()
        for place, (deed, what, placing) in enumerate(deeds):
            at = stage.now() - timedelta(hours=2) + timedelta(minutes=place)
            if deed == "apply":
                family = stage.a_family()
                wanted = (found[number] for number in sorted(what))
                made = stage.applied(north, family, *wanted, at=at, placing=placing)
                stage.approved(made, sides, at=at)
                model.applies(made.pk, what, each=placing == Placing.EACH)
            elif deed == "leave" and model.living:
                leaves(model.living[what % len(model.living)], model, at)
            elif deed == "stop waiting" and model.in_part:
                stops_waiting(model.in_part[what % len(model.in_part)], model, at)
            _compare(model, found)


def leaves(pk, model, at):
    row = Application.objects.select_related("pupil", "guardian__user").get(pk=pk)
    if row.state == ApplicationState.APPROVED:
        actions.exit_agreement(agreement=row.agreement, reason="", by=row.guardian.user, now=at)
    else:
        actions.withdraw(application=row, by=row.guardian.user, now=at)
    model.leaves(pk)


def stops_waiting(pk, model, at):
    row = Application.objects.select_related("guardian__user").get(pk=pk)
    actions.stop_waiting(application=row, by=row.guardian.user, now=at)
    model.stops_waiting(pk)


class Model:
    """The queue as one would keep it on paper: one line, in which each name has what it still wants."""

    def __init__(self, capacities):
        self.free, self.holds, self.queue, self.each = list(capacities), {}, {}, set()

    @property
    def living(self):
        return list({**self.holds, **self.queue})

    @property
    def in_part(self):
        return [pk for pk in self.queue if pk in self.holds]

    def applies(self, pk, want, *, each):
        self.queue[pk] = set(want)
        self.each |= {pk} if each else set()
        self._serve()

    def leaves(self, pk):
        for activity in self.holds.pop(pk, ()):
            self.free[activity] += 1
        self.stops_waiting(pk)

    def stops_waiting(self, pk):
        self.queue.pop(pk, None)
        self._serve()

    def _serve(self):
        before, free = Counter(), list(self.free)
        for pk, want in list(self.queue.items()):
            turns = {activity for activity in want if before[activity] < free[activity]}
            before.update(want)
            if turns == want or (turns and pk in self.each):
                self.holds[pk] = self.holds.get(pk, set()) | turns
                for activity in turns:
                    self.free[activity] -= 1
                self.queue[pk] = want - turns
        self.queue = {pk: want for pk, want in self.queue.items() if want}


def _compare(model, found):
    for number, activity in enumerate(found):
        activity.refresh_from_db()
        held = ChosenActivity.objects.filter(activity=activity, holds_place=True).count()
        assert activity.taken == held == activity.capacity - model.free[number] <= activity.capacity
    approved = Application.objects.filter(state=ApplicationState.APPROVED).values_list("pk", flat=True)
    assert set(approved) == set(model.holds)
    assert set(Agreement.objects.filter(state="active").values_list("application", flat=True)) == set(
        model.holds
    )
    plan = found[0].plan
    assert [row.pk for row in places.line(plan)] == list(model.queue)
    held = {pk: set() for pk in model.holds}
    for row in ChosenActivity.objects.filter(holds_place=True):
        held[row.application_id].add(found.index(row.activity))
    assert held == model.holds


@pytest.fixture
def real_commits(committed_school):
    """A school with transactions that really end, under Haikou's rules."""
    before = _kept_public()
    makers.a_policy(ready.document("haikou"))
    yield committed_school
    _forget_public(before)


def _kept_public():
    return set(makers.PolicyProfile.objects.values_list("pk", flat=True))


def _forget_public(before):
    with as_owner():
        makers.PolicyProfile.objects.exclude(pk__in=before).delete()


def test_eight_committees_and_one_last_place(real_commits):
    """Threads with real commits: one agreement, seven wait, nobody fails, and the place is taken once."""
    with in_school(real_commits):
        activity = makers.an_activity(stage.a_running_plan(), capacity=1)
        principal, chair = stage.reviewers()
        rows = [stage.applied(real_commits, stage.a_family(), activity) for _number in range(8)]
        for row in rows:
            actions.review(application=row, side=Side.SCHOOL, is_approval=True, by=principal, now=stage.now())
    errors = _at_once([lambda row=row: _approve(real_commits, row.pk, chair.pk) for row in rows])
    assert errors == []
    with in_school(real_commits):
        assert Agreement.objects.count() == 1
        assert Application.objects.filter(state="waiting").count() == 7
        assert Activity.objects.get().taken == 1
        assert Review.objects.count() == 16


def test_eight_takers_of_the_last_place_without_the_plans_lock(real_commits):
    """The compare-and-set holds by itself: below the actions, without any lock, one of eight gets the place."""
    with in_school(real_commits):
        plan = stage.a_running_plan()
        last, free = makers.an_activity(plan, capacity=1), makers.an_activity(plan, weekday=2, capacity=9)
        rows = [stage.applied(real_commits, stage.a_family(), last, free) for _number in range(8)]
        both = {last.pk, free.pk}
    got = []

    def takes(pk):
        with in_school(real_commits), transaction.atomic():
            got.append(
                places.take(Application.objects.get(pk=pk), both, from_date=plan.first_date, now=stage.now())
            )

    assert _at_once([lambda row=row: takes(row.pk) for row in rows]) == []
    assert sorted(got) == [False] * 7 + [True]
    with in_school(real_commits):
        taken = {row.weekday: row.taken for row in Activity.objects.all()}
        assert taken == {1: 1, 2: 1}
        assert ChosenActivity.objects.filter(holds_place=True).count() == 2


def test_a_place_given_back_while_somebody_joins_the_queue_is_not_lost(real_commits):
    """One family leaves while another's second review is on its way: whoever waits gets the place, in either order."""
    with in_school(real_commits):
        activity = makers.an_activity(stage.a_running_plan(), capacity=1)
        sides = stage.reviewers()
        leaving, joining = stage.a_family(), stage.a_family()
        stage.approved(stage.applied(real_commits, leaving, activity), sides)
        row = stage.applied(real_commits, joining, activity)
        actions.review(application=row, side=Side.SCHOOL, is_approval=True, by=sides[0], now=stage.now())
    joined, may_commit = threading.Event(), threading.Event()

    def joins():
        with in_school(real_commits), transaction.atomic():
            actions.review(
                application=row, side=Side.COMMITTEE, is_approval=True, by=sides[1], now=stage.now()
            )
            joined.set()
            may_commit.wait(2)

    def goes():
        joined.wait(10)
        with in_school(real_commits), transaction.atomic():
            agreement = Agreement.objects.select_related("pupil").get()
            actions.exit_agreement(agreement=agreement, reason="", by=leaving.user, now=stage.now())
        may_commit.set()

    assert _at_once([joins, goes]) == []
    with in_school(real_commits):
        assert Agreement.objects.get(state="active").pupil == joining.pupil
        assert Activity.objects.get().taken == 1


def test_two_taps_from_one_phone_make_one_application(real_commits):
    """Bad input: double submit, both on their way at the same moment."""
    with in_school(real_commits):
        activity, family = makers.an_activity(stage.a_running_plan()), stage.a_family()
    said = []

    def taps():
        with in_school(real_commits), transaction.atomic():
            try:
                said.append(stage.applied(real_commits, family, activity).pk)
            except actions.refusals.AlreadyApplied as refusal:
                said.append(refusal.application_id)

    assert _at_once([taps] * 4) == []
    with in_school(real_commits):
        assert set(said) == {Application.objects.get().pk}


def _approve(school, pk, chair_pk):
    with in_school(school), transaction.atomic():
        row, chair = Application.objects.get(pk=pk), makers.User.objects.get(pk=chair_pk)
        actions.review(application=row, side=Side.COMMITTEE, is_approval=True, by=chair, now=stage.now())


def _at_once(deeds):
    start, errors = threading.Barrier(len(deeds)), []

    def works(deed):
        try:
            start.wait(10)
            deed()
        except Exception as error:  # noqa: BLE001  (a thread has nobody above it: the test asserts on it)
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=works, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return errors
