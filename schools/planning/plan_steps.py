"""A plan's way through the gates, one page a step; each asks first, and the action behind it has the last word."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.kernel.errors import Refused
from afterbell.kernel.trying import refusal_of
from schools.planning import actions
from schools.planning.forms import SendBackForm
from schools.planning.models import Plan
from schools.planning.plan_views import PlanRequest, plan_or_404


@requires(Permission.PLAN_REVIEW)
@require_http_methods(["GET", "POST"])
def send_back(request: PlanRequest, plan_id: UUID) -> HttpResponse:
    """退回修改, with what is to be changed."""
    found = plan_or_404(request, plan_id)
    form = SendBackForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.send_back(
                plan=found, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now()
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已退回草拟。"))
            return redirect("planning:plan", found.pk)
    context = {"form": form, "plan": found}
    return render(request, "planning/plan_send_back.html", context, status=400 if form.errors else 200)


def _step(
    permissions: tuple[Permission, ...],
    question: Any,
    consequence: Any,
    button: Any,
    done: Any,
    act: Callable[..., Any],
) -> Callable[..., HttpResponseBase]:
    """A page that asks first and then does one step of a plan."""

    @requires(*permissions)
    @require_http_methods(["GET", "POST"])
    def page(request: PlanRequest, plan_id: UUID) -> HttpResponse:
        found = plan_or_404(request, plan_id)
        if request.method == "POST":
            act(request, found, timezone.now())
            messages.success(request, str(done))
            return redirect("planning:plan", found.pk)
        context = {
            "plan": found,
            "question": question,
            "consequence": consequence,
            "button": button,
            "refusal": refusal_of(lambda: act(request, found, timezone.now())),
        }
        return render(request, "planning/plan_step.html", context)

    return page


def _vote(request: PlanRequest, found: Plan, now: datetime) -> None:
    actions.put_to_vote(plan=found, school=request.school, by=request.user, now=now)


def _file(request: PlanRequest, found: Plan, now: datetime) -> None:
    actions.file_plan(plan=found, school=request.school, by=request.user, now=now)


def _take_up(request: PlanRequest, found: Plan, now: datetime) -> None:
    actions.take_up_again(plan=found, by=request.user, now=now)


def _publish(request: PlanRequest, found: Plan, now: datetime) -> None:
    actions.publish_plan(plan=found, school=request.school, by=request.user, now=now)


def _end(request: PlanRequest, found: Plan, now: datetime) -> None:
    actions.end_plan(plan=found, by=request.user, now=now)


@require_POST
@requires(Permission.PLAN_DRAFT)
def ask(request: PlanRequest, plan_id: UUID) -> HttpResponse:
    """What nobody has asked about yet is asked of somebody else."""
    found = plan_or_404(request, plan_id)
    actions.ask_about_words(plan=found, school=request.school, by=request.user, now=timezone.now())
    messages.success(request, _("已列入核对，请由另一位有权的人答复。"))
    return redirect("planning:plan", found.pk)


vote = _step(
    (Permission.PLAN_DRAFT,),
    gettext_lazy("把方案交家委会表决？"),
    gettext_lazy("委员会收到方案全文。表决结束前，方案不能修改。"),
    gettext_lazy("交家委会表决"),
    gettext_lazy("已交家委会表决。"),
    _vote,
)
file = _step(
    (Permission.PLAN_REVIEW, Permission.PLAN_FILE),
    gettext_lazy("确认已审核，并向教育局报备？"),
    gettext_lazy("您代表学校确认已审核方案的内容、时间、收费和安全安排。报送后不能修改，等待教育局答复。"),
    gettext_lazy("已审核，报送教育局"),
    gettext_lazy("已报送。教育局答复后，这里会显示结果。"),
    _file,
)
take_up = _step(
    (Permission.PLAN_DRAFT,),
    gettext_lazy("按教育局的意见修改？"),
    gettext_lazy("方案回到草拟，改好后要重新交家委会表决，再次报备。"),
    gettext_lazy("开始修改"),
    gettext_lazy("已回到草拟。"),
    _take_up,
)
publish = _step(
    (Permission.FEE_NOTICE_PUBLISH,),
    gettext_lazy("公示收费？"),
    gettext_lazy("每一位家长都会收到收费公示，校外也能看到。公示后不能修改，家长可以开始申请。"),
    gettext_lazy("公示"),
    gettext_lazy("已公示，家长可以申请了。"),
    _publish,
)
end = _step(
    (Permission.PLAN_DRAFT,),
    gettext_lazy("结束这份方案？"),
    gettext_lazy("方案的最后一天已过。结束后不再接受申请，之后可以结算。"),
    gettext_lazy("结束方案"),
    gettext_lazy("方案已结束。"),
    _end,
)
