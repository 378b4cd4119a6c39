"""How a sum came about: every line can be redone, and all of them give the stored numbers to the fen (S36, S37)."""

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterbell.kernel.dates import Period
from afterbell.kernel.money import Fen, yuan
from schools.finance import bills, charging, explaining, queries
from schools.finance.models import Calculation, Charge, Refund, Settlement
from tenants.context import in_school
from tenants.policies.documents import Caps, Per
from tests import makers
from tests.city import NOON
from tests.schools.finance import stage
from tests.schools.finance.test_pages import Stage, no_second_factor, school, text  # noqa: F401  (fixtures)


def a_charge(**more):
    return Charge(**{"unit": "class_hour", "units": 98, "fee_fen": 280, "gross_fen": 27440, **more})


@pytest.mark.parametrize(
    ("charge", "lines"),
    [
        (a_charge(), ["98 课时 × ¥2.80 = ¥274.40", "应缴 ¥274.40"]),
        (
            a_charge(unit="month", units=5, fee_fen=7000, gross_fen=35000),
            ["5 个月 × ¥70.00 = ¥350.00", "应缴 ¥350.00"],
        ),
        (
            a_charge(unit="term", units=1, fee_fen=50000, gross_fen=50000),
            ["1 个学期 × ¥500.00 = ¥500.00", "应缴 ¥500.00"],
        ),
        (
            a_charge(units=170, fee_fen=250, gross_fen=40000, cap_fen=40000),
            ["170 课时 × ¥2.50 = ¥425.00", "封顶 ¥400.00，按封顶收取", "应缴 ¥400.00"],
        ),
        (
            a_charge(waived_fen=27440, waiver_reason="hardship"),
            ["98 课时 × ¥2.80 = ¥274.40", "减免 100%（家庭经济困难学生） −¥274.40", "无需缴费"],
        ),
        (
            a_charge(waived_fen=5001, waiver_reason="hardship"),
            ["98 课时 × ¥2.80 = ¥274.40", "减免（家庭经济困难学生） −¥50.01", "应缴 ¥224.39"],
        ),
        (a_charge(unit="", fee_fen=None), ["标准金额 ¥274.40", "应缴 ¥274.40"]),
        (a_charge(taken_back_at=NOON), ["98 课时 × ¥2.80 = ¥274.40", "这笔费用已撤回，不用缴。"]),
    ],
)
def test_a_charge_in_words(charge, lines):
    reason = "家庭经济困难学生" if charge.waiver_reason else ""
    assert explaining.charge_lines(charge, reason) == lines


def amounts(line):
    return [yuan(each) for each in re.findall(r"¥[0-9,]+\.[0-9]{2}", line)]


@given(
    unit=st.sampled_from(list(Per)),
    units=st.integers(0, 400),
    fee=st.integers(0, 60000),
    caps=st.tuples(*[st.none() | st.integers(0, 90000)] * 3),
    months=st.integers(1, 6),
    before=st.integers(0, 90000),
    waived=st.none() | st.integers(0, 100) | st.tuples(st.just("fen"), st.integers(0, 10**7)),
)
def test_the_lines_are_the_stored_numbers(unit, units, fee, caps, months, before, waived):
    """Whatever was charged under whatever caps, waived by share or by amount."""
    limits = Caps(*(None if cap is None else Fen(cap) for cap in caps))
    tariff = charging.Tariff(unit=unit, fen=Fen(fee), plan_cap=None, caps=limits)
    term = Period(date(2026, 9, 1), date(2026, 9, 30) + timedelta(days=30 * (months - 1)))
    earlier = charging.Earlier(term.first, term.first, Fen(before), Fen(before), Fen(0))
    due = charging.due(tariff, units=units, days=term, earlier=[earlier] if before else [])
    fen = 0
    if isinstance(waived, tuple):
        fen = min(waived[1], due.gross)
    elif waived is not None:
        fen = charging.waived_by_percent(due.gross, waived)
    charge = Charge(
        unit=unit, units=due.units, fee_fen=fee, gross_fen=due.gross, cap_fen=due.cap, waived_fen=fen
    )
    product, *rest, last = explaining.charge_lines(charge)
    each, full = amounts(product)
    assert (int(product.split()[0]) * each, full) == (full, units * fee)
    standard = full
    for line in rest:
        (amount,) = amounts(line)
        if "减免" in line:
            assert amount == fen
            share = re.search(r"([0-9]+)%", line)
            assert share is None or charging.waived_by_percent(Fen(standard), int(share[1])) == fen
            standard -= amount
        else:
            standard = amount
    assert (amounts(last) or [0]) == [standard] == [due.gross - fen]


@pytest.fixture
def on(school):  # noqa: F811  (a fixture)
    return Stage(school)


