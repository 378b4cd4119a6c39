"""Charging a plan's families: every gate, both submits, caps, waivers carried on (S3, S27, S36)."""

from datetime import date

import pytest

from schools.finance import actions, promises, rules, runs
from schools.finance.actions import charges, closed
from schools.finance.actions.settlement import NothingNew
from schools.finance.models import Account, Charge, Transfer
from schools.planning.models import FeeUnit
from schools.planning.states import PlanState
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.finance import stage


@pytest.fixture
def school(north):
    stage.the_term()
    with in_school(north):
        yield north


@pytest.fixture
def them(school):
    return stage.people()


def charge(plan, them, period="2026-09", **more):
    return actions.charge_period(plan=plan, period=period, by=them.clerk, now=NOON, **more)


def balance(code):
    return Account.objects.get(code=code).balance_fen


def test_a_month_is_charged_once_however_often_it_is_sent(them):
    """S36, double submit."""
    plan = stage.monthly_plan()
    families = [stage.a_family(plan) for _ in range(3)]
    run = charge(plan, them)
    assert (run.families, run.total_fen, run.charges.count()) == (3, 39000, 3)
    with pytest.raises(charges.AlreadyCharged, match="3 户"):
        charge(plan, them)
    assert balance(f"family:{families[0].pk}") == 13000
    assert balance("fees") == -39000
    assert promises.broken_promise() is None


def test_a_family_that_joins_later_is_charged_by_the_next_run(them):
    plan = stage.monthly_plan()
    stage.a_family(plan)
    charge(plan, them)
    late = stage.a_family(plan)
    assert [row.agreement_id for row in charge(plan, them).charges.all()] == [late.pk]


def test_no_charge_before_the_fee_notice(them):
    """S27: what was not disclosed may not be charged."""
    plan = stage.monthly_plan(state=PlanState.ACCEPTED)
    stage.a_family(plan)
    with pytest.raises(runs.NoFeeNotice):
        charge(plan, them)
    assert not Charge.objects.exists()


def test_no_charge_before_the_agreement(them):
    """Bad input: a charge before the agreement (S15)."""
    plan = stage.monthly_plan()
    later = stage.a_family(plan, from_date=date(2026, 10, 1))
    with pytest.raises(runs.NoAgreement):
        charge(plan, them, agreements=[later.pk])
    with pytest.raises(runs.NoAgreement):
        charge(plan, them, agreements=[makers.a_pupil().pk])
    with pytest.raises(charges.NobodyToCharge):
        charge(plan, them)


def test_no_charge_for_an_agreement_that_never_began(them):
    """A leaver is charged for its days (test_charged_late.py); who never came is not."""
    plan = stage.monthly_plan()
    gone = stage.a_family(plan, state="void", ended_at=NOON)
    with pytest.raises(runs.NoAgreement):
        charge(plan, them, agreements=[gone.pk])


def test_only_the_collector_of_the_policy_in_force_collects(them):
    """S3: the national rule says the school; a plan of the committee is refused."""
    plan = stage.monthly_plan(collector="committee")
    stage.a_family(plan)
    with pytest.raises(runs.WrongCollector):
        charge(plan, them)


@pytest.mark.parametrize(
    "period", ["2026-08", "2027-02", "2026-13", "2025-2026-2", "", "2026-9", "２０２６-09", "x" * 99]
)
def test_a_period_lies_inside_the_term(them, period):
    """Never across terms; nonsense is refused too."""
    plan = stage.monthly_plan()
    with pytest.raises(rules.PeriodOutsideTerm):
        charge(plan, them, period)


def test_the_cycle_is_the_policys(north):
    stage.the_term("haikou")
    with in_school(north):
        them = stage.people()
        plan = makers.a_plan()
        with pytest.raises(runs.CycleNotAllowed):
            charge(plan, them, "2026-09")
        stage.a_family(plan)
        stage.sessions(makers.an_activity(plan), date(2026, 9, 1), 1)
        assert charge(plan, them, makers.TERM).total_fen == 0


