"""The deeds of the books, and the money that the school of deeds has before anybody begins."""

from datetime import date, datetime

from afterbell.kernel.money import Fen
from schools.committee import actions as committee
from schools.committee.models import Subject
from schools.enrolment import actions as enrolment
from schools.enrolment.models import Agreement
from schools.finance import actions
from schools.finance.models import Charge, Refund, Settlement, Transfer, TransferKind
from tenants import context
from tests import makers
from tests.properties.deeds import deed, the
from tests.properties.school_of_deeds import NOW, TODAY, World, an_agreement, an_open_vote

TERM = makers.TERM
SEPTEMBER = datetime.fromisoformat("2026-09-20T04:00:00+00:00")
CHARGED = ("leaving", "leaver", "ended", "drafted", "issued")
FAMILY = {"amount": Fen(100), "paid_at": NOW}
ASKED = {"term_code": TERM, "kind": "staff", "title": "服务人员报酬", "amount": Fen(100), "spent_date": TODAY}


def build(world: World) -> None:
    """Three families who pay and leave, what was spent, and three settlements."""
    with context.in_school(world.school):
        treasurer, chair = world.the("treasurer"), world.the("committee_chair")
        _sessions(world)
        for name in CHARGED[2:]:
            pupil = world.keep(f"{name}_child", makers.a_pupil())
            world.keep(f"{name}_parent", makers.a_user("guardian"))
            makers.a_guardian(pupil, user=world.the(f"{name}_parent"))
            an_agreement(world, name, pupil)
        actions.charge_period(plan=world.the("plan"), period="2026-09", by=treasurer, now=SEPTEMBER)
        for name in CHARGED:
            _pay(world, name, 50000)
        charge = Charge.objects.get(agreement=world.the("leaving_agreement"))
        world.keep("charge", charge)
        world.keep("payment", Transfer.objects.filter(kind=TransferKind.PAYMENT).earliest("position"))
        for name in ("drafted", "issued"):
            enrolment.exit_agreement(
                agreement=world.the(f"{name}_agreement"), reason="", by=world.the(f"{name}_parent"), now=NOW
            )
            world.keep(f"{name}_refund", Refund.objects.get(agreement=world.the(f"{name}_agreement")))
        actions.issue_refund(refund=world.the("issued_refund"), by=chair, now=NOW)
        Agreement.objects.filter(pk=world.key("ended_agreement")).update(
            state="ended", ended_at=NOW, until_date=TODAY
        )
        world.keep("asked", actions.request_expenditure(**ASKED, by=treasurer, now=NOW))
        _settlements(world)


def _sessions(world: World) -> None:
    for day in (7, 14, 21, 28):
        makers.a_session(world.the("activity"), day=date(2026, 9, day), state="closed", closed_at=NOW)


def _pay(world: World, name: str, fen: int) -> None:
    actions.record_payment(
        agreement=world.the(f"{name}_agreement"), amount=Fen(fen), provider_key=f"wx-{name}", paid_at=SEPTEMBER,
        by=world.the("treasurer"), now=SEPTEMBER,
    )  # fmt: skip


def _settlements(world: World) -> None:
    """Of three terms, so that each step has one that waits for it."""
    for name, term in (("preview", TERM), ("voted", "2030-2031-1"), ("resolved", "2025-2026-2")):
        found = actions.preview_settlement(term_code=term, by=world.the("treasurer"), now=NOW)
        world.keep(f"{name}_settlement", Settlement.objects.get(pk=found.pk))
    makers.a_passed_resolution(Subject.SETTLEMENT, object_id=world.key("resolved_settlement"))
    an_open_vote(world, "vote_on_settlement", Subject.SETTLEMENT, world.key("voted_settlement"))


deed(actions.charge_period, "treasurer", plan=the("plan"), period="2026-10")
deed(actions.waive, "principal", charge=the("charge"), reason="hardship", amount=Fen(100))
deed(actions.record_payment, "treasurer", agreement=the("leaving_agreement"), provider_key="wx-new", **FAMILY)
deed(
    actions.record_payment,
    "treasurer",
    "another family",
    agreement=the("leaver_agreement"),
    provider_key="wx-2",
    **FAMILY,
)
deed(actions.request_expenditure, "treasurer", **ASKED)
deed(actions.approve_expenditure, "committee_chair", expenditure=the("asked"))
deed(actions.refuse_expenditure, "committee_chair", expenditure=the("asked"), reason="重复")
deed(actions.close_month, "treasurer", term_code=TERM, month="2026-09")
deed(actions.refund_exit, "treasurer", agreement=the("ended_agreement"))
deed(actions.refund_absences, "treasurer", plan=the("plan"), period="2026-09")
deed(actions.issue_refund, "committee_chair", refund=the("drafted_refund"))
deed(actions.issue_refunds, "committee_chair", refunds=lambda w: [w.the("drafted_refund")])
deed(actions.confirm_refund, "treasurer", refund=the("issued_refund"))
deed(
    actions.confirm_refunds, "treasurer", refunds=lambda w: [w.the("issued_refund"), w.the("drafted_refund")]
)
deed(actions.fail_refund, "treasurer", refund=the("issued_refund"))
deed(actions.reverse_transfer, "principal", transfer=the("payment"))
deed(actions.preview_settlement, "treasurer", term_code=TERM)
deed(actions.propose_settlement, "treasurer", settlement=the("preview_settlement"))
deed(actions.resolve_settlement, "committee_chair", settlement=the("resolved_settlement"))
deed(committee.close_resolution, "clerk", "settlement", resolution=the("vote_on_settlement"))
deed(actions.batch_settlement, "committee_chair", settlement=the("resolved_settlement"))

AGAIN = {
    "schools.finance.actions.charges.charge_period": "charges whoever was not charged",
    "schools.finance.actions.expenditure.request_expenditure": "asks for more",
    "schools.finance.actions.payments.record_payment": "gives the payment with this key",
    "schools.finance.actions.payments.record_payment (another family)": "gives the payment with this key",
    "schools.finance.actions.refunds.confirm_refunds": "confirms what is left",
    "schools.finance.actions.refunds.refund_absences": "computes what is left",
    "schools.finance.actions.settlement.preview_settlement": "voids the one before",
}