def explained(on, family):
    """An exit without money, a refund with its sum, a waiver, a charge with its fee."""
    with in_school(on.school):
        charge = Charge.objects.get(agreement=family)
        Charge.objects.filter(pk=charge.pk).update(unit="month", fee_fen=10000)
        stage.waives(charge, on.them, fen=2500)
        Calculation.objects.create(
            agreement=family, term_code=makers.TERM, cause="absence", period=on.month, key="absence:x:1", credit_fen=0,
            text="缺勤 3 天\n不足半月，按规定不退。", at=NOON,
        )  # fmt: skip
        Calculation.objects.create(
            agreement=family,
            term_code=makers.TERM,
            cause="exit",
            key="exit:x",
            credit_fen=700,
            text="不应重复出现",
            at=NOON,
        )
        Refund.objects.create(
            agreement=family, term_code=makers.TERM, cause="exit", key="exit:x", amount_fen=700,
            explanation="剩余 10 天 × ¥0.70 = ¥7.00", created_at=NOON,
        )  # fmt: skip


SAID = [
    "1 个月 × ¥100.00 = ¥100.00", "减免 25%（家庭经济困难学生） −¥25.00", "应缴 ¥75.00", "剩余 10 天 × ¥0.70 = ¥7.00",
    "不足半月，按规定不退。", "按规定，应缴没有减少",
]  # fmt: skip


def test_a_family_reads_how_every_number_came_about(on):
    family = on.families[0]
    explained(on, family)
    page = text(on.as_(on.parent_of(family)).get("/family/bills/"))
    for line in SAID:
        assert line in page
    assert "不应重复出现" not in page


def test_and_so_it_does_by_the_api(on):
    family = on.families[0]
    explained(on, family)
    (bill,) = on.as_(on.parent_of(family)).get("/api/v1/finance/bills/").json()
    assert bill["charges"][0]["lines"] == SAID[:3]
    assert bill["refunds"][0]["lines"] == [SAID[3]]
    assert bill["calculations"] == [
        {"lines": ["缺勤 3 天", SAID[4]], "cause": "absence", "period": on.month, "credit_fen": 0}
    ]
    assert bill["shares"] == []


def test_every_round_of_the_settlement_has_its_proof(on):
    family = on.families[0]
    with in_school(on.school):
        for number in (1, 2):
            settled = Settlement.objects.create(
                term_code=makers.TERM, round=number, key="paid", state="batched", received_fen=20000 * number, spent_fen=0,
                refunded_fen=0, pool_fen=20000 * number, ledger_position=number, previewed_at=NOON, resolution_id=family.pk,
            )  # fmt: skip
            settled.shares.create(agreement=family, cap_fen=10000, weight=1, amount_fen=1000 * number)
    client = on.as_(on.parent_of(family))
    page = text(client.get("/family/bills/"))
    assert "合计退还 ¥10.00" in page
    assert "合计退还 ¥20.00" in page
    (bill,) = client.get("/api/v1/finance/bills/").json()
    assert [each["amount_fen"] for each in bill["shares"]] == [1000, 2000]
    assert all("合计退还" in each["lines"][-1] for each in bill["shares"])


@pytest.mark.parametrize("months", [1, 6])
def test_a_familys_bills_take_a_fixed_number_of_queries(on, months, django_assert_num_queries):
    family = on.families[0]
    user = on.parent_of(family)
    with in_school(on.school):
        for number in range(months):
            Charge.objects.create(
                agreement=family, term_code=makers.TERM, period=f"2030-0{number + 1}", unit="month", units=1, fee_fen=100,
                gross_fen=100, waived_fen=50, waiver_reason="hardship", collector="school", created_at=NOON,
            )  # fmt: skip
            stage.pays(family, 100 + number)
        with django_assert_num_queries(7):
            own = queries.own_bills(user)
        with django_assert_num_queries(2):
            lines = bills.lines_of(own)
        assert len(lines) == len(own[0].charges) == months + 1
    client = on.as_(user)
    with django_assert_num_queries(7 + 2 + 6):  # the session, the school, the rights
        client.get("/api/v1/finance/bills/")


def test_the_office_reads_it_too_and_a_member_without_the_reason(on):
    family = on.families[0]
    explained(on, family)
    with in_school(on.school):
        charge = Charge.objects.get(agreement=family)
        member = makers.a_user("committee_member")
    office = text(on.as_(on.them.clerk).get(f"/finance/charges/{charge.pk}/"))
    for line in SAID[:3]:
        assert line in office
    page = text(on.as_(member).get(f"/finance/charges/{charge.pk}/"))
    assert "减免 25% −¥25.00" in page
    for hidden in ("家庭经济困难", "低保证", "李小明"):
        assert hidden not in page
