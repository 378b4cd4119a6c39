"""Charging families by the published fee notice, and taking a run back as a whole (S27, S36)."""

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.audit import actions as audit
from afterbell.kernel import copying, locks
from afterbell.kernel.errors import Refused
from afterbell.kernel.ids import uuid7
from schools.finance import accounts, charging, ledger, runs, statements
from schools.finance.actions import added_hours, undone_with
from schools.finance.actions.calculations import after_exits
from schools.finance.actions.closed import refuse_settled
from schools.finance.actions.run_holders import holders
from schools.finance.ledger import Posting
from schools.finance.lines import Line
from schools.finance.models import Charge, ChargeRun, Transfer, TransferKind, Waiver
from schools.planning.models import Plan


class AlreadyCharged(Refused):
    """The same click twice, or the same days under another label: nobody is charged twice."""

    code = "finance.already_charged"
    message = _("“%(period)s”的这些日子，%(count)s 户都已收过费，没有重复收费。")


class NobodyToCharge(Refused):
    """No agreement runs in the period."""

    code = "finance.nobody_to_charge"
    message = _("“%(period)s”没有生效的托管协议，没有可以收费的家庭。")


class PreviewMoved(Refused):
    """Families, sums or waivers have changed since the page was shown."""

    code = "finance.preview_moved"
    message = _("预览之后名单或金额有变动，没有收费。请核对新的预览后再确认。")


class AlreadyTakenBack(Refused):
    """Once."""

    code = "finance.run_already_taken_back"
    message = _("这次收费已经撤回过。")


class MoneyCame(Refused):
    """What has been paid is given back by a refund, not by making the charge undone."""

    code = "finance.run_was_paid"
    message = _(
        "已有 %(count)s 户缴了这次的费用或办理了退费、减免，不能整批撤回（%(why)s）。多收的请按退费办理。"
    )


class NoReason(Refused):
    """Whoever takes back says why."""

    code = "finance.take_back_needs_a_reason"
    message = _("请写明撤回的原因。")
    status = 400


CHARGE: Final = (
    "id", "run_id", "agreement_id", "term_code", "period", "first_date", "last_date", "covers", "unit", "units",
    "fee_fen", "gross_fen", "waived_fen", "waiver_reason", "credited_fen", "cap_fen", "collector", "created_at",
    "taken_back_reason", "again_fen", "again_units",
)  # fmt: skip


def charge_period(
    *,
    plan: Plan,
    period: str,
    by: User,
    now: datetime,
    agreements: Collection[UUID] | None = None,
    shown: str | None = None,
) -> ChargeRun:
    """Charge the agreements of a plan for a month (2026-09) or the whole term (its code), all or none.

    Who has left by now is charged as before the exit: the policy's rule gives back at once.

    `shown` is the digest of the preview that the person said yes to (runs.Draft.digest): another one is refused.
    Who was charged for these days before is left out, but for class hours that came after it: they are added to that charge
    (added_hours.py). Raises AlreadyCharged, NobodyToCharge, PreviewMoved, and what
    runs.draft raises.
    """
    with transaction.atomic():
        plan = locks.locked(plan)  # whoever gives a place or makes lessons meanwhile comes after this run
        now = plan.next_moment(now)
        ledger.lock_books()
        decided = Waiver.objects.filter(charge__agreement__plan=plan).aggregate(last=Max("decided_at"))[
            "last"
        ]
        now = max(now, decided or now)  # one that it has read comes before it
        refuse_settled(plan.term_code)
        draft = runs.draft(plan, period, only=agreements, at=now)
        if not draft.families:
            raise (
                AlreadyCharged(period=period, count=draft.charged_before)
                if draft.charged_before
                else NobodyToCharge(period=period)
            )
        if shown is not None and shown != draft.digest:
            raise PreviewMoved
        run = ChargeRun.objects.create(
            id=uuid7(),
            plan=plan,
            term_code=plan.term_code,
            period=draft.billing.label,
            families=draft.families,
            total_fen=draft.total,
            preview_sha256=draft.digest,
            posted_at=now,
            posted_by=by,
        )
        charged = [(uuid7(), line) for line in draft.lines]
        copying.tuples(Charge, CHARGE, (_row(pk, line, draft, run, now) for pk, line in charged))
        postings = [posting for pk, line in charged for posting in _postings(pk, line)]
        more, credited = added_hours.charge_more(run, draft.more, now=now)
        ledger.post_all([*postings, *more], term_code=plan.term_code, by=by, now=now)
        details = {
            "period": run.period,
            "count": run.families,
            "total_fen": run.total_fen,
            "left_out": draft.charged_before,
        }
        after_exits(
            [line.agreement.pk for line in draft.lines if line.agreement.has_left], run=run, by=by, now=now
        )
        added_hours.follow(run, credited, by=by, now=now)
        Plan.objects.filter(pk=plan.pk).update(last_moment=now)
        audit.record(verb="finance.charges.post", target=run, by=by, at=now, details=details)
    return run


