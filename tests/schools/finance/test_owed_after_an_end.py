"""After an early end all pages say one sum, what bills promise is not spent, nobody gets it before others (S36, S37)."""

import re
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.utils.translation import override

from afterbell.kernel.money import Fen, format_fen
from schools.committee.models import Subject
from schools.enrolment.models import Agreement
from schools.finance import actions, bills, facts, owing, promises, proofs, queries
from schools.finance.actions import expenditure
from schools.finance.models import Account, Refund, Transfer
from tenants.context import in_school
from tests import makers
from tests.schools.finance import stage
from tests.schools.finance.test_ends_told import EARLY, books, hourly, stops  # noqa: F401  (fixture)
from tests.schools.finance.test_exit_before_cancelled import leaves
from tests.schools.finance.test_news import lines, login_of
from tests.schools.finance.test_pages import no_second_factor, text  # noqa: F401  (fixture)

LATER = EARLY + timedelta(days=1)
WAITS = "账上的钱现在不够退还各家，应退的 ¥11.20 不先发放，学期结算时与各家按同样的比例退还。"


def charged(them, plan):
    actions.charge_period(plan=plan, period=makers.TERM, by=them.clerk, now=EARLY - timedelta(days=10))


def who_paid(*amounts):
    """A term of 22.40 each by the hour, half of it in October; what each family has paid, in fen."""
    them, plan, activity = hourly()
    families = [stage.a_family(plan, activity, school_signed_by=them.principal) for _ in amounts]
    charged(them, plan)
    for family, fen in zip(families, amounts, strict=True):
        if fen:
            stage.pays(family, fen)
    return them, plan, families


def said_everywhere(families, users):
    """What all families owe and get, in fen, as bills, overview, the city's facts and the search for payers say it."""
    own = [bill for user in users for bill in queries.own_bills(user)]
    on_bills = sum(bill.owes for bill in own), sum(bill.gets for bill in own)
    held, told = queries.balances(makers.TERM), facts.of_term(makers.TERM)
    assert (held["families_owe"], held["owed_to_families"]) == on_bills
    assert (told["due_fen"] - told["paid_due_fen"], told["paid_ahead_fen"]) == on_bills
    each = [queries.owed_by(queries.agreement(family.pk)) for family in families]
    assert (sum(fen for fen in each if fen > 0), -sum(fen for fen in each if fen < 0)) == on_bills
    return on_bills


def settled(them):
    actions.close_month(term_code=makers.TERM, month="2026-09", by=them.treasurer, now=LATER)
    made = actions.preview_settlement(
        term_code=makers.TERM, pay_note="教师不再领取", by=them.treasurer, now=LATER
    )
    passed = makers.a_passed_resolution(Subject.SETTLEMENT, object_id=made.pk)
    actions.resolution_closed(resolution=passed, by=them.chair, now=LATER)
    made.refresh_from_db()
    actions.batch_settlement(settlement=made, by=them.principal, now=LATER)
    return made


def test_bills_overview_and_facts_say_the_same_sums(books):  # noqa: F811
    """Paid nothing, a part, all of it, ahead, and one who left: 22.40 each; 11.20 less for each after the end."""
    with in_school(books):
        them, _plan, families = who_paid(0, 1000, 2240, 3000, 0)
        users = [login_of(family) for family in families]
        Agreement.objects.filter(pk=families[4].pk).update(
            state="ended", until_date=date(2026, 9, 10), ended_at=EARLY - timedelta(days=5)
        )
        assert said_everywhere(families, users) == (2240 + 1240 + 2240, 760)
        stops(them, _plan)
        assert said_everywhere(families, users) == (1120 + 120 + 1120, 1120 + 1880)
        told = facts.of_term(makers.TERM)
        assert (told["due_fen"], told["paid_due_fen"]) == (5 * 1120, 5 * 1120 - 2360)
        leaves(families[2], LATER)
        assert said_everywhere(families, users) == (2360, 3000)
        stage.waives(families[0].charges.get(), them, fen=500, now=LATER)
        owe, get = said_everywhere(families, users)
        assert (owe < 2360, get) == (True, 3000)
    page = text(stage.logged_in(books, them.principal).get("/finance/"))
    assert f"家庭待缴 ¥{owe / 100:.2f}" in page
    assert "¥30.00" in page
    with in_school(books):
        settled(them)
        said_everywhere(families, users)
        assert promises.broken_promise() is None


