"""What a run did to who had left goes back with it; the preview says both sums; a doubled charge from before runs (S27)."""

from datetime import date, timedelta

import pytest

from afterbell.audit.models import Entry
from afterbell.kernel.dates import Period
from afterbell.kernel.money import Fen
from schools.finance import actions, doubled, gathering, leavers, ledger, offering, promises, rules, runs
from schools.finance.actions import calculations, charges, doubled_charges, run_holders
from schools.finance.charging import covers
from schools.finance.models import Calculation, Charge, ChargeRun, Refund
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.finance import stage
from tests.schools.finance.test_charged_once import charge, leaves

LATER = NOON + timedelta(days=30)
MONTH = "2026-10"


@pytest.fixture(autouse=True)
def no_second_factor(settings):
    settings.SECOND_FACTOR = "optional"


@pytest.fixture
def school(north):
    stage.the_term("wuhan")
    with in_school(north):
        yield north


@pytest.fixture
def them(school):
    return stage.people()


def owed(family):
    return gathering.standings(makers.TERM, family.pk)[family.pk].due


def a_late_leaver(them, fen=13000):
    """There for 3 of October's 20 lessons; nobody has charged October yet."""
    plan = stage.monthly_plan(fen)
    activity = makers.an_activity(plan)
    stage.sessions(activity, date(2026, 9, 1), 22, state="closed")
    stage.sessions(activity, date(2026, 10, 5), 20, state="closed")
    family = stage.a_family(plan, activity)
    charge(plan, them, "2026-09")
    leaves(family, date(2026, 10, 7))
    return family


def october(family, them, now=LATER):
    return actions.charge_period(plan=family.plan, period=MONTH, by=them.clerk, now=now)


def take_back(run, them, now=LATER):
    actions.take_back(run=run, reason="月份选错了", by=them.clerk, now=now + timedelta(hours=1))


def test_a_run_that_holds_a_late_leaver_is_taken_back_with_the_exit_that_it_looked_at(them):
    """130.00 charged, 110.50 of it given back at once: both go, and can be done again."""
    family = a_late_leaver(them)
    before = owed(family)
    for _twice in range(2):
        run = october(family, them)
        row = Charge.objects.get(run=run)
        assert (row.gross_fen, row.credited_fen, owed(family)) == (13000, 11050, before + 1950)
        assert run_holders.holders(run).count == 0
        take_back(run, them)
        row.refresh_from_db()
        assert (row.credited_fen, owed(family)) == (0, before)
        assert run.calculations.get().undone_at is not None
        assert promises.broken_promise() is None
    october(family, them)
    assert (owed(family), promises.broken_promise()) == (before + 1950, None)


def test_the_preview_says_what_a_leaver_is_charged_and_what_goes_back_at_once(them):
    family = a_late_leaver(them)
    stays = stage.a_family(family.plan, school_signed_by=them.principal)
    draft = runs.draft(family.plan, MONTH)
    assert draft.total == 26000
    assert dict(leavers.returned(draft)) == {family.pk: 11050}
    run = october(family, them)
    assert run.calculations.get().credit_fen == 11050
    assert Charge.objects.get(run=run, agreement=stays).credited_fen == 0


def test_the_page_of_the_preview_shows_both(school, them):
    a_late_leaver(them)
    page = stage.logged_in(school, them.clerk).get(
        "/finance/charges/preview/", {"period": MONTH, "term": makers.TERM}
    )
    text = page.content.decode()
    assert "其中已退出" in text
    assert "110.50" in text
    assert "19.50" in text


def test_a_refund_of_what_was_paid_ahead_stays_and_is_not_made_twice(them):
    """130.00 paid ahead for October: 110.50 is on its way; without the charge it is owed all the more."""
    family = a_late_leaver(them)
    stage.pays(family, 26000)
    run = october(family, them)
    made = Refund.objects.get(cause="exit")
    take_back(run, them)
    october(family, them)
    assert (list(Refund.objects.filter(cause="exit")), promises.broken_promise()) == ([made], None)
    standing = gathering.standings(makers.TERM, family.pk)[family.pk]
    assert standing.net_paid == standing.due


