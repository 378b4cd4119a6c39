"""An exit is corrected beside a second agreement, an early end, an old doubled charge, a charge of after it (S27, S36)."""

from datetime import date, timedelta

import pytest

from afterbell.kernel.money import Fen
from schools.enrolment import exit_actions
from schools.finance import (
    accounts,
    actions,
    charged_before,
    doubled,
    ledger,
    offering,
    promises,
    queries,
    rules,
)
from schools.finance.ledger import Posting
from schools.finance.models import Charge, TransferKind
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.finance import stage
from tests.schools.finance.test_exit_corrected import corrects, is_there
from tests.undone import undone

MONTHLY = ["ezhou", "national-2024", "shandong", "wuhan", "wuzhou"]
OFFICE = date(2026, 9, 18)
"""The exit, as the office has it, where nothing else is said."""


def a_class(unit, fen, held=90):
    collector = rules.policy_on(date(2026, 9, 1)).policy.collector
    plan = makers.a_plan(fee_unit=unit, fee_fen=fen, collector=collector)
    activity = makers.an_activity(plan)
    days = stage.sessions(activity, date(2026, 9, 1), held, state="closed")
    if held < 90:
        stage.sessions(activity, days[-1].date + timedelta(days=1), 90 - held)
    return plan, activity


def at(month, day):
    return NOON.replace(month=month, day=day)


def charges(plan, period, them, now=NOON):
    return actions.charge_period(plan=plan, period=period, by=them.clerk, now=now)


def leaves(family, on, now=None):
    family.refresh_from_db()
    now = now or NOON.replace(month=on.month, day=on.day)
    family.state, family.ended_at, family.until_date = "ended", now, on
    family.save()
    family.application.state = "withdrawn"
    family.application.save()
    actions.after_exit(agreement=family, by=None, now=now)
    family.refresh_from_db()


def never_began(family, now):
    family.refresh_from_db()
    family.state, family.ended_at = "void", now
    family.save()
    actions.after_exit(agreement=family, by=None, now=now)


def joins_again(first, activity, on):
    guardian = first.application.guardian
    again = stage.a_family(first.plan, pupil=first.pupil, guardian=guardian, from_date=on)
    makers.a_place(again, activity)
    return again


def owes(*families):
    return sum(queries.owed_by(queries.agreement(family.pk)) for family in families)


def spans(family):
    rows = family.charges.filter(taken_back_at=None).order_by("created_at", "pk")
    return [days and (days.first, days.last) for days in map(charged_before.days_charged, rows)]


@pytest.mark.parametrize("profile", MONTHLY)
def test_a_month_is_paid_once_by_who_came_back_before_it(north, profile):
    """Ezhou: 9.52 until the 4th, 60.48 from the 21st on; by the roll it was there until the 17th. 100.24 were owed."""
    stage.the_term(profile)
    found = []
    with in_school(north):
        them = stage.people()
        for wrongly in (True, False):
            with undone():
                plan, activity = a_class("month", 7000)
                first = stage.a_family(plan, activity, school_signed_by=them.principal)
                charges(plan, "2026-09", them)
                is_there(first, date(2026, 9, 17))
                leaves(first, date(2026, 9, 4 if wrongly else 17))
                second = joins_again(first, activity, date(2026, 9, 21))
                charges(plan, "2026-09", them, at(9, 21))
                if wrongly:
                    corrects(first, them.clerk)
                found.append((owes(first, second), first.until_date))
                assert promises.broken_promise() is None
        assert found[0] == found[1]


@pytest.mark.parametrize("fraction", ["half of it", "all of it"])
def test_what_went_back_of_the_second_was_not_paid_twice(north, fraction):
    """Wuhan, by the days that are left: of the second agreement three of eight days came back, or all."""
    stage.the_term("wuhan")
    found = []
    with in_school(north):
        them = stage.people()
        for wrongly in (True, False):
            with undone():
                plan, activity = a_class("month", 7000)
                first = stage.a_family(plan, activity, school_signed_by=them.principal)
                charges(plan, "2026-09", them)
                is_there(first, date(2026, 9, 17))
                leaves(first, date(2026, 9, 4 if wrongly else 17))
                second = joins_again(first, activity, date(2026, 9, 21))
                charges(plan, "2026-09", them, at(9, 21))
                if fraction == "half of it":
                    leaves(second, date(2026, 9, 25))
                else:
                    never_began(second, at(9, 20))
                if wrongly:
                    corrects(first, them.clerk)
                found.append(owes(first, second))
        assert abs(found[0] - found[1]) <= 1  # each agreement is rounded by itself


