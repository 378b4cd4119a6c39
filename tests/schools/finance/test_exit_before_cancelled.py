"""A lesson cancelled after an exit comes back whenever the exit was recorded: before the cancelling or after it (S37)."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import permutations

import pytest

from schools.care import actions as care
from schools.committee.models import Subject
from schools.finance import actions, families, promises, queries, refunding, rules
from schools.finance.timetable import last_day
from tenants.context import in_school
from tenants.policies import ready
from tenants.policies.documents import Per
from tests import makers
from tests.city import NOON
from tests.schools.finance import stage
from tests.undone import undone

EARLY = NOON.replace(month=9, day=18)
LAST = date(2026, 9, 10)
FEES = {"month": 10000, "term": 50000, "class_hour": 280}
CASES = [
    (profile, unit) for profile in ready.codes() for unit in FEES
    if (profile, unit) not in {("ezhou", "term"), ("wuzhou", "term"), ("haikou", "month")}
]  # fmt: skip


def leaves(family, at):
    family.refresh_from_db()
    family.state, family.ended_at, family.until_date = "ended", at, LAST
    family.save()
    actions.after_exit(agreement=family, by=None, now=at)


def a_class(them, unit, profile="national-2024"):
    """Three weeks of September are held, the term goes on to January; nobody has paid anything yet."""
    collector = rules.policy_on(date(2026, 9, 1)).policy.collector
    plan = makers.a_plan(fee_unit=unit, fee_fen=FEES[unit], collector=collector)
    activity = makers.an_activity(plan)
    stage.sessions(activity, date(2026, 9, 1), 13, state="closed")
    later = stage.sessions(activity, date(2026, 9, 21), 80)
    return plan, activity, later


def charged(plan, them, unit):
    by_month = Per.MONTH in rules.policy_on(date(2026, 9, 1)).policy.cycles and unit != "term"
    label = "2026-09" if by_month else makers.TERM
    actions.charge_period(plan=plan, period=label, by=them.clerk, now=NOON)


def in_all(family):
    """What the exit gave, and what the settlement still gives for it."""
    gave = sum(row.credit_fen for row in family.calculations.filter(undone_at=None))
    return gave + families.to_come(family.plan, [family.pk]).get(family.pk, 0)


def ends(plan, them):
    actions.end_service(plan=plan, reason="校舍维修，服务停止", by=them.principal, now=EARLY)


@pytest.mark.parametrize(("profile", "unit"), CASES)
def test_an_exit_gives_the_same_before_and_after_an_early_end(north, profile, unit):
    """Under every ready profile: where an earlier record had less, and where it had more (Ezhou, Haikou, Wuzhou)."""
    stage.the_term(profile)
    found = []
    with in_school(north):
        them = stage.people()
        for order in ("exit", "end"), ("end", "exit"):
            with undone():
                plan, activity, _later = a_class(them, unit)
                family = stage.a_family(plan, activity, school_signed_by=them.principal)
                charged(plan, them, unit)
                for deed in order:
                    if deed == "exit":
                        leaves(family, EARLY + timedelta(hours=1 if order[0] == "end" else -1))
                    else:
                        ends(plan, them)
                found.append((in_all(family), queries.owed_by(queries.agreement(family.pk))))
    assert found[0] == found[1]
    assert found[0][0] > 0


@pytest.mark.parametrize("profile", ready.codes())
def test_two_lessons_cancelled_one_by_one_in_any_order(north, profile):
    """The exit before, between or after them; a month of 100.00, or class hours where the policy knows no month."""
    stage.the_term(profile)
    unit = "class_hour" if profile == "haikou" else "month"  # paid by the term
    found = set()
    with in_school(north):
        them = stage.people()
        for order in permutations(("exit", "first", "second")):
            with undone():
                found.add(one_life(them, unit, order))
    assert len(found) == 1


def one_life(them, unit: str, order: Sequence[str]) -> int:
    plan, activity, later = a_class(them, unit)
    family = stage.a_family(plan, activity, school_signed_by=them.principal)
    charged(plan, them, unit)
    for n, deed in enumerate(order):
        at = EARLY + timedelta(hours=n)
        if deed == "exit":
            leaves(family, at)
        else:
            lesson = later[0 if deed == "first" else 1]
            care.cancel_session(session=lesson, reason="台风", by=them.principal, now=at)
    return int(in_all(family))


def test_three_who_paid_the_same_get_the_same(north):
    """500.00 each, rule none: exit recorded before the early end, after it, and one who stayed until it. The first got its
    part of the rest alone."""
    stage.the_term("national-2024")
    with in_school(north):
        them = stage.people()
        plan, activity, _later = a_class(them, "term")
        early, late, stays = (
            stage.a_family(plan, activity, school_signed_by=them.principal) for _ in range(3)
        )
        charged(plan, them, "term")
        for family in (early, late, stays):
            stage.pays(family, 50000)
        stage.spends(20000, them)
        leaves(early, EARLY - timedelta(days=2))
        ends(plan, them)
        leaves(late, EARLY + timedelta(hours=1))
        assert queries.owed_by(queries.agreement(early.pk)) == -43011  # 80 of 93
        now = EARLY + timedelta(days=1)
        actions.close_month(term_code=makers.TERM, month="2026-09", by=them.treasurer, now=now)
        made = actions.preview_settlement(term_code=makers.TERM, by=them.treasurer, now=now)
        passed = makers.a_passed_resolution(Subject.SETTLEMENT, object_id=made.pk)
        actions.resolution_closed(resolution=passed, by=them.chair, now=now)
        made.refresh_from_db()
        actions.batch_settlement(settlement=made, by=them.principal, now=now)
        back = [sum(row.amount_fen for row in family.refunds.all()) for family in (early, late, stays)]
        assert max(back) - min(back) <= 1
        assert sum(back) == 150000 - 20000
        assert promises.broken_promise() is None
        again = families.to_come(plan, [early.pk])
        assert not again.get(early.pk)  # once for a term


def test_the_proof_says_where_cancelled_days_count_as_unused(north):
    """Ezhou, 3.36 a day: 13 days after the exit are 43.68, also where the last eight were cancelled by then."""
    stage.the_term("ezhou")
    with in_school(north):
        them = stage.people()
        plan, activity, _later = a_class(them, "month")
        family = stage.a_family(plan, activity, school_signed_by=them.principal)
        charged(plan, them, "month")
        ends(plan, them)
        leaves(family, EARLY + timedelta(hours=1))
        found = refunding.case_of(family).case.returned(left_on=last_day(family))
        assert found.fen == 4368
        assert "退出之后才取消的服务 8 天按退出后没有使用计算，这样退得更多。" in found.lines
