"""A plan's way through the gates, one page a step; each asks first, and the action behind it has the last word."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.pages.steps import form_step, sent
from schools.planning import actions, steps
from schools.planning.actions import LEAST_REASON
from schools.planning.forms import SendBackForm
from schools.planning.plan_views import PlanRequest, page_of, plan_or_404
from schools.planning.refusing import TO_PLAN, refused


@requires(Permission.PLAN_REVIEW)
@require_http_methods(["GET", "POST"])
def send_back(request: PlanRequest, plan_id: UUID) -> HttpResponse:
    """退回修改, with what is to be changed."""
    found = plan_or_404(request, plan_id)
    what = _("退回修改")

    def check() -> None:
        actions.send_back(plan=found, reason="*" * LEAST_REASON, by=request.user, now=timezone.now())

    if no := refused(request, check, what=what, name=found.name, back=page_of(found)):
        return no
    form = SendBackForm(sent(request))

    def back(given: dict[str, Any], now: datetime) -> HttpResponse:
        actions.send_back(plan=found, reason=given["reason"], by=request.user, now=now)
        messages.success(request, _("已退回草拟。"))
        return redirect("planning:plan", found.pk)

    return form_step(request, form, back, "planning/plan_send_back.html", {"plan": found})


@require_POST
@requires(Permission.PLAN_DRAFT)
def ask(request: PlanRequest, plan_id: UUID) -> HttpResponse:
    """What nobody has asked about yet is asked of somebody else."""
    found = plan_or_404(request, plan_id)
    actions.ask_about_words(plan=found, school=request.school, by=request.user, now=timezone.now())
    messages.success(request, _("已列入核对，请由另一位有权的人答复。"))
    return redirect("planning:plan", found.pk)


DOOR = steps.Door(plan_or_404, "planning:plan", lambda found: [found.name], TO_PLAN)

vote = steps.step(
    DOOR, Permission.PLAN_DRAFT,
    question=gettext_lazy("把方案交家委会表决？"),
    consequence=gettext_lazy("委员会收到方案全文。表决结束前，方案不能修改。"),
    button=gettext_lazy("交家委会表决"),
    done=gettext_lazy("已交家委会表决。"),
    act=lambda request, found, now: actions.put_to_vote(
        plan=found, school=request.school, by=request.user, now=now
    ),
)  # fmt: skip
file = steps.step(
    DOOR, Permission.PLAN_REVIEW, Permission.PLAN_FILE,
    question=gettext_lazy("确认已审核，并向教育局报备？"),
    consequence=gettext_lazy("您代表学校确认已审核方案的内容、时间、收费和安全安排。报送后不能修改，等待教育局答复。"),
    button=gettext_lazy("已审核，报送教育局"),
    done=gettext_lazy("已报送。教育局答复后，这里会显示结果。"),
    act=lambda request, found, now: actions.file_plan(
        plan=found, school=request.school, by=request.user, now=now
    ),
)  # fmt: skip
take_up = steps.step(
    DOOR, Permission.PLAN_DRAFT,
    question=gettext_lazy("按教育局的意见修改？"),
    consequence=gettext_lazy("方案回到草拟，改好后要重新交家委会表决，再次报备。"),
    button=gettext_lazy("开始修改"),
    done=gettext_lazy("已回到草拟。"),
    act=lambda request, found, now: actions.take_up_again(plan=found, by=request.user, now=now),
)  # fmt: skip
publish = steps.step(
    DOOR, Permission.FEE_NOTICE_PUBLISH,
    question=gettext_lazy("公示收费？"),
    consequence=gettext_lazy("每一位家长都会收到收费公示，校外也能看到。公示后不能修改，家长可以开始申请。"),
    button=gettext_lazy("公示"),
    done=gettext_lazy("已公示，家长可以申请了。"),
    act=lambda request, found, now: actions.publish_plan(
        plan=found, school=request.school, by=request.user, now=now
    ),
)  # fmt: skip
end = steps.step(
    DOOR, Permission.PLAN_DRAFT,
    question=gettext_lazy("结束这份方案？"),
    consequence=gettext_lazy("方案的最后一天已过。结束后不再接受申请，之后可以结算。"),
    button=gettext_lazy("结束方案"),
    done=gettext_lazy("方案已结束。"),
    act=lambda request, found, now: actions.end_plan(plan=found, by=request.user, now=now),
)  # fmt: skip
