"""What stands after a corrected exit: nothing rests on a void refund, and the family's bill adds up (S36, S37)."""

from datetime import date

import pytest

from schools.finance import actions, exit_doubts, promises, queries
from schools.finance.models import Refund
from tenants.context import in_school
from tests import makers
from tests.schools.finance import stage
from tests.schools.finance.test_exit_corrected import is_there
from tests.schools.finance.test_exit_corrected_beside import (
    a_class,
    at,
    charges,
    exit_corrected_on,
    joins_again,
    leaves,
    owes,
)
from tests.schools.finance.test_pages import no_second_factor, text  # noqa: F401  (a fixture)
from tests.undone import undone


def test_a_waiver_is_withdrawn_where_only_a_void_refund_came_after_it(north):
    """No money went back; the office was sent to a refund that nobody can do anything with."""
    stage.the_term("national-2024")
    found = []
    with in_school(north):
        them = stage.people()
        for wrongly in (True, False):
            with undone():
                plan, activity = a_class("month", 7000)
                family = stage.a_family(plan, activity, school_signed_by=them.principal)
                for label in ("2026-09", "2026-10"):
                    charges(plan, label, them)
                waiver = stage.waives(family.charges.get(period="2026-09"), them, fen=1000)
                stage.pays(family, 8000)
                is_there(family, date(2026, 10, 9))
                leaves(family, date(2026, 9, 17) if wrongly else date(2026, 10, 9))
                if wrongly:
                    exit_corrected_on(family, them, at(10, 10))
                    assert Refund.objects.get().state == "void"
                actions.withdraw_waiver(waiver=waiver, reason="证明有误", by=them.chair, now=at(10, 11))
                found.append(owes(family))
                assert promises.broken_promise() is None
        assert found == [6000, 6000]


@pytest.fixture
def parent(north):
    with in_school(north):
        return makers.a_user("guardian", name="李强")


@pytest.mark.parametrize(("paid", "left"), [(0, 3976), (5000, -1024), (9000, -5024)])
def test_the_familys_bill_adds_up(north, no_second_factor, parent, paid, left):  # noqa: F811  (a fixture)
    """Ezhou: of 70.00 first 47.04 came off, then 30.24. “应缴减少 -¥16.80” stood there, and nothing of the 47.04."""
    stage.the_term("ezhou")
    with in_school(north):
        them = stage.people()
        plan, activity = a_class("month", 7000)
        family = stage.a_family(plan, activity, school_signed_by=them.principal)
        makers.a_tie(makers.a_guardian(user=parent), family.pupil, may_sign=True)
        charges(plan, "2026-09", them)
        if paid:
            stage.pays(family, paid)
        is_there(family, date(2026, 9, 17))
        leaves(family, date(2026, 9, 10))
        exit_corrected_on(family, them, at(9, 25))
        (bill,) = queries.own_bills(parent)
        came_off = sum(each.credit_fen for each in bill.calculations)
        assert 7000 - came_off - paid == left == bill.owes - bill.gets
    client = stage.logged_in(north, parent)
    page = text(client.get("/family/bills/"))
    assert "应缴减少 ¥47.04" in page
    assert "重新计算，应缴增加 ¥16.80" in page
    assert "-¥" not in page
    (told,) = client.get("/api/v1/finance/bills/").json()
    assert [each["credit_fen"] for each in told["calculations"]] == [4704, -1680]


