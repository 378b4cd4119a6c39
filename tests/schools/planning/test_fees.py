"""Fees by stage, and caps of every unit over the term's own calendar (S9, S10; reference facts)."""


import pytest

from schools.enrolment import wording as application
from schools.enrolment.wording import Wanted
from schools.planning import actions, drafting, wording
from schools.planning.models import CostKind, FeeUnit, Plan
from tenants.context import in_school
from tenants.policies import ready
from tests import makers
from tests.schools.planning import stage
from tests.schools.planning.stage import AFTER

UNITS = {"units": ["month", "term", "class_hour"], "cycles": ["month", "term"]}


def cap(per: str, fen: int) -> dict:
    return {"per": per, "fen": fen, "meaning": "ceiling"}


def a_city(*caps: dict) -> None:
    """Fees in every unit, under these caps."""
    stage.a_city(caps=list(caps), billing=UNITS)


def draft(school, clerk, **more) -> Plan:
    asked = stage.a_closed_consultation(clerk)
    return drafting.draft_plan(
        consultation=asked, terms=stage.terms(**more), school=school, by=clerk, now=AFTER
    )


def whole(school, clerk, plan: Plan, *weekdays: int) -> Plan:
    """Two class hours on each of these weekdays, and a cost line."""
    for weekday in weekdays or (1,):
        new = stage.an_activity(weekday=weekday)
        drafting.add_activity(plan=plan, new=new, school=school, by=clerk, now=AFTER)
    drafting.add_cost_line(
        plan=plan, kind=CostKind.STAFF, title="课时费", amount=100, school=school, by=clerk, now=AFTER
    )
    return plan


# --- caps of other units -----------------------------------------------------------------------------------------------


def test_a_monthly_fee_is_held_against_the_cap_of_the_term(north):
    """80 a month, September to January: 400 a term, over a cap of 300."""
    a_city(cap("term", 30_000))
    with in_school(north):
        clerk = makers.a_user("clerk")
        with pytest.raises(
            Exception, match=r"每月 ¥80.00，本学期 5 个月合计 ¥400.00，超过封顶每学期 ¥300.00。请降低标准。"
        ):
            draft(north, clerk, fee_unit=FeeUnit.MONTH, fee=8_000)
        assert not Plan.objects.exists()


def test_longling_says_what_a_child_pays_at_most(north):
    """2.50 a class hour, at most 400 a term: the cap is meant to bind, and the family is told."""
    makers.a_term()
    makers.a_policy(ready.document("longling"))
    with in_school(north):
        clerk = makers.a_user("clerk")
        plan = whole(north, clerk, draft(north, clerk, fee=250), 1, 2, 3, 4, 5)
        stage.a_seated_committee()
        said = "每课时 ¥2.50，本学期最多 ¥400.00"
        assert said in actions.put_to_vote(plan=plan, school=north, by=clerk, now=AFTER).text
        assert said in wording.fee_notice(plan, north)
        pupil = makers.a_pupil()
        wanted = Wanted(north, plan, pupil, makers.a_guardian(pupil), tuple(plan.activities.all()), False)
        assert said in application.texts(wanted).agreement
