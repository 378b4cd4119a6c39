"""A fee that changes after a calculation: what goes back is a part of what the family really pays (S36, S37)."""

from datetime import date, timedelta

import pytest

from afterbell.kernel.money import Fen
from schools.care.models import RollEntry
from schools.enrolment.models import Agreement
from schools.finance import actions, facts, gathering, offering, promises
from schools.finance.actions import waivers, withdrawals
from schools.finance.models import Calculation, Charge, Refund
from tenants.context import in_school
from tenants.policies import ready
from tests import makers
from tests.city import NOON
from tests.schools.finance import stage

LATER = stage.NEXT + timedelta(days=3)


@pytest.fixture
def them(north):
    """Ezhou's rule, 3.36 a missed day of 70.00, and a waiver whose share the policy does not name."""
    stage.the_term(refund=ready.document("ezhou")["refund"])
    with in_school(north):
        yield stage.people()


def a_child_that_missed(days, them, *, month_fen=7000):
    """Of 18 lessons in September; the whole fee is paid."""
    plan = stage.monthly_plan(month_fen)
    activity = makers.an_activity(plan)
    held = stage.sessions(activity, date(2026, 9, 7), 18, state="closed")
    family = stage.a_family(plan, activity)
    for session in held[:days]:
        RollEntry.objects.create(session=session, agreement=family, pupil=family.pupil, state="absent")
    actions.charge_period(plan=plan, period="2026-09", by=them.clerk, now=NOON)
    stage.pays(family, month_fen)
    return family


def standing(family):
    return gathering.standings(makers.TERM, family.pk)[family.pk]


def september(family):
    return Charge.objects.get(agreement=family, period="2026-09")


def leaves(family, day, *, at=LATER):
    Agreement.objects.filter(pk=family.pk).update(state="ended", ended_at=at, until_date=day)
    family.refresh_from_db()
    actions.after_exit(agreement=family, by=None, now=at)


@pytest.mark.parametrize("first", ["absence", "waiver"])
def test_a_waiver_before_or_after_the_absences_comes_to_the_same(them, first):
    """Five days are 16.80 of 70.00; of the 35.00 that half a waiver leaves they are 8.40: 26.60 are due."""
    family = a_child_that_missed(5, them)
    deeds = {
        "absence": lambda: actions.refund_absences(
            plan=family.plan, period="2026-09", by=them.clerk, now=stage.NEXT
        ),
        "waiver": lambda: stage.waives(september(family), them, fen=3500, now=LATER),
    }
    for name in sorted(deeds, key=lambda name: name != first):
        deeds[name]()
    row = september(family)
    assert (row.waived_fen, row.credited_fen, standing(family).due) == (3500, 840, 2660)
    assert sum(Calculation.objects.values_list("credit_fen", flat=True)) == 840
    assert standing(family).net_paid >= standing(family).due
    assert promises.broken_promise() is None


def test_the_difference_is_a_row_of_its_own_with_its_words(them):
    family = a_child_that_missed(5, them)
    actions.refund_absences(plan=family.plan, period="2026-09", by=them.clerk, now=stage.NEXT)
    stage.waives(september(family), them, fen=3500, now=LATER)
    first, second = Calculation.objects.order_by("at", "pk")
    assert (first.credit_fen, second.credit_fen, second.period) == (1680, -840, "2026-09")
    assert second.text.splitlines()[0] == "减免有变动，退费按现在的应缴金额重新计算。"
    assert second.text.splitlines()[-1] == ("原已减免 ¥16.80，现为 ¥8.40；与应缴和已缴相抵后，另退还 ¥0.00。")
    assert Refund.objects.get().amount_fen == 1680
    assert facts.of_months(["2026-10"])["2026-10", makers.TERM]["refunded_fen"] == 0  # on paper only


def test_taking_the_waiver_back_brings_the_credit_back(them):
    family = a_child_that_missed(5, them)
    granted = stage.waives(september(family), them, fen=3500)
    actions.refund_absences(plan=family.plan, period="2026-09", by=them.clerk, now=stage.NEXT)
    assert standing(family).due == 2660
    deputy = makers.a_user("deputy")
    actions.withdraw_waiver(waiver=granted, reason="证明是另一名学生的", by=deputy, now=LATER)
    assert (september(family).credited_fen, standing(family).due) == (1680, 5320)
    assert [row.amount_fen for row in Refund.objects.order_by("created_at", "pk")] == [840, 840]
    assert promises.broken_promise() is None


def test_what_would_leave_less_than_the_whole_fee_stops_the_taking_back(them):
    """The exit has sent the waived half home: taking the waiver back would leave money missing."""
    family = a_child_that_missed(0, them)
    granted = stage.waives(september(family), them, fen=3500)
    leaves(family, date(2026, 9, 30))
    assert Refund.objects.get().amount_fen == 3500
    actions.issue_refund(refund=Refund.objects.get(), by=them.principal, now=LATER)
    with pytest.raises(withdrawals.MoneyRestsOnIt, match="把多退的部分补缴并登记，再撤回减免"):
        actions.withdraw_waiver(
            waiver=granted, reason="证明是另一名学生的", by=makers.a_user("deputy"), now=LATER
        )
    assert standing(family).due == 3500


