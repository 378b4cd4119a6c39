"""The ledger: balanced, chained, once, never edited; and the verifier that finds what was broken."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from afterbell.accounts.models import User
from afterbell.audit import queries as audit
from afterbell.kernel.ids import uuid7
from afterbell.kernel.money import Fen
from schools.finance import accounts, actions, chain, ledger, promises
from schools.finance.ledger import Posting
from schools.finance.models import Account, Books, Transfer, TransferKind
from tenants.context import as_owner, in_school
from tests import makers
from tests.city import NOON
from tests.schools.finance import stage

FAMILY = "family:"


@pytest.fixture
def school(north):
    stage.the_term()
    with in_school(north):
        yield north


def payment(agreement, fen, key="p1"):
    return Posting(TransferKind.PAYMENT, key, accounts.CASH, accounts.family(agreement.pk), Fen(fen))


def charge(agreement, fen, key="c1"):
    return Posting(TransferKind.CHARGE, key, accounts.family(agreement.pk), accounts.FEES, Fen(fen))


def spend(fen, key="e1"):
    return Posting(TransferKind.EXPENDITURE, key, "cost:staff", accounts.CASH, Fen(fen), cost_kind="staff")


def the_office():
    """Holds the money in these tests; a provider's notice comes from nobody."""
    return User.objects.filter(assignments__role="principal").first() or makers.a_user("principal")


def post(*postings, **more):
    by = the_office() if any(posting.credit == accounts.CASH for posting in postings) else None
    ledger.post_all(list(postings), **{"term_code": makers.TERM, "by": by, "now": NOON, **more})
    keys = [posting.key for posting in postings]
    return list(Transfer.objects.filter(key__in=keys).select_related("debit", "credit").order_by("position"))


def balance(code):
    return Account.objects.get(code=code).balance_fen


def test_a_transfer_moves_two_balances_by_the_same_sum(school):
    agreement = makers.an_agreement()
    post(charge(agreement, 13000), payment(agreement, 10000), spend(4000))
    assert balance("cash") == 6000
    assert balance("fees") == -13000
    assert balance(f"family:{agreement.pk}") == 3000
    assert balance("cost:staff") == 4000
    assert sum(row.balance_fen for row in Account.objects.all()) == 0
    assert not list(promises.chain_holds())


def test_the_text_that_is_hashed_is_the_documented_one(school):
    agreement = makers.an_agreement()
    (made,) = post(payment(agreement, 100))
    text = (
        "afterbell-ledger 1\nschema: s_3301020001\nposition: 1\nkind: payment\nkey: p1\nterm: 2026-2027-1\n"
        f"month: 2026-09\ndebit: cash\ncredit: family:{agreement.pk}\namount_fen: 100\ncost_kind: -\nreverses: -\n"
        f"posted_at: 2026-09-01T04:00:00.000000+00:00\nby: -\nbefore: {'0' * 64}\n"
    )
    assert made.hash == makers.digest(text)
    assert (Books.objects.get().position, Books.objects.get().hash) == (1, made.hash)


def test_the_same_thing_posted_twice_is_refused(school):
    """Whoever posts a key again decided on an old object: no money moves, and nobody takes it for done."""
    agreement = makers.an_agreement()
    post(payment(agreement, 100))
    with pytest.raises(ledger.KeyReused):
        post(payment(agreement, 100))
    assert Transfer.objects.count() == 1
    assert balance("cash") == 100


@pytest.mark.parametrize("other", ["amount", "family", "kind"])
def test_the_same_key_with_other_content_is_refused(school, other):
    agreement = makers.an_agreement()
    post(payment(agreement, 100), spend(50))
    different = {
        "amount": payment(agreement, 101),
        "family": payment(makers.an_agreement(), 100),
        "kind": charge(agreement, 100, key="p1"),
    }[other]
    with pytest.raises(ledger.KeyReused):
        post(different)
    assert balance("cash") == 50


def test_money_that_is_not_there_can_not_be_spent(school):
    agreement = makers.an_agreement()
    post(payment(agreement, 100))
    with pytest.raises(ledger.NotEnoughCash, match=r"¥1\.00"):
        post(spend(101))
    with pytest.raises(IntegrityError, match="no_money_that_is_not_there"), transaction.atomic():
        Account.objects.filter(code="cash").update(balance_fen=-1)
    assert Transfer.objects.count() == 1


