"""What the policy's rule gives back after an exit or for absences: computed once, with its sum in words (S37)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.audit import actions as audit
from afterbell.kernel.dates import local_date
from afterbell.kernel.errors import Refused
from afterbell.kernel.ids import uuid7
from afterbell.kernel.money import Fen, format_fen
from afterbell.outbox.actions import mark
from schools.care.models import Session
from schools.enrolment.models import Agreement
from schools.enrolment.states import AgreementState
from schools.finance import (
    absences,
    accounts,
    again,
    charging,
    gathering,
    ledger,
    queries,
    refunding,
    rules,
    runs,
)
from schools.finance.actions import refunds_of_exits
from schools.finance.actions.closed import refuse_settled
from schools.finance.ending import OPEN
from schools.finance.ledger import Posting
from schools.finance.models import Calculation, Charge, ChargeRun, Refund, RefundCause, TransferKind
from schools.finance.owing import Room, added
from schools.finance.refund_rules import Returned
from schools.finance.timetable import exited_on, last_day
from schools.finance.written import WRITTEN_IN
from schools.planning.models import Plan


class AgreementRuns(Refused):
    """An exit refund follows a written exit."""

    code = "finance.agreement_runs"
    message = _("这份协议还在生效。家长书面退出、协议终止之后才能计算退费。")


class AlreadyComputed(Refused):
    """Once for one exit, once for one period's absences."""

    code = "finance.refund_already_computed"
    message = _("这项退费已经计算过，不会重复退费。")


class PeriodNotOver(Refused):
    """Absences are counted when the period is over."""

    code = "finance.period_not_over"
    message = _("%(period)s 还没有结束，结束后才能按缺勤计算退费。")


class LessonsOpen(Refused):
    """A lesson that is held or cancelled later would change what was calculated once."""

    code = "finance.lessons_open"
    message = _(
        "%(period)s 还有 %(n)s 节课没有开展或取消（%(first)s 至 %(last)s，%(where)s），处理完才能按缺勤计算退费。"
    )


@dataclass(frozen=True)
class Computed:
    """What a calculation gives back: the fee on paper, and the money; None when nothing is to be paid."""

    credit: Fen
    refund: Refund | None
    calculation: Calculation
    waits: bool = False
    """The money is drafted by the settlement, because the account has not enough for all."""

    @property
    def lines(self) -> list[str]:
        return self.calculation.text.splitlines()


class Due(NamedTuple):
    """An exit's case, computed and not given yet."""

    agreement: Agreement
    charges: Sequence[Charge]
    found: Returned
    head: str

    def coming(self, before: gathering.Standing | None) -> Fen:
        """What it is about to give, for `Room`. Nothing is written."""
        if before is None:
            return Fen(0)
        given = sum(_parts(self.charges, self.found, Fen(before.due)))
        had, own = (Fen(max(0, before.net_paid - before.due + fen)) for fen in (0, given))
        return added(self.agreement, had, own)


@override(WRITTEN_IN)
def refund_exit(*, agreement: Agreement, by: User | None, now: datetime) -> Computed:
    """After a written exit: what the policy's rule gives back on all charges of the agreement.

    First it lowers what the family owes; what is then paid too much goes back, prepayments among it. Never more than
    paid less refunded, refunds in flight counted.
    """
    with transaction.atomic():
        ledger.lock_books()
        row = Agreement.objects.select_related("plan").get(pk=agreement.pk)
        if row.state == AgreementState.ACTIVE:
            raise AgreementRuns
        refuse_settled(row.plan.term_code)
        due = _exit_of(row)
        if Calculation.objects.filter(agreement=row, cause=RefundCause.EXIT, undone_at=None).exists():
            raise AlreadyComputed
        key = f"exit:{row.pk.hex}"
        return _give_back(
            row, RefundCause.EXIT, key, due.charges, due.found, Room(), head=due.head, by=by, now=now
        )


def _exit_of(agreement: Agreement) -> Due:
    last = last_day(agreement)
    case, charges = refunding.case_of(agreement)
    head = gettext("%(date)s 是最后一天，按“%(policy)s”计算。") % {"date": last, "policy": case.policy}
    return Due(agreement, charges, case.returned(left_on=last), head)


