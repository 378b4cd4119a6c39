"""The deeds of the books, and the money that the school of deeds has before anybody begins."""

from datetime import date, datetime, timedelta

from django.db import transaction

from afterbell.kernel.money import Fen
from schools.committee import actions as committee
from schools.committee.models import Office, Subject
from schools.enrolment import actions as enrolment
from schools.enrolment import exit_actions
from schools.enrolment.models import Agreement
from schools.finance import accounts, actions, ledger, offering, queries, runs
from schools.finance.actions import refunds as sending
from schools.finance.models import Charge, ChargeRun, Refund, Settlement, Transfer, TransferKind
from schools.finance.spending import BY_PAY_SHEET
from schools.planning.models import FeeUnit, Plan
from tenants import context
from tests import makers
from tests.properties.deeds import deed, the
from tests.properties.school_of_deeds import NOW, TODAY, World, an_agreement, an_open_vote

TERM, PAST = makers.TERM, "2024-2025-1"
SEPTEMBER = datetime.fromisoformat("2026-09-20T04:00:00+00:00")
OCTOBER = datetime.fromisoformat("2024-10-20T04:00:00+00:00")
CHARGED = ("leaving", "leaver", "ended", "drafted", "issued", "seen")
FAMILY = {"amount": Fen(100), "paid_at": NOW}
ASKED = {
    "term_code": TERM, "item": "teaching_pay", "title": "服务人员报酬", "amount": Fen(100), "payee": BY_PAY_SHEET,
    "spent_date": TODAY,
}  # fmt: skip
PROOF = {"reason": "hardship", "proof": "低保证 33-1，9月1日核对", "amount": Fen(100)}


def build(world: World) -> None:
    """Three families who pay and leave, what was spent, waivers asked for, and settlements of three past terms."""
    with context.in_school(world.school):
        clerk = world.the("clerk")
        world.keep("deputy", makers.a_user("deputy"))
        makers.a_seat(
            world.the("committee"),
            Office.TREASURER,
            guardian=makers.a_guardian(
                world.keep("treasurers_child", makers.a_pupil()), user=world.the("treasurer")
            ),
        )
        _sessions(world)
        for name in CHARGED[2:]:
            pupil = world.keep(f"{name}_child", makers.a_pupil())
            world.keep(f"{name}_parent", makers.a_user("guardian"))
            makers.a_guardian(pupil, user=world.the(f"{name}_parent"))
            an_agreement(world, name, pupil)
        actions.charge_period(plan=world.the("plan"), period="2026-09", by=clerk, now=SEPTEMBER)
        for name in CHARGED:
            _pay(world, name, 50000)
        _waivers(world)
        world.keep("payment", Transfer.objects.filter(kind=TransferKind.PAYMENT).earliest("position"))
        for name in ("drafted", "issued", "seen"):
            enrolment.exit_agreement(
                agreement=world.the(f"{name}_agreement"), reason="", by=world.the(f"{name}_parent"), now=NOW
            )
            world.keep(f"{name}_refund", Refund.objects.get(agreement=world.the(f"{name}_agreement")))
        session = makers.a_session(
            world.the("activity"), day=TODAY + timedelta(days=1), state="closed", closed_at=NOW
        )
        world.the("seen_agreement").roll.create(
            session=session, pupil=world.the("seen_child"), state="present", arrived_at=NOW
        )
        actions.issue_refund(refund=world.the("issued_refund"), by=world.the("principal"), now=NOW)
        Agreement.objects.filter(pk=world.key("ended_agreement")).update(
            state="ended", ended_at=NOW, until_date=TODAY
        )
        world.keep("asked", actions.request_expenditure(**ASKED, by=world.the("treasurer"), now=NOW))
        _unpaid_run(world)
        _settlements(world)


def _sessions(world: World) -> None:
    for day in (7, 14, 21, 28):
        makers.a_session(world.the("activity"), day=date(2026, 9, day), state="closed", closed_at=NOW)


def _pay(world: World, name: str, fen: int) -> None:
    actions.record_payment(
        agreement=world.the(f"{name}_agreement"), amount=Fen(fen), provider_key=f"wx-{name}", paid_at=SEPTEMBER,
        by=world.the("clerk"), now=SEPTEMBER, seen_owed=queries.owed_by(world.the(f"{name}_agreement")),
    )  # fmt: skip


def _waivers(world: World) -> None:
    """One that nobody asked for yet, one that waits, one that was granted."""
    clerk = world.the("clerk")
    for name, kept in (("leaving", "charge"), ("leaver", "waits_charge"), ("ended", "waived_charge")):
        world.keep(kept, Charge.objects.get(agreement=world.the(f"{name}_agreement")))
    for kept in ("waits", "waived"):
        charge = world.the(f"{kept}_charge")
        world.keep(kept, actions.request_waiver(charge=charge, **PROOF, by=clerk, now=SEPTEMBER))
    actions.grant_waiver(waiver=world.the("waived"), by=world.the("principal"), now=SEPTEMBER)


def _unpaid_run(world: World) -> None:
    run = actions.charge_period(plan=world.the("plan"), period="2026-11", by=world.the("clerk"), now=NOW)
    world.keep("run", ChargeRun.objects.get(pk=run.pk))


def _settlements(world: World) -> None:
    """Of three past terms, so that each step has one that waits for it; one has money."""
    _a_past_term(world)
    for name, term in (("preview", "2025-2026-1"), ("voted", "2024-2025-2"), ("resolved", PAST)):
        found = actions.preview_settlement(term_code=term, by=world.the("treasurer"), now=NOW)
        world.keep(f"{name}_settlement", Settlement.objects.get(pk=found.pk))
    makers.a_passed_resolution(Subject.SETTLEMENT, object_id=world.key("resolved_settlement"))
    an_open_vote(world, "vote_on_settlement", Subject.SETTLEMENT, world.key("voted_settlement"))


