"""What happens to a calculation when the fee that it rests on changes: it follows, or is undone with its run (S36, S37).

A waiver granted or taken back after it makes another one, of the difference: what goes back is a part of what the family
really pays. Nothing that was stored is changed: the difference has a posting of its own, below zero where less is given back
of a lower fee.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet, Sum
from django.utils.translation import gettext, override

from afterbell.accounts.models import User
from afterbell.audit import actions as audit
from afterbell.kernel.ids import uuid7
from afterbell.kernel.money import Fen, format_fen
from schools.enrolment.models import Agreement
from schools.enrolment.states import AgreementState
from schools.finance import accounts, again, charged_again, gathering, ledger, refunding
from schools.finance.actions.calculations import credit, draft_refund
from schools.finance.ledger import Posting
from schools.finance.models import (
    Account,
    Calculation,
    Charge,
    ChargeRun,
    Refund,
    RefundCause,
    Transfer,
    TransferKind,
)
from schools.finance.owing import Room, added
from schools.finance.refund_rules import Case, Returned
from schools.finance.refunding import Reckoned
from schools.finance.states import RefundState
from schools.finance.timetable import last_day
from schools.finance.written import WRITTEN_IN
from tenants.policies.documents import RefundKind

AGAIN: Final = "again:"
"""Keys of differences."""
Credited = Mapping[UUID, int]
"""By charge, what calculations had given back of it before its waiver changed."""


class Change(NamedTuple):
    """What one calculation gives more, or less, and how."""

    cause: RefundCause
    period: str
    charges: Sequence[Charge]
    found: Returned
    targets: Sequence[int]
    before: int
    drafts: bool = True
    """Not where another change of the same bill follows, which drafts for both."""

    @property
    def fen(self) -> int:
        return sum(self.targets) - self.before


@override(WRITTEN_IN)
def follow(credited: Credited, *, by: User, now: datetime, head: str = "") -> None:
    """After the waived parts of these charges changed, in the same transaction. Their `credited_fen` is 0 by then.

    `head` says what else they follow.
    """
    rows = Charge.objects.filter(pk__in=credited).annotate(is_looked_at=_absences_of_it())
    exits = set(_exits().filter(agreement__charges__in=credited).values_list("agreement_id", flat=True))
    by_agreement: dict[UUID, list[Charge]] = defaultdict(list)
    for charge in rows.order_by("created_at", "pk"):
        is_reckoned = credited[charge.pk] or charge.again_fen or charge.is_looked_at
        if is_reckoned or charge.agreement_id in exits:
            by_agreement[charge.agreement_id].append(charge)
    agreements = Agreement.objects.filter(pk__in=by_agreement).select_related("plan").order_by("pk")
    changes = [(row, list(_changes(row, by_agreement[row.pk], credited))) for row in agreements]
    room = Room(_coming(changes))
    for agreement, each in changes:
        for change in each:
            _carry_out(agreement, change, room, head=head, by=by, now=now)


def _coming(changes: Sequence[tuple[Agreement, Sequence[Change]]]) -> dict[UUID, Fen]:
    """What all of them are about to give; nothing is written. Where it is one family nobody is before it."""
    if len(changes) < 2:
        return {}
    found = {}
    for term_code in {agreement.plan.term_code for agreement, _each in changes}:
        standings = gathering.standings(term_code)
        for agreement, each in changes:
            before = standings.get(agreement.pk)
            if before is None or agreement.plan.term_code != term_code:
                continue
            paid_over, own, over = before.net_paid - before.due, 0, 0
            had = Fen(max(0, paid_over))
            for change in each:
                paid_over += change.fen
                own = max(0, paid_over)
                over += max(0, min(own, change.fen))
            is_exit = any(change.cause == RefundCause.EXIT for change in each)
            found[agreement.pk] = added(agreement, had, Fen(own)) if is_exit else Fen(over)
    return found


def _changes(agreement: Agreement, charges: Sequence[Charge], credited: Credited) -> Iterable[Change]:
    """One for an exit, which looks at all bills; else one for each period whose absences were calculated.

    What was charged again is one by itself: before an exit's, which drafts what is owed of both, and after all others.
    """
    gave = _gave_again(agreement)
    less = [_less(row, gave.get(row.period, 0)) for row in charges if row.again_fen or row.period in gave]
    credited = {row.pk: credited[row.pk] - gave.get(row.period, 0) for row in charges}
    reckoned = refunding.case_of(agreement)
    if _exits().filter(agreement=agreement).exists():
        yield from (each._replace(drafts=False) for each in less)
        found = reckoned.case.returned(left_on=last_day(agreement))
        yield _change(RefundCause.EXIT, "", charges, found, reckoned, credited)
        return
    rows = Calculation.objects.filter(agreement=agreement, cause=RefundCause.ABSENCE, undone_at=None)
    looked_at = set(rows.values_list("period", flat=True))
    spans_bills = reckoned.case.rule.kind == RefundKind.CONTINUOUS_MONTHS
    for charge in charges:
        if not credited[charge.pk] and charge.period not in looked_at:
            continue
        periods = looked_at | {charge.period} if spans_bills else {charge.period}
        own = _only(reckoned, periods)
        found = own.case.returned(left_on=None)
        yield _change(RefundCause.ABSENCE, charge.period, [charge], found, own, credited)
    yield from less


def _gave_again(agreement: Agreement) -> dict[str, int]:
    """By period, what calculations took off its charge as charged again."""
    rows = Calculation.objects.filter(agreement=agreement, cause=RefundCause.AGAIN, undone_at=None)
    return dict(rows.values_list("period").annotate(fen=Sum("credit_fen")))


def _less(charge: Charge, before: int) -> Change:
    """Of what the family pays for it now."""
    fen = again.off(charge)
    said = gettext("%(label)s：孩子再报名时按当时的退出日期多收，重复的部分按 %(fen)s 减去。") % {
        "label": charge.period,
        "fen": format_fen(fen),
    }
    return Change(RefundCause.AGAIN, charge.period, [charge], Returned(fen, (said,)), [fen], before)


def _absences_of_it() -> Exists:
    """Whether absences of a charge's period were calculated since it was made: 0.00 of a fee that was waived counts, too."""
    own = {
        "agreement": OuterRef("agreement"),
        "period": OuterRef("period"),
        "at__gte": OuterRef("created_at"),
    }
    return Exists(Calculation.objects.filter(**own, cause=RefundCause.ABSENCE, undone_at=None))


