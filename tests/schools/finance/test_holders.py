"""Who holds the money acts on it: every deed that moves cash, by the wrong side, on action, page and API (S3, S7)."""

from datetime import date

import pytest
from django.utils import timezone

from afterbell.kernel.money import Fen
from schools.committee.models import Subject
from schools.finance import accounts, actions, holding, ledger, promises
from schools.finance.ledger import Posting
from schools.finance.models import Account, Expenditure, Refund, Settlement, Transfer, TransferKind
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.finance import stage
from tests.schools.finance.test_pages import (  # noqa: F401  (fixtures)
    Stage,
    no_second_factor,
    school,
    text,
)

OVER = stage.OVER
SIDES = {"national-2024": ("principal", "clerk"), "seed": ("chair", "treasurer")}
"""By profile, who acts for its collector: the first decides, the second prepares."""


class Books:
    """A term of a profile: one family has paid too much and left, something was asked for, a settlement was passed."""

    def __init__(self, profile):
        self.them = stage.people()
        first, second = SIDES[profile]
        self.first, self.second = getattr(self.them, first), getattr(self.them, second)
        names = {name for pair in SIDES.values() for name in pair} - set(SIDES[profile])
        self.others = [getattr(self.them, name) for name in sorted(names)]
        self.plan = stage.monthly_plan(
            10000, collector="school" if profile == "national-2024" else "committee"
        )
        self.family, stays = stage.a_family(self.plan), stage.a_family(self.plan)
        actions.charge_period(plan=self.plan, period="2026-09", by=self.second, now=NOON)
        for family in (self.family, stays):
            stage.pays(family, 30000)
        self.payment = Transfer.objects.filter(kind="payment").latest("position")
        self.asked = stage.asks(500, self.them, by=self.second)
        self.refund = self._refund()

    def _refund(self):
        self.family.state, self.family.ended_at, self.family.until_date = "ended", NOON, date(2026, 9, 1)
        self.family.save()
        return actions.refund_exit(agreement=self.family, by=self.second, now=NOON).refund

    def sent(self):
        actions.issue_refund(refund=self.refund, by=self.first, now=NOON)
        return self.refund

    def passed(self):
        actions.refuse_expenditure(expenditure=self.asked, reason="不用了", by=self.first, now=NOON)
        stage.closes_the_term(self.them)
        made = actions.preview_settlement(term_code=makers.TERM, by=self.second, now=OVER)
        makers.a_passed_resolution(Subject.SETTLEMENT, object_id=made.pk)
        return made


DEEDS = {
    "approve": lambda on: (actions.approve_expenditure, {"expenditure": on.asked}),
    "issue": lambda on: (actions.issue_refund, {"refund": on.refund}),
    "issue many": lambda on: (actions.issue_refunds, {"refunds": [on.refund]}),
    "confirm": lambda on: (actions.confirm_refund, {"refund": on.sent()}),
    "confirm many": lambda on: (actions.confirm_refunds, {"refunds": [on.sent()]}),
    "fail": lambda on: (actions.fail_refund, {"refund": on.sent()}),
    "reverse": lambda on: (actions.reverse_transfer, {"transfer": on.payment, "reason": "bounced"}),
    "batch": lambda on: (actions.batch_settlement, {"settlement": on.passed()}),
}


def as_it_stands():
    return [
        (Transfer.objects.count(), Account.objects.get(code="cash").balance_fen),
        list(Refund.objects.order_by("pk").values_list("state", "sent")),
        list(Expenditure.objects.values_list("state", flat=True)),
        list(Settlement.objects.values_list("state", flat=True)),
    ]


@pytest.mark.parametrize("profile", SIDES)
@pytest.mark.parametrize("deed", DEEDS)
def test_only_the_holders_people_move_the_money(north, profile, deed):
    """The other side, whatever its rights; a role without a seat; somebody of a class's committee; then the right one."""
    stage.the_term(profile)
    with in_school(north):
        on = Books(profile)
        action, given = DEEDS[deed](on)
        now, before = OVER if deed == "batch" else NOON, as_it_stands()
        strangers = [*on.others, makers.a_user("committee_chair"), makers.a_user("treasurer")]
        for stranger in strangers:
            with pytest.raises(holding.OthersMoney, match="收取和保管"):
                action(**given, by=stranger, now=now)
            assert as_it_stands() == before
        action(**given, by=on.first, now=now)
        assert as_it_stands() != before
        assert promises.broken_promise() is None


@pytest.mark.parametrize("profile", SIDES)
def test_whoever_posts_the_ledger_itself_asks_whose_money_it_is(north, profile):
    """Structural: any posting out of cash, by whatever way; nothing that runs by itself pays."""
    stage.the_term(profile)
    with in_school(north):
        on = Books(profile)
        out = Posting(TransferKind.REFUND, "out", accounts.family(on.family.pk), accounts.CASH, Fen(1))
        back = Posting(TransferKind.CHARGE, "in", accounts.CASH, accounts.FEES, Fen(1))
        for by in (*on.others, None):
            with pytest.raises(holding.OthersMoney):
                ledger.post(out, term_code=makers.TERM, by=by, now=NOON)
            with pytest.raises(holding.OthersMoney):
                ledger.reverse(transfer=on.payment, by=by, now=NOON)
        with pytest.raises(holding.NotTheHolder):
            ledger.post(back, term_code=makers.TERM, by=on.others[0], now=NOON)
        ledger.post(out, term_code=makers.TERM, by=on.first, now=NOON)


