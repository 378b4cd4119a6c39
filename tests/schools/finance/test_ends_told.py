"""What a family reads when its service has ended: the day, nothing owed for cancelled lessons, no news of 0.00."""

from datetime import date

import pytest

from schools.enrolment.models import Agreement
from schools.finance import actions, payers, queries, reached
from schools.finance.models import Account, Charge
from schools.notices import news
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.finance import stage
from tests.schools.finance.test_news import lines, login_of, titles
from tests.schools.finance.test_pages import no_second_factor, text  # noqa: F401  (fixture)

EARLY = NOON.replace(month=9, day=18)
SAID = "服务已于 2026-09-18 结束，之后取消的课时不收费"


@pytest.fixture
def books(north):
    stage.the_term()
    return north


def hourly():
    """2 + 2 lessons of 2 class hours at 2.80, charged for the term: 22.40; the last two are cancelled by the end."""
    them = stage.people()
    plan = makers.a_plan(fee_unit="class_hour", fee_fen=280)
    activity = makers.an_activity(plan)
    stage.sessions(activity, date(2026, 9, 7), 2, state="closed")
    stage.sessions(activity, date(2026, 10, 12), 2)
    return them, plan, activity


def stops(them, plan):
    actions.end_service(plan=plan, reason="校舍维修，服务停止", by=them.principal, now=EARLY)


def test_after_an_early_end_a_family_owes_nothing_for_what_was_cancelled(books):
    """S36: 22.40 was charged, 11.20 of it for lessons that never were."""
    with in_school(books):
        them, plan, activity = hourly()
        family, left, other = (stage.a_family(plan, activity) for _ in range(3))
        actions.charge_period(plan=plan, period=makers.TERM, by=them.clerk, now=NOON)
        Agreement.objects.filter(pk=left.pk).update(
            state="ended", until_date=date(2026, 9, 10), ended_at=NOON
        )
        stage.pays(other, 2240)
        users = [login_of(each) for each in (family, left, other)]
        stops(them, plan)
        (own,), (gone,), (paid,) = (queries.own_bills(user) for user in users)
        assert (own.owes, own.gets, paid.owes, paid.gets) == (1120, 0, 0, 1120)
        assert own.said_at_the_end == f"{SAID}：应缴减少 ¥11.20，下面的金额已经减去，学期结算时记账。"
        assert gone.said_at_the_end == (
            "已退出，最后一天是 2026-09-10。退出之后又有课时取消，按现在的课表应缴再减少 ¥11.20，"
            "下面的金额已经减去，学期结算时记账。"
        )
        assert gone.owes == 1120
        assert queries.owed_by(queries.agreement(family.pk)) == 1120
        found = payers.families(makers.TERM, [family.pk, other.pk])
        assert {row.pk: row.owed_fen for row in found} == {family.pk: 1120, other.pk: -1120}
        assert [row.pk for row in found.order_by("owed_fen")] == [other.pk, family.pk]
        assert any(SAID in line for line in lines(users[0], "整个学期 应缴 ¥22.40"))
        assert Account.objects.get(agreement=family).balance_fen == 2240  # the settlement books it
    client = stage.logged_in(books, users[0])
    page = text(client.get("/family/bills/"))
    assert SAID in page
    assert "¥11.20。缴费时请写协议编号" in page
    (bill,) = client.get("/api/v1/finance/bills/").json()
    assert (bill["owes_fen"], bill["ended"]) == (1120, own.said_at_the_end)


def test_what_the_bill_says_is_what_the_settlement_books(books):
    with in_school(books):
        them, plan, activity = hourly()
        family = stage.a_family(plan, activity)
        actions.charge_period(plan=plan, period=makers.TERM, by=them.clerk, now=NOON)
        user = login_of(family)
        stops(them, plan)
        (before,) = queries.own_bills(user)
        actions.close_month(term_code=makers.TERM, month="2026-09", by=them.treasurer, now=EARLY)
        made = actions.preview_settlement(term_code=makers.TERM, by=them.treasurer, now=EARLY)
        assert made.shares.get().credit_fen == before.taken_off == 1120
        made.resolution_id = made.pk
        made.state = "batched"
        made.save()
        (after,) = queries.own_bills(user)
        assert after.taken_off == 0  # an account that the batch has lowered is not lowered again


def test_an_agreement_that_never_began_and_a_plan_that_ran_to_its_end(books):
    with in_school(books):
        _them, plan, activity = hourly()
        family = stage.a_family(plan, activity)
        user = login_of(family)
        (running,) = queries.own_bills(user)
        assert running.said_at_the_end == ""
        Agreement.objects.filter(pk=family.pk).update(state="void", ended_at=NOON)
        (void,) = queries.own_bills(user)
        assert void.said_at_the_end == "这份协议没有生效，没有开始服务，不需要缴费。"


def test_news_of_nothing_asks_nobody_for_anything(books):
    """All lessons of October are cancelled: its run is 0.00 and nobody hears of it, nor is anybody counted as untold."""
    with in_school(books):
        them, plan, activity = hourly()
        family, left = (stage.a_family(plan, activity) for _ in range(2))
        users = [login_of(each) for each in (family, left)]
        activity.sessions.filter(date__month=10).update(state="cancelled", cancel_reason="台风")
        Agreement.objects.filter(pk=left.pk).update(
            state="ended", until_date=date(2026, 10, 9), ended_at=NOON
        )
        run = actions.charge_period(plan=plan, period="2026-10", by=them.clerk, now=NOON)
        assert set(Charge.objects.values_list("gross_fen", flat=True)) == {0}
        assert [titles(user) for user in users] == [[], []]
        assert reached.by_run([run])[run.pk].families == 0


def test_a_fee_that_is_waived_whole_says_that_nothing_is_to_be_paid(books):
    with in_school(books):
        them, plan, activity = hourly()
        family = stage.a_family(plan, activity)
        user = login_of(family)
        actions.charge_period(plan=plan, period="2026-09", by=them.clerk, now=NOON)
        stage.waives(family.charges.get(), them, fen=1120)
        assert "2026-09 无需缴费" in titles(user)
        assert not any("缴给" in line for line in lines(user, "2026-09 无需缴费"))
        assert all("应缴 ¥0.00" not in each.news.title for each in news.of(user))
