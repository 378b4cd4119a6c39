"""What waits for whom: months, waivers, expenditure, refunds (settings.WAITING)."""

from datetime import datetime, time
from typing import Final

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.kernel.dates import local_date
from afterbell.kernel.waiting import Waiting
from schools.finance import holding, rules, waiving
from schools.finance.models import Account, Expenditure, Refund, Settlement
from schools.finance.queries.closing import months
from schools.finance.states import ExpenditureState, RefundState, SettlementState

PAYING: Final = (Permission.EXPENDITURE_APPROVE, Permission.SETTLEMENT_APPROVE, Permission.REFUNDS_APPROVE)


def waiting_for(user: User, now: datetime) -> list[Waiting]:
    """Months to close, what waits for approval, a settlement that was passed, refunds to issue (settings.WAITING)."""
    found: list[Waiting] = []
    if user.has(Permission.STATEMENT_CLOSE):
        found += _months_waiting(now)
    found += _waivers_waiting(user, now)
    pays = any(user.has(permission) for permission in PAYING)
    others = holding.terms_of_others(user, now) if pays else []
    if user.has(Permission.EXPENDITURE_APPROVE):
        rows = Expenditure.objects.filter(state=ExpenditureState.REQUESTED).exclude(term_code__in=others)
        asked = rows.exclude(requested_by=user).count()
        if asked:
            said = _("%(n)s 笔支出待审批") % {"n": asked}
            found.append(Waiting(said, reverse("finance:expenditures")))
    if user.has(Permission.SETTLEMENT_APPROVE):
        passed = Settlement.objects.filter(state=SettlementState.RESOLVED).exclude(previewed_by=user)
        found += [
            Waiting(
                _("结算决议已通过，请生成退费：%(term)s") % {"term": term},
                reverse("finance:settlement") + f"?term={term}",
            )
            for term in sorted(set(passed.values_list("term_code", flat=True)) - set(others))
        ]
    if user.has(Permission.REFUNDS_APPROVE):
        drafts = Refund.objects.filter(state__in=[RefundState.DRAFT, RefundState.FAILED])
        ready = drafts.exclude(term_code__in=others).exclude(prepared_by=user).count()
        if ready:
            said = _("%(n)s 笔退费待发放") % {"n": ready}
            found.append(Waiting(said, reverse("finance:refunds")))
    return found


def _waivers_waiting(user: User, now: datetime) -> list[Waiting]:
    """For who decides: what was asked; for who asked: what was refused."""
    open_ones = waiving.to_decide(user) if user.has(Permission.WAIVERS_DECIDE) else 0
    refused = waiving.refused_lately(user, now) if user.has(Permission.CHARGES_MANAGE) else 0
    found = []
    if open_ones:
        found.append(Waiting(_("%(n)s 笔减免待审批") % {"n": open_ones}, reverse("finance:waivers")))
    if refused:
        said = _("您申请的 %(n)s 笔减免未获批准") % {"n": refused}
        found.append(Waiting(said, reverse("finance:waivers") + "?state=refused"))
    return found


def _months_waiting(now: datetime) -> list[Waiting]:
    term = rules.term_of_day(local_date(now))
    if term is None or not Account.objects.filter(term_code=term.code).exists():
        return []
    return [
        Waiting(
            _("%(month)s 待月结公示") % {"month": state.line.month},
            reverse("finance:close", args=[state.line.month]) + f"?term={term.code}",
            due=timezone.make_aware(datetime.combine(state.due, time(23, 59))) if state.due else None,
        )
        for state in months(term, local_date(now))
        if state.may_close
    ]
