"""The gates that this room keeps (settings.TERM_GATES): families are charged, the term is settled (S36, S37, S38)."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from afterbell.accounts.permissions import Permission
from afterbell.kernel.dates import local_date
from schools.finance import queries
from schools.finance.models import Charge
from schools.planning.gates import BLOCKED, DONE, NOW, OFFICE, Gate
from schools.planning.models import Plan
from tenants.models import Term


def gates(term_code: str, served: Plan | None, now: datetime) -> list[Gate]:
    """Charged once there is a published plan, and again for what came after it; settled before the term ends."""
    query = f"?term={term_code}"
    may_charge = served is not None
    is_charged = may_charge and Charge.objects.filter(term_code=term_code).exists()
    has_more = is_charged and any(each.by_a_run for each in queries.not_charged_after(term_code))
    why = _("收费之后又增加了课时，请再开具一次") if has_more else ""
    charged = Gate(
        _("收费"),
        DONE if is_charged and not has_more else NOW if may_charge else BLOCKED,
        why=why if may_charge else _("收费公示发布、协议签订之后才能收费"),
        who=OFFICE,
        url=reverse("finance:charges") + query,
        may=Permission.CHARGES_MANAGE,
    )
    return [charged, _settled(term_code, now, is_charged=is_charged)]


def _settled(term_code: str, now: datetime, *, is_charged: bool) -> Gate:
    gate, url = _("学期结算"), reverse("finance:settlement") + f"?term={term_code}"
    if not is_charged:
        return Gate(gate, BLOCKED, who=OFFICE, url=url)
    if queries.is_settled(term_code):
        return Gate(gate, DONE, who=OFFICE, url=url)
    term = Term.objects.filter(code=term_code).first()
    policy = queries.policy_or_none(term.first_date) if term is not None else None
    due = None
    if term is not None and policy is not None:
        days = policy.policy.deadlines.settlement_days_before_term_end
        due = term.last_date.fromordinal(term.last_date.toordinal() - days)
    is_late = due is not None and local_date(now) > due
    return Gate(
        gate,
        NOW,
        why=_("已过应结算日期") if is_late else "",
        who=OFFICE,
        url=url,
        due=due,
        may=Permission.SETTLEMENT_PREPARE,
    )
