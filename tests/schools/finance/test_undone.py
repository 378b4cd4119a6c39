"""A booking that was undone says so wherever it is shown: to the family, to the office, on paper (S36)."""

import pytest
from django.utils import timezone

from schools.finance import actions, queries
from schools.finance.models import Transfer
from schools.notices import news
from tenants.context import in_school
from tests import makers
from tests.pages import pdftext
from tests.schools.finance import stage
from tests.schools.finance.test_pages import Stage, no_second_factor, school, text  # noqa: F401


@pytest.fixture
def on(school):  # noqa: F811
    return Stage(school)


def undoes(on, row, reason="bounced"):
    """Of a payment or an expenditure, by somebody who did not book it."""
    kind = row._meta.model_name
    with in_school(on.school):
        booked = Transfer.objects.select_related("debit", "credit").get(key=f"{kind}:{row.pk}")
        by = on.them.clerk if kind == "payment" else on.them.chair
        return actions.reverse_transfer(transfer=booked, reason=reason, by=by, now=timezone.now())


def one_of_two_undone(on, reason="bounced"):
    """A second payment of the first family bounced; its first one stands."""
    family = on.families[0]
    with in_school(on.school):
        bad = stage.pays(family, 7700, at=timezone.now())
    return family, bad, undoes(on, bad, reason)


def said(undoing, why="款项被银行退回"):
    return f"{timezone.localtime(undoing.posted_at):%Y-%m-%d} 已冲正：{why}"


def test_a_familys_page_marks_the_undone_payment_and_no_other(on):
    family, bad, undoing = one_of_two_undone(on)
    page = text(on.as_(on.parent_of(family)).get("/family/bills/"))
    assert page.count("已冲正") == 1
    assert "<s>¥77.00</s>" in page
    assert said(undoing) in page
    assert "<s>¥100.00</s>" not in page
    assert bad.receipt_number in page


def test_the_api_of_bills_says_when_and_why(on):
    family, bad, undoing = one_of_two_undone(on, "twice")
    (bill,) = on.as_(on.parent_of(family)).get("/api/v1/finance/bills/").json()
    stands, gone = bill["payments"]
    assert (stands["undone_at"], stands["undone_reason"]) == (None, "")
    assert gone["id"] == str(bad.pk)
    assert gone["undone_at"] == timezone.localtime(undoing.posted_at).isoformat()
    assert gone["undone_reason"] == "twice"


@pytest.mark.parametrize("many", [1, 6])
def test_undone_payments_cost_a_familys_bills_no_query(on, many, django_assert_num_queries):
    family = on.families[0]
    user = on.parent_of(family)
    for _ in range(many):
        one_of_two_undone(on)
    with in_school(on.school), django_assert_num_queries(7):
        (bill,) = queries.own_bills(user)
        assert sum(bool(each.undone_word) for each in bill.payments) == many


def test_the_family_hears_that_its_receipt_was_undone_when_and_why(on):
    """Anew: it has read nothing of it yet. Another family hears nothing, and nobody hears of what stands."""
    family, bad, undoing = one_of_two_undone(on, "wrong_party")
    user, stranger = on.parent_of(family), on.parent_of(on.families[1])
    with in_school(on.school):
        told = [each for each in news.of(user) if each.news.kind == "收款冲正"]
        assert [each.news.title for each in told] == ["收款 ¥77.00 已冲正，收据作废"]
        assert not told[0].is_read
        assert told[0].news.at == undoing.posted_at
        lines = told[0].news.lines()
        assert not [each for each in news.of(stranger) if each.news.kind == "收款冲正"]
    assert bad.receipt_number in lines[0]
    assert lines[1] == said(undoing, "记错了家庭或收款方")
    assert family.number in lines[-1]
    page = f"/family/notices/{bad.pk}/receipt_undone/"
    assert said(undoing, "记错了家庭或收款方") in text(on.as_(user).get(page))
    assert on.as_(stranger).get(page).status_code == 404


