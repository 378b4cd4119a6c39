"""Each deed of money that takes two persons finds its second one by facts, in every ready profile (S3, S7, S36, S37)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from afterbell.accounts.models import User
from afterbell.kernel.errors import Refused
from schools.committee.models import Subject
from schools.finance import actions, rules
from schools.finance.api import books as books_api
from schools.finance.api import refunds as refunds_api
from schools.finance.api import settlement as settlement_api
from schools.finance.api import spending as spending_api
from schools.finance.api import waivers as waivers_api
from schools.finance.models import Charge, Refund, Transfer
from schools.finance.views import books, payments, returning, settling, spending, waivers
from tenants.context import in_school
from tenants.policies import ready
from tests import makers
from tests.city import NOON
from tests.schools.finance import stage
from tests.schools.finance.test_pages import (  # noqa: F401  (a fixture)
    TODAY,
    Stage,
    first_day,
    no_second_factor,
    text,
)

USUAL = ("principal", "deputy", "clerk", "chair", "treasurer")


class Books:
    """A term of a profile: two families were charged and paid more, nothing is decided yet."""

    def __init__(self, profile: str) -> None:
        collector = ready.document(profile)["collector"]
        self.them = stage.people()
        self.usual = {name: getattr(self.them, name) for name in USUAL if name != "deputy"}
        self.usual["deputy"] = makers.a_user("deputy", name="冯副校长")
        self.plan = stage.monthly_plan(5000, collector=collector)
        self.families = [stage.a_family(self.plan) for _ in range(2)]
        cycles = {str(cycle) for cycle in rules.policy_on(NOON.date()).policy.cycles}
        period = "2026-09" if "month" in cycles else makers.TERM
        actions.charge_period(plan=self.plan, period=period, by=self.them.clerk, now=NOON)
        for family in self.families:
            stage.pays(family, 90000)

    def asked_waiver(self, by: User) -> Any:
        charge = Charge.objects.order_by("pk").first()
        assert charge is not None
        listed = rules.policy_on(charge.first_date).policy.waivers[0]
        amount = 100 if listed.reduction_percent is None else None
        return actions.request_waiver(
            charge=charge, reason=listed.code, proof="低保证 1", amount=amount, by=by, now=NOON
        )

    def granted_waiver(self, by: User) -> Any:
        return actions.grant_waiver(waiver=self.asked_waiver(self.them.clerk), by=by, now=NOON)

    def drafted_refund(self, by: User) -> Any:
        """Whoever writes the own child's exit, or computes it, has prepared what comes of it."""
        family = self.families[0]
        family.state, family.ended_at, family.until_date = "ended", NOON, NOON.date()
        family.save()
        made = actions.refund_exit(agreement=family, by=by, now=NOON).refund
        assert made is not None
        return made

    def booked_payment(self, by: User) -> Any:
        stage.pays(self.families[0], 700, by=by)
        return Transfer.objects.filter(kind="payment").latest("position")

    def booked_expenditure(self, by: User) -> Any:
        asked = stage.asks(500, self.them, by=self.them.clerk)
        actions.approve_expenditure(expenditure=asked, by=by, now=NOON)
        return Transfer.objects.get(kind="expenditure")

    def passed_settlement(self, by: User) -> Any:
        stage.closes_the_term(self.them)
        made = actions.preview_settlement(term_code=makers.TERM, by=by, now=stage.OVER)
        makers.a_passed_resolution(Subject.SETTLEMENT, object_id=made.pk)
        return made

    def batched_refund(self, by: User) -> Any:
        """Of a preview that somebody else made."""
        other = self.them.treasurer if by != self.them.treasurer else self.them.clerk
        return actions.batch_settlement(settlement=self.passed_settlement(other), by=by, now=stage.OVER)[0]


@dataclass(frozen=True)
class Deed:
    """The first person's step, and what page and API ask of the second; `first` of None: every person may be a parent."""

    makes: Callable[[Books, User], Any]
    first: Any
    seconds: tuple[Any, Any]
    second: Callable[[Any, User], Any]


def undone(row: Any, by: User) -> Any:
    return actions.reverse_transfer(transfer=row, reason="not_made", by=by, now=NOON)


DEEDS = {
    "refund": Deed(
        Books.drafted_refund, None, (returning.move_refund, refunds_api.IssueRefund),
        lambda row, by: actions.issue_refund(refund=row, by=by, now=NOON),
    ),
    "waiver": Deed(
        Books.asked_waiver, waivers.ask, (waivers.decide, waivers_api.GrantWaiver),
        lambda row, by: actions.grant_waiver(waiver=row, by=by, now=NOON),
    ),
    "waiver taken back": Deed(
        Books.granted_waiver, waivers.decide, (waivers.withdraw, waivers_api.WithdrawWaiver),
        lambda row, by: actions.withdraw_waiver(waiver=row, reason="证明是假的", by=by, now=NOON),
    ),
    "expenditure": Deed(
        lambda on, by: stage.asks(500, on.them, by=by), spending_api.Expenditures.post,
        (spending.decide, spending_api.ApproveExpenditure),
        lambda row, by: actions.approve_expenditure(expenditure=row, by=by, now=NOON),
    ),
    "settlement": Deed(
        Books.passed_settlement, settling.preview, (settling.batch, settlement_api.BatchSettlement),
        lambda row, by: actions.batch_settlement(settlement=row, by=by, now=stage.OVER),
    ),
    "refund of a settlement": Deed(
        Books.batched_refund, settling.batch, (returning.move_refund, refunds_api.IssueRefund),
        lambda row, by: actions.issue_refund(refund=row, by=by, now=stage.OVER),
    ),
    "reversal": Deed(
        Books.booked_expenditure, spending.decide, (books.reverse_row, books_api.ReverseTransfer), undone
    ),
    "receipt undone": Deed(
        Books.booked_payment, payments.receipt, (books.reverse_row, books_api.ReverseTransfer), undone
    ),
}  # fmt: skip


