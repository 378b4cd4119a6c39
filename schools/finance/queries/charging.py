"""Reads of what families were charged: charges, runs, periods."""

from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from afterbell.kernel.dates import Month
from schools.finance import absences, doubled, not_made, rules
from schools.finance import not_charged_after as not_charged
from schools.finance.models import Charge, ChargeRun
from schools.finance.not_charged_after import LaterHours
from schools.planning.models import Plan
from tenants.models import Term


def charges(term_code: str) -> QuerySet[Charge]:
    """With the child."""
    return Charge.objects.filter(term_code=term_code).select_related("agreement__pupil__school_class")


def doubled_charges(term: Term) -> list[Charge]:
    """Of each pair for the same days those from before runs, which can be taken back one by one. Two queries."""
    pairs = doubled.charges(term)
    rows = charges(term.code).filter(pk__in={pk for pair in pairs for pk in pair[1:]}, run=None)
    return list(rows.order_by("agreement__number", "period", "pk"))


def runs(term_code: str) -> QuerySet[ChargeRun]:
    """The latest first."""
    return (
        ChargeRun.objects.filter(term_code=term_code)
        .select_related("posted_by")
        .order_by("-posted_at", "-pk")
    )


def run(run_id: UUID) -> ChargeRun:
    """Raises ChargeRun.DoesNotExist."""
    return ChargeRun.objects.select_related("posted_by").get(pk=run_id)


def charge(charge_id: UUID) -> Charge:
    """Raises Charge.DoesNotExist."""
    return Charge.objects.select_related("agreement__pupil__school_class", "agreement__plan").get(
        pk=charge_id
    )


def hardship_without_waiver(term_code: str) -> int:
    """Charges of children in hardship that nobody has waived: to be looked at."""
    rows = Charge.objects.filter(term_code=term_code, taken_back_at=None, waived_fen=0, gross_fen__gt=0)
    return rows.filter(agreement__pupil__is_hardship=True).count()


def not_charged_after(term_code: str) -> list[LaterHours]:
    """Class hours that came after their period was charged; none once the term is settled."""
    return not_charged.of_term(term_code)


def months_not_made(plan: Plan, period: str) -> list[Month]:
    """Months of the period whose lessons nobody has made yet, where the fee is by the class hour; none of nonsense."""
    try:
        days = rules.billing(period, rules.term(plan.term_code)).days
    except rules.PeriodOutsideTerm:
        return []
    return not_made.of_period(plan, days)


def periods_over(term_code: str, today: date) -> dict[str, list[Plan]]:
    """Periods that were charged and have no lesson to come, the latest first, with the plans that charged them.

    Absences in them can be looked at: also before the calendar's end, where the service ended early.
    """
    rows = Charge.objects.filter(term_code=term_code, taken_back_at=None).order_by("-period")
    charged = list(rows.values_list("period", "agreement__plan_id").distinct())
    plans = Plan.objects.in_bulk({plan_id for _label, plan_id in charged})
    term, found = rules.term(term_code), dict[str, list[Plan]]()
    for label, plan_id in charged:
        if absences.is_over(plans[plan_id], rules.billing(label, term), today):
            found.setdefault(label, []).append(plans[plan_id])
    return found