def test_an_absence_calculated_since_goes_with_the_run(them):
    """What was given of its charges is nothing without them; what an exit gave still holds it."""
    plan = stage.monthly_plan(13000)
    activity = makers.an_activity(plan)
    stage.sessions(activity, date(2026, 9, 1), 2, state="closed")
    stage.sessions(activity, date(2026, 9, 3), 1, state="cancelled")
    family = stage.a_family(plan, activity)
    run = charge(plan, them, "2026-09")
    (found,) = actions.refund_absences(plan=plan, period="2026-09", by=them.clerk, now=stage.NEXT)
    assert found.credit > 0
    take_back(run, them, stage.NEXT)
    assert gathering.standings(makers.TERM, family.pk)[family.pk].due == 0
    assert promises.broken_promise() is None


@pytest.fixture
def nothing_back(north):
    """130.00 a month; the rule gives nothing back. One family of two left on 7 October; what it had paid by then."""
    stage.the_term("wuhan", refund={"kind": "none"})
    with in_school(north):
        them = stage.people()
        plan = stage.monthly_plan(13000)
        activity = makers.an_activity(plan)
        stage.sessions(activity, date(2026, 10, 5), 20, state="closed")
        gone, _stays = stage.a_family(plan, activity), stage.a_family(plan, school_signed_by=them.principal)

        def charged_then_left(paid=0):
            if paid:
                stage.pays(gone, paid)
            run, at = october(gone, them), LATER + timedelta(minutes=9)
            gone.state, gone.ended_at, gone.until_date = "ended", at, date(2026, 10, 7)
            gone.save()
            actions.after_exit(agreement=gone, by=None, now=at)
            return run, gone

        yield them, charged_then_left


def test_an_exit_that_gave_nothing_back_holds_no_run(nothing_back):
    """No posting came of it: the run goes, and the family is charged again as one that has left."""
    them, charged_then_left = nothing_back
    run, gone = charged_then_left()
    found = Calculation.objects.get(agreement=gone)
    assert (found.cause, found.credit_fen, gone.refunds.count()) == ("exit", 0, 0)
    assert (run_holders.holders(run).count, run_holders.held(makers.TERM, [run])) == (0, frozenset())
    take_back(run, them)
    assert (owed(gone), gone.refunds.count(), promises.broken_promise()) == (0, 0, None)
    october(gone, them, LATER + timedelta(hours=2))
    assert (owed(gone), promises.broken_promise()) == (13000, None)


def test_who_left_and_had_paid_ahead_of_a_run_that_goes_gets_it_back(nothing_back):
    """130.00 paid for October before it was charged: without the charge nothing is owed; charged again it stays."""
    them, charged_then_left = nothing_back
    run, gone = charged_then_left(13000)
    assert (run_holders.holders(run).count, gone.refunds.count()) == (0, 0)
    take_back(run, them)
    refund = gone.refunds.get()
    assert (refund.cause, refund.amount_fen, refund.state) == ("exit", 13000, "draft")
    october(gone, them, LATER + timedelta(hours=2))
    refund.refresh_from_db()
    assert (refund.state, gone.refunds.count(), owed(gone)) == ("void", 1, 13000)
    assert promises.broken_promise() is None


def test_an_exit_that_gave_back_what_was_paid_ahead_holds_its_run(nothing_back):
    """Nothing comes off the fee, but 20.00 above it were paid: a refund came of it."""
    _them, charged_then_left = nothing_back
    run, gone = charged_then_left(15000)
    assert gone.refunds.get().amount_fen == 2000
    assert run_holders.holders(run).calculated == {gone.pk}


# --- a doubled charge from before runs ---------------------------------------------------------------------------


def doubled_family(them, *, waived=0):
    """As a migration leaves it: September by itself and the whole term, neither of a run, the second covers nothing."""
    plan = stage.monthly_plan(7000)
    family = stage.a_family(plan, school_signed_by=them.principal)
    charge(plan, them, "2026-09")
    first = family.charges.get()
    if waived:
        stage.waives(first, them, fen=waived)
    Charge.objects.filter(pk=first.pk).update(covers="empty")
    charge(plan, them, makers.TERM)
    second = family.charges.exclude(pk=first.pk).get()
    Charge.objects.filter(pk=second.pk).update(covers="empty")
    days = Period(first.first_date, first.last_date)
    Charge.objects.filter(pk=first.pk).update(covers=covers(family.pupil_id, days))
    Charge.objects.update(run=None)
    ChargeRun.objects.all().delete()
    first.refresh_from_db()
    second.refresh_from_db()
    return family, first, second


def undo(row, them, *, reason="九月和整个学期重复", by=None):
    return actions.take_back_doubled(charge=row, reason=reason, by=by or them.clerk, now=LATER)


