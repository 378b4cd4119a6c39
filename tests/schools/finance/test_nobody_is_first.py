"""A run over leavers, or waivers of many, with money for one: no family is drafted before the others (S37, decision 31)."""

from datetime import date, timedelta

import pytest
from django.db import transaction

from afterbell.kernel.money import Fen
from schools.finance import actions, offering, promises, queries
from schools.finance.models import Account, Calculation, Refund, Waiver
from schools.planning.models import Plan
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.finance import stage
from tests.schools.finance.test_charged_once import leaves

MONTH = "2026-10"
LATER = NOON + timedelta(days=30)
WAITS = "不先发放，学期结算时与各家按同样的比例退还。"
PROFILES = ["ezhou", "wuhan", "national-2024"]


def two_families(*, paid=0):
    """A service by the month, and another plan of the same term."""
    other = makers.a_plan(name="另一个方案", state="ended", fee_unit="month", fee_fen=7000)
    plan = stage.monthly_plan(7000, version=2)
    activity = makers.an_activity(plan)
    stage.sessions(activity, date(2026, 9, 1), 40, state="closed")
    families = [stage.a_family(plan, activity) for _ in range(2)]
    for family in families:
        if paid:
            stage.pays(family, paid)
    return other, plan, families


def given_by(deed):
    """What it gives each family to take home, in fen; nothing is kept."""
    with transaction.atomic():
        deed()
        sums = set(Refund.objects.values_list("amount_fen", flat=True))
        transaction.set_rollback(True)
    (fen,) = sums or {0}
    return fen


def drafted_with(deed, them, other, *, held):
    """How many it drafts once the other service ended early and so many times what it gives one family is held."""
    fen = given_by(deed)
    if not fen:
        pytest.skip("nothing goes back by this city's rule")
    cash = Account.objects.get(code="cash").balance_fen
    stage.spends(cash - int(held * fen), them)
    Plan.objects.filter(pk=other.pk).update(ended_date=date(2026, 9, 30), end_reason="校舍维修")
    deed()
    assert sum(WAITS in row.text for row in Calculation.objects.all()) == 2 - Refund.objects.count()
    assert promises.broken_promise() is None
    return Refund.objects.count()


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(("held", "drafted"), [(1.5, 0), (2, 2)])
def test_a_run_over_leavers_drafts_all_or_none(north, profile, held, drafted):
    """They paid ahead and left before they were charged; what the rule gives back of the charge is computed with it."""
    stage.the_term(profile)
    with in_school(north):
        them = stage.people()
        other, plan, families = two_families(paid=7000)
        for family in families:
            leaves(family, date(2026, 10, 9))

        def charge():
            actions.charge_period(plan=plan, period=MONTH, by=them.clerk, now=LATER)

        assert drafted_with(charge, them, other, held=held) == drafted


@pytest.mark.parametrize("profile", ["wuhan", "national-2024"])
@pytest.mark.parametrize(("held", "drafted"), [(1.5, 0), (2, 2)])
def test_waivers_of_many_leavers_draft_all_or_none(north, profile, held, drafted):
    stage.the_term(profile)
    with in_school(north):
        them = stage.people()
        other, plan, families = two_families()
        actions.charge_period(plan=plan, period=MONTH, by=them.clerk, now=NOON)
        for family in families:
            leaves(family, date(2026, 10, 9))
            stage.pays(family, queries.owed_by(family))
        asked = [
            actions.request_waiver(
                charge=family.charges.get(),
                reason="hardship",
                proof="低保证",
                amount=Fen(1000),
                by=them.clerk,
                now=NOON,
            ).pk
            for family in families
        ]

        def grant():
            found = Waiver.objects.filter(pk__in=asked).select_related("charge__agreement")
            shown = offering.digest(offering.offers(list(found.order_by("pk")), them.principal))
            actions.grant_waivers(waivers=asked, shown=shown, by=them.principal, now=LATER)

        assert drafted_with(grant, them, other, held=held) == drafted