def take_back(*, run: ChargeRun, reason: str, by: User, now: datetime) -> None:
    """Undo a whole run by reversals, while nobody has paid for it; its days can be charged again.

    What it added to earlier charges comes off them. What it gave back at once to who had left before goes with it, and so do
    absences that were calculated for it. Who has left since and got nothing back is owed what was paid ahead.

    Raises NoReason, AlreadyTakenBack, MoneyCame, TermSettled.
    """
    said = statements.reason(reason)
    if not said:
        raise NoReason
    with transaction.atomic():
        ledger.lock_books()
        run = ChargeRun.objects.get(pk=run.pk)
        refuse_settled(run.term_code)
        if run.taken_back_at is not None:
            raise AlreadyTakenBack
        _refuse_paid(run)
        charges = list(run.charges.order_by("pk"))
        keys = [f"{kind}:{charge.pk}" for charge in charges for kind in ("charge", "waiver")]
        posted = Transfer.objects.filter(key__among=keys, reversed_by__isnull=True).order_by("position")
        ledger.reverse_all(list(posted.select_related("debit", "credit")), by=by, now=now)
        run.charges.update(taken_back_at=now, covers="empty")
        credited = added_hours.take_off(run, by=by, now=now)
        undone_with.undo_with(run, by=by, now=now)
        added_hours.follow(run, credited, by=by, now=now)
        ChargeRun.objects.filter(pk=run.pk).update(
            taken_back_at=now, taken_back_by=by, taken_back_reason=said
        )
        details = {"period": run.period, "count": run.families, "total_fen": run.total_fen}
        audit.record(verb="finance.charges.take_back", target=run, by=by, at=now, details=details)


def _refuse_paid(run: ChargeRun) -> None:
    touched = holders(run)
    if touched.count:
        raise MoneyCame(count=touched.count, why=touched.why)


def _row(pk: UUID, line: Line, draft: runs.Draft, run: ChargeRun, now: datetime) -> tuple[object, ...]:
    """In the order of CHARGE."""
    days = runs.up_to(line.days, draft.plan.ended_date) or line.days
    covers = charging.covers(line.agreement.pupil_id, days)
    return (
        pk, run.pk, line.agreement.pk, run.term_code, run.period, days.first, days.last, str(covers),
        draft.plan.fee_unit, line.units, line.fee, line.gross, line.waived, line.waiver_reason, 0, line.cap,
        draft.plan.collector, now, "", 0, 0,
    )  # fmt: skip


def _postings(pk: UUID, line: Line) -> list[Posting]:
    if not line.gross:
        return []
    family = accounts.family(line.agreement.pk)
    made = Posting(TransferKind.CHARGE, f"charge:{pk}", family, accounts.FEES, line.gross)
    taken_back = Posting(TransferKind.WAIVER, f"waiver:{pk}", accounts.FEES, family, line.waived)
    return [made, taken_back] if line.waived else [made]
