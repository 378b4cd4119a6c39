"""Who else may take a step of the money, in words: who that is, or whom to appoint (S3)."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from schools.finance import holding, payees, rules
from schools.finance.models import Expenditure
from tenants.policies.documents import Collector

APPOINT: Final[dict[Collector, Promise]] = {
    Collector.COMMITTEE: gettext_lazy("请家长委员会改选主任或财务，由另一位家长担任"),
    Collector.SCHOOL: gettext_lazy("请先任命副组长"),
}
"""Of each holder the post that gives a second hand."""


def who_may(right: Permission, term_code: str, now: datetime) -> list[User]:
    """Those on the holder's side with the right, by name."""
    staff = User.objects.filter(is_active=True, assignments__isnull=False).distinct().order_by("name", "pk")
    return [user for user in staff if user.has(right) and holding.acts(user, term_code, now)]


def approvers(row: Expenditure, now: datetime) -> list[User]:
    """Who may approve this one: neither who asked for it nor who is paid by it."""
    term = rules.term(row.term_code)
    found = who_may(Permission.EXPENDITURE_APPROVE, row.term_code, now)
    return [user for user in found if user.pk != row.requested_by_id and not payees.is_paid(row, user, term)]


def nobody_approves(row: Expenditure, now: datetime) -> str:
    """Why nobody can approve it and what to do; empty where somebody can."""
    if approvers(row, now):
        return ""
    able = who_may(Permission.EXPENDITURE_APPROVE, row.term_code, now)
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
