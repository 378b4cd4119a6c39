"""Pages of a plan: drafting it, and its way through the gates."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.accounts.views import UserRequest
from afterbell.kernel.dates import local_date
from afterbell.kernel.errors import Refused
from afterbell.kernel.money import Fen, format_fen
from schools.planning import actions, consultation_queries, drafting, queries
from schools.planning.forms import ActivityForm, CostLineForm, PlanForm
from schools.planning.models import Consultation, CostKind, Plan
from schools.planning.states import PlanState
from tenants.models import School
from tenants.policies import queries as policies


class PlanRequest(UserRequest):
    """Somebody who has logged in at a school."""

    school: School


@require_GET
@requires(Permission.PLAN_READ)
def plans(request: PlanRequest) -> HttpResponse:
    """All versions that the user may see."""
    context = {
        "plans": queries.in_list_order(queries.plans_for(request.user)),
        "may_draft": request.user.has(Permission.PLAN_DRAFT),
    }
    return render(request, "planning/plans.html", context)


@require_GET
@requires(Permission.PLAN_READ)
def plan(request: PlanRequest, plan_id: UUID) -> HttpResponse:
    """The plan with its costs line by line (S3), and the one next step."""
    return _plan_page(request, _plan(request, plan_id))


@requires(Permission.PLAN_DRAFT)
@require_http_methods(["GET", "POST"])
def new(request: PlanRequest, consultation_id: UUID) -> HttpResponse:
    """Out of a closed consultation with demand."""
    try:
        consultation = consultation_queries.consultation(consultation_id)
    except Consultation.DoesNotExist:
        raise Http404 from None
    form = PlanForm(request.POST or None, initial=_initial_of_term(consultation))
    if request.method == "POST" and form.is_valid():
        try:
            made = drafting.draft_plan(
                consultation=consultation,
                terms=form.terms,
                school=request.school,
                by=request.user,
                now=timezone.now(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("方案已建立，请添加活动和成本明细。"))
            return redirect("planning:plan", made.pk)
    context = {"form": form, "consultation": consultation}
    return render(request, "planning/plan_form.html", context, status=400 if form.errors else 200)


@requires(Permission.PLAN_DRAFT)
@require_http_methods(["GET", "POST"])
def change(request: PlanRequest, plan_id: UUID) -> HttpResponse:
    """Name, days, fee of a draft."""
    found = _plan(request, plan_id)
    form = PlanForm(request.POST or None, initial=_initial_of_plan(found))
    if request.method == "POST" and form.is_valid():
        try:
            drafting.change_plan(
                plan=found, terms=form.terms, school=request.school, by=request.user, now=timezone.now()
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("planning:plan", found.pk)
    context = {"form": form, "plan": found}
    return render(request, "planning/plan_form.html", context, status=400 if form.errors else 200)


@requires(Permission.PLAN_DRAFT)
@require_http_methods(["GET", "POST"])
def add_activity(request: PlanRequest, plan_id: UUID) -> HttpResponse:
    """One more activity."""
    found = _plan(request, plan_id)
    form = ActivityForm(request.POST or None, rooms=queries.rooms())
    if request.method == "POST" and form.is_valid():
        try:
            drafting.add_activity(
                plan=found, new=form.new, school=request.school, by=request.user, now=timezone.now()
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已添加。"))
            return redirect("planning:plan", found.pk)
    context = {"form": form, "plan": found, "what": _("添加活动")}
    return render(request, "planning/part_form.html", context, status=400 if form.errors else 200)


@requires(Permission.PLAN_DRAFT)
@require_http_methods(["GET", "POST"])
def add_cost_line(request: PlanRequest, plan_id: UUID) -> HttpResponse:
    """One more line of the planned cost."""
    found = _plan(request, plan_id)
    form = CostLineForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            drafting.add_cost_line(
                plan=found,
                kind=CostKind(given["kind"]),
                title=given["title"],
                amount=Fen(given["amount"]),
                school=request.school,
                by=request.user,
                now=timezone.now(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已添加。"))
            return redirect("planning:plan", found.pk)
    context = {"form": form, "plan": found, "what": _("添加成本明细")}
    return render(request, "planning/part_form.html", context, status=400 if form.errors else 200)


@require_POST
@requires(Permission.PLAN_DRAFT)
def remove(request: PlanRequest, plan_id: UUID, kind: str, part_id: UUID) -> HttpResponse:
    """An activity or a cost line out of the draft."""
    found, now = _plan(request, plan_id), timezone.now()
    if kind == "activity":
        activity = found.activities.filter(pk=part_id).first()
        if activity is None:
            raise Http404
        drafting.remove_activity(plan=found, activity=activity, by=request.user, now=now)
    else:
        line = found.cost_lines.filter(pk=part_id).first()
        if line is None:
            raise Http404
        drafting.remove_cost_line(plan=found, line=line, by=request.user, now=now)
    messages.success(request, _("已删除。"))
    return redirect("planning:plan", found.pk)


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
        found = _plan(request, plan_id)
        if request.method == "POST":
            act(request, found, timezone.now())
            messages.success(request, str(done))
            return redirect("planning:plan", found.pk)
        context = {"plan": found, "question": question, "consequence": consequence, "button": button}
        return render(request, "planning/plan_step.html", context)

    return page


def _vote(request: PlanRequest, found: Plan, now: datetime) -> None:
    actions.put_to_vote(plan=found, school=request.school, by=request.user, now=now)


def _file(request: PlanRequest, found: Plan, now: datetime) -> None:
    actions.file_plan(plan=found, school=request.school, by=request.user, now=now)


def _send_back(request: PlanRequest, found: Plan, now: datetime) -> None:
    actions.send_back(plan=found, by=request.user, now=now)


def _take_up(request: PlanRequest, found: Plan, now: datetime) -> None:
    actions.take_up_again(plan=found, by=request.user, now=now)


def _publish(request: PlanRequest, found: Plan, now: datetime) -> None:
    actions.publish_plan(plan=found, school=request.school, by=request.user, now=now)


def _end(request: PlanRequest, found: Plan, now: datetime) -> None:
    actions.end_plan(plan=found, by=request.user, now=now)


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
send_back = _step(
    (Permission.PLAN_REVIEW,),
    gettext_lazy("退回修改？"),
    gettext_lazy("方案回到草拟，家委会的决议不再适用，改好后要重新表决。"),
    gettext_lazy("退回修改"),
    gettext_lazy("已退回草拟。"),
    _send_back,
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


@require_GET
@requires(Permission.PLAN_READ)
def family_plan(request: PlanRequest) -> HttpResponse:
    """What parents read: content, time, price line by line; the published plan of the term."""
    term = queries.term_of_today(local_date(timezone.now()))
    found = queries.published_plan(term.code) if term else None
    context: dict[str, object] = {"plan": found, "term": term}
    if found:
        context |= _contents(request.school, found)
    return render(request, "planning/family_plan.html", context)


def _plan(request: PlanRequest, plan_id: UUID) -> Plan:
    try:
        return queries.plan_for(request.user, plan_id)
    except Plan.DoesNotExist:
        raise Http404 from None


def _contents(school: School, found: Plan) -> dict[str, object]:
    """What everybody who may see the plan sees of it."""
    rooms = {room.id: room for room in queries.rooms()}
    rules = policies.for_school(school, found.first_date)
    return {
        "activities": [(row, rooms.get(row.room_id)) for row in queries.activities(found)],
        "cost_lines": queries.cost_lines(found),
        "share": queries.cost_share(found, rules.policy),
        "rules": rules,
    }


def _plan_page(request: PlanRequest, found: Plan) -> HttpResponse:
    user, under_vote = request.user, queries.is_under_vote(found)
    is_draft = found.state == PlanState.DRAFT and not under_vote
    context = {
        "plan": found,
        **_contents(request.school, found),
        "resolution": queries.resolution_of(found),
        "filing": queries.last_filing(found),
        "under_vote": under_vote,
        "may_edit": is_draft and user.has(Permission.PLAN_DRAFT),
        "may_review": found.state == PlanState.RESOLVED and user.has(Permission.PLAN_REVIEW),
        "may_take_up": found.state == PlanState.RETURNED and user.has(Permission.PLAN_DRAFT),
        "may_publish": found.state == PlanState.ACCEPTED and user.has(Permission.FEE_NOTICE_PUBLISH),
        "may_end": found.state == PlanState.PUBLISHED
        and found.last_date < local_date(timezone.now())
        and user.has(Permission.PLAN_DRAFT),
    }
    return render(request, "planning/plan.html", context)


def _initial_of_term(consultation: Consultation) -> dict[str, object]:
    term = queries.term(consultation.term_code)
    return {
        "name": _("%(term)s课后服务方案") % {"term": term.name},
        "first_date": term.first_date,
        "last_date": term.last_date,
        "expected_participants": consultation.yes or None,
    }


def _initial_of_plan(found: Plan) -> dict[str, object]:
    names = ("name", "first_date", "last_date", "fee_unit", "expected_participants")
    fee = format_fen(Fen(found.fee_fen)).removeprefix("¥")
    return {name: getattr(found, name) for name in names} | {"fee": fee}
