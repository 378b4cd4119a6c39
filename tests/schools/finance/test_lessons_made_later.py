"""Lessons made after their period was charged by the class hour: told, charged by its next run, once (S27, S36, S37)."""

from datetime import date, timedelta

import pytest

from schools.care.models import RollEntry, Session
from schools.finance import actions, ending, families, owing, queries, rules, runs, uncharged
from schools.finance.actions import charges as charge_actions
from tenants.context import in_school
from tests import makers
from tests.schools.finance import stage
from tests.schools.finance.test_class_hours_added import OCTOBER, Month, holds, hours_and_fen
from tests.schools.finance.test_exit_corrected_beside import at, charges, leaves, owes
from tests.schools.finance.test_pages import no_second_factor  # noqa: F401  (a fixture)

LATER = at(9, 28)
"""When the calendar had been entered, and the rest of the term was made."""
END = date(2027, 1, 22)


def made(activity, first, count, *, when=LATER, **more):
    found = stage.sessions(activity, first, count, **{"state": "closed", **more})
    Session.objects.filter(pk__in=[each.pk for each in found]).update(made_at=when)
    return found


def the_school(fee, lessons=22):
    """September alone is made when the whole term is charged."""
    them = stage.people()
    plan = makers.a_plan(fee_unit="class_hour", fee_fen=fee)
    activity = makers.an_activity(plan)
    stage.sessions(activity, date(2026, 9, 1), lessons, state="closed")
    return (
        them,
        plan,
        activity,
        [stage.a_family(plan, activity, school_signed_by=them.principal) for _ in "ab"],
    )


@pytest.mark.parametrize(("profile", "fee"), [("haikou", 300), ("longling", 200)])
def test_a_term_charged_when_only_september_is_made_is_charged_for_the_rest(north, profile, fee):
    """44 hours; then 60 lessons more. One family has paid: the run can't be taken back, and need not be."""
    stage.the_term(profile)
    with in_school(north):
        them, plan, activity, (first, second) = the_school(fee)
        run = charges(plan, makers.TERM, them)
        stage.pays(first, owes(first), at=at(9, 2))
        made(activity, date(2026, 10, 1), 60)
        told = queries.not_charged_after(makers.TERM)
        assert [(each.hours, each.fen, each.by_a_run) for each in told] == [(120, 120 * fee, True)] * 2
        assert uncharged.of_plan(plan, END) == (2, 120, 240)
        (said,) = ending.said_before(rules.term(makers.TERM), date(2027, 1, 23))
        assert "2 户已经上过的 120 天、240 课时没有收费" in said
        more = charges(plan, makers.TERM, them, at(10, 1))
        assert (more.families, more.total_fen) == (2, 2 * 120 * fee)
        assert (owes(first), owes(second)) == (120 * fee, 164 * fee)
        assert queries.not_charged_after(makers.TERM) == []
        assert uncharged.of_plan(plan, END) == (0, 0, 0)
        assert ending.said_before(rules.term(makers.TERM), date(2027, 1, 23)) == []
        with pytest.raises(charge_actions.AlreadyCharged):
            charges(plan, makers.TERM, them, at(10, 2))
        actions.take_back(run=more, reason="点错了", by=them.clerk, now=at(10, 3))
        assert owes(second) == 44 * fee
        assert run.charges.filter(taken_back_at=None).count() == 2
        holds()


def test_a_lesson_that_is_cancelled_since_is_not_charged_and_not_given_back_twice(north):
    """Two of the later lessons are cancelled before the run, two after it; one of the first ones before both."""
    stage.the_term("haikou")
    with in_school(north):
        them, plan, activity, (family, _other) = the_school(300)
        charges(plan, makers.TERM, them)
        later = made(activity, date(2026, 10, 1), 10)
        cancelled = Session.objects.filter(
            pk__in=[activity.sessions.earliest("date").pk, later[0].pk, later[1].pk]
        )
        cancelled.update(state="cancelled", closed_at=None, cancel_reason="台风")
        assert [each.hours for each in queries.not_charged_after(makers.TERM)] == [16, 16]
        assert families.to_come(plan)[family.pk] == 600
        charges(plan, makers.TERM, them, at(10, 1))
        assert hours_and_fen(family.charges.get()) == (60, 18000, 0)
        assert families.to_come(plan)[family.pk] == 600
        Session.objects.filter(pk__in=[later[2].pk, later[3].pk]).update(
            state="cancelled", closed_at=None, cancel_reason="台风"
        )
        assert families.to_come(plan)[family.pk] == 600 + 1200
        assert queries.not_charged_after(makers.TERM) == []
        holds()


