"""An exit that waited for a charge run: its moment is earlier than the run's, and it comes after it (S27, S37)."""

from datetime import date, timedelta

import pytest

from schools.enrolment import actions as enrolment
from schools.finance import actions, promises, runs
from tenants.context import in_school
from tests import makers
from tests.schools.finance import stage
from tests.schools.finance.test_exit_corrected_beside import at, charges, owes
from tests.undone import undone

SECOND = timedelta(seconds=1)


def leaves(family, now):
    guardian = family.application.guardian
    guardian.user = guardian.user or makers.a_user("guardian")
    guardian.save()
    enrolment.exit_agreement(agreement=family, reason="搬家", by=guardian.user, now=now)
    family.refresh_from_db()


@pytest.mark.parametrize(
    ("profile", "fee", "rule"),
    [
        ("haikou", 300, {}),
        ("longling", 250, {}),
        ("national-2024", 300, {"refund": {"kind": "class_hours"}}),
        ("national-2024", 300, {"refund": {"kind": "remaining_days"}}),
        ("shandong", 300, {}),
    ],
)
def test_it_gives_what_an_exit_of_a_second_later_gives(north, profile, fee, rule):
    stage.the_term(profile, **rule)
    found = []
    with in_school(north):
        them = stage.people()
        for waited in (False, True):
            with undone():
                plan = makers.a_plan(fee_unit="class_hour", fee_fen=fee)
                activity = makers.an_activity(plan, taken=1)
                stage.sessions(activity, date(2026, 9, 1), 20, state="closed")
                stage.sessions(activity, date(2026, 10, 1), 60)
                family = stage.a_family(plan, activity, school_signed_by=them.principal)
                run_at = at(9, 30)
                charges(plan, makers.TERM, them, run_at)
                leaves(family, run_at - SECOND if waited else run_at + SECOND)
                found.append((owes(family), family.until_date, promises.broken_promise()))
    assert found[0] == found[1]


def test_by_the_month(north):
    stage.the_term("national-2024", refund={"kind": "remaining_days"})
    found = []
    with in_school(north):
        them = stage.people()
        for waited in (False, True):
            with undone():
                plan = makers.a_plan(fee_unit="class_hour", fee_fen=300)
                activity = makers.an_activity(plan, taken=1)
                stage.sessions(activity, date(2026, 9, 1), 20, state="closed")
                stage.sessions(activity, date(2026, 10, 1), 60)
                family = stage.a_family(plan, activity, school_signed_by=them.principal)
                run_at = at(9, 30)
                charges(plan, "2026-10", them, run_at)
                leaves(family, run_at - SECOND if waited else run_at + SECOND)
                found.append((owes(family), promises.broken_promise()))
    assert found[0] == found[1]


def test_a_run_whose_page_was_sent_before_the_exit_is_dated_after_it(north):
    """The exit is over while the run's request is being read: the fee under the cap is the same, so is the preview."""
    stage.the_term(
        "national-2024", refund={"kind": "class_hours"},
        caps=[{"per": "month", "fen": 7000, "meaning": "ceiling"}],
    )  # fmt: skip
    found = []
    with in_school(north):
        them = stage.people()
        for waited in (False, True):
            with undone():
                plan = makers.a_plan(fee_unit="class_hour", fee_fen=250)
                activity = makers.an_activity(plan, taken=1)
                stage.sessions(activity, date(2026, 10, 1), 21, state="closed")
                family = stage.a_family(plan, activity, school_signed_by=them.principal)
                shown = runs.draft(plan, "2026-10").digest
                run_at = at(10, 21)
                leaves(family, run_at + (SECOND if waited else -SECOND))
                actions.charge_period(plan=plan, period="2026-10", shown=shown, by=them.clerk, now=run_at)
                found.append((owes(family), promises.broken_promise()))
    assert found[0] == found[1]