def test_what_bills_promise_after_an_end_is_not_spent(books):  # noqa: F811
    """Two paid 22.40, each is told that 11.20 come back: of 44.80 held 22.40 may be spent, and not a fen more."""
    with in_school(books):
        them, plan, families = who_paid(2240, 2240)
        more = stage.asks(2241, them, now=EARLY)
        stops(them, plan)
        said = (
            r"^账上可以支出 ¥22\.40（已扣除待退还家庭的 ¥22\.40，"
            r"其中 ¥22\.40 是服务提前结束后账单上写明应退的），不够支付 ¥22\.41。"
        )
        with pytest.raises(expenditure.PromisedToFamilies, match=said):
            actions.approve_expenditure(expenditure=more, by=them.principal, now=EARLY)
        leaves(families[0], LATER)  # drafted by now: promised once, not twice
        said = said.replace(r"其中 ¥22\.40", r"其中 ¥11\.20")
        with pytest.raises(expenditure.PromisedToFamilies, match=said):
            actions.approve_expenditure(expenditure=more, by=them.principal, now=EARLY)
        actions.refuse_expenditure(expenditure=more, reason="账上不够", by=them.principal, now=EARLY)
        stage.spends(2240, them, now=EARLY)
        assert Account.objects.get(code="cash").balance_fen == 2240
        made = settled(them)
        assert Refund.objects.count() == 2
        assert sum(made.shares.values_list("own_fen", flat=True)) == 1120
        assert set(Refund.objects.values_list("amount_fen", flat=True)) == {1120}
        assert promises.broken_promise() is None


def test_the_preview_counts_as_own_what_the_bills_promise(books):  # noqa: F811
    with in_school(books):
        them, plan, families = who_paid(0, 1000, 2240, 3000)
        users = [login_of(family) for family in families]
        stops(them, plan)
        _owe, get = said_everywhere(families, users)
        made = settled(them)
        assert sum(made.shares.values_list("own_fen", flat=True)) == get == 3000


def test_who_paid_ahead_of_a_service_that_runs_is_promised_nothing(books):  # noqa: F811
    with in_school(books):
        them, _plan, _families = who_paid(3000)
        stage.spends(3000, them, now=EARLY)
        assert Account.objects.get(code="cash").balance_fen == 0


def test_a_payment_that_never_came_is_undone_whatever_bills_promise(books):  # noqa: F811
    """44.80 booked, 22.40 of it by mistake, 20.00 spent: 2.40 are there, and the settlement shares them, not 24.80."""
    with in_school(books):
        them, plan, families = who_paid(2240, 2240)
        stops(them, plan)
        stage.spends(2000, them, now=EARLY)
        paid = Transfer.objects.filter(kind="payment").get(credit__agreement=families[1])
        actions.reverse_transfer(transfer=paid, reason="not_made", by=them.principal, now=LATER)
        assert settled(them).pool_fen == 240
        assert not families[1].refunds.exists()
        assert promises.broken_promise() is None


def test_of_one_deed_nobody_is_first(monkeypatch):
    """30.00 held, nothing on a bill yet: a run that gives 10.00, 10.00 and 10.01 drafts none, of 10.00 three times all."""
    for last, waits in ((1000, 0), (1001, 3)):
        sums = {0: Fen(1000), 1: Fen(1000), 2: Fen(last)}
        monkeypatch.setattr(owing, "free", lambda _code: owing.Free(Fen(3000), Fen(0), {}))
        room, waited = owing.Room(sums), 0
        for n, fen in sums.items():
            family = SimpleNamespace(pk=n, plan=SimpleNamespace(term_code=makers.TERM))
            lines_ = room.waiting_lines(family, fen, fen)
            room.gives(family, fen, Fen(0 if lines_ else fen))
            waited += len(lines_)
        assert waited == waits