def test_an_exit_looks_at_the_lessons_that_were_charged(north):
    """Nothing was paid for October: nothing goes back for it, with the run or without; the settlement sees the same."""
    stage.the_term(refund={"kind": "class_hours"}, caps=[])
    with in_school(north):
        them, plan, activity, (first, second) = the_school(300)
        charges(plan, makers.TERM, them)
        made(activity, date(2026, 10, 1), 10)
        leaves(first, date(2026, 9, 15), at(9, 29))  # 11 of 22 lessons
        assert owes(first) == 22 * 300
        assert [(each.agreement.pk, each.by_a_run) for each in queries.not_charged_after(makers.TERM)] == [
            (second.pk, True)
        ]
        charges(plan, makers.TERM, them, at(10, 1))
        assert (owes(first), owes(second)) == (22 * 300, 64 * 300)
        leaves(second, date(2026, 10, 7), at(10, 8))
        assert (
            owes(second)
            == (44 + 2 * activity.sessions.filter(date__range=("2026-10-01", "2026-10-07")).count()) * 300
        )
        assert families.to_come(plan) == {}
        holds()


def test_absences_of_the_period_are_looked_at_again_with_the_later_lessons(north):
    stage.the_term(refund={"kind": "per_day", "amounts": [{"stages": ["primary"], "fen": 100}]}, caps=[])
    with in_school(north):
        on = Month(cap=None)
        for session in on.reading.sessions.all():
            RollEntry.objects.create(
                session=session, agreement=on.family, pupil=on.family.pupil, state="absent"
            )
        november = stage.NEXT + timedelta(days=40)
        actions.refund_absences(plan=on.plan, period=OCTOBER, by=on.them.clerk, now=november)
        assert on.row().credited_fen == 200
        (more, *_rest) = made(on.reading, date(2026, 10, 20), 2, when=november + timedelta(hours=1))
        RollEntry.objects.create(session=more, agreement=on.family, pupil=on.family.pupil, state="absent")
        on.now = november + timedelta(hours=2)
        on.charge()
        actions.refund_absences(
            plan=on.plan, period=OCTOBER, by=on.them.clerk, now=november + timedelta(hours=3)
        )
        assert hours_and_fen(on.row()) == (8, 2400, 0)
        assert on.row().credited_fen == 300
        holds()


def test_lessons_made_while_a_run_waits_are_charged_by_the_next_one(north):
    stage.the_term("national-2024", caps=[])
    with in_school(north):
        on = Month(cap=None)
        on.takes_back(on.first)
        later = on.now + timedelta(minutes=9)
        made(on.reading, date(2026, 10, 20), 1, when=later)
        on.charge()
        assert on.row().units == 4
        on.now = later
        on.charge()
        assert on.row().units == 6
        holds()


def test_an_early_end_has_later_lessons_among_what_was_not_charged(north):
    stage.the_term("national-2024", caps=[])
    with in_school(north):
        on = Month(cap=None)
        made(on.reading, date(2026, 10, 20), 1, when=at(9, 28))
        made(on.reading, date(2026, 10, 22), 1, when=at(9, 28), state="planned")
        assert uncharged.of_plan(on.plan, date(2026, 10, 21)) == (2, 2, 4)
        actions.end_service(plan=on.plan, reason="校舍维修，服务停止", by=on.them.principal, now=at(10, 21))
        on.plan.refresh_from_db()
        assert [each.hours for each in queries.not_charged_after(makers.TERM)] == [2, 2]
        rows = [type(on.family).objects.select_related("plan").get(pk=on.family.pk)]
        assert owing.of(rows)[on.family.pk].fen == 4 * 300


@pytest.mark.parametrize("period", ["2026-12", makers.TERM])
def test_a_run_without_a_lesson_is_refused(north, period):
    stage.the_term("national-2024", caps=[])
    with in_school(north):
        them, plan, activity, _families = the_school(300, lessons=0)
        with pytest.raises(runs.NoLessonsMade, match="还没有生成服务场次"):
            runs.draft(plan, period)
        with pytest.raises(runs.NoLessonsMade):
            charges(plan, period, them)
        stage.sessions(activity, date(2026, 12, 1), 2, state="cancelled")
        assert charges(plan, period, them).total_fen == 0  # made, and all of them cancelled


def test_the_preview_names_the_months_without_lessons(north, no_second_factor):  # noqa: F811  (a fixture)
    stage.the_term("national-2024", caps=[])
    with in_school(north):
        them, plan, _activity, _families = the_school(300)
        clerk = stage.logged_in(north, them.clerk)
        months = ["2026-10", "2026-11", "2026-12", "2027-01"]
        assert [str(month) for month in queries.months_not_made(plan, makers.TERM)] == months
        assert queries.months_not_made(plan, "2026-09") == []
    page = clerk.get(f"/finance/charges/preview/?period={makers.TERM}&term={makers.TERM}").content.decode()
    assert "2026-10、2026-11、2026-12、2027-01 还没有生成服务场次" in page
    page = clerk.get(f"/finance/charges/preview/?period=2026-12&term={makers.TERM}").content.decode()
    assert "“2026-12”还没有生成服务场次" in page
    assert "确认开具" not in page
