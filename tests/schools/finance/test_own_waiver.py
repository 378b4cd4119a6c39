"""What was waived of one charge is never taken off another, whoever looks first: absences, an exit, the settlement."""

from datetime import date

import pytest

from schools.care.models import RollEntry
from schools.finance import actions, families, gathering, rules
from tenants.context import in_school
from tenants.policies.documents import SettlementKey
from tests import makers
from tests.city import NOON
from tests.schools.finance import stage
from tests.schools.finance.test_refunds import cancels

AFTER = date(2027, 1, 23)
NOV = stage.NEXT.replace(month=11, day=2)


def end_of(family):
    """What the settlement would take off, and what the family then owes for the term."""
    term, standings = rules.term(makers.TERM), gathering.standings(makers.TERM)
    found = families.ends(term, SettlementKey.PAID, AFTER, standings)
    return next((each.credit, each.family.due) for each in found if each.agreement_id == family.pk)


@pytest.mark.parametrize("unit", ["month", "class_hour"])
@pytest.mark.parametrize(("gone", "off"), [("paid", 3500), ("free", 0)])
@pytest.mark.parametrize("looked_at", [False, True])
def test_cancelled_lessons_come_back_at_their_own_months_share(north, unit, gone, off, looked_at):
    """Wuzhou, 70.00 each: September is waived, half of October cancelled: 35.00; all of September cancelled: nothing."""
    stage.the_term("wuzhou")
    with in_school(north):
        them = stage.people()
        plan = makers.a_plan(
            fee_unit=unit, fee_fen=7000 if unit == "month" else 175, last_date=date(2026, 10, 30)
        )
        activity = makers.an_activity(plan)
        months = [stage.sessions(activity, date(2026, 9, 1), 20, state="closed")]
        months += [stage.sessions(activity, date(2026, 10, 5), 20, state="closed")]
        poor = stage.a_family(plan, activity, school_signed_by=them.principal)
        for label in ("2026-09", "2026-10"):
            actions.charge_period(plan=plan, period=label, by=them.clerk, now=NOON)
        stage.waives(poor.charges.get(period="2026-09"), them, fen=7000)
        stage.pays(poor, 7000)
        cancels(*(months[1][10:] if gone == "paid" else months[0]))
        if looked_at:
            for label in ("2026-09", "2026-10"):
                actions.refund_absences(plan=plan, period=label, by=them.clerk, now=stage.OVER)
        credit, due = end_of(poor)
        assert (credit, due) == (0 if looked_at else off, 7000 - off)


def test_a_waiver_of_the_third_month_leaves_the_first_as_it_was(north):
    """Ezhou: September and October paid, November waived; six of September's ten lessons are cancelled: 42.00."""
    stage.the_term("ezhou")
    with in_school(north):
        them = stage.people()
        plan = stage.monthly_plan(7000, last_date=date(2026, 11, 30))
        activity = makers.an_activity(plan)
        september, *_later = [
            stage.sessions(activity, date(2026, month, 9), 10, state="closed") for month in (9, 10, 11)
        ]
        family = stage.a_family(plan, activity, school_signed_by=them.principal)
        for label in ("2026-09", "2026-10", "2026-11"):
            actions.charge_period(plan=plan, period=label, by=them.clerk, now=NOON)
        stage.waives(family.charges.get(period="2026-11"), them, "poor")
        cancels(*september[4:])
        assert end_of(family) == (4200, 9800)
        (found,) = actions.refund_absences(plan=plan, period="2026-09", by=them.clerk, now=stage.OVER)
        assert found.credit == 4200
        assert end_of(family) == (0, 9800)


@pytest.mark.parametrize("order", [("exit", "waiver"), ("waiver", "exit")])
@pytest.mark.parametrize(
    ("profile", "reason", "fen"), [("ezhou", "poor", None), ("wuzhou", "hardship", 3000)]
)
def test_a_waiver_after_absences_and_an_exit_gives_nothing_twice(north, profile, reason, fen, order):
    """The exit's difference is below zero, as absences gave more than the rule gives of the lower fee."""
    stage.the_term(profile)
    with in_school(north):
        them = stage.people()
        plan = stage.monthly_plan(7000)
        activity = makers.an_activity(plan)
        held = stage.sessions(activity, date(2026, 9, 7), 40, state="closed")
        stage.sessions(activity, date(2026, 11, 3), 20)
        family = stage.a_family(plan, activity, school_signed_by=them.principal)
        for lesson in held:
            if date(2026, 9, 10) <= lesson.date <= date(2026, 10, 23):
                RollEntry.objects.create(session=lesson, agreement=family, pupil=family.pupil, state="absent")
        for label in ("2026-09", "2026-10"):
            actions.charge_period(plan=plan, period=label, by=them.clerk, now=NOON)
        stage.pays(family, 14000)
        for label in ("2026-09", "2026-10"):
            actions.refund_absences(plan=plan, period=label, by=them.clerk, now=NOV)
        for deed in order:
            if deed == "waiver":
                stage.waives(family.charges.get(period="2026-09"), them, reason, fen=fen, now=NOV)
            else:
                family.refresh_from_db()
                family.state, family.ended_at, family.until_date = "ended", NOV, date(2026, 10, 30)
                family.save()
                actions.after_exit(agreement=family, by=None, now=NOV)
        assert end_of(family) == (0, {"ezhou": 1288, "wuzhou": 5500}[profile])
