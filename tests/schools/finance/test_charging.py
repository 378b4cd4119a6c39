"""Charges with worked numbers by hand (reference facts: Ezhou, Haikou, Longling), caps, true-up."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterbell.kernel.dates import Period
from afterbell.kernel.money import Fen, round_half_up
from schools.finance import charging
from schools.finance.charging import Charged, Earlier, Tariff
from tenants.models import Kind
from tenants.policies import ready
from tenants.policies.documents import Caps, Per, Policy, TeachingStage

PRIMARY, SECONDARY = TeachingStage.PRIMARY, TeachingStage.LOWER_SECONDARY


TERM = Period(date(2026, 9, 1), date(2027, 1, 22))
SEPTEMBER = Period(date(2026, 9, 1), date(2026, 9, 30))
OCTOBER = Period(date(2026, 10, 1), date(2026, 10, 31))
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))


def earlier(days, gross, *, waived=0, credited=0):
    return Earlier(days.first, days.last, Fen(gross), Fen(gross - waived), Fen(credited))


def tariff(profile, unit, fen, stage=PRIMARY, kind=Kind.TOWN, plan_cap=None):
    return Tariff(
        unit, Fen(fen), plan_cap, Policy.from_document(ready.document(profile)).caps_for(stage, kind)
    )


@pytest.mark.parametrize(("hours", "fen"), [(0, 0), (159, 39750), (160, 40000), (161, 40000), (170, 40000)])
def test_longlings_term_cap_binds_after_160_class_hours(hours, fen):
    """Town: 2.50 a class hour, at most 400.00 a term: 400.00 ÷ 2.50 = 160."""
    due = charging.due(tariff("longling", Per.CLASS_HOUR, 250), units=hours, days=TERM)
    assert (due.gross, due.units, due.cap) == (fen, hours, min(40000, 250 * hours))


def test_longlings_rural_cap_is_320():
    rural = tariff("longling", Per.CLASS_HOUR, 200, kind=Kind.RURAL)
    assert charging.due(rural, units=170, days=TERM).gross == 32000


def test_the_term_cap_holds_over_the_months():
    """100 hours 250.00, then 70 hours: 150.00 are left, then nothing."""
    town = tariff("longling", Per.CLASS_HOUR, 250)
    first = charging.due(town, units=100, days=SEPTEMBER)
    second = charging.due(town, units=70, days=OCTOBER, earlier=[earlier(SEPTEMBER, first.gross)])
    both = [earlier(SEPTEMBER, first.gross), earlier(OCTOBER, second.gross)]
    third = charging.due(town, units=10, days=NOVEMBER, earlier=both)
    assert (first.gross, second.gross, third.gross) == (25000, 15000, 0)


def test_ezhou_by_the_month():
    """Primary 70.00, lower secondary 80.00 a month; a fee above it is capped."""
    assert charging.due(tariff("ezhou", Per.MONTH, 7000), units=1, days=SEPTEMBER).gross == 7000
    assert charging.due(tariff("ezhou", Per.MONTH, 8000), units=1, days=SEPTEMBER).gross == 7000
    assert charging.due(tariff("ezhou", Per.MONTH, 8000, SECONDARY), units=5, days=TERM).gross == 40000


def test_haikou_by_the_class_hour():
    """3.00 a class hour, 96 hours in the term."""
    assert charging.due(tariff("haikou", Per.CLASS_HOUR, 300), units=96, days=TERM).gross == 28800


def test_a_plans_own_cap_is_per_unit():
    due = charging.due(tariff("national-2024", Per.TERM, 50000, plan_cap=Fen(45000)), units=1, days=TERM)
    assert (due.gross, due.cap) == (45000, 45000)


def test_waivers_by_percent_and_by_the_share_before():
    assert charging.waived_by_percent(Fen(7000), 100) == 7000
    assert charging.waived_by_percent(Fen(7001), 50) == 3501
    assert charging.carried(Fen(9000), before_gross=Fen(6000), before_waived=Fen(2000)) == 3000
    assert charging.carried(Fen(9000), before_gross=Fen(0), before_waived=Fen(0)) == 0


def charged(units=100, gross=30000, waived=0, planned=100, held=90, cancelled=0):
    return Charged(HOURLY, units, Fen(gross), Fen(waived), planned, held, cancelled)


def made_by(tariff, *charges):
    return [replace(each, tariff=tariff) for each in charges]


NO_CAPS = Caps(None, None, None)
HOURLY = Tariff(Per.CLASS_HOUR, Fen(300), None, NO_CAPS)
MONTHLY = Tariff(Per.MONTH, Fen(7000), None, NO_CAPS)
LONGLING = tariff("longling", Per.CLASS_HOUR, 250)


@pytest.mark.parametrize(
    ("which", "charges", "fen"),
    [
        (HOURLY, [charged()], 27000),
        (HOURLY, [charged(waived=15000)], 13500),
        (HOURLY, [charged(held=110)], 30000),
        (HOURLY, [charged(held=0)], 0),
        (HOURLY, [], 0),
        (MONTHLY, [charged(1, 7000, planned=40, held=0, cancelled=2)], 6650),
        (MONTHLY, [charged(1, 7000, planned=40, held=0), charged(1, 7000, planned=40, cancelled=40)], 7000),
        (MONTHLY, [charged(1, 7000, planned=0)], 7000),
    ],
)
def test_only_held_hours_are_paid_and_a_cancelled_session_is_never_at_the_familys_cost(which, charges, fen):
    assert charging.trued_up(made_by(which, *charges)) == fen


SUMS = st.integers(0, 10**6)
CHARGES = st.lists(
    st.builds(
        lambda units, gross, waived, months, hours, of: Charged(
            HOURLY,
            units,
            Fen(gross),
            Fraction(waived % (gross + 1), of),
            sum(hours),
            hours[0] + hours[1],
            hours[2],
            months,
        ),
        st.integers(0, 200),
        SUMS,
        SUMS,
        st.integers(1, 5),
        st.tuples(st.integers(0, 90), st.integers(0, 9), st.integers(0, 9)),
        st.integers(1, 7),
    ),
    max_size=5,
)


@given(st.sampled_from(Per), st.integers(1, 900), st.none() | SUMS, CHARGES)
def test_whole_numbers_true_up_as_fractions_do(unit, fen, month, charges):
    """To the fen, with each part as a fraction until the one rounding at the end."""

    def justified(each):
        if unit == Per.CLASS_HOUR:
            full = Fraction(fen * min(each.units, each.held))
            return full if month is None else min(full, Fraction(month * each.months))
        return each.gross * (
            Fraction(each.planned - each.cancelled, each.planned) if each.planned else Fraction(1)
        )

    def share(each):
        return Fraction(each.gross - each.waived) / each.gross if each.gross else Fraction(0)

    gross = sum(each.gross for each in charges)
    exact = sum((min(Fraction(each.gross), justified(each)) * share(each) for each in charges), Fraction(0))
    if unit == Per.CLASS_HOUR and len({share(each) for each in charges if each.gross}) > 1:
        charges = [replace(each, waived=Fen(0)) for each in charges]
    if unit == Per.CLASS_HOUR:  # the gross of all is looked at together
        own = next((share(each) for each in charges if each.gross), Fraction(0))
        exact = min(Fraction(gross), sum((justified(each) for each in charges), Fraction(0))) * own
    net = round_half_up(exact)
    which = Tariff(unit, Fen(fen), None, Caps(Fen(month) if month is not None else None, None, None))
    assert charging.trued_up(made_by(which, *charges)) == net


def test_longling_trues_up_under_its_cap():
    """170 hours planned, charged 400.00: 165 held is still 400.00, 150 held is 375.00."""
    town = tariff("longling", Per.CLASS_HOUR, 250)
    assert charging.trued_up(made_by(town, charged(170, 40000, planned=170, held=165))) == 40000
    assert charging.trued_up(made_by(town, charged(170, 40000, planned=170, held=150))) == 37500


def test_what_was_waived_of_one_charge_is_never_taken_off_another():
    """Two months of 70.00, the first one waived: its lessons were free, those of the second cost 70.00."""
    free, paid = charged(1, 7000, waived=7000, planned=40), charged(1, 7000, planned=40)
    assert charging.trued_up(made_by(MONTHLY, free, replace(paid, cancelled=20))) == 3500
    assert charging.trued_up(made_by(MONTHLY, replace(free, cancelled=40), paid)) == 7000
    free, paid = (
        charged(40, 12000, waived=12000, planned=40, held=40),
        charged(40, 12000, planned=40, held=40),
    )
    assert charging.trued_up(made_by(HOURLY, free, replace(paid, held=20))) == 6000
    assert charging.trued_up(made_by(HOURLY, replace(free, held=0), paid)) == 12000
    assert charging.trued_up(made_by(HOURLY, free, replace(paid, held=20)), [Fen(0), Fen(6000)]) == 12000


@given(CHARGES, st.booleans())
def test_a_true_up_is_between_nothing_and_what_was_charged(charges, longling):
    """Whatever was waived of which, with a cap of the term and without."""
    tariff_of = LONGLING if longling else HOURLY
    net = round_half_up(Fraction(sum(each.gross - each.waived for each in charges)))
    assert 0 <= charging.trued_up(made_by(tariff_of, *charges)) <= net
    lost = charging.overcharged(made_by(tariff_of, *charges))
    assert all(0 <= fen <= each.gross for fen, each in zip(lost, charges, strict=True))


def test_what_was_overcharged_is_what_the_true_up_of_all_charges_gives():
    """100 hours 250.00, then 70 hours 150.00 under the cap of 400.00: 165 held still cost 400.00, 145 cost 362.50."""
    town = tariff("longling", Per.CLASS_HOUR, 250)
    second = charged(70, 15000, planned=70, held=70)
    assert charging.overcharged(made_by(town, charged(100, 25000, planned=100, held=95), second)) == [0, 0]
    assert charging.overcharged(made_by(town, charged(100, 25000, planned=100, held=75), second)) == [3750, 0]
    second = charged(70, 15000, planned=70, held=60)
    assert charging.overcharged(made_by(town, charged(100, 25000, planned=100, held=75), second)) == [
        3750,
        2500,
    ]


@given(
    st.integers(0, 500),
    st.integers(0, 500),
    st.one_of(st.none(), st.integers(0, 60000)),
    st.integers(0, 90000),
)
def test_nothing_is_charged_above_a_cap_or_below_zero(units, fee, cap, before):
    caps = Caps(None, None if cap is None else Fen(cap), None)
    hourly = Tariff(Per.CLASS_HOUR, Fen(fee), None, caps)
    due = charging.due(hourly, units=units, days=OCTOBER, earlier=[earlier(SEPTEMBER, before)])
    assert 0 <= due.gross <= units * fee
    if cap is not None:
        assert due.gross + min(before, cap) <= cap


@pytest.mark.parametrize(
    ("before", "fen"),
    [
        ([earlier(TERM, 40000)], 0),
        ([earlier(TERM, 40000, credited=10000)], 10000),
        ([earlier(TERM, 40000, waived=20000, credited=10000)], 20000),
        ([earlier(TERM, 40000, waived=40000)], 0),
        ([], 40000),
    ],
)
def test_a_cap_is_the_childs_however_often_it_applies(before, fen):
    """S36: an exit and a second application of 200 hours; what was given back can be charged again, in its share."""
    assert charging.due(LONGLING, units=200, days=TERM, earlier=before).gross == fen


def test_a_month_is_paid_once_by_a_child_that_left_and_came_back():
    """70.00 a month without any cap: 30.00 were given back on 10 October, so that at most 30.00 can be charged again."""
    half = Period(date(2026, 10, 1), date(2026, 10, 10))
    rest = Period(date(2026, 10, 19), date(2026, 10, 31))
    assert (
        charging.due(MONTHLY, units=1, days=rest, earlier=[earlier(half, 7000, credited=3000)]).gross == 3000
    )
    assert charging.due(MONTHLY, units=1, days=rest, earlier=[earlier(SEPTEMBER, 7000)]).gross == 7000


def test_a_charge_of_the_term_uses_up_each_month_evenly():
    """350.00 for five months are 70.00 of November; a cap of 80.00 a month leaves 10.00."""
    capped = Tariff(Per.CLASS_HOUR, Fen(300), None, Caps(Fen(8000), None, None))
    assert charging.due(capped, units=40, days=NOVEMBER, earlier=[earlier(TERM, 35000)]).gross == 1000


@given(st.uuids(), st.uuids(), st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(0, 400))
def test_days_of_two_children_never_meet(one, other, first, length):
    days = Period(first, first + timedelta(days=length))
    mine, theirs = charging.covers(one, days), charging.covers(other, days)
    assert one == other or mine.upper <= theirs.lower or theirs.upper <= mine.lower
