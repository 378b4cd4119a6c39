"""A class hour that costs less than the plan's fee: the city's cap is below it, from the start or in mid-term (S27, S37)."""

from dataclasses import replace
from datetime import date

import pytest

from afterbell.kernel.money import Fen
from schools.finance import actions, charging, families, owing, promises
from schools.finance.charging import Charged, Tariff
from schools.finance.models import Charge
from tenants.context import in_school
from tenants.policies.documents import Caps, Per
from tests import makers
from tests.schools.finance import stage
from tests.schools.finance.test_exit_corrected_beside import a_class, at, charges, leaves, owes

FEE = 300
CAPS = [{"per": "class_hour", "fen": 250, "meaning": "ceiling"}]
NOVEMBER = date(2026, 11, 1)
RULES = {
    "none": ({"kind": "none"}, 1000),
    "per_day": ({"kind": "per_day", "amounts": [{"stages": ["primary"], "fen": 100}]}, 1100),
    "remaining_days": ({"kind": "remaining_days"}, 1500),
    "class_hours": ({"kind": "class_hours"}, 1500),
    "half_month": ({"kind": "half_month_threshold", "exactly_half_returns_half": False}, 1000),
}
"""Each with what goes back to who leaves on the 27th: 10.00 of the 4 cancelled hours; the rule's own for the 30th."""


def the_city(**more):
    """3.00 an hour in September; 2.50 at most from November on."""
    stage.the_term(caps=[], **more)
    makers.a_policy(stage.rules(caps=CAPS, **more), valid_from_date=NOVEMBER)


def november(them, held=90):
    """42 hours, charged 105.00."""
    plan, activity = a_class("class_hour", FEE, held=held)
    family = stage.a_family(plan, activity, school_signed_by=them.principal)
    charges(plan, "2026-11", them)
    row = family.charges.get()
    assert (row.units, row.gross_fen) == (42, 10500)
    return family, activity


def cancels(activity, *days):
    activity.sessions.filter(date__in=days).update(state="cancelled", closed_at=None, cancel_reason="台风")


@pytest.mark.parametrize("late", [False, True])
def test_cancelled_hours_cost_what_they_were_charged(north, late):
    if late:
        the_city()
    else:
        stage.the_term(caps=CAPS)
    with in_school(north):
        family, activity = november(stage.people())
        cancels(activity, date(2026, 11, 10), date(2026, 11, 11))
        assert families.to_come(family.plan) == {family.pk: 1000}


def test_each_month_is_trued_up_by_its_own_rules(north):
    """October at 3.00, November at 2.50: an hour of each that was not held is 5.50."""
    the_city()
    with in_school(north):
        them = stage.people()
        family, activity = november(them)
        charges(family.plan, "2026-10", them)
        assert (
            Charge.objects.get(period="2026-10").gross_fen == 300 * Charge.objects.get(period="2026-10").units
        )
        cancels(activity, date(2026, 10, 20), date(2026, 11, 10))
        assert families.to_come(family.plan) == {family.pk: 600 + 500}
        assert promises.broken_promise() is None


def test_rules_of_later_change_no_charge_of_before(north):
    """The city writes in December that the cap held since November: what was charged at 3.00 is trued up at 3.00."""
    stage.the_term(caps=[])
    with in_school(north):
        them = stage.people()
        plan, activity = a_class("class_hour", FEE)
        family = stage.a_family(plan, activity, school_signed_by=them.principal)
        charges(plan, "2026-11", them, at(11, 2))
        assert owes(family) == 42 * 300
    makers.a_policy(stage.rules(caps=CAPS), valid_from_date=NOVEMBER, created_at=at(12, 1))
    with in_school(north):
        cancels(activity, date(2026, 11, 10))
        assert families.to_come(plan) == {family.pk: 600}


@pytest.mark.parametrize("rule", RULES)
def test_an_exit_gives_back_what_the_cancelled_hours_cost(north, rule):
    text, fen = RULES[rule]
    the_city(refund=text)
    with in_school(north):
        family, activity = november(stage.people())
        cancels(activity, date(2026, 11, 10), date(2026, 11, 11))
        leaves(family, date(2026, 11, 27), at(11, 27))
        assert owes(family) == 10500 - fen
        said = family.calculations.get().text
        assert "¥105.00 − ¥95.00 = ¥10.00" in said
        assert promises.broken_promise() is None


def test_an_early_end_asks_for_the_days_held(north):
    """12 of 21 days: 24 hours at 2.50; of the 105.00 that were paid 45.00 are too many."""
    the_city()
    with in_school(north):
        them = stage.people()
        family, activity = november(them, held=56)
        stage.pays(family, 10500, at=at(11, 2))
        actions.end_service(plan=family.plan, reason="校舍维修，服务停止", by=them.principal, now=at(11, 17))
        row = type(family).objects.select_related("plan").get(pk=family.pk)
        assert activity.sessions.filter(date__gte=NOVEMBER, state="closed").count() == 12
        assert owing.of([row])[row.pk].fen == 6000 - 10500


def test_a_tariff_is_each_charges_own():
    """An hour at 3.00, then one that the cap makes 2.50."""
    free = Tariff(Per.CLASS_HOUR, Fen(300), None, Caps(None, None, None))
    capped = replace(free, caps=Caps(None, None, Fen(250)))
    first = Charged(free, 40, Fen(12000), Fen(0), 40, 39, 1)
    second = Charged(capped, 42, Fen(10500), Fen(0), 42, 38, 4)
    assert charging.trued_up([first, second]) == 12000 - 300 + 10500 - 1000
    assert charging.overcharged([first, second]) == [300, 1000]
    assert charging.given([second], Fen(1000)) == 1000