def exit_made_anew() -> Exists:
    """Of agreements, whether the exit was calculated again."""
    return Exists(_exits().filter(agreement=OuterRef("pk"), key__startswith=AGAIN))


def _exits() -> QuerySet[Calculation]:
    return Calculation.objects.filter(cause=RefundCause.EXIT, undone_at=None)


def _only(reckoned: Reckoned, periods: set[str]) -> Reckoned:
    case, charges = reckoned
    pairs = [pair for pair in zip(case.bills, charges, strict=True) if pair[1].period in periods]
    bills = tuple(bill for bill, _charge in pairs)
    return Reckoned(_without_before(replace(case, bills=bills)), tuple(charge for _bill, charge in pairs))


def _without_before(case: Case) -> Case:
    return replace(case, before=Fen(0))


def _change(
    cause: RefundCause,
    period: str,
    charges: Sequence[Charge],
    found: Returned,
    reckoned: Reckoned,
    credited: Credited,
) -> Change:
    amounts = {charge.pk: fen for charge, fen in zip(reckoned.charges, found.amounts, strict=True)}
    targets = [min(amounts.get(row.pk, 0), again.own(row).fee) for row in charges]
    return Change(cause, period, charges, found, targets, sum(credited[row.pk] for row in charges))


def _carry_out(
    agreement: Agreement, change: Change, room: Room, *, head: str = "", by: User, now: datetime
) -> None:
    """The fee follows at once; money only what the family is now owed of it, never more than paid less returned."""
    term_code = agreement.plan.term_code
    before = gathering.standings(term_code, agreement.pk)[agreement.pk]
    for charge, fen in zip(change.charges, change.targets, strict=True):
        is_again = change.cause == RefundCause.AGAIN
        charge.credited_fen = max(charge.credited_fen, fen) if is_again else fen + again.off(charge)
    Charge.objects.bulk_update(change.charges, ["credited_fen"], batch_size=1000)
    own = Fen(max(0, before.net_paid - (before.due - change.fen)))
    over = own if change.cause == RefundCause.EXIT else Fen(max(0, min(own, change.fen)))
    if change.cause == RefundCause.AGAIN:
        over = Fen(max(0, over - _owed_beside(agreement))) if change.drafts else Fen(0)
    if not (change.fen or over):
        return
    key = f"{AGAIN}{uuid7().hex}"
    if change.fen:
        ledger.post(_posting(agreement, key, change.fen), term_code=term_code, by=by, now=now)
    waits = room.waiting_lines(agreement, own, over)
    made = Calculation.objects.create(
        id=uuid7(),
        agreement=agreement,
        term_code=term_code,
        cause=change.cause,
        period=change.period,
        key=key,
        run=change.charges[0].run if change.cause == RefundCause.AGAIN else None,
        credit_fen=change.fen,
        text="\n".join([_text(change, over, head, waits=bool(waits)), *waits]),
        at=now,
        by=by,
    )
    if over and not waits:
        draft_refund(made, over, by=by, now=now)
    room.gives(agreement, own, over if not waits else Fen(0))
    details = {
        "cause": change.cause.value, "credit_fen": change.fen, "amount_fen": over, "waits": bool(waits),
    }  # fmt: skip
    audit.record(verb="finance.refund.compute", target=made, by=by, at=now, details=details)


