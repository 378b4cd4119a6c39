"""Refund rules with worked numbers by hand: Ezhou, Haikou, Wuhan, Longling, Wuzhou, and the rules nobody ships."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterbell.kernel.dates import Period
from afterbell.kernel.money import Fen
from schools.finance import absent_months, refund_sums
from schools.finance.charging import Tariff
from schools.finance.refund_rules import Bill, Case
from tenants.policies import ready
from tenants.policies.documents import Caps, MonthCount, Per, Policy, RefundKind, RefundRule, TeachingStage

PRIMARY, SECONDARY = TeachingStage.PRIMARY, TeachingStage.LOWER_SECONDARY
SEPTEMBER = Period(date(2026, 9, 1), date(2026, 9, 30))


def rule(profile):
    return Policy.from_document(ready.document(profile)).refund


def made(kind, **more):
    return RefundRule(kind, **{"divisor": Fraction(2083, 100), **more})


def weekdays(period):
    return [day for day in period if day.isoweekday() <= 5]


DAYS = weekdays(SEPTEMBER)
"""22 days of service."""


def bill(
    fee=7000,
    *,
    period=SEPTEMBER,
    cancelled=(),
    gross=None,
    hours=2,
    label="2026-09",
    per_month=False,
    days=None,
):
    days = weekdays(period) if days is None else days
    return Bill(
        label=label,
        days=period,
        gross=Fen(gross or fee),
        fee=Fen(fee),
        hours={day: hours for day in days if day not in cancelled},
        cancelled=dict.fromkeys(cancelled, hours),
        is_per_month=per_month,
    )


def case(which, *bills, missed=(), stage=PRIMARY, days=None, before=0):
    """`days` are those of the bills, where the timetable has no others."""
    return Case(
        rule=which,
        stage=stage,
        grade=1 if stage == PRIMARY else 7,
        bills=bills,
        days=frozenset(day for each in bills for day in each.hours) if days is None else frozenset(days),
        missed=frozenset(missed),
        policy="",
        before=Fen(before),
    )


def back(which, *bills, left_on=None, **more):
    return case(which, *bills, **more).returned(left_on=left_on).fen


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
    assert back(rule("ezhou"), bill(fee), missed=DAYS[:missed], stage=stage) == fen


def test_ezhou_a_whole_short_month_is_the_fee_and_not_the_days():
    """20 days of service: 20 × 3.36 = 67.20, but all of them missed is the whole 70.00."""
    february = Period(date(2027, 2, 1), date(2027, 2, 28))
    assert len(weekdays(february)) == 20
    assert back(rule("ezhou"), bill(period=february), missed=weekdays(february)) == 7000


def test_ezhou_a_family_that_pays_nothing_gets_nothing():
    assert back(rule("ezhou"), bill(0, gross=7000), missed=DAYS[:5]) == 0
    assert back(rule("ezhou"), bill(3500, gross=7000), missed=DAYS[:5]) == 840


OCTOBER = Period(date(2026, 10, 1), date(2026, 10, 31))
TOWN = Tariff(Per.CLASS_HOUR, Fen(250), None, Caps(None, Fen(40000), None))


@pytest.mark.parametrize(
    ("off", "given", "second", "later_off", "fen"),
    [
        (25, 3750, 15000, 10, 2500),  # both charged before; 400.00 − 37.50 for September − 25.00 = 135 hours
        (25, 6250, 17500, 10, 2500),  # October was charged after September's 62.50 had come back
        (5, 1250, 16250, 5, 0),  # 237.50 and 162.50: 160 hours are the cap
    ],
)
def test_by_the_month_under_a_cap_of_the_term_all_months_together_give_what_the_fee_gives(
    off, given, second, later_off, fen
):
    """100 and 70 hours at 2.50, at most 400.00; what October gives after September's calculation."""
    first, later = (
        Bill(
            label=label, days=days, gross=Fen(gross), fee=Fen(gross), hours={days.first: hours - gone},
            cancelled={days.last: gone}, hourly=TOWN, units=hours, given=Fen(gave),
        )
        for label, days, gross, hours, gone, gave in (
            ("2026-09", SEPTEMBER, 25000, 100, off, given), ("2026-10", OCTOBER, second, 70, later_off, 0),
        )
    )  # fmt: skip
    october = replace(case(made(RefundKind.NONE), later), charged=(first, later))
    assert october.returned(left_on=None).fen == fen