def _a_past_term(world: World) -> None:
    asked = makers.a_consultation(term_code=PAST)
    plan: Plan = makers.a_plan(
        term_code=PAST, consultation=asked, fee_unit=FeeUnit.MONTH, fee_fen=10000, state="published",
        first_date=date(2024, 9, 2), last_date=date(2025, 1, 10),
    )  # fmt: skip
    family = makers.an_agreement(plan=plan, school_signed_by=world.the("principal"))
    actions.charge_period(plan=plan, period="2024-10", by=world.the("clerk"), now=OCTOBER)
    actions.record_payment(
        agreement=family,
        amount=Fen(10000),
        provider_key="wx-past",
        paid_at=OCTOBER,
        by=world.the("clerk"),
        now=OCTOBER,
    )
    for month in ("2024-09", "2024-10", "2024-11", "2024-12", "2025-01"):
        actions.close_month(term_code=PAST, month=month, by=world.the("treasurer"), now=NOW)


def _doubled(world: World) -> Charge:
    """Planted by who will take it back, because verify names it: from before runs, for days that are charged already."""
    first: Charge = world.the("charge")
    with transaction.atomic():
        ledger.lock_books()
        row, is_new = Charge.objects.get_or_create(
            agreement=first.agreement, period=TERM, term_code=TERM,
            defaults={
                "first_date": first.first_date, "last_date": first.last_date, "unit": first.unit, "units": 1,
                "gross_fen": 100, "collector": first.collector, "created_at": SEPTEMBER,
            },
        )  # fmt: skip
        if is_new:
            family = accounts.family(row.agreement_id)
            posting = ledger.Posting(TransferKind.CHARGE, f"charge:{row.pk}", family, accounts.FEES, Fen(100))
            ledger.post(posting, term_code=TERM, by=world.the("clerk"), now=NOW)
    return row


def _shown(world: World) -> str:
    return runs.draft(world.the("plan"), "2026-10").digest


deed(exit_actions.correct_exit, "clerk", agreement=the("seen_agreement"))
deed(actions.charge_period, "clerk", plan=the("plan"), period="2026-10")
deed(actions.charge_period, "clerk", "as shown", plan=the("plan"), period="2026-10", shown=_shown)
deed(actions.take_back, "clerk", run=the("run"), reason="月份选错了")
deed(actions.take_back_doubled, "clerk", charge=_doubled, reason="重复")
deed(actions.request_waiver, "clerk", charge=the("charge"), **PROOF)
deed(actions.grant_waiver, "principal", waiver=the("waits"))
deed(
    actions.grant_waivers,
    "principal",
    waivers=lambda w: [w.the("waits").pk],
    shown=lambda w: offering.digest(offering.offers([w.the("waits")], w.the("principal"))),
)
deed(actions.refuse_waiver, "principal", waiver=the("waits"), reason="证明过期")
deed(actions.withdraw_waiver, "deputy", waiver=the("waived"), reason="办错了")
deed(
    actions.record_payment,
    "clerk",
    agreement=the("leaving_agreement"),
    provider_key="wx-new",
    seen_owed=lambda w: queries.owed_by(w.the("leaving_agreement")),
    **FAMILY,
)
deed(
    actions.record_payment,
    "clerk",
    "another family",
    agreement=the("leaver_agreement"),
    provider_key="wx-2",
    seen_owed=lambda w: queries.owed_by(w.the("leaver_agreement")),
    **FAMILY,
)
deed(actions.request_expenditure, "treasurer", **ASKED)
deed(actions.approve_expenditure, "principal", expenditure=the("asked"))
deed(actions.refuse_expenditure, "committee_chair", expenditure=the("asked"), reason="重复")
deed(actions.close_month, "treasurer", term_code=TERM, month="2026-09")
deed(actions.refund_exit, "treasurer", agreement=the("ended_agreement"))
deed(actions.refund_absences, "treasurer", plan=the("plan"), period="2026-09")
deed(actions.issue_refund, "principal", refund=the("drafted_refund"))
deed(
    actions.issue_refunds,
    "principal",
    refunds=lambda w: [w.the("drafted_refund")],
    shown=lambda w: sending.digest([w.the("drafted_refund")]),
)
deed(actions.confirm_refund, "clerk", refund=the("issued_refund"))
deed(actions.confirm_refunds, "clerk", refunds=lambda w: [w.the("issued_refund")])
deed(actions.fail_refund, "clerk", refund=the("issued_refund"))
deed(actions.reverse_transfer, "principal", transfer=the("payment"), reason="bounced")
deed(actions.end_service, "principal", plan=the("plan"), reason="校舍维修，服务停止")
deed(actions.preview_settlement, "treasurer", term_code="2025-2026-1")
deed(actions.propose_settlement, "treasurer", settlement=the("preview_settlement"))
deed(actions.resolve_settlement, "committee_chair", settlement=the("resolved_settlement"))
deed(committee.close_resolution, "clerk", "settlement", resolution=the("vote_on_settlement"))
deed(actions.batch_settlement, "principal", settlement=the("resolved_settlement"))

AGAIN = {
    "schools.finance.actions.expenditure.request_expenditure": "asks for more",
    "schools.finance.actions.payments.record_payment": "gives the payment with this key",
    "schools.finance.actions.payments.record_payment (another family)": "gives the payment with this key",
    "schools.finance.actions.calculations.refund_absences": "computes what is left",
    "schools.finance.actions.settlement.preview_settlement": "voids the one before",
}
