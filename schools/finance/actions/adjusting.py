"""What happens to a calculation when the fee that it rests on changes: it follows (S36, S37).

A waiver granted or taken back after it, hours that were added, or a corrected exit, makes another one, of the difference
(differences.py): what goes back is a part of what the family really pays. With a run that is taken back it is undone:
undone_with.py.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Sum
from django.utils.translation import gettext, override

from afterbell.accounts.models import User
from afterbell.kernel.money import Fen, format_fen
from schools.enrolment.models import Agreement
from schools.enrolment.states import AgreementState
from schools.finance import again, charged_again, refunding
from schools.finance.actions import differences
from schools.finance.actions.differences import AGAIN, Change, Credited
from schools.finance.models import (
    Calculation,
    Charge,
    RefundCause,
)
from schools.finance.owing import Room
from schools.finance.refund_rules import Case, Returned
from schools.finance.refunding import Reckoned
from schools.finance.timetable import last_day
from schools.finance.written import WRITTEN_IN
from tenants.policies.documents import RefundKind


@override(WRITTEN_IN)
def follow(credited: Credited, *, by: User, now: datetime, head: str = "") -> None:
    """After the waived parts of these charges changed, in the same transaction. Their `credited_fen` is 0 by then.

    `head` says what else they follow.
    """
    rows = Charge.objects.filter(pk__in=credited).annotate(is_looked_at=_absences_of_it())
    exits = set(
        differences.exits().filter(agreement__charges__in=credited).values_list("agreement_id", flat=True)
    )
    by_agreement: dict[UUID, list[Charge]] = defaultdict(list)
    for charge in rows.order_by("created_at", "pk"):
        is_reckoned = credited[charge.pk] or charge.again_fen or charge.is_looked_at
        if is_reckoned or charge.agreement_id in exits:
            by_agreement[charge.agreement_id].append(charge)
    agreements = Agreement.objects.filter(pk__in=by_agreement).select_related("plan").order_by("pk")
    changes = [(row, list(_changes(row, by_agreement[row.pk], credited))) for row in agreements]
    room = Room(differences.coming(changes))
    for agreement, each in changes:
        for change in each:
            differences.carry_out(agreement, change, room, head=head, by=by, now=now)


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


def _changes(agreement: Agreement, charges: Sequence[Charge], credited: Credited) -> Iterable[Change]:
    """One for an exit, which looks at all bills; else one for each period whose absences were calculated.

    What was charged again is one by itself: before an exit's, which drafts what is owed of both, and after all others.
    """
    gave = _gave_again(agreement)
    less = [_less(row, gave.get(row.period, 0)) for row in charges if row.again_fen or row.period in gave]
    credited = {row.pk: credited[row.pk] - gave.get(row.period, 0) for row in charges}
    reckoned = refunding.case_of(agreement)
    if differences.exits().filter(agreement=agreement).exists():
        yield from (each._replace(drafts=False) for each in less)
        found = reckoned.case.returned(left_on=last_day(agreement))
        yield differences.change_of(RefundCause.EXIT, "", charges, found, reckoned, credited)
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
        yield differences.change_of(RefundCause.ABSENCE, charge.period, [charge], found, own, credited)
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
    return Exists(differences.exits().filter(agreement=OuterRef("pk"), key__startswith=AGAIN))


def _only(reckoned: Reckoned, periods: set[str]) -> Reckoned:
    case, charges = reckoned
    pairs = [pair for pair in zip(case.bills, charges, strict=True) if pair[1].period in periods]
    bills = tuple(bill for bill, _charge in pairs)
    return Reckoned(_without_before(replace(case, bills=bills)), tuple(charge for _bill, charge in pairs))


def _without_before(case: Case) -> Case:
    return replace(case, before=Fen(0))
