"""Payments and expenditure: once, exact, by two persons, never for what is free (S2, S3, S27)."""

from datetime import date, timedelta
from hashlib import sha256
from importlib import import_module

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from afterbell.audit.models import Entry
from afterbell.kernel.money import Fen, FinerThanFen, yuan
from schools.finance import actions, collectors, holding, ledger, payers, promises, provider_keys, queries
from schools.finance.actions import closed, expenditure, payments, reversals
from schools.finance.models import Account, Expenditure, Payment, Transfer
from tenants.context import as_owner, in_school
from tenants.exchange.names import NamesAChild
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


@pytest.fixture
def family(school):
    return stage.a_family(stage.monthly_plan())


def cash():
    return Account.objects.get(code="cash").balance_fen


def test_the_same_payment_notice_twice_is_one_payment(family):
    """Bad input: the same payment notice twice (S27)."""
    first = stage.pays(family, 13000, key="wx-1")
    again = stage.pays(family, 13000, key="wx-1")
    assert first == again
    assert (Payment.objects.count(), Transfer.objects.count(), cash()) == (1, 1, 13000)
    assert promises.broken_promise() is None


@pytest.mark.parametrize("other", ["amount", "family"])
def test_the_same_notice_with_another_amount_or_family_is_refused(family, other):
    """Bad input: … or with another amount."""
    stage.pays(family, 13000, key="wx-1")
    with pytest.raises(payments.PaymentDiffers, match=r"¥130\.00"):
        if other == "amount":
            stage.pays(family, 13001, key="wx-1")
        else:
            stage.pays(stage.a_family(family.plan), 13000, key="wx-1")
    assert cash() == 13000


def test_a_tenth_of_a_fen_is_no_amount():
    """Bad input: an amount of 0.001 yuan."""
    with pytest.raises(FinerThanFen):
        yuan("0.001")


@pytest.mark.parametrize("fen", [0, -1])
def test_nothing_is_no_payment(family, fen):
    with pytest.raises(payments.NothingPaid):
        stage.pays(family, fen)


def test_nobody_has_paid_tomorrow(family):
    with pytest.raises(payments.PaidInFuture):
        actions.record_payment(
            agreement=family,
            amount=Fen(1),
            provider_key="k",
            paid_at=NOON + timedelta(days=1),
            by=None,
            now=NOON,
        )


def test_a_receipt_has_a_number_of_the_day_it_was_paid(family):
    paid = stage.pays(family, 13000)
    assert paid.receipt_number.startswith("R20260901-")


def test_a_notice_that_comes_after_the_month_was_closed_is_booked_in_the_open_one(family, them):
    actions.close_month(term_code=makers.TERM, month="2026-09", by=them.treasurer, now=stage.NEXT)
    actions.record_payment(
        agreement=family, amount=Fen(100), provider_key="late", paid_at=NOON, by=None, now=stage.NEXT
    )
    assert Transfer.objects.get().month == "2026-10"


def ask(them, fen=5000, **more):
    return stage.asks(fen, them, **more)


def test_money_leaves_by_two_persons(family, them):
    """S3: one asks, another one approves."""
    stage.pays(family, 13000)
    asked = ask(them, by=them.clerk)
    with pytest.raises(closed.SamePerson):
        actions.approve_expenditure(expenditure=asked, by=them.clerk, now=NOON)
    assert cash() == 13000
    actions.approve_expenditure(expenditure=asked, by=them.principal, now=NOON)
    assert (cash(), Account.objects.get(code="cost:staff").balance_fen) == (8000, 5000)
    with pytest.raises(IntegrityError, match="expenditure_needs_two_persons"), transaction.atomic():
        Expenditure.objects.update(decided_by=them.clerk)


def test_a_public_statement_names_no_child(them):
    makers.a_pupil(name="欧阳小雨")
    with pytest.raises(NamesAChild):
        ask(them, title="欧阳小雨的彩笔", kind="materials")


@pytest.mark.parametrize("day", [date(2026, 8, 31), date(2026, 9, 2), date(2027, 1, 23)])
def test_an_expenditure_lies_in_the_term_and_not_in_the_future(them, day):
    with pytest.raises(expenditure.DateOutsideTerm):
        ask(them, spent_date=day)


def test_cash_never_goes_below_zero(family, them):
    stage.pays(family, 100)
    asked = ask(them, 101)
    with pytest.raises(ledger.NotEnoughCash):
        actions.approve_expenditure(expenditure=asked, by=them.principal, now=NOON)
    asked.refresh_from_db()
    assert (asked.state, cash()) == ("requested", 100)


def test_a_refusal_has_a_reason_and_posts_nothing(them):
    asked = ask(them)
    with pytest.raises(expenditure.NoReason):
        actions.refuse_expenditure(expenditure=asked, reason=" ", by=them.chair, now=NOON)
    actions.refuse_expenditure(expenditure=asked, reason="没有发票", by=them.chair, now=NOON)
    assert not Transfer.objects.exists()