def test_what_is_promised_to_others_is_not_drafted_for_another_plans_family(monkeypatch):
    """And where no service ended early a refund is drafted as ever: more money is to come."""
    told = {1: Fen(3000)}
    family = SimpleNamespace(pk=9, plan=SimpleNamespace(term_code=makers.TERM))
    for has_ended in (True, False):
        free = owing.Free(Fen(3000), Fen(0), told if has_ended else {}, has_ended)
        monkeypatch.setattr(owing, "free", lambda _code, free=free: free)
        assert bool(owing.Room().waiting_lines(family, Fen(100), Fen(100))) == has_ended


@pytest.mark.parametrize("recorded", [(), (0,), (2, 0), (0, 1, 2)])
def test_nobody_is_paid_before_the_others_where_there_is_not_enough(books, recorded):  # noqa: F811
    """67.20 came, 50.00 are spent: 17.20 for three who are owed 11.20 each. 5.74, 5.73, 5.73 whoever left first."""
    with in_school(books):
        them, plan, families = who_paid(2240, 2240, 2240)
        users = [login_of(family) for family in families]
        stage.spends(5000, them, now=EARLY)
        stops(them, plan)
        for n in recorded:
            leaves(families[n], EARLY + timedelta(hours=1 + n))
            assert not families[n].refunds.exists()
            (bill,) = queries.own_bills(users[n])
            assert bill.gets == 1120
            assert bill.calculations[0].text.splitlines()[-1] == WAITS
            assert WAITS in lines(users[n], "中途退出：应缴减少 ¥11.20")
        settled(them)
        back = [family.refunds.get().amount_fen for family in families]
        assert (sum(back), max(back) - min(back)) == (1720, 1)
        assert promises.broken_promise() is None


SHORT = (
    "账上现在不够退还各家：现有 ¥17.20，其中已算好待退 ¥0.00，还剩 ¥17.20；账单上还应退各家共 ¥33.60。"
    "学期结算时按同样的比例退还，按现在的账是 ¥17.20 × ¥11.20 ÷ ¥33.60，约 ¥5.73；还差的部分有新的收入时补充结算。"
)


def test_the_bill_says_that_there_is_too_little_and_how_its_part_comes(books):  # noqa: F811
    """17.20 for three who are owed 11.20 each: the sum is on the bill before the settlement."""
    with in_school(books):
        them, plan, families = who_paid(2240, 2240, 2240)
        users = [login_of(family) for family in families]
        stage.spends(5000, them, now=EARLY)
        assert {bill.too_little for user in users for bill in queries.own_bills(user)} == {""}
        stops(them, plan)
        leaves(families[1], LATER)  # what waits is on the bill as well
        assert {bill.too_little for user in users for bill in queries.own_bills(user)} == {SHORT}
    browser = stage.logged_in(books, users[0])
    assert SHORT in text(browser.get("/family/bills/"))
    assert browser.get("/api/v1/finance/bills/").json()[0]["too_little"] == SHORT
    with in_school(books):
        settled(them)
        (bill,) = queries.own_bills(users[0])
        assert bill.too_little.startswith(
            "账上现在不够退还各家：现有 ¥17.20，其中已算好待退 ¥17.20，还剩 ¥0.00"
        )
    with override("en"), in_school(books):
        assert "¥0.00 × " in queries.own_bills(users[0])[0].too_little
        assert not re.search("[一-鿿]", queries.own_bills(users[0])[0].too_little)


def test_where_there_is_enough_no_bill_says_that_there_is_not(books):  # noqa: F811
    with in_school(books):
        them, plan, families = who_paid(2240, 2240)
        users = [login_of(family) for family in families]
        stage.spends(2240, them, now=EARLY)
        stops(them, plan)
        assert [bill.too_little for user in users for bill in queries.own_bills(user)] == ["", ""]