def test_one_of_two_charges_for_the_same_days_is_taken_back_by_itself(them):
    family, first, second = doubled_family(them)
    assert promises.broken_promise() is not None
    assert owed(family) == first.gross_fen + second.gross_fen
    with pytest.raises(charges.NoReason):
        undo(first, them, reason=" ")
    undo(first, them)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.taken_back_by, first.taken_back_reason) == (them.clerk, "九月和整个学期重复")
    assert owed(family) == second.gross_fen
    assert doubled.charges(rules.term(makers.TERM)) == []
    assert not second.covers.isempty  # its days are its own now: the database refuses them to others
    assert promises.broken_promise() is None
    assert Entry.objects.filter(verb="finance.charge.take_back").count() == 1


def test_twice_or_both_of_a_pair_is_refused(them):
    _family, first, second = doubled_family(them)
    undo(second, them)
    with pytest.raises(offering.ChargeTakenBack):
        undo(second, them)
    with pytest.raises(doubled_charges.NotDoubled):
        undo(first, them)
    assert promises.broken_promise() is None


def test_what_a_run_charged_goes_back_with_the_run(them):
    plan = stage.monthly_plan(13000)
    family = stage.a_family(plan)
    charge(plan, them, "2026-09")
    with pytest.raises(doubled_charges.OfARun):
        undo(family.charges.get(), them)


def test_nobody_takes_the_own_childs_charge_back(them):
    family, first, _second = doubled_family(them)
    parent = family.application.guardian
    parent.user = them.clerk
    parent.save(update_fields=["user"])
    if not parent.ties.filter(pupil=family.pupil).exists():
        makers.a_tie(guardian=parent, pupil=family.pupil)
    with pytest.raises(offering.OwnChild):
        undo(first, them)


def test_its_waiver_and_what_was_given_back_of_it_go_with_it(them):
    family, first, second = doubled_family(them, waived=3000)
    second_net = second.gross_fen - second.waived_fen
    Charge.objects.filter(pk=first.pk).update(credited_fen=500)
    key = f"absence:{family.pk.hex}:2026-09"
    Calculation.objects.create(
        agreement=family, term_code=makers.TERM, cause="absence", period="2026-09", credit_fen=500, text="",
        key=key, at=NOON,
    )  # fmt: skip
    ledger.post(calculations.credit(family, key, Fen(500)), term_code=makers.TERM, by=them.clerk, now=NOON)
    undo(first, them)
    assert owed(family) == second_net
    assert sum(Calculation.objects.values_list("credit_fen", flat=True)) == 0
    assert promises.broken_promise() is None


def test_the_page_lists_them_asks_and_takes_back(school, them):
    _family, first, _second = doubled_family(them)
    client = stage.logged_in(school, them.clerk)
    address = f"/finance/charges/{first.pk}/take-back/"
    assert address in client.get("/finance/charges/", {"term": makers.TERM}).content.decode()
    assert "撤回这笔重复的费用" in client.get(address).content.decode()
    assert client.post(address, {"reason": ""}).status_code in {200, 400}
    assert client.post(address, {"reason": "重复"}).status_code == 302
    again = client.post(address, {"reason": "重复"})
    assert (again.status_code, "已经撤回" in again.content.decode()) == (409, True)
    assert address not in client.get("/finance/charges/", {"term": makers.TERM}).content.decode()
    assert stage.logged_in(school, them.chair).get(address).status_code == 403


@pytest.mark.parametrize("nothing", ["", "  ", "\u200b\u200b\u200b\u200b", "。。。。", "-- --"])
def test_signs_without_a_letter_or_a_number_are_no_reason(them, nothing):
    run = october(a_late_leaver(them), them)
    with pytest.raises(charges.NoReason):
        actions.take_back(run=run, reason=nothing, by=them.clerk, now=NOON)


def test_a_second_waiver_of_a_doubled_charge_goes_back_with_it(them):
    """The first was withdrawn: the second is a posting of its own, and stayed behind as money for nothing."""
    family, first, second = doubled_family(them, waived=1000)
    deputy = makers.a_user("deputy", name="张副")
    actions.withdraw_waiver(waiver=first.waivers.get(), reason="证明过期", by=deputy, now=LATER)
    first.refresh_from_db()
    stage.waives(first, them, fen=2000, now=LATER)
    undo(first, them)
    assert owed(family) == second.gross_fen
    assert promises.broken_promise() is None