class Back(Exception):
    """Nothing of a trial stays."""


def tried(deed: Callable[[], Any]) -> bool:
    """Whether it went through."""
    try:
        with transaction.atomic():
            deed()
            raise Back
    except Back:
        return True
    except Refused:
        return False


def may(user: User, views: tuple[Any, ...]) -> bool:
    """By the permission that page and API declare."""
    return all(user.has(right) for view in views for right in view.required_permissions)


def who_can(on: Books, deed: Deed) -> dict[str, set[str]]:
    """By first person, the others who can make the second step."""
    found: dict[str, set[str]] = {}

    def seconds(made: Any) -> set[str]:
        again = type(made).objects
        deeds = {
            name: partial(lambda by: deed.second(again.get(pk=made.pk), by), user)
            for name, user in on.usual.items()
            if may(user, deed.seconds)
        }
        return {name for name, second in deeds.items() if tried(second)}

    def trial(first: str) -> None:
        found[first] = seconds(deed.makes(on, on.usual[first]))

    for name, user in on.usual.items():
        if deed.first is None or may(user, (deed.first,)):
            tried(partial(trial, name))
    return found


@pytest.mark.parametrize("profile", ready.codes())
@pytest.mark.parametrize("deed", DEEDS)
def test_whoever_begins_somebody_else_of_the_usual_seats_can_finish(north, profile, deed):
    """Red before: where the committee holds the money, what its chair prepared waited for ever."""
    own = ready.document(profile)["waivers"]  # the seed document lists no reason; a city may
    stage.the_term(profile, waivers=own or ready.document("national-2024")["waivers"])
    with in_school(north):
        found = who_can(Books(profile), DEEDS[deed])
    assert found
    for first, seconds in found.items():
        assert seconds - {first}, f"{deed} of {first}: nobody"
        assert first not in seconds


# --- the page and the API offer it to whoever may --------------------------------------------------------------------


@pytest.fixture
def on(north):
    """The committee holds the money, and its chair has taken the own child out: the sum is ready to be sent."""
    makers.a_term(first_date=first_day(), last_date=TODAY + timedelta(days=60))
    makers.a_policy(stage.rules("seed"))
    found = Stage(north, collector="committee")
    with in_school(north):
        found.refund = Refund.objects.create(
            agreement=found.families[0], term_code=makers.TERM, cause="exit", key="exit:1", amount_fen=100,
            explanation="退费", created_at=timezone.now(), prepared_by=found.them.chair,
        )  # fmt: skip
    return found


def test_the_treasurer_is_offered_what_the_chair_prepared(on):
    address = f"/finance/refunds/{on.refund.pk}/"
    chair, treasurer = on.as_(on.them.chair), on.as_(on.them.treasurer)
    assert "请由另一位有权的人发放" in text(chair.get(address))
    assert f"{address}issue/" not in text(chair.get(address))
    assert chair.post(f"/api/v1{address}issue/", {"sent": "0"}).json()["code"] == "finance.same_person"
    assert f"{address}issue/" in text(treasurer.get(address))
    assert "全部发放" in text(treasurer.get("/finance/refunds/"))
    assert "1 笔退费待发放" in text(treasurer.get("/desk/"))
    assert treasurer.post(f"{address}issue/", {"sent": "0"}).status_code == 302
    with in_school(on.school):
        on.refund.refresh_from_db()
        assert (on.refund.state, on.refund.issued_by) == ("issued", on.them.treasurer)


def test_the_chair_sends_what_the_treasurer_prepared_by_api(on):
    with in_school(on.school):
        Refund.objects.update(prepared_by=on.them.treasurer)
    address = f"/api/v1/finance/refunds/{on.refund.pk}/issue/"
    refused = on.as_(on.them.treasurer).post(address, {"sent": "0"})
    assert (refused.status_code, refused.json()["code"]) == (409, "finance.same_person")
    assert on.as_(on.them.chair).post(address, {"sent": "0"}).status_code == 200


def test_a_treasurers_role_without_the_seat_sends_nothing(on):
    """The seat is the fact; the role alone is a word that somebody hands out."""
    with in_school(on.school):
        stranger = makers.a_user("treasurer")
    address = f"/finance/refunds/{on.refund.pk}/"
    browser = on.as_(stranger)
    assert f"{address}issue/" not in text(browser.get(address))
    refused = browser.post(f"/api/v1{address}issue/", {"sent": "0"})
    assert (refused.status_code, refused.json()["code"]) == (409, "finance.not_the_holder")
