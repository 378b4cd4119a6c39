"""Reads what a term still waits for before it can be settled: lessons, absences, months, money asked for, pay (S37)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from urllib.parse import urlencode

from django.db.models import F, Max, Min, Q, Sum
from django.utils.translation import gettext as _

from afterbell.accounts.permissions import Permission
from afterbell.kernel.dates import ONE_DAY, Month
from afterbell.kernel.money import Fen, format_fen
from schools.care.models import Duty, Session
from schools.care.states import UNDONE, SessionState
from schools.finance import absences, gathering, not_charged_after, rules, uncharged
from schools.finance.models import Expenditure, Transfer, TransferKind, Waiver
from schools.finance.states import ExpenditureState, WaiverState
from schools.planning.models import CostKind, Plan
from schools.planning.queries import SERVED
from schools.planning.states import PlanState
from tenants.models import Term

OPEN = (SessionState.PLANNED, SessionState.OPEN)


class Waits(NamedTuple):
    """One thing that has to be done first, in words, and where."""

    sentence: str
    page: str
    """Name of the page on which it is done, and the right that opens it."""
    right: Permission
    query: str = ""
    """Narrows the page to just these; without it the page shows the term."""


@dataclass(frozen=True)
class Pay:
    """Pay for the hours held by contract, and staff expenditure that was booked."""

    earned: Fen
    booked: Fen

    @property
    def missing(self) -> Fen:
        return Fen(max(0, self.earned - self.booked))

    @property
    def over(self) -> Fen:
        return Fen(max(0, self.booked - self.earned))


def waits_for(term: Term, today: date) -> list[Waits]:
    """Everything that stands before the settlement, in the order in which it is done; nothing when the term is over."""
    plans = served(term)
    service = _service(term, plans, today)
    return [*service, *([] if service else _absences(term)), *_months(term, plans), *questions(term)]


def questions(term: Term) -> list[Waits]:
    """Asked for and not decided: neither a preview nor a batch is made over it; a refused one changes nothing."""
    found = []
    asked = Expenditure.objects.filter(term_code=term.code, state=ExpenditureState.REQUESTED)
    if n := asked.count():
        found.append(Waits(_("%(n)s 笔支出待审批") % {"n": n}, "finance:expenditures", Permission.BOOKS_READ))
    waivers = Waiver.objects.filter(charge__term_code=term.code, state=WaiverState.REQUESTED)
    if n := waivers.count():
        found.append(Waits(_("%(n)s 笔减免待审批") % {"n": n}, "finance:waivers", Permission.WAIVERS_DECIDE))
    return found


def said_before(term: Term, today: date) -> list[str]:
    """What a settlement makes final, for whoever prepares it and for the vote: lessons that nobody has been charged for,
    and the rest of the term."""
    found = [uncharged.of_plan(plan, min(today, plan.ended_date or plan.last_date)) for plan in served(term)]
    families, days, hours = (sum(each) for each in zip(*found, strict=True)) if found else (0, 0, 0)
    said = []
    if hours:
        told = {"families": families, "days": days, "hours": hours}
        said.append(
            _("%(families)s 户已经上过的 %(days)s 天、%(hours)s 课时没有收费。结算后不能再收，由结余承担。")
            % told
        )
    if n := len({each.charge.pk for each in not_charged_after.of_term(term.code) if each.is_free}):
        said.append(
            _(
                "%(n)s 笔应收到了封顶之后又增加了课时，还没有计入。请先再开具一次那个期间（不加收），否则退还的金额不准。"
            )
            % {"n": n}
        )
    if (paid := pay(term.code)).over:
        said.append(
            _(
                "人员报酬已列支 %(booked)s，比按已开展课时应付的 %(earned)s 多 %(over)s。请核对有没有重复列支。"
            )
            % {
                "booked": format_fen(paid.booked),
                "earned": format_fen(paid.earned),
                "over": format_fen(paid.over),
            }
        )
    if today <= term.last_date:
        ends = {"date": term.last_date}
        said.append(_("学期到 %(date)s 才结束。结算后，这个学期不能再有新的服务方案和收费。") % ends)
    return said


def served(term: Term) -> list[Plan]:
    """Plans of the term that run or have run. One query."""
    return list(Plan.objects.filter(term_code=term.code, state__in=SERVED))


def _service(term: Term, plans: Sequence[Plan], today: date) -> list[Waits]:
    found = []
    if today <= term.last_date and not plans:
        said = _("学期到 %(date)s 才结束") % {"date": term.last_date}
        found.append(Waits(said, "finance:overview", Permission.BOOKS_READ))
    running = [plan.last_date for plan in plans if plan.state == PlanState.PUBLISHED]
    if (last := max(running, default=today - ONE_DAY)) >= today:
        said = _("服务方案到 %(date)s 才结束。提前结束服务需要另作决定并写明原因。") % {"date": last}
        found.append(Waits(said, "finance:end_service", Permission.SETTLEMENT_APPROVE))
    waiting = Session.objects.filter(activity__plan__term_code=term.code, state__in=OPEN)
    row = waiting.aggregate(first=Min("date"), last=Max("date"))
    if row["first"]:
        said = _("%(n)s 节课还没有开展或取消（%(first)s 至 %(last)s）") % {"n": waiting.count(), **row}
        query = urlencode({**row, "state": UNDONE})
        found.append(Waits(said, "care:sessions", Permission.SESSIONS_READ, query))
    return found


def _absences(term: Term) -> list[Waits]:
    """Once no lesson can change them: what a family is owed for days away is not shared out among all."""
    periods = absences.periods_waiting(term.code)
    if not periods:
        return []
    named = _("、").join(_("整个学期") if period == term.code else period for period in periods)
    said = _("%(periods)s 有缺勤应退的费用还没有计算") % {"periods": named}
    return [Waits(said, "finance:refunds", Permission.REFUNDS_PREPARE)]


def _months(term: Term, plans: Sequence[Plan]) -> list[Waits]:
    """Up to the month in which the service ended, as far as there are books."""
    last = _last_month(term, plans)
    closed = gathering.closed_months(term.code)
    posted = gathering.months_with_postings(term.code)
    if not posted:
        return []
    month, found = Month.of(term.first_date), []
    while month <= last:
        if str(month) not in closed:
            found.append(
                Waits(
                    _("%(month)s 还没有月结公示") % {"month": month}, "finance:months", Permission.BOOKS_READ
                )
            )
        month = month.following()
    return found


def _last_month(term: Term, plans: Sequence[Plan]) -> Month:
    """The month in which the last plan of the term ends, or ended early."""
    return Month.of(max((plan.ended_date or plan.last_date for plan in plans), default=term.last_date))


def first_month(plans: Sequence[Plan], booked: Collection[str]) -> Month | None:
    """In which the books or the service (`served`) began; None while neither has. `booked`: months with postings."""
    known = [rules.month_named(min(booked)) if booked else None]
    known += [Month.of(min(plan.first_date for plan in plans)) if plans else None]
    return min(filter(None, known), default=None)


def is_last_month_over(term: Term, month: Month, today: date, plans: Sequence[Plan] | None = None) -> bool:
    """The last month of service may be closed before its calendar end: a term is settled in time (S37). `plans`: served."""
    plans = served(term) if plans is None else plans
    is_last = month == _last_month(term, plans) and Month.of(today) == month
    return is_last and not _service(term, plans, today)


def pay(term_code: str) -> Pay:
    """Class hours of held sessions by the contract of each person on duty; staff expenditure less what was undone."""
    held = Duty.objects.filter(
        session__activity__plan__term_code=term_code, session__state=SessionState.CLOSED
    ).aggregate(fen=Sum(F("session__planned_units") * F("clearance__contract__pay_fen")))
    staff = Transfer.objects.filter(term_code=term_code, cost_kind=CostKind.STAFF).aggregate(
        booked=Sum("amount_fen", filter=Q(kind=TransferKind.EXPENDITURE), default=0),
        undone=Sum("amount_fen", filter=Q(kind=TransferKind.REVERSAL), default=0),
    )
    return Pay(Fen(held["fen"] or 0), Fen(staff["booked"] - staff["undone"]))


def pay_sentence(found: Pay) -> str:
    """For the page and the vote."""
    return _("按已开展课时应付报酬 %(earned)s，已列支 %(booked)s，相差 %(missing)s。") % {
        "earned": format_fen(found.earned),
        "booked": format_fen(found.booked),
        "missing": format_fen(found.missing),
    }