@pytest.mark.parametrize(("left_after", "fen"), [(10, 7091), (0, 13000), (22, 0), (11, 6500)])
def test_wuhan_by_the_day_on_written_exit(left_after, fen):
    """130.00 for 22 days; after 10 of them 12 ÷ 22 × 130.00 = 70.909… = 70.91."""
    left_on = DAYS[left_after - 1] if left_after else SEPTEMBER.first - timedelta(days=1)
    assert back(rule("wuhan"), bill(13000), left_on=left_on) == fen


def test_wuhan_absence_alone_returns_nothing():
    assert back(rule("wuhan"), bill(13000), missed=DAYS[:15]) == 0


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
    days = weekdays(TERM)
    missed = [day for day in days if first <= day <= last]
    found = back(rule("haikou"), bill(600 * len(days), period=TERM, days=days), missed=missed)
    assert found == 600 * days_full + 300 * days_half


def test_haikou_two_short_absences_are_no_long_one():
    missed = [day for day in weekdays(TERM) if day < date(2026, 4, 2) and day != date(2026, 3, 16)]
    assert back(rule("haikou"), bill(600 * len(weekdays(TERM)), period=TERM), missed=missed) == 600 * 23 // 2


def test_longling_returns_nothing_but_what_was_cancelled():
    fee = 44 * 250
    assert back(rule("longling"), bill(fee), missed=DAYS[:20]) == 0
    assert back(rule("longling"), bill(fee), left_on=DAYS[3]) == 0
    assert back(rule("longling"), bill(fee, cancelled=DAYS[:2])) == 4 * 250


@pytest.mark.parametrize(("missed", "fen"), [(10, 0), (11, 6000), (12, 6000), (0, 0)])
def test_wuzhou_half_is_returned_to_who_came_less_than_half(missed, fen):
    """120.00 a month, 22 days; exactly half gives half by this profile."""
    assert back(rule("wuzhou"), bill(12000), missed=DAYS[:missed]) == fen


def test_exactly_half_may_also_give_nothing():
    fen = refund_sums.half_month_threshold(Fraction(12000), missed=11, of=22, exactly_half_returns_half=False)
    assert fen == 0


@pytest.mark.parametrize(("fee", "fen"), [(7000, 1680), (8000, 1920)])
def test_month_divided_by_20_83(fee, fen):
    """70.00 ÷ 20.83 × 5 = 16.80; 80.00 ÷ 20.83 × 5 = 19.20."""
    assert back(made(RefundKind.MONTH_DIVIDED), bill(fee), missed=DAYS[:5]) == fen


def test_class_hours_by_what_is_left():
    """480.00 for 44 hours, 20 left: 218.18."""
    assert back(made(RefundKind.CLASS_HOURS), bill(48000), left_on=DAYS[11]) == 21818
    assert refund_sums.remaining(Fraction(48000), left=40, of=160) == 12000


def test_a_cancelled_day_is_returned_once():
    """Wuhan: 2 of 22 days cancelled before the exit, 10 left: 12 ÷ 22."""
    gone = bill(13000, cancelled=DAYS[:2])
    assert back(rule("wuhan"), gone, left_on=DAYS[11]) == 7091
    after = bill(13000, cancelled=DAYS[-2:])
    assert back(rule("wuhan"), after, left_on=DAYS[11]) == 5909


PLAN = [
    day
    for day in weekdays(Period(date(2026, 9, 7), date(2027, 1, 22)))
    if not date(2026, 10, 1) <= day <= date(2026, 10, 8)
]
"""Service days of a term that begins on 7 September and ends on 22 January; the National Day holiday is out."""
MONTHS = ["2026-09", "2026-10", "2026-11", "2026-12", "2027-01"]


def in_month(label):
    return [day for day in PLAN if str(day)[:7] == label]


def by_month(fee, **more):
    return [
        bill(fee, period=Period(in_month(m)[0], in_month(m)[-1]), days=in_month(m), label=m, **more)
        for m in MONTHS
    ]


def by_term(fee, *, per_month=True, **more):
    whole = Period(PLAN[0], PLAN[-1])
    return [bill(fee, period=whole, days=PLAN, label="2026-2027-1", per_month=per_month, **more)]


def whole_months(half=False):
    return RefundRule(RefundKind.CONTINUOUS_MONTHS, month=MonthCount.CALENDAR, half_month_returns_half=half)


def between(first, last):
    return [day for day in PLAN if first <= day <= last]