def _owed_beside(agreement: Agreement) -> int:
    """By the child's other agreements: nothing goes back of one bill for which the other one asks."""
    rows = Account.objects.filter(
        agreement__pupil=agreement.pupil_id, term_code=agreement.plan.term_code, balance_fen__gt=0
    )
    owed: int = rows.exclude(agreement=agreement).aggregate(fen=Sum("balance_fen", default=0))["fen"]
    return owed


def _posting(agreement: Agreement, key: str, fen: int) -> Posting:
    if fen > 0:
        return credit(agreement, key, Fen(fen))
    family = accounts.family(agreement.pk)
    return Posting(TransferKind.REFUND, f"credit:{key}", family, accounts.FEES, Fen(-fen))


def _text(change: Change, over: Fen, head: str, *, waits: bool) -> str:
    if not (head or change.found.lines):
        head = gettext("%(period)s 的收费已撤回，为它减免的退费一并撤回。") % {
            "period": change.charges[0].period
        }
    if not head:
        head = gettext("减免有变动，退费按现在的应缴金额重新计算。")
    said = gettext("原已减免 %(before)s，现为 %(now)s；与应缴和已缴相抵后，另退还 %(amount)s。")
    if waits:
        said = gettext("原已减免 %(before)s，现为 %(now)s；与应缴和已缴相抵后，一共应退 %(amount)s。")
    end = said % {
        "before": format_fen(Fen(change.before)),
        "now": format_fen(Fen(sum(change.targets))),
        "amount": format_fen(over),
    }
    return "\n".join([head, *change.found.lines, end])


@override(WRITTEN_IN)
def draft_own(agreement: Agreement, *, by: User, now: datetime, head: str) -> None:
    """Of who has left, where nothing is charged: all that was paid ahead."""
    change = Change(RefundCause.EXIT, "", [], Returned(Fen(0), ()), [], 0)
    _carry_out(agreement, change, Room(), head=head, by=by, now=now)


@override(WRITTEN_IN)
def follow_later(agreement: Agreement, *, by: User, now: datetime) -> None:
    """After a corrected exit: what the child was charged for again since comes off those charges, and what they gave back
    follows."""
    head = gettext("孩子前一份协议的退出日期按点名册更正，这笔费用按更正后的日期重新计算。")
    for row, found in charged_again.of_later(agreement):
        charge = Charge.objects.get(pk=row.pk)
        before = charged_again.Again(Fen(charge.again_fen), charge.again_units, charge.again_until)
        if found == before:
            continue
        credited = {charge.pk: charge.credited_fen}
        if row.agreement.state != AgreementState.ACTIVE:
            own = Charge.objects.filter(agreement=charge.agreement_id, taken_back_at=None)
            credited = dict(own.values_list("pk", "credited_fen"))
        Charge.objects.filter(pk__in=credited).update(credited_fen=0)
        Charge.objects.filter(pk=charge.pk).update(**found.as_columns)
        follow(credited, by=by, now=now, head=head)