@override(WRITTEN_IN)
def after_exits(left: Sequence[UUID], *, run: ChargeRun, by: User, now: datetime) -> None:
    """Those of a run who had left before it, in its own transaction; not who stayed to the plan's end.

    The exit is looked at once more for the run; taking the run back undoes that (undone_with). All cases are computed
    before the first one is given: where there is not enough for all, none of them is first (decision 31).
    """
    rows = Agreement.objects.filter(pk__in=left).select_related("plan").order_by("pk")
    due = [_exit_of(row) for row in rows if exited_on(row, row.plan)]
    if not due:
        return
    ledger.lock_books()
    refuse_settled(run.term_code)
    standings = gathering.standings(run.term_code)
    room = Room({each.agreement.pk: each.coming(standings.get(each.agreement.pk)) for each in due})
    for each in due:
        key = f"exit:{each.agreement.pk.hex}:{run.pk.hex}"
        _give_back(
            each.agreement, RefundCause.EXIT, key, each.charges, each.found, room,
            head=each.head, by=by, now=now, run=run,
        )  # fmt: skip


def after_exit(*, agreement: Agreement, by: User | None, now: datetime) -> None:
    """settings.AFTER_EXIT, in the exit's own transaction: the days that were charged end with it, the refund is computed."""
    with transaction.atomic():
        ledger.lock_books()
        if agreement.charges.filter(taken_back_at=None).exists():
            _cut_off(agreement)
            if not queries.is_settled(agreement.plan.term_code):
                refund_exit(agreement=agreement, by=by, now=now)


@override(WRITTEN_IN)
def refund_absences(*, plan: Plan, period: str, by: User, now: datetime) -> list[Computed]:
    """When a period is over: what the rule gives back to the families whose children were away.

    Only when each lesson of the period is closed or cancelled: calculated once, nothing may change after it. Who was
    looked at for the period before is left out. A calculation of nothing is kept where an absence can go on into the
    next period (refunding.py), and not otherwise. Raises PeriodNotOver, LessonsOpen.
    """
    billing = rules.billing(period, rules.term(plan.term_code))
    if not absences.is_over(plan, billing, local_date(now)):
        raise PeriodNotOver(period=period)
    computed = []
    with transaction.atomic():
        ledger.lock_books()
        refuse_settled(plan.term_code)
        _refuse_open_lessons(plan, billing)
        due = absences.due(plan, period)
        room = Room({each.agreement.pk: each.found.fen for each in due})
        for each in due:
            head = gettext("%(period)s 缺勤，按“%(policy)s”计算。") % {
                "period": period,
                "policy": each.case.policy,
            }
            computed.append(
                _give_back(
                    each.agreement, RefundCause.ABSENCE, each.key, each.charges, each.found, room,
                    head=head, by=by, now=now, period=period,
                )
            )  # fmt: skip
    return computed


def refund_absences_of_all(*, term_code: str, period: str, by: User, now: datetime) -> list[Computed]:
    """`refund_absences` of each plan that charged the period and has no lesson to come in it: all or none."""
    with transaction.atomic():
        ledger.lock_books()
        plans = queries.periods_over(term_code, local_date(now)).get(period, [])
        computed = [refund_absences(plan=plan, period=period, by=by, now=now) for plan in plans]
    return [each for of_plan in computed for each in of_plan]


def _refuse_open_lessons(plan: Plan, billing: rules.Billing) -> None:
    days = (billing.days.first, billing.days.last)
    rows = Session.objects.filter(activity__plan=plan, date__range=days, state__in=OPEN)
    waiting = list(rows.order_by("date", "pk").values_list("date", "activity__title"))
    if waiting:
        names = list(dict.fromkeys(name for _day, name in waiting))
        raise LessonsOpen(
            period=billing.label,
            n=len(waiting),
            first=waiting[0][0],
            last=waiting[-1][0],
            where="、".join(names[:3]) + ("…" if len(names) > 3 else ""),
        )


def credit(agreement: Agreement, key: str, fen: Fen) -> Posting:
    """A fee given back on paper."""
    family = accounts.family(agreement.pk)
    return Posting(TransferKind.REFUND, f"credit:{key}", accounts.FEES, family, fen)