def test_a_closed_month_takes_no_expenditure(family, them):
    """S36: what comes late is booked in the first open month; corrections by reversal in the open month."""
    stage.pays(family, 13000)
    spent = stage.spends(5000, them)
    late = ask(them, 700)
    actions.close_month(term_code=makers.TERM, month="2026-09", by=them.treasurer, now=stage.NEXT)
    actions.approve_expenditure(expenditure=late, by=them.principal, now=stage.NEXT)
    assert Transfer.objects.get(key=f"expenditure:{late.pk}").month == "2026-10"
    booked = Transfer.objects.get(key=f"expenditure:{spent.pk}")
    with pytest.raises(closed.SamePerson):
        actions.reverse_transfer(transfer=booked, reason="bounced", by=them.principal, now=stage.NEXT)
    undone = actions.reverse_transfer(transfer=booked, reason="bounced", by=them.chair, now=stage.NEXT)
    assert (undone.month, cash()) == ("2026-10", 12300)
    assert promises.broken_promise() is None


def test_a_charge_is_not_reversed_but_waived(family, them):
    (made,) = actions.charge_period(plan=family.plan, period="2026-09", by=them.clerk, now=NOON).charges.all()
    with pytest.raises(reversals.NotReversible):
        actions.reverse_transfer(
            transfer=Transfer.objects.get(key=f"charge:{made.pk}"), reason="bounced", by=them.chair, now=NOON
        )


def test_a_row_is_undone_for_a_reason(family, them):
    stage.pays(family, 13000)
    booked = Transfer.objects.get()
    for reason in ("", "because"):
        with pytest.raises(reversals.NoReversalReason):
            actions.reverse_transfer(transfer=booked, reason=reason, by=them.principal, now=NOON)
    undone = actions.reverse_transfer(transfer=booked, reason="twice", by=them.principal, now=NOON)
    said = Entry.objects.get(verb="finance.transfer.reverse")
    assert said.details["reason"] == "twice"
    assert cash() == 0
    assert undone.reverses_id == booked.pk


def test_a_notice_whose_payment_was_undone_is_not_answered_as_done(family, them):
    stage.pays(family, 13000, key="wx-1")
    booked = Transfer.objects.get()
    actions.reverse_transfer(transfer=booked, reason="bounced", by=them.principal, now=NOON)
    for fen in (13000, 12000):
        with pytest.raises(payments.PaymentReversed, match="已冲正"):
            stage.pays(family, fen, key="wx-1")
    stage.pays(family, 13000, key="wx-1-更正")
    assert cash() == 13000
    assert promises.broken_promise() is None


def test_who_does_not_receive_learns_nothing_of_a_known_notice(family, them):
    """Neither that it is booked, nor for how much."""
    strangers = {them.treasurer, them.clerk} - {the_receiver(family, them)}
    stage.pays(family, 13000, key="wx-1")
    for fen in (13000, 12000):
        for stranger in strangers:
            with pytest.raises(holding.NotTheHolder):
                stage.pays(family, fen, key="wx-1", by=stranger)


def the_receiver(family, them):
    """Whoever of the two collects in this term."""
    holder = collectors.of_term(family.plan.term_code)
    return next(
        each for each in (them.treasurer, them.clerk) if holder in collectors.acts_for(each, NOON.date())
    )


def test_a_reversal_says_more_in_own_words_and_the_chain_holds_them(family, them, school):
    """The note stands in the books, hashed with its row; the audit log keeps its digest; no child is named."""
    stage.pays(family, 13000)
    makers.a_pupil(name="王小明")
    given = {"transfer": Transfer.objects.get(), "reason": "bounced", "by": them.principal, "now": NOON}
    with pytest.raises(NamesAChild):
        actions.reverse_transfer(**given, note="王小明家的款退回")
    undone = actions.reverse_transfer(**given, note=" 银行退回，\n回单 118 ")
    assert (undone.reason, undone.note) == ("bounced", "银行退回， 回单 118")
    entry = Entry.objects.get(verb="finance.transfer.reverse")
    assert entry.details["note_sha256"] == sha256(undone.note.encode()).hexdigest()
    assert not list(promises.chain_holds())
    with as_owner(school.schema_name):
        Transfer.objects.filter(pk=undone.pk).update(note="另一句话")
    assert "was changed" in next(promises.chain_holds())


def test_a_row_that_undoes_nothing_has_no_reason(family, school):
    stage.pays(family, 13000)
    with as_owner(school.schema_name), pytest.raises(IntegrityError), transaction.atomic():
        Transfer.objects.update(note="x")


