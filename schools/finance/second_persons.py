"""Who else may take a step of the money, in words: who that is, or whom to appoint (S3)."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.accounts.roles import ROLES, Role
from afterbell.kernel.dates import local_date
from schools.finance import collectors, holding, payees
from schools.finance.models import Expenditure
from tenants.models import Term
from tenants.policies.documents import Collector

APPOINT: Final[dict[Collector, Promise]] = {
    Collector.COMMITTEE: gettext_lazy("请家长委员会改选主任或财务，由另一位家长担任"),
    Collector.SCHOOL: gettext_lazy("请先任命副组长"),
}
"""Of each holder the post that gives a second hand."""


def who_may(right: Permission, term_code: str, now: datetime) -> Iterator[User]:
    """Those on the holder's side with the right, by name; asked one after the other, as far as somebody wants to know."""
    holder, day = holding.of_term(term_code), local_date(now)
    staff = User.objects.filter(is_active=True, assignments__role__in=_roles_with(right))
    for user in staff.distinct().order_by("name", "pk"):
        if holder in collectors.acts_for(user, day):
            yield user


def _roles_with(right: Permission) -> list[Role]:
    return [role for role, facts in ROLES.items() if right in facts.permissions]


def approvers(row: Expenditure, term: Term, now: datetime) -> Iterator[User]:
    """Who may approve this one: neither who asked for it nor who is paid by it."""
    for user in who_may(Permission.EXPENDITURE_APPROVE, row.term_code, now):
        if user.pk != row.requested_by_id and not payees.is_paid(row, user, term):
            yield user


def nobody_approves(row: Expenditure, term: Term, now: datetime) -> str:
    """Why nobody can approve it and what to do; empty where somebody can."""
    if next(approvers(row, term, now), None) is not None:
        return ""
    able = list(who_may(Permission.EXPENDITURE_APPROVE, row.term_code, now))
    names = _names(able)
    said = _(
        "现在没有人能批准这笔支出：%(who)s是申请人或收款方，不能批准自己的。%(appoint)s，或退回后改由别人申请。"
    )
    if not able:
        said = _("现在没有人能批准这笔支出：没有在任的人有权批准。%(appoint)s。")
    return said % {"who": names, "appoint": APPOINT[holding.of_term(row.term_code)]}


def another_sends(term_code: str, but: Collection[UUID], now: datetime) -> str:
    """Who may send a refund that these have prepared, or whom to appoint."""
    able = [user for user in who_may(Permission.REFUNDS_APPROVE, term_code, now) if user.pk not in but]
    if able:
        return _("请由%(who)s发放。") % {"who": _names(able)}
    return _("现在没有另一位有权的人。%(appoint)s。") % {"appoint": APPOINT[holding.of_term(term_code)]}


def _names(users: Iterable[User]) -> str:
    return "、".join(user.name for user in users)