def test_a_lesson_is_paid_once_by_who_came_back_before_it(north):
    """No rule: a month that was begun is kept to its end. October was the second one's from the 12th on."""
    stage.the_term("national-2024")
    found = []
    with in_school(north):
        them = stage.people()
        for wrongly in (True, False):
            with undone():
                plan, activity = a_class("class_hour", 280)
                first = stage.a_family(plan, activity, school_signed_by=them.principal)
                charges(plan, makers.TERM, them)
                is_there(first, date(2026, 10, 9))
                leaves(first, OFFICE if wrongly else date(2026, 10, 9))
                second = joins_again(first, activity, date(2026, 10, 12))
                charges(plan, makers.TERM, them, at(10, 12))
                if wrongly:
                    corrects(first, them.clerk)
                    assert spans(first) == [(date(2026, 9, 1), date(2026, 10, 11))]
                    text = first.calculations.latest("at").text
                    assert "孩子再报名之后又按后一份协议收过费，重复的" in text
                found.append(owes(first, second))
                assert promises.broken_promise() is None
        assert found[0] == found[1] == 90 * 2 * 280


def test_the_second_agreement_keeps_its_own_first_day(north):
    """It began on the last day of the first one, which has that day: an IntegrityError."""
    stage.the_term("ezhou")
    found = []
    with in_school(north):
        them = stage.people()
        for wrongly in (True, False):
            with undone():
                plan, activity = a_class("class_hour", 280)
                first = stage.a_family(plan, activity, school_signed_by=them.principal)
                charges(plan, "2026-09", them)
                leaves(first, date(2026, 9, 10))
                second = joins_again(first, activity, date(2026, 9, 10))
                charges(plan, "2026-09", them, at(9, 11))
                is_there(second, date(2026, 9, 24))
                leaves(second, OFFICE if wrongly else date(2026, 9, 24), at(9, 24))
                if wrongly:
                    corrects(second, them.clerk)
                found.append((owes(first, second), spans(first), spans(second)))
                assert promises.broken_promise() is None
        assert found[0] == found[1]
        assert found[0][2] == [(date(2026, 9, 11), date(2026, 9, 24))]


def test_no_day_after_an_early_end_is_charged(north):
    """No rule, by the class hour: the month was kept to its end, over the days of the term's next plan."""
    stage.the_term("national-2024")
    with in_school(north):
        them = stage.people()
        plan, activity = a_class("class_hour", 280, held=13)
        family = stage.a_family(plan, activity, school_signed_by=them.principal)
        charges(plan, "2026-09", them)
        is_there(family, date(2026, 9, 17))
        leaves(family, date(2026, 9, 10))
        actions.end_service(plan=plan, reason="校舍维修，服务停止", by=them.principal, now=at(9, 18))
        corrects(family, them.clerk)
        assert spans(family) == [(date(2026, 9, 1), date(2026, 9, 18))]
        assert owes(family) == 14 * 2 * 280
        assert promises.broken_promise() is None


def test_a_doubled_charge_of_before_runs_stays_beside_and_is_undone_by_itself(north):
    """Both are calculated by the new day; that one still names no day of its own: an IntegrityError."""
    stage.the_term("ezhou")
    found = []
    with in_school(north):
        them = stage.people()
        for wrongly in (True, False):
            with undone():
                plan, activity = a_class("month", 7000)
                family = stage.a_family(plan, activity, school_signed_by=them.principal)
                charges(plan, "2026-10", them)
                old = an_old_one(family, 35000)
                is_there(family, date(2026, 10, 15))
                leaves(family, date(2026, 10, 9 if wrongly else 15))
                if wrongly:
                    corrects(family, them.clerk)
                assert [pair.second_id for pair in doubled.charges(rules.term(makers.TERM))] != []
                undo = {"reason": "与按月的收费重复", "by": them.clerk, "now": at(10, 20)}
                actions.take_back_doubled(charge=old, **undo)
                found.append((owes(family), spans(family)))
                assert promises.broken_promise() is None
        assert found[0] == found[1]


def an_old_one(family, fen, unit="month"):
    """For the term, from before there were runs: beside October it could name no day."""
    row = Charge.objects.create(
        agreement=family, term_code=makers.TERM, period=makers.TERM, units=5, gross_fen=fen, collector="school",
        first_date=date(2026, 9, 1), last_date=date(2027, 1, 22), unit=unit, fee_fen=fen // 5, created_at=NOON,
    )  # fmt: skip
    owed = Posting(
        TransferKind.CHARGE, f"charge:{row.pk}", accounts.family(family.pk), accounts.FEES, Fen(fen)
    )
    ledger.post(owed, term_code=makers.TERM, by=None, now=NOON)
    return row