@pytest.mark.parametrize(
    "typed",
    [
        "T-A1",
        "t-a1",
        "Ｔ－Ａ１",
        " t - a1 ",
        "T–A1",
        "t-\u200ba1",
        "T\u2011A1",
        "t−a1",
        "T-A1\x00",
        "T_A1",
        "T/A1",
        "T•A1",
        "-T..A1_",
    ],
)
def test_one_number_of_the_bank_is_one_receipt_however_it_is_typed(family, typed):
    """Bad input: two clerks, two keyboards."""
    first = stage.pays(family, 13000, key="T-A1")
    assert stage.pays(family, 13000, key=typed) == first
    with pytest.raises(payments.PaymentDiffers):
        stage.pays(family, 1, key=typed)
    assert (Payment.objects.get().provider_key, cash()) == ("t-a1", 13000)
    assert queries.is_booked(typed)
    assert payers.find(makers.TERM, payers.typed(typed), None) == [family.pk]


def test_marks_in_other_places_make_other_numbers(family):
    """A bank's numbers without their marks swallowed payments: 1-11 and 11-1 were both 111."""
    typed = ["1-11", "11-1", "111", "1-1-1"]
    assert len({stage.pays(family, 100, key=key).pk for key in typed}) == cash() / 100 == 4
    for key in ("1_11", "1/11", "1 11", "１－１１", "1--11"):
        assert provider_keys.plain(key) == "1-11"


def test_more_than_owed_says_what_is_paid_ahead_already(family):
    """ "Owes 0.00, this 1.00 is 131.00 too much" was no sum that anybody could follow."""
    stage.pays(family, 13000)
    clerk = makers.a_user("clerk")
    with pytest.raises(payments.MoreThanOwed) as refused:
        actions.record_payment(
            agreement=family, amount=Fen(100), provider_key="k", paid_at=NOON, by=clerk, now=NOON
        )
    assert "已多缴 ¥130.00，这笔 ¥1.00 入账后共多缴 ¥131.00" in str(refused.value)


def test_a_known_number_with_another_paid_day_is_told_and_books_nothing(family):
    """It answered with the old receipt and a green sentence, and nothing was in the books."""
    first = stage.pays(family, 13000, key="T-A1")
    later = NOON + timedelta(days=1)
    with pytest.raises(payments.PaymentDiffers) as refused:
        stage.pays(family, 13000, key="t_a1", at=later)
    for told in ("t_a1", first.receipt_number, "2026-09-01", "¥130.00", "没有入账"):
        assert told in str(refused.value)
    assert cash() == 13000
    same_day = NOON + timedelta(hours=1)
    assert stage.pays(family, 13000, key="t_a1", at=same_day) == first


@pytest.mark.parametrize("typed", ["\u200b", " ", "\x00", "---", ".", "_/.", "㍿" * 17])
def test_a_number_of_nothing_or_without_end_is_a_sentence(family, typed):
    with pytest.raises(payments.NoProviderKey, match="支付流水号"):
        actions.record_payment(
            agreement=family, amount=Fen(1), provider_key=typed, paid_at=NOON, by=None, now=NOON
        )


def test_numbers_from_before_are_written_the_same_way_and_none_is_lost(family):
    """Where two rows would be one, each stays as it is: both were booked."""
    rows = {key: stage.pays(family, 100, key=f"k{n}") for n, key in enumerate(["WX-9", "Ａ7", "B1", "b1"])}
    older = import_module("schools.finance.migrations.0012_provider_keys_written_one_way")
    with as_owner(connection.schema_name):  # payments are never edited by the school's own role
        for key, row in rows.items():
            Payment.objects.filter(pk=row.pk).update(provider_key=key)
        older.fill(apps, None)
    keys = [Payment.objects.get(pk=row.pk).provider_key for row in rows.values()]
    assert keys == ["wx-9", "a7", "B1", "b1"]
    newer = import_module("schools.finance.migrations.0017_provider_keys_one_way")
    with as_owner(connection.schema_name):
        newer.fill(apps, None)
    keys = [Payment.objects.get(pk=row.pk).provider_key for row in rows.values()]
    assert keys == ["wx-9", "a7", "B1", "b1"]
    assert newer.plain("Ｗx – 9_") == provider_keys.plain("Ｗx – 9_") == "wx-9"


def test_stored_numbers_come_to_the_new_form_without_falling_together(family):
    """Where two rows would be one, the one that has the form already keeps it; places of marks stay different."""
    rows = {key: stage.pays(family, 100, key=f"k{n}") for n, key in enumerate(["1_11", "11.1", "x/7", "x-7"])}
    newer = import_module("schools.finance.migrations.0017_provider_keys_one_way")
    with as_owner(connection.schema_name):
        for key, row in rows.items():
            Payment.objects.filter(pk=row.pk).update(provider_key=key)
        newer.fill(apps, None)
    keys = [Payment.objects.get(pk=row.pk).provider_key for row in rows.values()]
    assert keys == ["1-11", "11-1", "x/7", "x-7"]
