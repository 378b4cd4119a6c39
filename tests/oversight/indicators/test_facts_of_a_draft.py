"""The city's figures of a school that is preparing its term follow every stroke of the draft (S40)."""

from datetime import time
from itertools import pairwise

import pytest

from oversight.facts import actions as facts
from schools.planning import drafting
from schools.planning import facts as planning
from tenants.context import in_school
from tests import makers
from tests.schools.planning import stage
from tests.schools.planning.stage import AFTER


@pytest.fixture(autouse=True)
def wired(settings):
    settings.PLAN_ROOMS = "tests.schools.planning.stage.rooms_in_use"


@pytest.mark.django_db
def test_each_change_of_a_draft_is_marked(north):
    stage.a_city()
    seen = []

    def told(deed, **given):
        with in_school(north):
            done = deed(**given, school=north) if deed not in WITHOUT_SCHOOL else deed(**given)
            seen.append(planning.of_term(makers.TERM))
        facts.drain(school=north, now=AFTER)
        assert facts.drift(school=north, now=AFTER) == 0, deed
        return done

    with in_school(north):
        clerk = makers.a_user("clerk")
    asked = told(stage.a_closed_consultation, clerk=clerk)
    by = {"by": clerk, "now": AFTER}
    plan = told(drafting.draft_plan, consultation=asked, terms=stage.terms(), **by)
    told(drafting.change_plan, plan=plan, terms=stage.terms(fee=250), **by)
    with in_school(north):
        longer = stage.an_activity(weekday=2, ends=time(17, 30))
    activity = told(drafting.add_activity, plan=plan, new=longer, **by)
    told(drafting.remove_activity, plan=plan, activity=activity, **by)
    assert all(one != other for one, other in pairwise(seen))


@pytest.mark.django_db
def test_a_consultation_that_is_only_written_is_in_the_figures(north):
    stage.a_city()
    with in_school(north):
        stage.consultation_actions.draft_consultation(
            term_code=makers.TERM, title="征询", text="请您选择。", closes_at=stage.CLOSES,
            by=makers.a_user("clerk"), now=stage.NOW,
        )  # fmt: skip
    facts.drain(school=north, now=stage.NOW)
    assert facts.drift(school=north, now=stage.NOW) == 0


WITHOUT_SCHOOL = {stage.a_closed_consultation, drafting.remove_activity}