@pytest.mark.parametrize("profile", ["national-2024", "shandong", "wuhan"])  # by the month and by the term
def test_months_that_a_charge_of_after_the_exit_had_not_are_charged_by_a_run(north, profile):
    """The term was charged after an exit of 28 September: one month. By the roll it was there until 9 October."""
    stage.the_term(profile)
    found = []
    with in_school(north):
        them = stage.people()
        for wrongly in (True, False):
            with undone():
                plan, activity = a_class("month", 7000)
                family = stage.a_family(plan, activity, school_signed_by=them.principal)
                is_there(family, date(2026, 10, 9))
                leaves(family, date(2026, 9, 28) if wrongly else date(2026, 10, 9), at(10, 10))
                charges(plan, makers.TERM, them, at(10, 11))
                if wrongly:
                    before = owes(family)
                    exit_corrected_on(family, them, at(10, 12))
                    assert owes(family) >= before  # 20.00 came off a September that was used to its end
                    charges(plan, "2026-10", them, at(10, 13))
                found.append(owes(family))
                assert promises.broken_promise() is None
        assert abs(found[0] - found[1]) <= 1  # two bills are rounded each by itself


def exit_corrected_on(family, them, now):
    exit_actions.correct_exit(agreement=family, by=them.clerk, now=now)
    family.refresh_from_db()


@pytest.mark.parametrize("profile", ["ezhou", "haikou", "national-2024", "wuhan", "wuzhou"])
def test_lessons_that_a_charge_of_after_the_exit_had_not_are_told(north, profile):
    """Charged until the 10th, there until the 17th: five lessons come into no bill, and whoever charges hears it."""
    stage.the_term(profile)
    label = makers.TERM if profile == "haikou" else "2026-09"
    with in_school(north):
        them = stage.people()
        plan, activity = a_class("class_hour", 100)
        family = stage.a_family(plan, activity, school_signed_by=them.principal)
        is_there(family, date(2026, 9, 17))
        leaves(family, date(2026, 9, 10), at(9, 18))
        run = charges(plan, label, them, at(9, 19))
        assert queries.not_charged_after(makers.TERM) == []
        exit_corrected_on(family, them, at(9, 20))
        (told,) = queries.not_charged_after(makers.TERM)
        assert (told.agreement.pk, told.period, told.hours, told.fen) == (family.pk, label, 10, 1000)
        actions.take_back(run=run, reason="退出日期已更正", by=them.clerk, now=at(9, 21))
        charges(plan, label, them, at(9, 22))
        assert owes(family) == 13 * 2 * 100
        assert queries.not_charged_after(makers.TERM) == []
        assert promises.broken_promise() is None


@pytest.mark.parametrize("profile", ["ezhou", "haikou", "national-2024", "wuhan", "wuzhou"])
def test_the_next_run_of_the_period_adds_them_to_the_charge(north, profile):
    """As if the run was taken back and made again; it goes with its run, and what the exit gives is looked at each time."""
    stage.the_term(profile)
    label = makers.TERM if profile == "haikou" else "2026-09"
    with in_school(north):
        them = stage.people()
        plan, activity = a_class("class_hour", 100)
        family = stage.a_family(plan, activity, school_signed_by=them.principal)
        is_there(family, date(2026, 9, 17))
        leaves(family, date(2026, 9, 10), at(9, 18))
        charges(plan, label, them, at(9, 19))
        before = owes(family)
        exit_corrected_on(family, them, at(9, 20))
        for day in (21, 23):
            run = charges(plan, label, them, at(9, day))
            assert (run.families, owes(family)) == (1, 13 * 2 * 100)
            assert queries.not_charged_after(makers.TERM) == []
            assert promises.broken_promise() is None
            if day == 21:
                actions.take_back(run=run, reason="点错了", by=them.clerk, now=at(9, 22))
                assert (owes(family), len(queries.not_charged_after(makers.TERM))) == (before, 1)
                assert promises.broken_promise() is None


def test_a_waiver_of_a_doubled_charge_is_withdrawn_where_later_ones_carry_it(north):
    """The charge is undone, November still carries its share on: nobody could take that back."""
    stage.the_term("national-2024")
    with in_school(north):
        them = stage.people()
        plan, activity = a_class("class_hour", 100)
        family = stage.a_family(plan, activity, school_signed_by=them.principal)
        charges(plan, "2026-09", them)
        old = an_old_one(family, 35000, "class_hour")
        waiver = stage.waives(old, them, fen=7000)
        charges(plan, "2026-11", them, at(9, 20))
        actions.take_back_doubled(charge=old, reason="与按月的收费重复", by=them.clerk, now=at(9, 21))
        assert owes(family) == 22 * 200 + 21 * 160
        actions.withdraw_waiver(waiver=waiver, reason="证明有误", by=them.chair, now=at(9, 22))
        assert owes(family) == 22 * 200 + 21 * 200
        assert promises.broken_promise() is None
        alone = stage.waives(family.charges.get(period="2026-11"), them, fen=1000)
        Charge.objects.filter(pk=alone.charge_id).update(taken_back_at=NOON, covers="empty")
        with pytest.raises(offering.ChargeTakenBack):
            actions.withdraw_waiver(waiver=alone, reason="证明有误", by=them.chair, now=at(9, 23))