@pytest.mark.parametrize("paid", [0, 9000])
def test_the_only_run_is_taken_back_after_a_correction(north, paid):
    """It was charged after the exit; nothing is left to calculate: an IndexError."""
    stage.the_term("ezhou")
    found = []
    with in_school(north):
        them = stage.people()
        for wrongly in (True, False):
            with undone():
                plan, activity = a_class("month", 7000)
                family = stage.a_family(plan, activity, school_signed_by=them.principal)
                if paid:
                    stage.pays(family, paid)
                is_there(family, date(2026, 9, 17))
                leaves(family, date(2026, 9, 10) if wrongly else date(2026, 9, 17), at(9, 18))
                run = charges(plan, "2026-09", them, at(9, 19))
                if wrongly:
                    exit_corrected_on(family, them, at(9, 20))
                actions.take_back(run=run, reason="月份选错了", by=them.clerk, now=at(9, 21))
                found.append(owes(family))
                if wrongly:
                    last = family.calculations.latest("at")
                    assert last.text.startswith("2026-09 的收费已撤回，退费按余下的收费重新计算。")
                charges(plan, "2026-09", them, at(9, 22))
                assert owes(family) + paid == 3976
                assert promises.broken_promise() is None
        assert found == [-paid, -paid]


def test_nobody_is_told_of_lessons_kept_after_a_service_has_ended(north):
    """No rule, by the class hour; the last day of both. Lessons until the 30th were said to be paid for and kept."""
    stage.the_term("national-2024")
    with in_school(north):
        them = stage.people()
        plan, activity = a_class("class_hour", 280, held=13)
        family = stage.a_family(plan, activity, school_signed_by=them.principal)
        charges(plan, "2026-09", them)
        actions.end_service(plan=plan, reason="校舍维修，服务停止", by=them.principal, now=at(9, 18))
        leaves(family, date(2026, 9, 18))
        said = exit_doubts.kept_sentence(family, list(family.charges.select_related("agreement__plan")))
        assert said == ""


def test_nobody_is_told_of_lessons_kept_that_came_off(north):
    """The second agreement began on the next day and was charged: what it has of October was given back by the first."""
    stage.the_term("national-2024")
    with in_school(north):
        them = stage.people()
        plan, activity = a_class("class_hour", 280)
        first = stage.a_family(plan, activity, school_signed_by=them.principal)
        charges(plan, makers.TERM, them)
        is_there(first, date(2026, 10, 9))
        leaves(first, date(2026, 9, 18))
        second = joins_again(first, activity, date(2026, 10, 10))
        charges(plan, makers.TERM, them, at(10, 12))
        exit_corrected_on(first, them, at(10, 13))
        assert owes(first, second) == 90 * 2 * 280
        assert exit_doubts.kept_sentence(first, list(first.charges.all())) == ""


@pytest.mark.parametrize(
    ("profile", "unit", "story"),
    [
        ("longling", "class_hour", ""),  # 460.00 of at most 400.00
        ("shandong", "class_hour", ""),
        ("wuhan", "class_hour", ""),  # 23.12 of a lesson that was charged once came off
        ("national-2024", "class_hour", "waived"),  # the second one's charge carries the waiver on
        ("wuhan", "month", ""),
        ("wuzhou", "month", ""),
        ("longling", "month", ""),
    ],
)
@pytest.mark.parametrize("gone", [date(2026, 9, 11), date(2026, 10, 9)])
def test_a_later_charge_of_the_rest_of_the_term_is_made_by_what_is_kept(north, profile, unit, story, gone):
    """September and October by the month; who came back on 19 October is charged for the term, or for October."""
    stage.the_term(profile)
    found = []
    with in_school(north):
        them = stage.people()
        for wrongly in (True, False):
            with undone():
                plan, activity = a_class(unit, 6999 if unit == "month" else 271)
                first = stage.a_family(plan, activity, school_signed_by=them.principal)
                for label in ("2026-09", "2026-10"):
                    charges(plan, label, them)
                if story:
                    stage.waives(first.charges.get(period="2026-09"), them, fen=1001)
                is_there(first, date(2026, 10, 16))
                leaves(first, gone if wrongly else date(2026, 10, 16), at(10, 18))
                second = joins_again(first, activity, date(2026, 10, 19))
                charges(plan, "2026-10" if profile == "wuzhou" else makers.TERM, them, at(10, 19))
                if wrongly:
                    exit_corrected_on(first, them, at(10, 20))
                found.append(owes(first, second))
                assert promises.broken_promise() is None
        assert abs(found[0] - found[1]) <= 1  # each agreement is rounded by itself