def test_the_committee_asks_refuses_and_undoes_what_was_spent_by_mistake(north):
    """S3, S7: under the school's account it supervises, and no money leaves by it."""
    stage.the_term()
    with in_school(north):
        on = Books("national-2024")
        theirs = stage.asks(700, on.them, by=on.them.treasurer)
        actions.refuse_expenditure(expenditure=on.asked, reason="没有发票", by=on.them.chair, now=NOON)
        actions.approve_expenditure(expenditure=theirs, by=on.them.principal, now=NOON)
        booked = Transfer.objects.get(kind="expenditure")
        actions.reverse_transfer(transfer=booked, reason="not_made", by=on.them.chair, now=NOON)
        assert Account.objects.get(code="cash").balance_fen == 60000


def test_a_seat_that_ran_out_holds_nothing(north):
    """Late: on the day of the deed, not of the login."""
    stage.the_term("seed")
    with in_school(north):
        on = Books("seed")
        seats = makers.Seat.objects.filter(guardian__user=on.them.chair)
        seats.update(from_date=date(2026, 1, 1), until_date=date(2026, 8, 31))
        with pytest.raises(holding.OthersMoney):
            actions.issue_refund(refund=on.refund, by=on.them.chair, now=NOON)


# --- the pages and the API -----------------------------------------------------------------------------------------


@pytest.fixture
def on(school):  # noqa: F811  (a fixture)
    """Money that the school holds; the chair has every right by the role, and no hand in it."""
    found = Stage(school)
    found.asked = found.asks()
    with in_school(school):
        found.refund = Refund.objects.create(
            agreement=found.families[0], term_code=makers.TERM, cause="exit", key="exit:1", amount_fen=100,
            explanation="退费", created_at=timezone.now(), prepared_by=found.them.clerk,
        )  # fmt: skip
        found.payment = Transfer.objects.filter(kind="payment").latest("position")
    return found


def addresses(on):
    refund, asked = on.refund.pk, on.asked.pk
    return [
        (f"/finance/refunds/{refund}/issue/", {"sent": "0"}),
        ("/finance/refunds/all/issue/", {"shown": "x"}),
        ("/finance/refunds/all/confirm/", {"shown": "x"}),
        (f"/finance/expenditure/{asked}/decide/", {"decision": "approve", "reason": "可以"}),
        (f"/finance/rows/{on.payment.pk}/reverse/", {"reason": "bounced"}),
        (f"/api/v1/finance/expenditure/{asked}/approve/", {}),
        (f"/api/v1/finance/refunds/{refund}/issue/", {"sent": "0"}),
        (f"/api/v1/finance/refunds/{refund}/confirm/", {"sent": "0"}),
        (f"/api/v1/finance/refunds/{refund}/fail/", {"sent": "0"}),
    ]


def refused(answer):
    """409, and the sentence: on a page, or as a problem with its code."""
    if "json" in answer.headers["Content-Type"]:
        return (answer.status_code, answer.json()["code"]) == (409, "finance.not_the_holder")
    return (answer.status_code, "您不代表学校" in text(answer)) == (409, True)


def test_pages_and_api_refuse_with_one_sentence(on):
    chair = on.as_(on.them.chair)
    for address, given in addresses(on):
        answer = chair.post(address, given)
        assert refused(answer), address
    with in_school(on.school):
        assert Account.objects.get(code="cash").balance_fen == 20000
        assert Expenditure.objects.get().state == "requested"


def test_the_batch_too(on):
    with in_school(on.school):
        actions.refuse_expenditure(
            expenditure=on.asked, reason="不用了", by=on.them.principal, now=timezone.now()
        )
    made = on.previews()
    with in_school(on.school):
        passed = makers.a_passed_resolution(Subject.SETTLEMENT, object_id=made.pk)
        actions.resolution_closed(resolution=passed, by=on.them.chair, now=timezone.now())
    chair, principal = on.as_(on.them.chair), on.as_(on.them.principal)
    page, api = f"/finance/settlement/{made.pk}/batch/", f"/api/v1/finance/settlements/{made.pk}/batch/"
    for answer in (chair.get(page), chair.post(page), chair.post(api)):
        assert refused(answer)
    shown = text(chair.get("/finance/settlement/"))
    assert (page in shown, "款项由学校收取和保管" in shown) == (False, True)
    assert page in text(principal.get("/finance/settlement/"))
    assert principal.post(page).status_code == 302


def test_buttons_are_for_who_may(on):
    chair, principal = on.as_(on.them.chair), on.as_(on.them.principal)
    treasurer, clerk = on.as_(on.them.treasurer), on.as_(on.them.clerk)
    for page, button in (
        (f"/finance/expenditure/{on.asked.pk}/", "批准并记账"),
        ("/finance/refunds/", "全部发放"),
        (f"/finance/refunds/{on.refund.pk}/", f"/finance/refunds/{on.refund.pk}/issue/"),
        ("/finance/rows/", f"/finance/rows/{on.payment.pk}/reverse/"),
    ):
        assert button in text(principal.get(page)), page
        assert button not in text(chair.get(page)), page
    assert "不批准" in text(chair.get(f"/finance/expenditure/{on.asked.pk}/")), "the other side still says no"
    assert "入账并开收据" in text(clerk.get("/finance/payments/"))
    shown = text(treasurer.get("/finance/payments/"))
    assert ("入账并开收据" in shown, "款项由学校收取和保管" in shown) == (False, True)