@pytest.mark.parametrize(("stage", "fee"), [(PRIMARY, 6500), (SECONDARY, 7500)])
@pytest.mark.parametrize("bills", [by_month, lambda fee: by_term(5 * fee)], ids=["month", "term"])
@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        (date(2026, 9, 7), date(2026, 9, 30), 1),  # all 18 service days, though the term begins on the 7th
        (date(2026, 10, 12), date(2026, 11, 12), 0),  # there on 9 October and from 13 November on
        (date(2026, 10, 9), date(2026, 10, 30), 1),  # all that the holiday leaves of October
        (date(2026, 9, 8), date(2026, 10, 30), 1),  # there on one day of September
        (date(2026, 12, 28), date(2027, 1, 22), 1),  # January to the end of the term
        (date(2026, 9, 7), date(2027, 1, 22), 5),
    ],
)
def test_who_is_absent_a_whole_month_pays_nothing_for_it(stage, fee, bills, first, last, months):
    """65.00 and 75.00 a month: all service days of the calendar month, by month and by term (issue, 9)."""
    assert back(whole_months(), *bills(fee), missed=between(first, last), stage=stage) == months * fee
    nothing_a_day = Policy.from_document(ready.document("ezhou")).refund
    nothing_a_day = RefundRule(RefundKind.PER_DAY, zero(nothing_a_day), whole_month_returns_fee=True)
    assert back(nothing_a_day, *bills(fee), missed=between(first, last), stage=stage) == months * fee


def zero(which):
    return tuple(replace(amount, fen=Fen(0)) for amount in which.amounts)


def test_a_month_by_itself_is_whole_whatever_day_the_term_begins():
    """September's bill alone, calculated on 1 October: nothing is known of October (18 of 18 service days)."""
    (september, *_later) = by_month(6500)
    known = case(whole_months(), september, missed=in_month("2026-09"), days=PLAN)
    assert known.returned(left_on=None).fen == 6500
    from_any = RefundRule(
        RefundKind.CONTINUOUS_MONTHS, month=MonthCount.ANY_DAY, half_month_returns_half=False
    )
    assert back(from_any, september, missed=in_month("2026-09"), days=in_month("2026-09")) == 6500


@pytest.mark.parametrize(("missed", "fen"), [(8, 0), (9, 3250), (17, 3250), (18, 6500)])
def test_half_of_a_calendar_months_service_days_in_a_row_is_half_of_the_month(missed, fen):
    (september, *_later) = by_month(6500)
    assert back(whole_months(half=True), september, missed=PLAN[:missed]) == fen
    assert back(whole_months(half=False), september, missed=PLAN[:missed]) == (fen if missed == 18 else 0)


def test_half_a_month_in_two_pieces_is_none():
    (september, *_later) = by_month(6500)
    assert back(whole_months(half=True), september, missed=[*PLAN[:8], *PLAN[9:17]]) == 0


def test_a_cancelled_day_of_a_month_that_was_missed_goes_back_once():
    days = in_month("2026-09")
    gone = bill(6500, period=Period(days[0], days[-1]), days=days, cancelled=days[:2])
    assert back(whole_months(), gone, missed=days) == 6500
    assert back(whole_months(), gone, missed=days[:3]) == 722  # 2 of 18


def test_after_an_exit_the_months_that_follow_come_back_whole():
    """Left on 16 October: November to January; of October some days were used."""
    assert back(whole_months(), *by_month(6500), left_on=date(2026, 10, 16)) == 3 * 6500
    assert back(whole_months(), *by_term(5 * 6500), left_on=date(2026, 10, 16)) == 3 * 6500


ALL_RULES = [
    *map(rule, ["ezhou", "haikou", "wuhan", "wuzhou", "longling"]),
    made(RefundKind.MONTH_DIVIDED),
    made(RefundKind.CLASS_HOURS),
    whole_months(),
    whole_months(half=True),
]


@pytest.mark.parametrize("which", ALL_RULES, ids=lambda which: which.kind)
def test_an_agreement_that_ended_before_its_first_day_gets_all_bills_back(which):
    assert back(which, *by_month(6500), left_on=date(2026, 9, 6)) == 5 * 6500
    assert back(which, *by_term(5 * 6500), left_on=date(2026, 9, 6)) == 5 * 6500