def test_a_row_undone_before_there_were_reasons_says_when(on):
    family, _bad, undoing = one_of_two_undone(on)
    with in_school(on.school):
        (bill,) = queries.own_bills(on.parent_of(family))
        row = bill.payments[-1]
        row.undone_reason = ""
        assert row.undone_word == f"{timezone.localtime(undoing.posted_at):%Y-%m-%d} 已冲正"


@pytest.mark.parametrize("order", ["", "state", "-state"])
def test_the_offices_list_marks_the_undone_payment_and_no_other(on, order):
    _family, _bad, undoing = one_of_two_undone(on)
    page = text(on.as_(on.them.clerk).get(f"/finance/payments/?term={makers.TERM}&sort={order}"))
    assert page.count("已冲正") == 1
    assert said(undoing) in page
    assert page.count("已入账") == 2


@pytest.mark.parametrize("many", [1, 12])
def test_undone_payments_cost_the_office_no_query(on, many, django_assert_max_num_queries):
    for _ in range(many):
        one_of_two_undone(on)
    client = on.as_(on.them.principal)
    with django_assert_max_num_queries(20):
        assert text(client.get(f"/finance/payments/?term={makers.TERM}")).count("已冲正") == many


def test_the_paper_of_an_undone_payment_is_void_for_family_and_office_and_stays_to_be_had(on):
    family, bad, undoing = one_of_two_undone(on)
    with in_school(on.school):
        good = family.payments.exclude(pk=bad.pk).get()
    parent, clerk = on.as_(on.parent_of(family)), on.as_(on.them.clerk)
    for client, path in (
        (parent, "/family/bills/receipts/{}.pdf"),
        (clerk, "/finance/payments/{}/receipt.pdf"),
    ):
        void, stands = (client.get(path.format(row.pk)) for row in (bad, good))
        assert (void.status_code, stands.status_code) == (200, 200)
        words = pdftext.words(void.content)
        assert words.count("已作废") == 2  # across the paper, and in the line that says since when and why
        assert "".join(said(undoing).split()) in words
        assert "作废" not in pdftext.words(stands.content)


def one_of_two_spendings_undone(on, reason="wrong_amount"):
    with in_school(on.school):
        title = f"服务人员报酬{makers.number()}"
        bad, good = (stage.spends(fen, on.them, title=title, now=timezone.now()) for fen in (700, 800))
    return bad, good, undoes(on, bad, reason)


def test_an_undone_expenditure_says_so_on_its_page_and_no_other_does(on):
    bad, good, undoing = one_of_two_spendings_undone(on)
    client = on.as_(on.them.treasurer)
    assert said(undoing, "金额记错") in text(client.get(f"/finance/expenditure/{bad.pk}/"))
    assert "已冲正" not in text(client.get(f"/finance/expenditure/{good.pk}/"))


def test_an_undone_expenditure_says_so_in_the_list(on):
    _bad, _good, undoing = one_of_two_spendings_undone(on)
    page = text(on.as_(on.them.treasurer).get(f"/finance/expenditure/?term={makers.TERM}"))
    assert page.count("已冲正") == 1
    assert said(undoing, "金额记错") in page
    assert page.count("已支出") == 1


def test_the_api_of_expenditure_says_when_and_why(on):
    bad, good, undoing = one_of_two_spendings_undone(on)
    answer = on.as_(on.them.treasurer).get(f"/api/v1/finance/expenditure/?term={makers.TERM}").json()
    rows = {row["id"]: (row["undone_at"], row["undone_reason"]) for row in answer["results"]}
    assert rows[str(bad.pk)] == (timezone.localtime(undoing.posted_at).isoformat(), "wrong_amount")
    assert rows[str(good.pk)] == (None, "")


@pytest.mark.parametrize("many", [1, 8])
def test_undone_expenditure_costs_its_pages_no_query(on, many, django_assert_max_num_queries):
    for _ in range(many):
        bad, _good, _undoing = one_of_two_spendings_undone(on)
    client = on.as_(on.them.treasurer)
    for page in (f"/finance/expenditure/?term={makers.TERM}", f"/finance/expenditure/{bad.pk}/"):
        with django_assert_max_num_queries(20):
            assert "已冲正" in text(client.get(page))
