"""Pupil minutes: one meaning for the city's facts and for a family's share, whatever is on the roll."""

from datetime import datetime, timedelta
from random import Random

import pytest

from afterbell.kernel.dates import whole_minutes
from schools.care import facts, minutes
from schools.care.models import RollEntry
from schools.care.states import RollState
from tenants.context import in_school
from tests import makers
from tests.city import NOON


def a_held_session(day=makers.MONDAY, *, activity=None, state="closed", **more):
    how = {"closed": {"closed_at": NOON}, "cancelled": {"cancel_reason": "台风"}}.get(state, {})
    return makers.a_session(activity, day=day, state=state, **how, **more)


def on_the_roll(session, agreement, **more):
    RollEntry.objects.create(session=session, agreement=agreement, pupil=agreement.pupil, **more)


def came(session, agreement, *, after=timedelta(0), left: datetime | None = None):
    state = RollState.LEFT if left else RollState.PRESENT
    arrived = session.starts_at + after
    on_the_roll(session, agreement, state=state, arrived_at=arrived, left_at=left)


def told():
    """What the city is told of all days together."""
    place = facts.COLUMNS.index("pupil_minutes")
    return sum(numbers[place] for numbers in facts.of_all_days(required=[]).values())


@pytest.mark.parametrize(
    ("ticked_after", "left_after", "spent"),
    [
        (0, 60 * 60, 60),
        (20 * 60, 60 * 60, 60),  # ticked twenty minutes late: the minutes run from the session's start
        (-10 * 60, 60 * 60, 60),
        (0, 59, 0),
        (0, 60, 1),
        (0, -60, 0),
        (0, 100 * 60 * 60, None),
        (0, None, None),
    ],
)
def test_minutes_run_from_the_sessions_start_to_the_handover(north, ticked_after, left_after, spent):
    """None: the whole session."""
    with in_school(north):
        session = a_held_session()
        agreement = makers.an_agreement(plan=session.activity.plan)
        left = None if left_after is None else session.starts_at + timedelta(seconds=left_after)
        came(session, agreement, after=timedelta(seconds=ticked_after), left=left)
        whole = (session.ends_at - session.starts_at) // timedelta(minutes=1)
        wanted = whole if spent is None else spent
        assert minutes.of_agreements(agreement.plan) == {agreement.pk: wanted}
        assert told() == wanted


def test_who_was_away_or_not_in_a_held_session_has_none(north):
    with in_school(north):
        held = a_held_session()
        plan = held.activity.plan
        away, other = makers.an_agreement(plan=plan), makers.an_agreement(plan=plan)
        on_the_roll(held, away, state=RollState.ABSENT)
        still_open = a_held_session(makers.MONDAY + timedelta(days=7), activity=held.activity, state="open")
        came(still_open, other)
        assert minutes.of_agreements(plan) == {away.pk: 0, other.pk: 0}
        assert told() == 0


@pytest.mark.parametrize("seed", range(6))
def test_the_city_is_told_the_sum_of_what_families_are_counted(north, seed):
    """Random rolls; the third count is Python's, child by child."""
    chance = Random(seed)
    with in_school(north):
        first = a_held_session()
        plan = first.activity.plan
        families = [makers.an_agreement(plan=plan) for _ in range(4)]
        wanted = dict.fromkeys((family.pk for family in families), 0)
        for week in range(1, 8):
            state = chance.choice(["closed", "closed", "open", "planned"])
            day = makers.MONDAY + timedelta(weeks=week)
            session = a_held_session(day, activity=first.activity, state=state)
            length = (session.ends_at - session.starts_at) // timedelta(minutes=1)
            for family in families:
                what = chance.choice(["left", "left", "present", "absent", "excused", "none"])
                if what in {"absent", "excused"}:
                    on_the_roll(session, family, state=what)
                elif what != "none":
                    left = session.starts_at + timedelta(seconds=chance.randrange(-900, 9000))
                    late = timedelta(seconds=chance.randrange(-900, 4000))
                    came(session, family, after=late, left=left if what == "left" else None)
                    until = left if what == "left" else session.ends_at
                    spent = whole_minutes(session.starts_at, until, most=length)
                    wanted[family.pk] += spent if state == "closed" else 0
        found = minutes.of_agreements(plan)
        assert {pk: found.get(pk, 0) for pk in wanted} == wanted
        assert told() == sum(wanted.values())
