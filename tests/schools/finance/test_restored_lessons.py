"""A lesson that was cancelled and restored is charged once: before the cancelling, or by the next run (S27, S36, S37)."""

from datetime import date, timedelta

import pytest

from schools.care import actions as care
from schools.care import restore_actions
from schools.care.models import Session
from schools.finance import families, queries
from tenants.context import in_school
from tests import makers
from tests.schools.finance import stage
from tests.schools.finance.test_class_hours_added import holds, hours_and_fen
from tests.schools.finance.test_exit_corrected_beside import at, charges, leaves, owes

FEE = 300
DAY = date(2026, 9, 15)
CANCELLED, CHARGED, RESTORED = at(9, 2), at(9, 3), at(9, 4)


def the_school(fee_unit="class_hour", fee=FEE):
    them = stage.people()
    plan = makers.a_plan(fee_unit=fee_unit, fee_fen=fee)
    activity = makers.an_activity(plan)
    stage.sessions(activity, date(2026, 9, 1), 22)
    family = stage.a_family(plan, activity, school_signed_by=them.principal)
    return them, plan, Session.objects.filter(activity=activity).order_by("date"), family


def cancels(session, them, now=CANCELLED):
    care.cancel_session(session=session, reason="台风", by=them.clerk, now=now)


def restores(session, them, now=RESTORED):
    restore_actions.restore(sessions=[session], reason="没有登陆", by=them.clerk, now=now)


def test_charged_before_it_was_cancelled_it_has_been_paid_for(north):
    stage.the_term("haikou")
    with in_school(north):
        them, plan, lessons, family = the_school()
        charges(plan, makers.TERM, them, at(9, 1))
        cancels(lessons.get(date=DAY), them)
        assert families.to_come(plan)[family.pk] == 2 * FEE
        restores(lessons.get(date=DAY), them)
        assert families.to_come(plan) == {}
        assert queries.not_charged_after(makers.TERM) == []
        assert owes(family) == 44 * FEE
        holds()


def test_charged_while_it_was_cancelled_it_is_asked_for_by_the_next_run_once(north):
    stage.the_term("haikou")
    with in_school(north):
        them, plan, lessons, family = the_school()
        cancels(lessons.get(date=DAY), them)
        charges(plan, makers.TERM, them, CHARGED)
        assert owes(family) == 42 * FEE
        restores(lessons.get(date=DAY), them)
        (told,) = queries.not_charged_after(makers.TERM)
        assert (told.hours, told.fen, told.by_a_run) == (2, 2 * FEE, True)
        charges(plan, makers.TERM, them, at(9, 5))
        assert hours_and_fen(family.charges.get()) == (44, 44 * FEE, 0)
        assert queries.not_charged_after(makers.TERM) == []
        assert families.to_come(plan) == {}
        holds()


@pytest.mark.parametrize("is_asked_for", [True, False])
def test_cancelled_again_after_all_it_comes_off_for_whoever_paid(north, is_asked_for):
    """Charged in the gap: with the next run's hours 44 were paid, without it 42; one lesson less is 42 for both."""
    stage.the_term("haikou")
    with in_school(north):
        them, plan, lessons, family = the_school()
        cancels(lessons.get(date=DAY), them)
        charges(plan, makers.TERM, them, CHARGED)
        restores(lessons.get(date=DAY), them)
        if is_asked_for:
            charges(plan, makers.TERM, them, at(9, 5))
        cancels(lessons.get(date=DAY), them, now=at(9, 6))
        assert queries.not_charged_after(makers.TERM) == []
        assert families.to_come(plan).get(family.pk, 0) == (2 * FEE if is_asked_for else 0)
        holds()


@pytest.mark.parametrize("when", ["before", "between", "after"])
def test_an_exit_after_it_pays_for_the_lessons_that_were_charged(north, when):
    stage.the_term(refund={"kind": "class_hours"}, caps=[])
    with in_school(north):
        them, plan, lessons, family = the_school()
        if when == "before":
            charges(plan, makers.TERM, them, at(9, 1))
        cancels(lessons.get(date=DAY), them)
        if when == "between":
            charges(plan, makers.TERM, them, CHARGED)
        restores(lessons.get(date=DAY), them)
        if when != "before":
            charges(plan, makers.TERM, them, at(9, 5))
        lessons.filter(date__lte=DAY).update(state="closed", closed_at=at(9, 15))
        held = 2 * lessons.filter(date__lte=DAY).count()
        leaves(family, DAY, at(9, 16) + timedelta(hours=1))
        assert owes(family) == held * FEE
        holds()


def test_by_the_month_nothing_is_asked_for_twice(north):
    stage.the_term("ezhou")
    with in_school(north):
        them, plan, lessons, family = the_school("month", 7000)
        charges(plan, "2026-09", them, at(9, 1))
        cancels(lessons.get(date=DAY), them)
        restores(lessons.get(date=DAY), them)
        assert owes(family) == 7000
        assert families.to_come(plan) == {}
        assert queries.not_charged_after(makers.TERM) == []
        holds()
