"""Month bills or one bill of the term: the same child, days and price come to the same (calculations.md, "Refund rules")."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from afterbell.kernel.dates import Month, Period
from afterbell.kernel.money import Fen, format_fen, round_half_up
from schools.finance.bill_parts import Bill, parts
from schools.finance.charging import Tariff
from schools.finance.refund_rules import Case
from tenants.policies import ready
from tenants.policies.documents import Caps, MonthCount, Per, Policy, RefundKind, RefundRule, TeachingStage

PRIMARY, SECONDARY = TeachingStage.PRIMARY, TeachingStage.LOWER_SECONDARY
TERM = Period(date(2026, 9, 1), date(2027, 1, 22))
MONTHS = TERM.months()
LESSONS = [
    day
    for day in Period(date(2026, 9, 7), TERM.last)
    if day.isoweekday() <= 5 and not date(2026, 10, 1) <= day <= date(2026, 10, 8)
]
"""A term that begins on a Tuesday; its lessons begin on the 7th and rest over the National Day."""
READY = [Policy.from_document(ready.document(name)).refund for name in ready.codes()]
NOT_SHIPPED = [
    RefundRule(RefundKind.MONTH_DIVIDED, divisor=Fraction(2083, 100)),
    RefundRule(RefundKind.CLASS_HOURS),
    RefundRule(RefundKind.CONTINUOUS_MONTHS, month=MonthCount.CALENDAR, half_month_returns_half=True),
    RefundRule(RefundKind.CONTINUOUS_MONTHS, month=MonthCount.CALENDAR, half_month_returns_half=False),
    RefundRule(RefundKind.CONTINUOUS_MONTHS, month=MonthCount.ANY_DAY, half_month_returns_half=False),
]
RULES = st.sampled_from([*READY, *NOT_SHIPPED])
TOWN = Tariff(Per.CLASS_HOUR, Fen(250), None, Caps(None, Fen(40000), None))
"""Longling."""
UNCAPPED = Tariff(Per.CLASS_HOUR, Fen(300), None, Caps(None, None, None))
"""Haikou."""
DAYS_OF_LEAVING = st.sampled_from(list(Period(TERM.first - timedelta(days=3), TERM.last)))


def inside(month, hours):
    return {day: n for day, n in hours.items() if day in month.period}


def a_bill(label, days, gross, waived, held, cancelled, **more):
    return Bill(
        label=label, days=days, gross=Fen(gross), fee=Fen(gross - waived), hours=held, cancelled=cancelled,
        units=sum(held.values()) + sum(cancelled.values()), **more,
    )  # fmt: skip


def month_prices(price, held, cancelled):
    """What each month is charged: a price per month, or hours times the fee under the caps, month after month."""
    if isinstance(price, int):
        return [price] * len(MONTHS)
    hours = [sum((inside(month, held) | inside(month, cancelled)).values()) for month in MONTHS]
    found, left = [], price.caps.term if price.caps.term is not None else 10**9
    for n in hours:
        found.append(min(n * price.fen, left))
        left -= found[-1]
    return found


def both_cuts(price, waived_half, held, cancelled):
    """The same price as five bills and as one."""
    more = {"is_per_month": True} if isinstance(price, int) else {"hourly": price}
    prices = month_prices(price, held, cancelled)
    waived = [fen // 2 if waived_half else 0 for fen in prices]
    by_month = tuple(
        a_bill(
            str(month), month.period.overlap(TERM), fen, less, inside(month, held), inside(month, cancelled),
            **more,
        )
        for month, fen, less in zip(MONTHS, prices, waived, strict=True)
    )  # fmt: skip
    by_term = (a_bill("2026-2027-1", TERM, sum(prices), sum(waived), held, cancelled, **more),)
    return by_month, by_term


def case(rule, bills, held, missed=(), stage=PRIMARY):
    return Case(
        rule=rule, stage=stage, grade=1 if stage == PRIMARY else 7, bills=bills, days=frozenset(held),
        missed=frozenset(missed) & frozenset(held), policy="",
    )  # fmt: skip


def back(rule, bills, held, left_on, **more):
    return case(rule, bills, held, **more).returned(left_on=left_on)


TIMETABLES = st.tuples(
    st.sets(st.sampled_from(MONTHS), max_size=3),
    st.lists(st.integers(0, 3), min_size=7, max_size=7),
    st.sets(st.sampled_from(LESSONS), max_size=8),
)
"""Months without any lesson, hours that differ from day to day, lessons that were cancelled."""


def hours_of(timetable):
    empty, pattern, off = timetable
    served = {day: n for i, day in enumerate(LESSONS) if (n := pattern[i % 7])}
    served = {day: n for day, n in served.items() if not any(day in month.period for month in empty)}
    assume(served)
    return {d: n for d, n in served.items() if d not in off}, {d: n for d, n in served.items() if d in off}


PRICES = st.one_of(st.integers(1, 20000), st.just(TOWN), st.just(UNCAPPED))
AWAY = st.sets(st.sampled_from(LESSONS))
STAGES = st.sampled_from([PRIMARY, SECONDARY])
EXITS = st.one_of(st.none(), DAYS_OF_LEAVING)


@given(RULES, PRICES, TIMETABLES, AWAY, EXITS, STAGES)
def test_what_goes_back_does_not_depend_on_how_the_bill_was_cut(
    rule, price, timetable, missed, left_on, stage
):
    held, cancelled = hours_of(timetable)
    by_month, by_term = both_cuts(price, False, held, cancelled)
    found = [
        back(rule, bills, held, left_on, missed=missed, stage=stage).fen for bills in (by_month, by_term)
    ]
    assert found[0] == found[1]


@given(RULES, st.integers(1, 20000), TIMETABLES, AWAY, EXITS)
def test_nor_where_half_of_it_is_waived(rule, price, timetable, missed, left_on):
    held, cancelled = hours_of(timetable)
    by_month, by_term = both_cuts(price, True, held, cancelled)
    found = [back(rule, bills, held, left_on, missed=missed).fen for bills in (by_month, by_term)]
    assert found[0] == found[1]


@given(RULES, PRICES, TIMETABLES, AWAY, st.tuples(DAYS_OF_LEAVING, DAYS_OF_LEAVING), st.booleans())
def test_leaving_earlier_never_returns_less(rule, price, timetable, missed, days, as_one):
    held, cancelled = hours_of(timetable)
    bills = both_cuts(price, False, held, cancelled)[as_one]
    earlier, later = (back(rule, bills, held, day, missed=missed).fen for day in sorted(days))
    stays = back(rule, bills, held, None, missed=missed).fen
    assert earlier >= later >= stays


@given(RULES, PRICES, TIMETABLES, AWAY, EXITS, st.booleans(), st.booleans())
def test_amounts_make_the_sum_and_none_is_above_its_bill(
    rule, price, timetable, missed, left_on, half, as_one
):
    held, cancelled = hours_of(timetable)
    bills = both_cuts(price, half, held, cancelled)[as_one]
    found = back(rule, bills, held, left_on, missed=missed)
    assert sum(found.amounts) == found.fen
    assert all(0 <= fen <= bill.fee for fen, bill in zip(found.amounts, bills, strict=True))


@given(RULES, PRICES, TIMETABLES, st.booleans())
def test_the_parts_of_a_bill_are_the_bill(rule, price, timetable, half):
    held, cancelled = hours_of(timetable)
    for bill in both_cuts(price, half, held, cancelled)[True]:
        found = parts(bill, rule.kind)
        assert sum(part.gross for part in found) == bill.gross
        assert sum((part.fee for part in found), Fraction(0)) == (bill.fee if bill.gross else 0)
        assert sum(part.units for part in found) == bill.units


EVERY_DAY = dict.fromkeys(LESSONS, 2)
LEFT = date(2026, 11, 11)


@pytest.mark.parametrize("as_one", [False, True])
@pytest.mark.parametrize(
    ("rule", "fen"),
    [
        ("wuzhou", 14000 + 3500),  # 13 of 21 days of November are left: half of it; December and January
        ("ezhou", 14000 + 13 * 336),
        ("wuhan", 14000 + 4333),  # 70.00 × 13 ÷ 21
        ("longling", 14000),  # months that nobody used, whatever the rule
    ],
)
def test_who_leaves_in_november_gets_december_and_january_whole(rule, fen, as_one):
    """70.00 a month, five months. One bill of 350.00 gave 35.00 for December where a bill of 70.00 gave 70.00."""
    bills = both_cuts(7000, False, EVERY_DAY, {})[as_one]
    rule = Policy.from_document(ready.document(rule)).refund
    assert back(rule, bills, EVERY_DAY, LEFT).fen == fen


@pytest.mark.parametrize("as_one", [False, True])
def test_months_whose_lessons_nobody_has_planned_yet_come_back_whole(as_one):
    """Lessons up to November only: December and January are 140.00, and a bill of the term lost them."""
    planned = {day: 2 for day in LESSONS if day < date(2026, 12, 1)}
    bills = both_cuts(7000, False, planned, {})[as_one]
    nothing = Policy.from_document(ready.document("longling")).refund
    assert back(nothing, bills, planned, LEFT).fen == 14000


def test_longlings_cap_makes_the_last_months_cheaper_in_one_bill_as_in_five():
    """36 + 32 + 42 + 46 + 32 hours at 2.50 are 470.00, at most 400.00: January is 10.00; who leaves in December gets it."""
    by_month, by_term = both_cuts(TOWN, False, EVERY_DAY, {})
    assert [bill.fee for bill in by_month] == [9000, 8000, 10500, 11500, 1000]
    nothing = Policy.from_document(ready.document("longling")).refund
    assert [part.fee for part in parts(by_term[0], nothing.kind)] == [9000, 8000, 10500, 11500, 1000]
    for bills in (by_month, by_term):
        assert back(nothing, bills, EVERY_DAY, date(2026, 12, 10)).fen == 1000


def test_a_price_per_month_under_a_cap_of_the_term_is_used_up_in_order():
    """80.00 a month, at most 300.00: 80, 80, 80, 60, 0. Who leaves in November has used 240.00."""
    one = replace(
        both_cuts(8000, False, EVERY_DAY, {})[1][0], gross=Fen(30000), fee=Fen(30000), each=Fen(8000)
    )
    nothing = Policy.from_document(ready.document("longling")).refund
    assert [part.fee for part in parts(one, nothing.kind)] == [8000, 8000, 8000, 6000, 0]
    assert back(nothing, (one,), EVERY_DAY, LEFT).fen == 6000


def test_a_price_for_the_term_is_one_price_where_the_rule_knows_no_month():
    """600.00 a term: by remaining days of the term; a rule of nothing gives nothing once it has begun."""
    one = replace(both_cuts(12000, False, EVERY_DAY, {})[1][0], is_per_month=False)
    rules = {
        name: Policy.from_document(ready.document(name)).refund for name in ("wuhan", "longling", "wuzhou")
    }
    left = sum(1 for day in LESSONS if day > LEFT)
    assert back(rules["wuhan"], (one,), EVERY_DAY, LEFT).fen == round_half_up(
        Fraction(60000 * left, len(LESSONS))
    )
    assert back(rules["longling"], (one,), EVERY_DAY, LEFT).fen == 0
    assert back(rules["longling"], (one,), EVERY_DAY, date(2026, 9, 5)).fen == 60000


def test_the_lines_say_what_each_month_gave():
    (one,) = both_cuts(7000, False, EVERY_DAY, {})[1]
    wuzhou = Policy.from_document(ready.document("wuzhou")).refund
    assert back(wuzhou, (one,), EVERY_DAY, LEFT).lines == (
        "2026-2027-1：应缴 ¥350.00，2026-11 缺勤 13 天（共 21 天），达到退一半的标准，¥70.00 ÷ 2 = ¥35.00；"
        "2026-12 退出前没有上过课，全额退还 ¥70.00；2027-01 退出前没有上过课，全额退还 ¥70.00；"
        "2026-09、2026-10 不退（没有可退的缺勤），退 ¥175.00。",
    )


def test_a_month_by_the_class_hour_is_reckoned_and_those_that_give_nothing_are_named():
    """Longling's rule, 2.50 a class hour: what comes back is hours × fee, and the family reads why the others do not."""
    tariff = Tariff(Per.CLASS_HOUR, Fen(280), None, Caps(None, None, None))
    nothing = Policy.from_document(ready.document("longling")).refund
    bills = [
        Bill(
            label=month, days=Month(2026, int(month[5:])).period, gross=Fen(280 * n), fee=Fen(280 * n), units=n,
            hours={day: 2 for day in LESSONS if str(day).startswith(month)}, cancelled={}, hourly=tariff,
        )
        for month in ("2026-11", "2026-12")
        for n in (2 * sum(1 for day in LESSONS if str(day).startswith(month)),)
    ]  # fmt: skip
    n = bills[1].units
    said = f"{n} 课时 × ¥2.80 = {format_fen(Fen(280 * n))}"
    assert back(nothing, tuple(bills), EVERY_DAY, LEFT).lines == (
        f"2026-11：应缴 {format_fen(bills[0].fee)}，现行政策没有规定中途退费，退 ¥0.00。",
        f"2026-12：应缴 {format_fen(bills[1].fee)}，退出前没有上过课，全额退还 {said}，退 {format_fen(bills[1].fee)}。",
    )
    whole = replace(
        bills[0], label="2026-2027-1", days=Period(date(2026, 11, 1), date(2026, 12, 31)), units=bills[0].units + n,
        gross=Fen(bills[0].gross + bills[1].gross), fee=Fen(bills[0].gross + bills[1].gross),
        hours=bills[0].hours | bills[1].hours,
    )  # fmt: skip
    assert back(nothing, (whole,), EVERY_DAY, LEFT).lines == (
        f"2026-2027-1：应缴 {format_fen(whole.fee)}，2026-12 退出前没有上过课，全额退还 {said}；"
        f"2026-11 不退（现行政策没有规定中途退费），退 {format_fen(bills[1].fee)}。",
    )
