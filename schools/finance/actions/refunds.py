"""Refunds: computed by the policy's rule, never typed; money in flight counts as gone; two persons (S37)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.audit import actions as audit
from afterbell.kernel import states
from afterbell.kernel.dates import Month, local_date
from afterbell.kernel.errors import Refused
from afterbell.kernel.ids import uuid7
from afterbell.kernel.money import Fen, format_fen
from afterbell.outbox.actions import mark
from schools.enrolment.models import Agreement
from schools.enrolment.states import AgreementState
from schools.finance import accounts, gathering, ledger, refund_rules, refunding, rules
from schools.finance.actions.closed import SamePerson, is_settled, refuse_settled
from schools.finance.ledger import Posting
from schools.finance.models import Refund, RefundCause, Transfer, TransferKind
from schools.finance.states import REFUND_MOVES, RefundState
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


@dataclass(frozen=True)
class Computed:
    """What an exit gives back: the fee on paper, and the money; None when nothing is to be paid."""

    credit: Fen
    refund: Refund | None
    lines: tuple[str, ...]


@override(WRITTEN_IN)
def refund_exit(*, agreement: Agreement, by: User | None, now: datetime) -> Computed:
    """After a written exit: what the policy's rule gives back on all charges of the agreement.

    First it lowers what the family owes; what is then paid too much goes back. Never more than paid less refunded,
    refunds in flight counted.
    """
    if agreement.state != AgreementState.ENDED or agreement.ended_at is None:
        raise AgreementRuns
    left = local_date(agreement.ended_at)
    with transaction.atomic():
        ledger.lock_books()
        refuse_settled(agreement.plan.term_code)
        case = refunding.case_of(agreement)
        found = case.returned(left_on=left)
        key = f"exit:{agreement.pk.hex}"
        head = gettext("%(date)s 书面退出，按“%(policy)s”计算。") % {"date": left, "policy": case.policy}
        return _give_back(agreement, RefundCause.EXIT, key, found, head=head, by=by, now=now)


def after_exit(*, agreement: Agreement, by: User | None, now: datetime) -> None:
    """settings.AFTER_EXIT: the refund is computed in the exit's own transaction, where there is something to look at."""
    if agreement.charges.exists() and not is_settled(agreement.plan.term_code):
        refund_exit(agreement=agreement, by=by, now=now)


@override(WRITTEN_IN)
def refund_absences(*, plan: Plan, period: str, by: User, now: datetime) -> list[Computed]:
    """When a period is over: what the rule gives back to the families whose children were away.

    Who was looked at for the period before is left out; nothing is posted where the rule gives nothing.
    """
    billing = rules.billing(period, rules.term(plan.term_code))
    if local_date(now) <= billing.days.last:
        raise PeriodNotOver(period=period)
    computed = []
    with transaction.atomic():
        ledger.lock_books()
        refuse_settled(plan.term_code)
        for agreement, case in refunding.cases(plan, period=period):
            found = case.returned(left_on=None)
            key = f"absence:{agreement.pk.hex}:{period}"
            if not found.fen or _is_known(key):
                continue
            head = gettext("%(period)s 缺勤，按“%(policy)s”计算。") % {
                "period": period,
                "policy": case.policy,
            }
            computed.append(_give_back(agreement, RefundCause.ABSENCE, key, found, head=head, by=by, now=now))
    return computed


def issue_refund(*, refund: Refund, by: User, now: datetime) -> None:
    """Send the money: from now on it is gone. By another person than who computed it."""
    issue_refunds(refunds=[refund], by=by, now=now)


def issue_refunds(*, refunds: Sequence[Refund], by: User, now: datetime) -> None:
    """Send many at once, all or none; drafts, and failed ones again."""
    if any(by.pk == refund.prepared_by_id for refund in refunds):
        raise SamePerson
    by_term: dict[str, list[Refund]] = {}
    for refund in refunds:
        by_term.setdefault(refund.term_code, []).append(refund)
    with transaction.atomic():
        ledger.lock_books()
        for term_code, group in by_term.items():
            legs = _money_legs(group)
            _move_all(group, by=by, now=now)
            ledger.post_all(legs, term_code=term_code, by=by, now=now)
            mark(now=now, months=[str(Month.of(local_date(now)))], terms=[term_code])
            details = {"count": len(group), "total_fen": sum(each.amount_fen for each in group)}
            target = group[0] if len(group) == 1 else f"finance.term:{term_code}"
            audit.record(verb="finance.refund.issue", target=target, by=by, at=now, details=details)


def confirm_refund(*, refund: Refund, by: User, now: datetime) -> None:
    """The money has arrived."""
    with transaction.atomic():
        also = {"confirmed_at": now}
        states.move(refund, to=RefundState.CONFIRMED, moves=REFUND_MOVES, at=now, also=also)
        mark(now=now, terms=[refund.term_code])
        details = {"amount_fen": refund.amount_fen}
        audit.record(verb="finance.refund.confirm", target=refund, by=by, at=now, details=details)