def test_a_reversal_undoes_once_and_its_own_reversal_is_refused(school):
    agreement = makers.an_agreement()
    (made,) = post(payment(agreement, 100))
    undone = ledger.reverse(transfer=made, by=the_office(), now=NOON)
    assert (undone.debit.code, undone.credit.code, undone.reverses) == (
        f"family:{agreement.pk}",
        "cash",
        made,
    )
    assert balance("cash") == 0
    for transfer in (made, undone):
        with pytest.raises(ledger.AlreadyReversed):
            ledger.reverse(transfer=transfer, by=the_office(), now=NOON)


def test_nothing_is_half_done(school):
    """The second posting is refused: the first is not there either."""
    agreement = makers.an_agreement()
    with pytest.raises(ledger.NotEnoughCash):
        post(charge(agreement, 100), spend(1))
    assert not Transfer.objects.exists()
    assert not Account.objects.exists()


def test_one_query_moves_thousands_of_balances(school, django_assert_max_num_queries):
    agreements = [makers.an_agreement(school_signed_by=makers.a_user()) for _ in range(30)]
    post(spend_nothing := payment(agreements[0], 1, key="open"))
    assert spend_nothing
    with django_assert_max_num_queries(18):
        post(*(payment(agreement, 5, key=f"k{n}") for n, agreement in enumerate(agreements)))
    assert balance("cash") == 151


def test_a_new_account_is_written_once_with_its_balance(school):
    """No second version of thousands of rows: the balance is what the postings make of it, and not moved again."""
    agreements = [makers.an_agreement(school_signed_by=makers.a_user()) for _ in range(3)]
    with CaptureQueriesContext(connection) as asked:
        post(*(charge(agreement, 100 + n, key=f"c{n}") for n, agreement in enumerate(agreements)))
    assert not [each for each in asked.captured_queries if "UPDATE finance_account" in each["sql"]]
    assert [balance(accounts.family(agreement.pk)) for agreement in agreements] == [100, 101, 102]
    assert balance("fees") == -303
    post(charge(agreements[0], 7, key="more"))
    assert (balance(accounts.family(agreements[0].pk)), balance("fees")) == (107, -310)
    assert not list(promises.chain_holds())