@pytest.mark.parametrize("has_failed", [False, True])
def test_a_refund_of_the_waived_part_that_waits_goes_with_the_waiver(them, has_failed):
    """Left after 10 of 18 lessons: 31.12 were owed back, 13.44 of them by the rule of the half fee, and of the whole fee
    26.88. On a false proof nothing goes out, and the office needs no money back first."""
    family = a_child_that_missed(0, them)
    leaves(family, date(2026, 9, 18))
    granted = stage.waives(september(family), them, fen=3500, now=LATER + timedelta(days=1))
    drafted = sum(Refund.objects.exclude(state="void").values_list("amount_fen", flat=True))
    assert drafted == 7000 - 2156
    deputy = makers.a_user("deputy")
    if has_failed:
        for refund in Refund.objects.all():
            actions.issue_refund(refund=refund, by=deputy, now=LATER + timedelta(days=2))
            actions.fail_refund(refund=refund, by=deputy, now=LATER + timedelta(days=2))
    actions.withdraw_waiver(waiver=granted, reason="证明是假的", by=deputy, now=LATER + timedelta(days=3))
    left = Refund.objects.exclude(state="void")
    assert sum(left.values_list("amount_fen", flat=True)) == 2688
    assert standing(family).net_paid == standing(family).due == 7000 - 2688
    assert "减免已撤回，待退的" in Calculation.objects.order_by("at", "pk").last().text
    assert promises.broken_promise() is None


def test_who_paid_back_what_was_sent_can_have_the_waiver_taken_back(them):
    family = a_child_that_missed(0, them)
    granted = stage.waives(september(family), them, fen=3500)
    leaves(family, date(2026, 9, 30))
    actions.issue_refund(refund=Refund.objects.get(), by=them.principal, now=LATER)
    stage.pays(family, 3500, at=LATER)
    actions.withdraw_waiver(waiver=granted, reason="证明是假的", by=makers.a_user("deputy"), now=LATER)
    assert standing(family).net_paid == standing(family).due == 7000


@pytest.mark.parametrize("first", ["exit", "waiver"])
def test_a_waiver_before_or_after_the_exit_comes_to_the_same(them, first):
    """Left after 10 of 18 lessons: 8 × 3.36 = 26.88; of 35.00 13.44. In the end 21.56 stay with the school."""
    family = a_child_that_missed(0, them)
    deeds = {
        "exit": lambda: leaves(family, date(2026, 9, 18)),
        "waiver": lambda: stage.waives(september(family), them, fen=3500, now=LATER + timedelta(days=1)),
    }
    for name in sorted(deeds, key=lambda name: name != first):
        deeds[name]()
    assert (september(family).credited_fen, standing(family).due) == (1344, 2156)
    assert standing(family).net_paid == 2156
    assert sum(Refund.objects.values_list("amount_fen", flat=True)) == 7000 - 2156
    assert promises.broken_promise() is None


def test_a_waiver_after_an_exit_that_gave_nothing_still_goes_home(them):
    family = a_child_that_missed(0, them)
    leaves(family, date(2026, 9, 30))
    assert not Refund.objects.exists()
    stage.waives(september(family), them, fen=3500, now=LATER + timedelta(days=1))
    assert (Refund.objects.get().amount_fen, standing(family).net_paid) == (3500, 3500)
    assert promises.broken_promise() is None


def test_of_a_fee_that_went_back_whole_nothing_is_waived(them):
    family = a_child_that_missed(18, them)
    actions.refund_absences(plan=family.plan, period="2026-09", by=them.clerk, now=stage.NEXT)
    assert september(family).credited_fen == 7000
    with pytest.raises(waivers.MoreThanIsDue, match=r"0\.00"):
        stage.waives(september(family), them, fen=3500, now=LATER)


def test_absences_of_two_months_follow_each_their_own_waiver(them):
    """A rule that looks over months: the other month stays as it is."""
    family = a_child_that_missed(5, them)
    activity = family.plan.activities.get()
    for session in stage.sessions(activity, date(2026, 10, 12), 10, state="closed"):
        RollEntry.objects.create(session=session, agreement=family, pupil=family.pupil, state="absent")
    actions.charge_period(plan=family.plan, period="2026-10", by=them.clerk, now=NOON)
    november = stage.NEXT + timedelta(days=31)
    for period in ("2026-09", "2026-10"):
        actions.refund_absences(plan=family.plan, period=period, by=them.clerk, now=november)
    stage.waives(september(family), them, fen=3500, now=november + timedelta(hours=1))
    rows = Charge.objects.filter(agreement=family).order_by("period")
    assert [(row.period, row.credited_fen) for row in rows] == [("2026-09", 840), ("2026-10", 7000)]
    assert promises.broken_promise() is None


def test_many_waivers_at_once_let_each_credit_follow(them):
    families = []
    plan = stage.monthly_plan(7000)
    activity = makers.an_activity(plan)
    held = stage.sessions(activity, date(2026, 9, 7), 18, state="closed")
    for n in range(3):
        family = stage.a_family(plan, activity, school_signed_by=them.principal)
        for session in held[:n]:
            RollEntry.objects.create(session=session, agreement=family, pupil=family.pupil, state="absent")
        families.append(family)
    actions.charge_period(plan=plan, period="2026-09", by=them.clerk, now=NOON)
    actions.refund_absences(plan=plan, period="2026-09", by=them.clerk, now=stage.NEXT)
    asked = [
        actions.request_waiver(
            charge=september(family), reason="hardship", proof="低保证", amount=Fen(3500), by=them.clerk, now=LATER
        )
        for family in families
    ]  # fmt: skip
    shown = offering.digest(offering.offers(asked, them.principal))
    actions.grant_waivers(waivers=[row.pk for row in asked], shown=shown, by=them.principal, now=LATER)
    assert [september(family).credited_fen for family in families] == [0, 168, 336]
    assert promises.broken_promise() is None