def test_where_there_is_enough_an_exit_is_drafted_at_once(books):  # noqa: F811
    with in_school(books):
        them, plan, families = who_paid(2240, 2240, 2240)
        stage.spends(3360, them, now=EARLY)
        stops(them, plan)
        leaves(families[0], LATER)
        assert families[0].refunds.get().amount_fen == 1120


def test_the_office_reads_that_the_money_waits(books, settings):  # noqa: F811
    settings.SECOND_FACTOR = "optional"
    with in_school(books):
        them, plan, families = who_paid(2240, 2240)
        stage.spends(3000, them, now=EARLY)
        stops(them, plan)
        Agreement.objects.filter(pk=families[0].pk).update(
            state="ended", until_date=date(2026, 9, 10), ended_at=LATER
        )
    client = stage.logged_in(books, them.clerk)
    page = text(client.post(f"/finance/refunds/exits/{families[0].pk}/", follow=True))
    assert WAITS in page


def test_a_deed_for_many_reads_the_term_once_and_keeps_count(monkeypatch):
    """30.00 held, three are promised 10.00 each: all are drafted; of 29.99 none is."""
    asked = []
    for held, waits in ((3000, 0), (2999, 3)):
        told = {n: Fen(1000) for n in range(3)}
        free = owing.Free(Fen(held), Fen(0), told)
        monkeypatch.setattr(owing, "free", lambda code, free=free: asked.append(code) or free)
        room, waited = owing.Room(), 0
        for n in told:
            family = SimpleNamespace(pk=n, plan=SimpleNamespace(term_code=makers.TERM))
            lines_ = room.waiting_lines(family, Fen(1000), Fen(1000))
            room.gives(family, Fen(1000), Fen(0 if lines_ else 1000))
            waited += len(lines_)
        assert waited == waits
    assert len(asked) == 2


def test_a_share_of_too_little_can_be_redone_by_hand(books):  # noqa: F811
    """17.20 for three who are owed 11.20 each: the proof has the pool, the own sum and what it is divided by."""
    with in_school(books):
        them, plan, families = who_paid(2240, 2240, 2240)
        stage.spends(5000, them, now=EARLY)
        stops(them, plan)
        made = settled(them)
        for family in families:
            back = family.refunds.get().amount_fen
            said = [
                "各家多缴共 ¥33.60，结余 ¥17.20 不够全部退还，按比例退还：您家多缴 ¥11.20，"
                f"¥17.20 × ¥11.20 ÷ ¥33.60，退还 {format_fen(Fen(back))}（最大余数法，分到分为止）。",
                f"您家还差 {format_fen(Fen(1120 - back))}，有新的收入时补充结算。",
            ]
            proof = family.refunds.get().explanation.splitlines()
            assert [line for line in proof if line in said] == said
            share = made.shares.get(agreement=family)
            assert proofs.Words.read(made).lines(share) == proof[-len(proofs.Words.read(made).lines(share)) :]
            (bill,) = queries.own_bills(login_of(family))
            assert said[0] in bills.lines_of([bill])[share.pk]
            with override("en"):
                assert "¥17.20 × ¥11.20 ÷ ¥33.60" in "\n".join(proofs.Words.read(made).lines(share))


def test_a_waiver_on_an_exit_that_waits_leaves_one_sentence(books):  # noqa: F811
    """First 11.20 waited, after a waiver all that was paid above the rest: both sentences stood side by side."""
    with in_school(books):
        them, plan, families = who_paid(2240, 2240)
        user = login_of(families[0])
        stage.spends(3000, them, now=EARLY)
        stops(them, plan)
        leaves(families[0], EARLY + timedelta(hours=1))
        stage.waives(families[0].charges.get(), them, fen=500, now=LATER)
        own = queries.own_bills(user)
        (bill,) = own
        shown = [line for each in bill.calculations for line in bills.lines_of(own)[each.pk]]
        (said,) = [line for line in shown if owing.is_waiting_line(line)]
        assert format_fen(bill.gets) in said
        assert len(bill.calculations) == 2
        assert promises.broken_promise() is None