def test_a_fee_by_the_term_is_not_charged_by_the_month(them):
    plan = makers.a_plan(fee_unit=FeeUnit.TERM, fee_fen=50000)
    stage.a_family(plan)
    with pytest.raises(runs.CycleNotAllowed):
        charge(plan, them, "2026-09")
    assert charge(plan, them, makers.TERM).total_fen == 50000


def test_a_whole_term_of_a_monthly_fee_is_its_months(them):
    """September to January: five."""
    plan = stage.monthly_plan()
    stage.a_family(plan)
    (made,) = charge(plan, them, makers.TERM).charges.all()
    assert (made.units, made.gross_fen) == (5, 65000)


def test_class_hours_are_those_of_the_familys_own_sessions(them):
    plan = makers.a_plan()
    chess, drama = makers.an_activity(plan), makers.an_activity(plan)
    stage.sessions(chess, date(2026, 9, 7), 5)
    stage.sessions(drama, date(2026, 9, 7), 3, units=1)
    stage.sessions(chess, date(2026, 10, 12), 5)
    one = stage.a_family(plan, chess)
    both = stage.a_family(plan, chess, drama)
    none = stage.a_family(plan)
    made = {row.agreement_id: (row.units, row.gross_fen) for row in charge(plan, them).charges.all()}
    assert made == {one.pk: (10, 3000), both.pk: (13, 3900), none.pk: (0, 0)}
    assert Transfer.objects.count() == 2


def test_longlings_cap_of_the_term_in_the_database(island, north):
    """S36: 2.00 a class hour in a rural school, at most 320.00; 200 planned hours."""
    stage.the_term("longling")
    with in_school(island):
        them = stage.people()
        plan = makers.a_plan(fee_fen=200)
        activity = makers.an_activity(plan)
        stage.sessions(activity, date(2026, 9, 7), 25, units=4)
        stage.sessions(activity, date(2026, 10, 19), 25, units=4)
        stage.a_family(plan, activity)
        (made,) = charge(plan, them, makers.TERM).charges.all()
        assert (made.units, made.gross_fen, made.cap_fen) == (200, 32000, 32000)


def test_the_policys_share_is_waived_and_holds_for_the_next_month(north):
    """Ezhou: poor pupils are free."""
    stage.the_term("ezhou")
    with in_school(north):
        them = stage.people()
        plan = stage.monthly_plan(7000)
        stage.a_family(plan)
        (made,) = charge(plan, them).charges.all()
        stage.waives(made, them, "poor")
        (october,) = charge(plan, them, "2026-10").charges.all()
        assert (october.waived_fen, october.waiver_reason) == (7000, "poor")
        assert balance(f"family:{made.agreement_id}") == 0
        assert promises.broken_promise() is None


def test_a_settled_term_takes_no_more_charges(them):
    """Bad input: closed term."""
    plan = stage.monthly_plan()
    stage.a_family(plan)
    settlement = actions.preview_settlement(term_code=makers.TERM, by=them.treasurer, now=stage.OVER)
    makers.a_passed_resolution("settlement", object_id=settlement.pk)
    actions.batch_settlement(settlement=settlement, by=them.principal, now=stage.OVER)
    with pytest.raises(closed.TermSettled):
        charge(plan, them)
    with pytest.raises(NothingNew):
        actions.preview_settlement(term_code=makers.TERM, by=them.treasurer, now=stage.OVER)


@pytest.mark.parametrize("families", [2, 20])
def test_charging_is_set_based(them, families, django_assert_max_num_queries):
    plan = stage.monthly_plan()
    signer = makers.a_user("principal")
    for _ in range(families):
        stage.a_family(plan, school_signed_by=signer)
    with django_assert_max_num_queries(36):  # with the last waiver's moment and the plan's own
        assert charge(plan, them).families == families


def test_what_comes_after_a_close_has_its_place_in_the_next_month(them):
    plan = stage.monthly_plan()
    stage.a_family(plan)
    actions.close_month(term_code=makers.TERM, month="2026-09", by=them.treasurer, now=stage.NEXT)
    charge(plan, them)
    assert Transfer.objects.get().month == "2026-10"