def _cut_off(agreement: Agreement) -> None:
    """Days that go back are free to be charged again, should the child come back; what is kept for stays charged."""
    case, charges = refunding.case_of(agreement)
    for charge, kept in zip(charges, case.kept(left_on=last_day(agreement)), strict=True):
        days = None if kept is None else runs.until(charge, kept)
        if days is None:
            charge.covers = "empty"
        else:
            charge.last_date, charge.covers = days.last, charging.covers(agreement.pupil_id, days)
        charge.save(update_fields=["last_date", "covers"])


def _give_back(
    agreement: Agreement,
    cause: RefundCause,
    key: str,
    charges: Sequence[Charge],
    found: Returned,
    room: Room,
    *,
    head: str,
    by: User | None,
    now: datetime,
    period: str = "",
    run: ChargeRun | None = None,
) -> Computed:
    """Credit and absence are different things from what was paid ahead: absences give back what they are worth."""
    if Calculation.objects.filter(key=key).exists():
        raise AlreadyComputed
    term_code = agreement.plan.term_code
    before = gathering.standings(term_code, agreement.pk).get(agreement.pk)
    given = _credit_charges(charges, found, Fen(before.due if before else 0))
    if given:
        ledger.post(credit(agreement, key, given), term_code=term_code, by=by, now=now)
    net_paid, due = (before.net_paid, before.due - given) if before else (0, 0)
    if run is not None and net_paid < due:  # what was paid ahead is drafted, and now owed
        net_paid += refunds_of_exits.void_open(agreement, by=by, now=now)
    own = Fen(max(0, net_paid - due))
    over = Fen(min(own, given)) if cause == RefundCause.ABSENCE else own
    waits = room.waiting_lines(agreement, own, over)
    text = "\n".join([head, *found.lines, _sum_line(found.fen, given, over), *waits])
    made = Calculation.objects.create(
        id=uuid7(),
        agreement=agreement,
        term_code=term_code,
        cause=cause,
        period=period,
        key=key,
        credit_fen=given,
        text=text,
        at=now,
        by=by,
        run=run,
    )
    refund = draft_refund(made, over, by=by, now=now) if over and not waits else None
    room.gives(agreement, own, Fen(refund.amount_fen) if refund else Fen(0))
    mark(now=now, terms=[term_code])
    details = {"cause": cause.value, "credit_fen": given, "amount_fen": over, "waits": bool(waits)}
    audit.record(verb="finance.refund.compute", target=made, by=by, at=now, details=details)
    return Computed(given, refund, made, waits=bool(waits))


def _parts(charges: Sequence[Charge], found: Returned, due: Fen) -> list[Fen]:
    """What each charge can still give; all of them together what the rule gives anew, and no more than is due."""
    left = max(0, min(due, found.fen))
    parts: list[Fen] = []
    for charge, amount in zip(charges, found.amounts, strict=True):
        parts.append(Fen(max(0, min(again.left_of(charge, amount), left - sum(parts)))))
    return parts


def _credit_charges(charges: Sequence[Charge], found: Returned, due: Fen) -> Fen:
    parts = _parts(charges, found, due)
    for charge, part in zip(charges, parts, strict=True):
        if part:
            charge.credited_fen += part
            charge.save(update_fields=["credited_fen"])
    return Fen(sum(parts))


def draft_refund(made: Calculation, amount: Fen, *, by: User | None, now: datetime) -> Refund:
    return Refund.objects.create(
        id=uuid7(),
        agreement=made.agreement,
        term_code=made.term_code,
        cause=made.cause,
        key=made.key,
        amount_fen=amount,
        explanation=made.text,
        created_at=now,
        prepared_by=by,
    )


def _sum_line(ruled: Fen, credited: Fen, over: Fen) -> str:
    if ruled == credited == over:
        return gettext("合计退还 %(amount)s。") % {"amount": format_fen(over)}
    return gettext("合计减免 %(credit)s，与应缴和已缴相抵后，退还 %(amount)s。") % {
        "credit": format_fen(credited),
        "amount": format_fen(over),
    }
