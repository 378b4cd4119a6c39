"""Class hours that come after their charge where a cap makes them free: the charge is for them all the same (S27, S36, S37).

Each case is reckoned twice: for a child whose place came in time, and for one whose place came a minute after the charge.
"""

from datetime import date

import pytest

from schools.care.models import Session
from schools.finance import actions, ending, explaining, families, queries, rules, uncharged
from schools.finance.actions import charges as charge_actions
from schools.finance.models import Refund
from tenants.context import in_school
from tests import makers
from tests.schools.finance import stage
from tests.schools.finance.test_class_hours_added import holds
from tests.schools.finance.test_exit_corrected_beside import at, charges, leaves, owes

SEPTEMBER_1 = date(2026, 9, 1)
MONTH_CAP = {"caps": [{"per": "month", "fen": 7000, "meaning": "ceiling"}]}


def two_children(period, *, reading, football, football_from=SEPTEMBER_1, fee=250):
    """The same lessons for both; the second one's place in football comes after the charge, and a run counts it."""
    them = stage.people()
    plan = makers.a_plan(fee_unit="class_hour", fee_fen=fee)
    first = makers.an_activity(plan, title="阅读")
    second = makers.an_activity(plan, title="足球", weekday=2)
    stage.sessions(first, reading[0], reading[1], state="closed")
    stage.sessions(second, football[0], football[1], state="closed")
    timely, late = (stage.a_family(plan, first, school_signed_by=them.principal) for _ in "ab")
    makers.a_place(timely, second, placed_from=football_from)
    charges(plan, period, them, at(9, 28))
    makers.a_place(late, second, placed_at=at(9, 29), placed_from=football_from)
    for family in (timely, late):
        stage.pays(family, owes(family), at=at(9, 30))
    return them, plan, first, timely, late


def test_a_settlement_takes_off_what_the_lessons_of_both_justify(north):
    """Longling: 200 hours are 400.00 under the term's cap, 190 held are still 400.00; nothing is taken off either."""
    stage.the_term("longling")
    with in_school(north):
        them, plan, reading, timely, late = two_children(
            makers.TERM, reading=(SEPTEMBER_1, 80), football=(SEPTEMBER_1, 20)
        )
        told = queries.not_charged_after(makers.TERM)
        assert [(each.agreement.pk, each.hours, each.fen, each.is_free) for each in told] == [
            (late.pk, 40, 0, True)
        ]
        assert uncharged.of_plan(plan, date(2027, 1, 22)) == (0, 0, 0)
        (said,) = ending.said_before(rules.term(makers.TERM), date(2027, 1, 23))
        assert "1 笔应收到了封顶之后又增加了课时" in said
        run = charges(plan, makers.TERM, them, at(10, 1))
        assert (run.families, run.total_fen, owes(late)) == (1, 0, 0)
        assert ending.said_before(rules.term(makers.TERM), date(2027, 1, 23)) == []
        with pytest.raises(charge_actions.AlreadyCharged):
            charges(plan, makers.TERM, them, at(10, 2))
        lost = [row.pk for row in reading.sessions.order_by("-date")[:5]]
        Session.objects.filter(pk__in=lost).update(state="cancelled", closed_at=None, cancel_reason="台风")
        assert families.to_come(plan) == {}
        assert [family.charges.get().units for family in (timely, late)] == [200, 200]
        assert "其中收费之后增加的 40 课时，已到封顶，不加收" in explaining.charge_lines(late.charges.get())
        holds()


@pytest.mark.parametrize("is_taken_back", [False, True])
def test_an_exit_gives_both_the_same(north, is_taken_back):
    """Left on 12 October with nothing cancelled: the lessons after it come back by the rule, of both activities."""
    stage.the_term("longling")
    with in_school(north):
        them, plan, _reading, timely, late = two_children(
            makers.TERM, reading=(SEPTEMBER_1, 80), football=(SEPTEMBER_1, 15)
        )
        run = charges(plan, makers.TERM, them, at(10, 1))
        if is_taken_back:
            actions.take_back(run=run, reason="点错了", by=them.clerk, now=at(10, 2))
            assert late.charges.get().units == 160
            charges(plan, makers.TERM, them, at(10, 3))
        for family in (timely, late):
            leaves(family, date(2026, 10, 12), at(10, 12))
        returned = dict(Refund.objects.values_list("agreement", "amount_fen"))
        assert returned.get(timely.pk) == returned.get(late.pk)
        holds()


@pytest.mark.parametrize("rule", [{"kind": "class_hours"}, {"kind": "remaining_days"}])
def test_nobody_pays_for_lessons_after_the_exit_that_a_cap_had_made_free(north, rule):
    """70.00 for the month; a third of its hours lay after the exit, all of them football."""
    stage.the_term("national-2024", refund=rule, **MONTH_CAP)
    with in_school(north):
        them, plan, _reading, timely, late = two_children(
            "2026-10", reading=(date(2026, 10, 1), 14), football=(date(2026, 10, 21), 7)
        )
        charges(plan, "2026-10", them, at(10, 1))
        for family in (timely, late):
            leaves(family, date(2026, 10, 20), at(10, 20))
        returned = dict(Refund.objects.values_list("agreement", "amount_fen"))
        assert returned[timely.pk] == returned[late.pk] > 0
        holds()


def test_later_hours_of_an_older_plan_are_told_beside_those_of_the_newer_one(north):
    stage.the_term("national-2024", caps=[])
    with in_school(north):
        them = stage.people()
        found = {}
        for version, first, last in (
            (1, SEPTEMBER_1, date(2026, 9, 30)),
            (2, date(2026, 10, 1), date(2027, 1, 22)),
        ):
            state = "ended" if version == 1 else "published"
            plan = makers.a_plan(fee_unit="class_hour", fee_fen=300, version=version, state=state,
                                 first_date=first, last_date=last, name=f"方案{version}")  # fmt: skip
            reading = makers.an_activity(plan, title=f"阅读{version}")
            football = makers.an_activity(plan, title=f"足球{version}", weekday=2)
            for activity in (reading, football):
                stage.sessions(activity, first, 5, state="closed")
            family = stage.a_family(
                plan, reading, school_signed_by=them.principal, from_date=first, until_date=last
            )
            charges(plan, f"{first:%Y-%m}", them, at(9, 28))
            makers.a_place(family, football, placed_at=at(9, 29), placed_from=first)
            found[plan.pk] = family.pk
        assert {each.agreement.pk for each in queries.not_charged_after(makers.TERM)} == {*found.values()}
