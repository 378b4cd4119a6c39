"""Refund rules with worked numbers by hand: Ezhou, Haikou, Wuhan, Longling, Wuzhou, and the rules nobody ships."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterbell.kernel.dates import Period
from afterbell.kernel.money import Fen
from schools.finance import refund_rules
from schools.finance.refund_rules import Bill, returned
from tenants.policies import ready
from tenants.policies.documents import Policy, RefundKind, RefundRule, TeachingStage

PRIMARY, SECONDARY = TeachingStage.PRIMARY, TeachingStage.LOWER_SECONDARY
SEPTEMBER = Period(date(2026, 9, 1), date(2026, 9, 30))


def rule(profile):
    return Policy.from_document(ready.document(profile)).refund


def made(kind):
    return RefundRule(kind, (), None, Fraction(2083, 100), None, None)


def weekdays(period):
    return [day for day in period if day.isoweekday() <= 5]


DAYS = weekdays(SEPTEMBER)
"""22 days of service."""


def bill(fee=7000, *, period=SEPTEMBER, missed=(), cancelled=(), gross=None, hours=2):
    days = weekdays(period)
    return Bill(
        label="2026-09",
        period=period,
        gross=Fen(gross or fee),
        fee=Fen(fee),
        hours={day: hours for day in days if day not in cancelled},
        cancelled=dict.fromkeys(cancelled, hours),
        missed=frozenset(missed),
    )


def back(which, *bills, stage=PRIMARY, left_on=None):
    return returned(which, stage=stage, bills=bills, left_on=left_on).fen


@pytest.mark.parametrize(
    ("stage", "fee", "missed", "fen"),
    [
        (PRIMARY, 7000, 1, 336),
        (PRIMARY, 7000, 5, 1680),
        (SECONDARY, 8000, 5, 1920),
        (PRIMARY, 7000, 20, 6720),
        (PRIMARY, 7000, 21, 7000),  # 70.56 is above the fee
        (PRIMARY, 7000, 22, 7000),  # a whole month in full
        (SECONDARY, 8000, 22, 8000),
        (PRIMARY, 7000, 0, 0),
    ],
)
def test_ezhou_per_missed_day_and_a_whole_month_in_full(stage, fee, missed, fen):
    """3.36 and 3.84 a missed day (70 ÷ 20.83, 80 ÷ 20.83)."""
    assert back(rule("ezhou"), bill(fee, missed=DAYS[:missed]), stage=stage) == fen


def test_ezhou_a_whole_short_month_is_the_fee_and_not_the_days():
    """20 days of service: 20 × 3.36 = 67.20, but all of them missed is the whole 70.00."""
    february = Period(date(2027, 2, 1), date(2027, 2, 28))
    assert len(weekdays(february)) == 20
    assert back(rule("ezhou"), bill(period=february, missed=weekdays(february))) == 7000


def test_ezhou_a_family_that_pays_nothing_gets_nothing():
    assert back(rule("ezhou"), bill(0, gross=7000, missed=DAYS[:5])) == 0
    assert back(rule("ezhou"), bill(3500, gross=7000, missed=DAYS[:5])) == 840


@pytest.mark.parametrize(("left_after", "fen"), [(10, 7091), (0, 13000), (22, 0), (11, 6500)])
def test_wuhan_by_the_day_on_written_exit(left_after, fen):
    """130.00 for 22 days; after 10 of them 12 ÷ 22 × 130.00 = 70.909… = 70.91."""
    left_on = DAYS[left_after - 1] if left_after else SEPTEMBER.first - timedelta(days=1)
    assert back(rule("wuhan"), bill(13000), left_on=left_on) == fen


def test_wuhan_absence_alone_returns_nothing():
    assert back(rule("wuhan"), bill(13000, missed=DAYS[:15])) == 0


def test_wuhan_a_month_that_has_not_begun_comes_back_whole():
    october = Period(date(2026, 10, 1), date(2026, 10, 31))
    assert back(rule("wuhan"), bill(13000), bill(13000, period=october), left_on=DAYS[10]) == 6500 + 13000


TERM = Period(date(2026, 3, 2), date(2026, 7, 3))


@pytest.mark.parametrize(
    ("first", "last", "days_full", "days_half"),
    [
        (date(2026, 3, 10), date(2026, 4, 24), 23, 21),  # a month, and 15 days of 30: half of the next
        (date(2026, 3, 10), date(2026, 4, 9), 23, 0),  # exactly a month
        (date(2026, 3, 10), date(2026, 4, 23), 23, 0),  # 14 days of the next are less than half
        (date(2026, 4, 13), date(2026, 4, 27), 0, 22),  # 15 of 30 days: half a month
        (date(2026, 4, 13), date(2026, 4, 26), 0, 0),  # 14 days: nothing
    ],
)
def test_haikou_continuous_months_and_half_months(first, last, days_full, days_half):
    """3.00 a class hour, 2 a day: 6.00 a day. The days of a continuous month in full, of a half month by half."""
    fee = 600 * len(weekdays(TERM))
    by_day = {day: Fraction(600) for day in weekdays(TERM)}
    exact = refund_rules.absent_months(Period(first, last), fee_by_day=by_day, half_month_returns_half=True)
    assert exact == 600 * days_full + 300 * days_half
    missed = [day for day in weekdays(TERM) if first <= day <= last]
    following = next(day for day in weekdays(TERM) if day > last)
    found = back(rule("haikou"), bill(fee, period=TERM, missed=missed))
    stretch = Period(missed[0], following - timedelta(days=1))
    assert found == refund_rules.absent_months(stretch, fee_by_day=by_day, half_month_returns_half=True)


def test_haikou_two_short_absences_are_no_long_one():
    missed = [day for day in weekdays(TERM) if day < date(2026, 4, 2) and day != date(2026, 3, 16)]
    assert back(rule("haikou"), bill(600 * len(weekdays(TERM)), period=TERM, missed=missed)) == 600 * 23 // 2


def test_longling_returns_nothing_but_what_was_cancelled():
    fee = 44 * 250
    assert back(rule("longling"), bill(fee, missed=DAYS[:20])) == 0
    assert back(rule("longling"), bill(fee), left_on=DAYS[3]) == 0
    assert back(rule("longling"), bill(fee, cancelled=DAYS[:2])) == 4 * 250


@pytest.mark.parametrize(("missed", "fen"), [(10, 0), (11, 6000), (12, 6000), (0, 0)])
def test_wuzhou_half_is_returned_to_who_came_less_than_half(missed, fen):
    """120.00 a month, 22 days; exactly half gives half by this profile."""
    assert back(rule("wuzhou"), bill(12000, missed=DAYS[:missed])) == fen


def test_exactly_half_may_also_give_nothing():
    fen = refund_rules.half_month_threshold(Fen(12000), missed=11, of=22, exactly_half_returns_half=False)
    assert fen == 0


@pytest.mark.parametrize(("fee", "fen"), [(7000, 1680), (8000, 1920)])
def test_month_divided_by_20_83(fee, fen):
    """70.00 ÷ 20.83 × 5 = 16.80; 80.00 ÷ 20.83 × 5 = 19.20."""
    assert back(made(RefundKind.MONTH_DIVIDED), bill(fee, missed=DAYS[:5])) == fen


def test_class_hours_by_what_is_left():
    """480.00 for 44 hours, 20 left: 218.18."""
    assert back(made(RefundKind.CLASS_HOURS), bill(48000), left_on=DAYS[11]) == 21818
    assert refund_rules.class_hours(Fen(48000), remaining=40, of=160) == 12000


def test_a_cancelled_day_is_returned_once():
    """Wuhan: 2 of 22 days cancelled before the exit, 10 left: 12 ÷ 22."""
    gone = bill(13000, cancelled=DAYS[:2])
    assert back(rule("wuhan"), gone, left_on=DAYS[11]) == 7091
    after = bill(13000, cancelled=DAYS[-2:])
    assert back(rule("wuhan"), after, left_on=DAYS[11]) == 5909


def test_the_explanation_says_how():
    found = returned(rule("ezhou"), stage=PRIMARY, bills=[bill(missed=DAYS[:5])], left_on=None)
    assert found.lines == (
        "2026-09：应缴 ¥70.00，缺勤 5 天（共 22 天），每天 ¥3.36，全月缺勤退全月，退 ¥16.80。",
    )


PROFILES = ["ezhou", "haikou", "wuhan", "wuzhou", "longling", "national-2024", "seed", "shandong"]


@given(
    st.sampled_from(PROFILES),
    st.integers(0, 20000),
    st.sets(st.sampled_from(DAYS)),
    st.sets(st.sampled_from(DAYS)),
    st.one_of(st.none(), st.sampled_from(DAYS)),
)
def test_never_more_than_the_fee_and_never_below_zero(profile, fee, missed, cancelled, left_on):
    given_bill = bill(fee, gross=fee or 7000, missed=missed, cancelled=tuple(cancelled))
    assert 0 <= back(rule(profile), given_bill, left_on=left_on) <= fee
