"""What a corrected exit changes in the books: drafts of the old day are void, the fee is calculated by the new one (S37)."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.kernel.dates import Month, Period
from afterbell.kernel.errors import Refused
from schools.enrolment.models import Agreement
from schools.finance import charged_again, charged_before, charging, doubled, ledger, refunding, rules, runs
from schools.finance.actions import adjusting, differences, refunds_of_exits
from schools.finance.actions.closed import refuse_settled
from schools.finance.models import Calculation, Charge, Refund, RefundCause
from schools.finance.states import RefundState
from schools.finance.timetable import last_day
from schools.finance.written import WRITTEN_IN
from tenants.policies.documents import Per


class ExitOnTheWay(Refused):
    """Money that left by the old day may still come back; then it would be sent again as it was."""

    code = "finance.exit_refund_on_the_way"
    message = _("按原退出日期算的一笔退费正在发放，还没有登记到账或失败。请先登记结果，再更正退出日期。")


@override(WRITTEN_IN)
def exit_corrected(*, agreement: Agreement, by: User, now: datetime) -> None:
    """settings.AFTER_EXIT_CORRECTED, in its transaction. Nothing that was stored is changed: the difference is posted.

    What has arrived by the old day stays with the family, which then owes the lessons that it used. Raises
    ExitOnTheWay, and what `refuse_settled` raises.
    """
    with transaction.atomic():
        ledger.lock_books()
        row = Agreement.objects.select_related("plan").get(pk=agreement.pk)
        refuse_settled(row.plan.term_code)
        refunds = Refund.objects.filter(agreement=row, cause=RefundCause.EXIT)
        if refunds.filter(state=RefundState.ISSUED).exists():
            raise ExitOnTheWay
        void = refunds_of_exits.void_open(row, by=by, now=now)
        _lengthen(row)
        said = gettext("退出日期按点名册更正为 %(date)s，退费按这一天重新计算。") % {"date": last_day(row)}
        exits = Calculation.objects.filter(agreement=row, cause=RefundCause.EXIT, undone_at=None)
        if not exits.exists():
            if void:  # its run was taken back: what was paid ahead is owed whatever the day is
                differences.draft_own(row, by=by, now=now, head=said)
            return
        charges = Charge.objects.filter(agreement=row, taken_back_at=None)
        credited = dict(charges.values_list("pk", "credited_fen"))
        charges.update(credited_fen=0)
        if charged_again.is_charged_later(row):
            said += gettext("孩子再报名之后又按后一份协议收过费，重复的部分在后一份协议里减去。")
        adjusting.follow(credited, by=by, now=now, head=said)
        adjusting.follow_later(row, by=by, now=now)


def _lengthen(agreement: Agreement) -> None:
    """The days that the child used are charged, and nobody charges them again.

    Not those that another charge of the child stands for, nor any after an early end; and a charge that was made after the
    exit was for the months, or the hours, up to it: what the child used in a later month a run charges.
    """
    case, charges = refunding.case_of(agreement)
    of_child = Charge.objects.filter(
        agreement__pupil=agreement.pupil_id, term_code=agreement.plan.term_code, taken_back_at=None
    )
    twice = doubled.charges(rules.term(agreement.plan.term_code))
    beside = {pk for pair in twice for pk in (pair.first_id, pair.second_id)}
    last = last_day(agreement)
    for charge, until in zip(charges, case.kept(left_on=last), strict=True):
        kept = last if refunding.is_after_the_exit(charge, agreement) else until
        if kept is None or charge.first_date is None or (charge.covers.isempty and charge.pk in beside):
            continue
        own = runs.up_to(Period(charge.first_date, _reach(charge, agreement)), kept)
        days = None if own is None else runs.up_to(own, agreement.plan.ended_date)
        others = of_child.exclude(pk=charge.pk).order_by("created_at", "pk")
        taken = [span for other in others if (span := charged_before.days_charged(other))]
        rest = None if days is None else runs.rest_of(days, taken)
        if rest is not None:
            charge.last_date, charge.covers = rest.last, charging.covers(agreement.pupil_id, rest)
            charge.save(update_fields=["last_date", "covers"])


def _reach(charge: Charge, agreement: Agreement) -> date:
    """The last day that it could stand for: the plan's end, or of its period; of one made after the exit see above."""
    days = rules.billing(charge.period, rules.term(charge.term_code)).days
    last = max(charge.first_date or days.first, min(days.last, agreement.plan.last_date))
    if not refunding.is_after_the_exit(charge, agreement) or charge.last_date is None:
        return last
    cycles = rules.policy_on(days.first).policy.cycles
    return min(last, Month.of(charge.last_date).period.last) if Per.MONTH in cycles else last
