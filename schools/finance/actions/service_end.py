"""A school ends its service before the plan's last day: a reasoned decision of its own, told to families and bureau."""

from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.audit import actions as audit
from afterbell.kernel.dates import local_date
from afterbell.kernel.errors import Refused
from afterbell.kernel.locks import locked
from schools.care import actions as care
from schools.finance import charging, ledger, not_made, publishing, runs, statements
from schools.finance.models import Charge
from schools.finance.written import WRITTEN_IN
from schools.notices.models import NoticeKind
from schools.planning import actions as planning
from schools.planning.models import Plan
from schools.planning.states import PlanState
from tenants.exchange import actions as exchange
from tenants.exchange import names
from tenants.exchange.models import EnvelopeKind

LEAST_SIGNS: Final = 5


class NotRunning(Refused):
    """Only a published plan that has days left can end early."""

    code = "finance.service_not_running"
    message = _("这份方案没有在执行，或者已经到了最后一天，不需要提前结束。")


class NoReason(Refused):
    """Families and the bureau read it."""

    code = "finance.end_needs_a_reason"
    message = _("请写明提前结束的原因（至少五个字），家长和教育局都会看到。")
    status = 400


class LessonsNotMade(Refused):
    """A fee for the term comes off by the lessons that are cancelled: those of each month have to stand in the timetable."""

    code = "finance.lessons_not_made"
    message = _(
        "这份方案按学期收费，%(months)s 的服务还没有生成；没有生成的不会取消，也就不会退费。"
        "请先在“服务场次”按方案和校历生成，再提前结束；校历还没有的月份，请市级管理员先录入。"
    )


@override(WRITTEN_IN)
def end_service(*, plan: Plan, reason: str, by: User, now: datetime) -> int:
    """Today is the last day: later lessons are cancelled, which no family pays for. Gives how many were.

    The settlement then follows as at any term's end. Raises NotRunning, NoReason, LessonsNotMade, NamesAChild.
    """
    said = statements.reason(reason)
    if len(said) < LEAST_SIGNS:
        raise NoReason
    names.refuse_children([said])
    today = local_date(now)
    with transaction.atomic():
        row = locked(plan)
        if row.state != PlanState.PUBLISHED or row.last_date <= today:
            raise NotRunning
        if missing := not_made.months(row, today):
            raise LessonsNotMade(months="、".join(map(str, missing)))
        cancelled = care.cancel_after(plan=row, after=today, reason=said, by=by, now=now)
        planning.end_plan_early(plan=row, reason=said, by=by, now=now)
        ledger.lock_books()
        _free_days(row, today)
        given = {"plan": row.name, "date": today, "reason": said}
        publishing.publish_notice(
            kind=NoticeKind.LETTER,
            title=gettext("%(plan)s提前结束") % given,
            body=gettext(
                "本校课后服务自 %(date)s 之后不再开展。原因：%(reason)s。未开展的课时不收费，学期结算时退还。"
            )
            % given,
            by=by,
            now=now,
        )
        exchange.send(
            kind=EnvelopeKind.REPORT,
            subject=gettext("%(plan)s提前结束") % given,
            payload={
                "about": "service_end",
                "about_id": str(row.pk),
                "note": gettext("最后一天 %(date)s。原因：%(reason)s。") % given,
            },
            due_at=None,
            by=by,
            now=now,
        )
        details = {"last_date": today, "cancelled": cancelled}
        audit.record(verb="finance.service.end", target=row, by=by, at=now, details=details)
    return cancelled


def _free_days(plan: Plan, last: date) -> None:
    """No charge of the plan stands for a day after its service: the term's next plan charges those (S27)."""
    rows = Charge.objects.filter(agreement__plan=plan, taken_back_at=None, last_date__gt=last)
    cut = []
    for charge in rows.exclude(covers__isempty=True).select_related("agreement").order_by("pk"):
        days = runs.until(charge, last)
        charge.covers = "empty" if days is None else charging.covers(charge.agreement.pupil_id, days)
        if days is not None:
            charge.last_date = days.last
        cut.append(charge)
    Charge.objects.bulk_update(cut, ["last_date", "covers"], batch_size=1000)