def confirm_refunds(*, refunds: Sequence[Refund], by: User, now: datetime) -> int:
    """The bank says that these have arrived; what was confirmed before stays as it is."""
    with transaction.atomic():
        rows = Refund.objects.filter(pk__in=[each.pk for each in refunds], state=RefundState.ISSUED)
        terms = set(rows.values_list("term_code", flat=True).distinct())
        count = rows.update(state=RefundState.CONFIRMED, confirmed_at=now)
        if count:
            mark(now=now, terms=sorted(terms))
            target = f"finance.term:{min(terms)}"
            audit.record(
                verb="finance.refund.confirm", target=target, by=by, at=now, details={"count": count}
            )
    return count


def fail_refund(*, refund: Refund, by: User, now: datetime) -> None:
    """The bank sent it back: the posting is reversed, we owe the family again, and it can be issued anew."""
    with transaction.atomic():
        ledger.lock_books()
        states.move(refund, to=RefundState.FAILED, moves=REFUND_MOVES, at=now)
        last = Transfer.objects.filter(key__startswith=f"refund:{refund.pk}:").order_by("-position").first()
        if last is None:
            raise RuntimeError(f"refund {refund.pk} was issued without a transfer")
        made = ledger.reverse(transfer=last, by=by, now=now)
        mark(now=now, months=[made.month], terms=[refund.term_code])
        details = {"amount_fen": refund.amount_fen, "position": made.position}
        audit.record(verb="finance.refund.fail", target=refund, by=by, at=now, details=details)


def credit(agreement: Agreement, key: str, fen: Fen) -> Posting:
    """The fee is given back on paper: from now on we owe the family (accounts.py, refund 1)."""
    family = accounts.family(agreement.pk)
    return Posting(TransferKind.REFUND, f"credit:{key}", accounts.FEES, family, fen)


def _give_back(
    agreement: Agreement,
    cause: RefundCause,
    key: str,
    found: refund_rules.Returned,
    *,
    head: str,
    by: User | None,
    now: datetime,
) -> Computed:
    if _is_known(key):
        raise AlreadyComputed
    term_code = agreement.plan.term_code
    before = gathering.standings(term_code, agreement.pk).get(agreement.pk)
    given = Fen(min(found.fen, before.due)) if before is not None else Fen(0)
    if given > 0:
        ledger.post(credit(agreement, key, given), term_code=term_code, by=by, now=now)
    over = Fen(0) if before is None else Fen(before.net_paid - (before.due - given))
    refund = None
    if over > 0:
        text = "\n".join([head, *found.lines, _sum_line(found.fen, over)])
        refund = Refund.objects.create(
            id=uuid7(),
            agreement=agreement,
            term_code=term_code,
            cause=cause,
            key=key,
            amount_fen=over,
            explanation=text,
            created_at=now,
            prepared_by=by,
        )
    mark(now=now, months=[str(Month.of(local_date(now)))], terms=[term_code])
    details = {"cause": cause.value, "credit_fen": given, "amount_fen": max(over, 0)}
    target = refund or agreement
    audit.record(verb="finance.refund.compute", target=target, by=by, at=now, details=details)
    return Computed(credit=given, refund=refund, lines=found.lines)


def _sum_line(credit_fen: Fen, over: Fen) -> str:
    if credit_fen == over:
        return gettext("合计退还 %(amount)s。") % {"amount": format_fen(over)}
    return gettext("合计减免 %(credit)s，与应缴和已缴相抵后，退还 %(amount)s。") % {
        "credit": format_fen(credit_fen),
        "amount": format_fen(over),
    }


def _is_known(key: str) -> bool:
    """Refunded, or only credited because the family had not paid yet."""
    return Refund.objects.filter(key=key).exists() or Transfer.objects.filter(key=f"credit:{key}").exists()


def _move_all(refunds: Sequence[Refund], *, by: User, now: datetime) -> None:
    """Compare and set for all of them: one that somebody else has moved stops the whole."""
    for refund in refunds:
        refund.ensure_home()
        if RefundState.ISSUED not in REFUND_MOVES[refund.state]:
            raise states.MoveNotAllowed(
                before=RefundState(refund.state).label, after=RefundState.ISSUED.label
            )
    pks = [refund.pk for refund in refunds]
    movable = [state for state, after in REFUND_MOVES.items() if RefundState.ISSUED in after]
    rows = Refund.objects.filter(pk__in=pks, state__in=movable)
    if rows.update(state=RefundState.ISSUED, issued_at=now, issued_by=by) != len(set(pks)):
        raise states.StateMoved(before=RefundState.DRAFT.label)
    for refund in refunds:
        refund.state, refund.issued_at, refund.issued_by = RefundState.ISSUED, now, by


def _money_legs(refunds: Sequence[Refund]) -> list[Posting]:
    """Each issue has its own key, so that a failed refund can be sent again."""
    return [
        Posting(
            TransferKind.REFUND,
            f"refund:{refund.pk}:{_tries(refund) + 1}",
            accounts.family(refund.agreement_id),
            accounts.CASH,
            Fen(refund.amount_fen),
        )
        for refund in refunds
    ]


def _tries(refund: Refund) -> int:
    """How often it was sent before; only what failed was."""
    if refund.state != RefundState.FAILED:
        return 0
    return Transfer.objects.filter(key__startswith=f"refund:{refund.pk}:").count()