def test_an_absence_in_two_bills_is_calculated_month_by_month():
    """Haikou's rule by month: away from 21 September to 20 October, a month. In whatever order they are made."""
    september, october, *_later = by_month(6600)
    away = between(date(2026, 9, 21), date(2026, 10, 20))
    first = case(rule("haikou"), september, missed=in_month("2026-09")[10:], days=PLAN)
    before = first.returned(left_on=None).fen
    assert before == 1467  # known then: 21 September to 8 October, half a month: 8 of 18 days by half
    then = case(rule("haikou"), september, october, missed=away, days=PLAN, before=before)
    together = 2933 + 3300  # 8 of 18 days of September, 8 of 16 of October
    assert before + then.returned(left_on=None).fen == together
    late = case(rule("haikou"), october, missed=away, days=PLAN).returned(left_on=None).fen
    assert late == 3300
    both = case(rule("haikou"), october, september, missed=away, days=PLAN, before=late)
    assert late + both.returned(left_on=None).fen == together


def test_an_exit_does_not_give_again_what_an_absence_gave():
    """Ezhou: 3 days of September were returned on 1 October; the exit adds the rest of October."""
    september, october, *_later = by_month(7000)
    missed, left_on = PLAN[:3], in_month("2026-10")[-6]
    before = back(rule("ezhou"), september, missed=missed)
    assert before == 1008
    assert back(rule("ezhou"), september, october, missed=missed, left_on=left_on, before=before) == 5 * 336


def test_rounded_once_at_the_end():
    """57.75 of 70.00: 7 × 3.36 × 57.75 ÷ 70.00 = 19.404; a day rounded first gave 19.39 (issue, 10)."""
    assert back(rule("ezhou"), bill(5775, gross=7000), missed=DAYS[:7]) == 1940


def test_the_cancelled_share_is_rounded_with_the_rest():
    """60.00 ÷ 20.83 = 2.8804…, and 2 of 22 days 5.4545…: together 8.335 and not 2.88 + 5.45."""
    found = back(made(RefundKind.MONTH_DIVIDED), bill(6000, cancelled=DAYS[-2:]), missed=DAYS[:1])
    assert found == round_to_fen(Fraction(6000 * 100, 2083) + Fraction(6000 * 2, 22)) == 834