def test_accounts_and_refunds_have_room_for_their_next_version(school):
    """Of each school, also of one that was replayed: pages are filled by less than half (migration 0014)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, reloptions FROM pg_class WHERE relnamespace = current_schema()::regnamespace"
            " AND relname IN ('finance_account', 'finance_refund') ORDER BY 1"
        )
        assert cursor.fetchall() == [
            (name, ["fillfactor=45"]) for name in ("finance_account", "finance_refund")
        ]


BREAKS = {
    "UPDATE finance_transfer SET amount_fen = amount_fen + 1 WHERE position = 2": "transfer 2 was changed",
    "DELETE FROM finance_transfer WHERE position = 2": "transfer 2 is missing",
    "UPDATE finance_transfer SET month = '2026-10' WHERE position = 1": "transfer 1 was changed",
    "UPDATE finance_account SET balance_fen = balance_fen + 1 WHERE code = 'cash'": "account cash",
    "UPDATE finance_books SET position = 4": "end at transfer 3",
    "DELETE FROM finance_transfer WHERE position = 3": "end at transfer 2",
}


@pytest.mark.parametrize("statement", BREAKS)
def test_verify_names_the_first_broken_promise(north, statement):
    stage.the_term()
    with in_school(north):
        agreement = makers.an_agreement()
        post(charge(agreement, 13000), payment(agreement, 10000), spend(4000))
        assert not list(promises.chain_holds())
    with as_owner(north.schema_name), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement)
    with in_school(north):
        assert BREAKS[statement] in promises.broken_promise()


def test_verify_names_every_broken_place(north):
    """Of one chain each flaw, and what later checks find beside it."""
    stage.the_term()
    with in_school(north):
        agreement = makers.an_agreement()
        post(charge(agreement, 13000), payment(agreement, 10000), spend(4000))
    with as_owner(north.schema_name), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("UPDATE finance_transfer SET amount_fen = amount_fen + 1 WHERE position IN (1, 3)")
        cursor.execute("UPDATE finance_account SET balance_fen = balance_fen + 1 WHERE code = 'cash'")
    with in_school(north):
        found = list(promises.broken_promises())
    for words in ("transfer 1 was changed", "transfer 3 was changed", "account cash", "sum to"):
        assert any(words in line for line in found), words


def test_the_city_has_no_books_to_verify(db):
    assert promises.broken_promise() is None


def test_a_swapped_pair_of_transfers_is_found():
    """Pure: the walk alone."""
    line = chain.Line(1, "payment", "a", makers.TERM, "2026-09", "cash", "fees", 5, "", None, NOON, None)
    own = chain.digest("s", line, chain.ZEROS)
    walk = chain.Walk("s")
    flaws = list(walk.along([(line, "1" * 64, own)]))
    assert flaws == ["transfer 1 does not follow the one before it"]


def the_end_moves(school, position, own, fen, accounts):
    """The head and the balances as they would be if the end of the chain were true."""
    with as_owner(school.schema_name), connection.cursor() as cursor:
        cursor.execute("UPDATE finance_books SET position = %s, hash = %s", [position, own])
        for account, change in zip(accounts, (fen, -fen), strict=True):
            cursor.execute(
                "UPDATE finance_account SET balance_fen = balance_fen + %s WHERE id = %s", [change, account]
            )


def cut_off(school, paid):
    """The last transfer, a reversal, is taken out."""
    last = Transfer.objects.order_by("-position").first()
    with as_owner(school.schema_name), connection.cursor() as cursor:
        cursor.execute("DELETE FROM finance_transfer WHERE id = %s", [last.pk])
    moved = (paid.debit_id, paid.credit_id)
    the_end_moves(school, last.position - 1, last.before_hash, paid.amount_fen, moved)


def plant(school, paid):
    """A reversal that nobody made, hashed as the program would."""
    books = Books.objects.get()
    line = chain.Line(
        books.position + 1, "reversal", f"reversal:{paid.pk}", paid.term_code, paid.month, paid.credit.code,
        paid.debit.code, paid.amount_fen, "", paid.pk, NOON, None, "bounced",
    )  # fmt: skip
    own = chain.digest(school.schema_name, line, books.hash)
    accounts = (paid.credit_id, paid.debit_id)
    values = [uuid7(), *line.columns(accounts), books.hash, own]
    with as_owner(school.schema_name), connection.cursor() as cursor:
        places = ", ".join(["%s"] * len(values))
        cursor.execute(
            f"INSERT INTO finance_transfer ({', '.join(ledger.COLUMNS)}) VALUES ({places})", values
        )
    the_end_moves(school, line.position, own, paid.amount_fen, accounts)


@pytest.mark.parametrize("forge", [cut_off, plant])
@pytest.mark.parametrize("goes_on", [False, True])
def test_verify_names_an_end_of_the_books_that_no_deed_left(north, forge, goes_on):
    """Head and balances moved with it; also when somebody books something behind it before anybody looks."""
    stage.the_term()
    with in_school(north):
        them, plan = stage.people(), stage.monthly_plan(13000)
        family = stage.a_family(plan, school_signed_by=them.principal)
        actions.charge_period(plan=plan, period="2026-09", by=them.clerk, now=NOON)
        stage.pays(family, 13000, by=them.clerk)
        paid = Transfer.objects.select_related("debit", "credit").get(kind="payment")
        if forge is cut_off:
            actions.reverse_transfer(transfer=paid, reason="bounced", by=them.principal, now=NOON)
        assert (list(promises.broken_promises()), list(audit.broken_promises())) == ([], [])
        forge(north, paid)
        if goes_on:
            stage.pays(family, 500, by=them.clerk)
        found = [*promises.broken_promises(), *audit.broken_promises()]
    assert any("finance.books" in line or "end of the books" in line for line in found) or (
        forge is plant and goes_on
    ), found
    known = "the audit log has nobody who did it" if forge is plant else "that did it is not there"
    assert any(known in line for line in found), found
