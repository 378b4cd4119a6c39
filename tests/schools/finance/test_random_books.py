"""Any order of any deeds: balances are the sum of the transfers, Σ = 0, the chain verifies, no promise breaks."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from afterbell.kernel.errors import Refused
from afterbell.kernel.money import Fen
from schools.finance import actions, promises
from schools.finance.models import Account, Charge, Expenditure, Refund, Transfer, Waiver
from schools.finance.spending import BY_PAY_SHEET
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.finance import stage

DEEDS = st.lists(
    st.tuples(
        st.sampled_from(
            ["charge", "pay", "pay", "spend", "approve", "ask", "ask", "grant", "withdraw", "reverse", "leave", "issue",
             "fail", "confirm", "close", "settle"]
        ),
        st.integers(0, 5),
        st.integers(1, 30000),
    ),
    max_size=40,
)  # fmt: skip


class Undo(Exception):
    """Rolls an example back."""


class Term:
    """A plan with three families, and every deed that can be done to its books."""

    def __init__(self):
        self.them, self.plan = stage.people(), stage.monthly_plan()
        makers.a_contract()
        signer, self.deputy = makers.a_user("principal"), makers.a_user("deputy")
        self.families = [stage.a_family(self.plan, school_signed_by=signer) for _ in range(3)]
        self.now = NOON

    def do(self, deed, which, fen):
        self.now += timedelta(hours=20)
        try:
            with transaction.atomic():
                getattr(self, deed)(which, Fen(fen))
        except Refused:
            pass  # an expected no; what matters is that nothing was half done

    def charge(self, which, fen):
        period = ["2026-09", "2026-10", "2026-11", makers.TERM][which % 4]
        actions.charge_period(plan=self.plan, period=period, by=self.them.clerk, now=self.now)

    def pay(self, which, fen):
        stage.pays(self.families[which % 3], fen, key=f"wx-{fen % 7}-{which}", at=self.now)

    def spend(self, which, fen):
        actions.request_expenditure(
            term_code=makers.TERM, item="teaching_pay", title="报酬", amount=fen, payee=BY_PAY_SHEET,
            spent_date=self.now.date(), by=self.them.treasurer, now=self.now,
        )  # fmt: skip

    def approve(self, which, fen):
        for row in Expenditure.objects.filter(state="requested")[:1]:
            actions.approve_expenditure(expenditure=row, by=self.them.principal, now=self.now)

    def ask(self, which, fen):
        for row in Charge.objects.order_by("pk")[which : which + 1]:
            actions.request_waiver(
                charge=row, reason="hardship", proof="低保证", amount=fen, by=self.them.clerk, now=self.now
            )

    def grant(self, which, fen):
        for row in Waiver.objects.filter(state="requested").order_by("pk")[:2]:
            actions.grant_waiver(waiver=row, by=self.them.principal, now=self.now)

    def withdraw(self, which, fen):
        for row in Waiver.objects.filter(state="granted").order_by("pk")[:1]:
            actions.withdraw_waiver(waiver=row, reason="弄错了", by=self.deputy, now=self.now)

    def reverse(self, which, fen):
        for row in Transfer.objects.order_by("position")[which : which + 1]:
            actions.reverse_transfer(transfer=row, reason="bounced", by=self.them.principal, now=self.now)

    def leave(self, which, fen):
        family = self.families[which % 3]
        family.state, family.ended_at = "ended", self.now
        family.save()
        actions.refund_exit(agreement=family, by=self.them.treasurer, now=self.now)

    def issue(self, which, fen):
        rows = list(Refund.objects.filter(state__in=["draft", "failed"]))
        actions.issue_refunds(refunds=rows, by=self.them.principal, now=self.now)

    def fail(self, which, fen):
        for row in Refund.objects.filter(state="issued")[:1]:
            actions.fail_refund(refund=row, by=self.them.principal, now=self.now)

    def confirm(self, which, fen):
        rows = list(Refund.objects.filter(state="issued"))
        actions.confirm_refunds(refunds=rows, by=self.them.principal, now=self.now)

    def close(self, which, fen):
        month = ["2026-09", "2026-10"][which % 2]
        actions.close_month(term_code=makers.TERM, month=month, by=self.them.treasurer, now=self.now)

    def settle(self, which, fen):
        made = actions.preview_settlement(term_code=makers.TERM, by=self.them.treasurer, now=self.now)
        makers.a_passed_resolution("settlement", object_id=made.pk)
        if which == 0:
            actions.batch_settlement(settlement=made, by=self.them.principal, now=self.now)


@pytest.fixture
def school(north):
    stage.the_term("wuhan")
    return north


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=DEEDS)
def test_any_order_of_deeds_keeps_every_promise(school, deeds):
    """S36, S37."""
    with pytest.raises(Undo), transaction.atomic(), in_school(school):
        term = Term()
        for deed, which, fen in deeds:
            term.do(deed, which, fen)
        assert promises.broken_promise() is None
        assert sum(row.balance_fen for row in Account.objects.all()) == 0
        for row in Account.objects.all():
            debits = sum(move.amount_fen for move in row.debits.all())
            assert row.balance_fen == debits - sum(move.amount_fen for move in row.credits.all())
        raise Undo