def round_to_fen(exact):
    """Half up, written another way than the house does."""
    return int((2 * exact + 1) // 2)


def lines(which, *bills, left_on=None, **more):
    return case(which, *bills, **more).returned(left_on=left_on).lines


def test_the_explanation_has_the_numbers_of_the_sum():
    september, october, *_later = by_month(6500)
    assert lines(rule("ezhou"), bill(), missed=DAYS[:5]) == (
        "2026-09：应缴 ¥70.00，缺勤 5 天 × ¥3.36 = ¥16.80，退 ¥16.80。",
    )
    assert lines(rule("ezhou"), bill(5775, gross=7000, cancelled=DAYS[-1:]), missed=DAYS[:7]) == (
        "2026-09：应缴 ¥57.75，缺勤 7 天 × ¥3.36 ×（实缴 ¥57.75 ÷ 标准 ¥70.00）≈ ¥19.40；"
        "已取消的服务 2 课时（共 44 课时），¥57.75 × 2 ÷ 44 = ¥2.63，退 ¥22.03。".replace("44 = ", "44 ≈ "),
    )
    assert lines(rule("ezhou"), bill(), missed=DAYS[:21]) == (
        "2026-09：应缴 ¥70.00，缺勤 21 天 × ¥3.36 = ¥70.00（不超过应缴），退 ¥70.00。",
    )
    assert lines(rule("wuhan"), bill(13000), left_on=DAYS[9]) == (
        "2026-09：应缴 ¥130.00，剩余 12 天（共 22 天），¥130.00 × 12 ÷ 22 ≈ ¥70.91，退 ¥70.91。",
    )
    assert lines(whole_months(), september, october, missed=in_month("2026-09"), before=100) == (
        "2026-09：应缴 ¥65.00，2026-09 的服务日 18 天全部缺勤，退当月，本期为 ¥65.00，退 ¥65.00。",
        "2026-10：应缴 ¥65.00，没有满足退费条件的连续缺勤，退 ¥0.00。",
        "减去此前计算已退的 ¥1.00。",
    )
    assert lines(rule("ezhou"), *by_term(5 * 7000), missed=PLAN[:2]) == (
        "2026-2027-1：应缴 ¥350.00，2026-09 缺勤 2 天 × ¥3.36 = ¥6.72，退 ¥6.72。",
    )


RULES = st.sampled_from([*ALL_RULES, rule("seed")])
FEES = st.integers(0, 20000)
AWAY = st.sets(st.sampled_from(PLAN))
CANCELLED = st.sets(st.sampled_from(PLAN), max_size=6)
EXITS = st.one_of(st.none(), st.sampled_from(PLAN))


def all_bills(fee, cancelled, *, term):
    if term:
        return by_term(5 * fee, cancelled=cancelled, gross=5 * fee or 7000)
    return [
        bill(
            fee,
            gross=fee or 7000,
            period=Period(in_month(m)[0], in_month(m)[-1]),
            days=in_month(m),
            cancelled=[day for day in cancelled if str(day)[:7] == m],
            label=m,
        )
        for m in MONTHS
    ]


@given(RULES, FEES, AWAY, CANCELLED, EXITS, st.booleans())
def test_never_more_than_the_fee_and_never_below_zero(which, fee, missed, cancelled, left_on, term):
    bills = all_bills(fee, cancelled, term=term)
    assert 0 <= back(which, *bills, missed=missed, left_on=left_on) <= 5 * fee


@given(RULES, FEES, AWAY, AWAY, CANCELLED, st.booleans())
def test_more_missed_days_never_give_less(which, fee, missed, more, cancelled, term):
    """Months from any day on are left out: an absence that begins earlier counts other months, with other hours."""
    if which.month == MonthCount.ANY_DAY:
        return
    bills = all_bills(fee, cancelled, term=term)
    assert back(which, *bills, missed=missed) <= back(which, *bills, missed=missed | more)


@given(FEES, st.integers(0, len(PLAN)), st.integers(0, len(PLAN)), st.booleans())
def test_an_absence_that_lasts_longer_never_gives_less(fee, at, length, term):
    bills = all_bills(fee, (), term=term)
    shorter, longer = PLAN[at : at + length], PLAN[at : at + length + 1]
    assert back(rule("haikou"), *bills, missed=shorter) <= back(rule("haikou"), *bills, missed=longer)


@given(
    st.one_of(st.just(rule("haikou")), st.just(whole_months(half=True))),
    FEES,
    AWAY,
    st.permutations(range(5)),
)
def test_periods_one_by_one_in_any_order_give_what_the_rule_gives_for_all(which, fee, missed, order):
    bills = by_month(fee)
    done, given_back = [], 0
    for number in order:
        done.append(bills[number])
        given_back += back(which, *done, missed=missed, days=PLAN, before=given_back)
    assert given_back == back(which, *bills, missed=missed, days=PLAN)


@given(st.integers(0, 30000), st.integers(0, 30000), AWAY, CANCELLED, st.sampled_from(MONTHS))
def test_each_sum_is_exact(one, other, missed, cancelled, month):
    """Against sums written by hand, another way: whole numbers over a common denominator, rounded at the end."""
    fee, gross = min(one, other), max(one, other) or 1
    days = [day for day in in_month(month) if day not in cancelled]
    off = [day for day in in_month(month) if day in cancelled]
    away, of, all_days = len([day for day in days if day in missed]), len(days), len(days) + len(off)
    given_bill = bill(fee, gross=gross, period=Period(PLAN[0], PLAN[-1]), days=in_month(month), cancelled=off)
    lost = Fraction(fee * len(off), all_days)
    whole = bool(away) and away == of
    by_day = min(Fraction(fee), Fraction(336 * away * fee, gross))
    wanted = {
        rule("ezhou"): Fraction(fee) if whole else by_day,
        made(RefundKind.MONTH_DIVIDED): min(Fraction(fee), Fraction(100 * fee * away, 2083)),
        rule("wuzhou"): Fraction(fee, 2) if away and 2 * away >= of else Fraction(0),
        whole_months(): Fraction(fee * of, all_days) if whole else Fraction(0),
        rule("longling"): Fraction(0),
    }
    for which, exact in wanted.items():
        assert back(which, given_bill, missed=missed) == min(fee, round_to_fen(exact + lost)), which.kind


@given(AWAY, st.sets(st.sampled_from(PLAN), min_size=1))
def test_a_spell_never_gives_a_day_back_twice(missed, days):
    found = absent_months.spells(
        MonthCount.ANY_DAY, days=days, away=missed & days, half_month_returns_half=True
    )
    assert all(0 <= absent_months.share_of(day, found) <= 1 for day in PLAN)