@override(WRITTEN_IN)
def undo_with(run: ChargeRun, *, by: User, now: datetime) -> None:
    """What a run gave back at once to who had left goes with it, in the transaction that takes it back.

    So do its period's absences, which gave of its charges alone (charges.py looks at that). A refund of what was paid
    ahead stays: without the charge the family is owed it all the more.
    """
    of_run = {"agreement__in": run.charges.values("agreement"), "period": run.period}
    Calculation.objects.filter(**of_run, cause=RefundCause.ABSENCE, undone_at=None).update(run=run)
    made = list(run.calculations.filter(undone_at=None).select_related("agreement__plan").order_by("pk"))
    keys = [f"credit:{row.key}" for row in made]
    posted = Transfer.objects.filter(key__in=keys, reversed_by__isnull=True).order_by("position")
    ledger.reverse_all(list(posted.select_related("debit", "credit")), by=by, now=now)
    beside = {}
    for row in made:
        if row.cause == RefundCause.EXIT:
            own = run.charges.filter(agreement=row.agreement_id)
            credited = sum(charge.credited_fen - again.off(charge) for charge in own)
            beside[row] = row.credit_fen - credited
    run.charges.update(credited_fen=0)
    run.calculations.update(undone_at=now)
    anew = _exits().filter(agreement__in=[row.agreement_id for row in made], key__startswith=AGAIN)
    changed = set(anew.values_list("agreement_id", flat=True))
    changes = []
    voided = Refund.objects.filter(
        agreement__in=[row.agreement_id for row in beside], state=RefundState.VOID, voided_at=run.posted_at
    )
    short = set(voided.values_list("agreement_id", flat=True))
    for row, fen in beside.items():
        if row.agreement_id in changed:
            changes.append((row.agreement, [_left_of(row.agreement, fen)]))
        else:
            _take_off(row.agreement_id, fen)
    room = Room(_coming(changes))
    head = gettext("%(period)s 的收费已撤回，退费按余下的收费重新计算。") % {"period": run.period}
    for agreement, each in changes:
        for change in each:
            _carry_out(agreement, change, room, head=head, by=by, now=now)
    for row in beside:
        if row.agreement_id in short - changed:
            draft_own(row.agreement, by=by, now=now, head=head)
    for agreement in _left_since(run).exclude(pk__in=[row.agreement_id for row in beside]):
        draft_own(agreement, by=by, now=now, head=head)


def _left_since(run: ChargeRun) -> QuerySet[Agreement]:
    """Whose exit came after the run and gave nothing back of it: one that did holds the run."""
    exits = _exits().filter(at__gte=run.posted_at, agreement__charges__run=run)
    rows = Agreement.objects.filter(pk__in=exits.values("agreement"), accounts__term_code=run.term_code)
    return rows.select_related("plan").order_by("pk")


def _left_of(agreement: Agreement, beside: int) -> Change:
    """An exit that was calculated again beside the run: what it gave for the run is no longer what the run's row says."""
    reckoned = refunding.case_of(agreement)
    standing = Charge.objects.filter(agreement=agreement, taken_back_at=None).order_by("created_at", "pk")
    charges = list(standing)
    credited = {charge.pk: charge.credited_fen - again.off(charge) for charge in charges}
    found = reckoned.case.returned(left_on=last_day(agreement))
    change = _change(RefundCause.EXIT, "", charges, found, reckoned, credited)
    return change._replace(before=change.before - beside)


def take_off_all(charge: Charge, *, by: User, now: datetime) -> None:
    """What was given back of a charge that is undone by itself is owed again, as the charge is no longer."""
    if not charge.credited_fen:
        return
    cause, period = RefundCause.ABSENCE, charge.period
    made = Calculation.objects.filter(agreement=charge.agreement_id, undone_at=None)
    if not made.filter(cause=cause, period=period).exists():
        cause, period = RefundCause.EXIT, ""
    nothing = Returned(Fen(0), ())
    change = Change(cause, period, [charge], nothing, [0], charge.credited_fen)
    _carry_out(charge.agreement, change, Room(), by=by, now=now)


def _take_off(agreement: UUID, fen: int) -> None:
    """Of the agreement's other charges, the latest first."""
    standing = Charge.objects.filter(agreement=agreement, taken_back_at=None, credited_fen__gt=0)
    for charge in standing.order_by("-created_at", "-pk"):
        part = min(fen, charge.credited_fen)
        if part > 0:
            charge.credited_fen -= part
            charge.save(update_fields=["credited_fen"])
            fen -= part
