"""Pages of an amendment: what will be another, drafting it, and its way through the gates."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.kernel.money import Fen
from afterbell.pages.steps import form_step, sent
from schools.planning import amendment_actions as actions
from schools.planning import amendment_queries, amendment_wording, cost_words, queries, steps
from schools.planning.actions import LEAST_REASON
from schools.planning.forms import ActivityForm, AmendmentNumbersForm, CostLineForm, ReasonForm, SendBackForm
from schools.planning.models import Amendment, CostKind
from schools.planning.plan_views import PlanRequest, ask_about, no_room, page_of, plan_or_404
from schools.planning.refusing import TO_AMENDMENT, refused
from schools.planning.states import AmendmentState


@requires(Permission.PLAN_DRAFT)
@require_http_methods(["GET", "POST"])
def begin(request: PlanRequest, plan_id: UUID) -> HttpResponse:
    """变更方案: why, which families will read."""
    found = plan_or_404(request, plan_id)
    what = _("变更方案")

    def check() -> None:
        actions.begin_amendment(plan=found, reason="*" * LEAST_REASON, by=request.user, now=timezone.now())

    if no := refused(request, check, what=what, name=found.name, back=page_of(found)):
        return no
    form = ReasonForm(sent(request))

    def deed(given: dict[str, Any], now: datetime) -> HttpResponse:
        made = actions.begin_amendment(plan=found, reason=given["reason"], by=request.user, now=now)
        return redirect("planning:amendment", made.pk)

    return form_step(request, form, deed, "planning/amendment_begin.html", {"plan": found})


@require_GET
@requires(Permission.PLAN_READ)
def amendment(request: PlanRequest, amendment_id: UUID) -> HttpResponse:
    """The difference field by field, and the one next step."""
    found = _amendment(request, amendment_id)
    user, under_vote = request.user, amendment_queries.is_under_vote(found)
    asked = []
    if user.has(Permission.PLAN_DRAFT) or user.has(Permission.PLAN_FILE):  # a name in it is also a pupil's
        asked = amendment_wording.asked(found, request.school)
    is_draft = found.state == AmendmentState.DRAFT and not under_vote
    may_draft = user.has(Permission.PLAN_DRAFT)
    context = {
        "amendment": found,
        "changes": amendment_queries.changes(found),
        "parts": (parts := amendment_queries.parts(found)),
        "marked": [
            (each.title, word) for each in parts.costs if (word := cost_words.planned(each.title, each.kind))
        ],
        "under_vote": under_vote,
        "doubts": asked,
        "may_ask": may_draft and any(each.question is None for each in asked),
        "may_answer": user.has(Permission.PLAN_FILE),
        "resolution": amendment_queries.resolution_of(found),
        "filing": amendment_queries.filing_of(found),
        "may_edit": is_draft and may_draft,
        "may_drop": may_draft and not under_vote and found.state in amendment_queries.DROPPABLE,
        "may_review": found.state == AmendmentState.RESOLVED and user.has(Permission.PLAN_REVIEW),
        "may_take_up": found.state == AmendmentState.RETURNED and may_draft,
        "may_publish": found.state == AmendmentState.ACCEPTED and user.has(Permission.FEE_NOTICE_PUBLISH),
    }
    return render(request, "planning/amendment.html", context)


@requires(Permission.PLAN_DRAFT)
@require_http_methods(["GET", "POST"])
def numbers(request: PlanRequest, amendment_id: UUID) -> HttpResponse:
    """Places of each activity, and the expected number."""
    found = _amendment(request, amendment_id)
    if no := _not_a_draft(request, found, _("修改名额和人数")):
        return no
    form = AmendmentNumbersForm(sent(request), content=amendment_queries.after(found))

    def change(given: dict[str, Any], now: datetime) -> None:
        actions.change_numbers(
            amendment=found, participants=given["participants"], places=form.places, by=request.user, now=now
        )

    return _form_step(request, found, form, change, _("修改名额和人数"), _("保存"))


@requires(Permission.PLAN_DRAFT)
@require_http_methods(["GET", "POST"])
def add_activity(request: PlanRequest, amendment_id: UUID) -> HttpResponse:
    """A further activity."""
    found = _amendment(request, amendment_id)
    if no := _not_a_draft(request, found, _("添加活动")):
        return no
    rooms = queries.rooms()
    form = ActivityForm(sent(request), rooms=rooms)

    def add(_given: dict[str, Any], now: datetime) -> None:
        actions.add_group(amendment=found, new=form.new, school=request.school, by=request.user, now=now)

    more = no_room(request, rooms)
    return _form_step(request, found, form, add, _("添加活动"), _("添加"), more=more)


@requires(Permission.PLAN_DRAFT)
@require_http_methods(["GET", "POST"])
def add_cost_line(request: PlanRequest, amendment_id: UUID) -> HttpResponse:
    """A line of the planned cost more."""
    found = _amendment(request, amendment_id)
    if no := _not_a_draft(request, found, _("添加成本明细")):
        return no
    form = CostLineForm(sent(request))

    def add(given: dict[str, Any], now: datetime) -> None:
        actions.add_cost(
            amendment=found, kind=CostKind(given["kind"]), title=given["title"], amount=Fen(given["amount"]),
            school=request.school, by=request.user, now=now,
        )  # fmt: skip
        ask_about(request, given["title"], given["kind"])

    return _form_step(request, found, form, add, _("添加成本明细"), _("添加"))


@require_POST
@requires(Permission.PLAN_DRAFT)
def take_out(request: PlanRequest, amendment_id: UUID, part_id: UUID) -> HttpResponse:
    """A new activity or a cost line out of the draft."""
    found = _amendment(request, amendment_id)
    actions.take_out(amendment=found, key=part_id, by=request.user, now=timezone.now())
    return redirect("planning:amendment", found.pk)


@require_POST
@requires(Permission.PLAN_DRAFT)
def ask(request: PlanRequest, amendment_id: UUID) -> HttpResponse:
    """About what came to be doubtful after it was written."""
    found = _amendment(request, amendment_id)
    actions.ask_about_words(amendment=found, school=request.school, by=request.user, now=timezone.now())
    return redirect("planning:amendment", found.pk)


@requires(Permission.PLAN_REVIEW)
@require_http_methods(["GET", "POST"])
def send_back(request: PlanRequest, amendment_id: UUID) -> HttpResponse:
    """退回修改, with what is to be changed."""
    found = _amendment(request, amendment_id)

    def check() -> None:
        actions.send_back(amendment=found, reason="*" * LEAST_REASON, by=request.user, now=timezone.now())

    if no := _refused(request, found, check, _("退回修改")):
        return no
    form = SendBackForm(sent(request))

    def back(given: dict[str, Any], now: datetime) -> None:
        actions.send_back(amendment=found, reason=given["reason"], by=request.user, now=now)

    return _form_step(request, found, form, back, _("退回修改？"), _("退回修改"), done=_("已退回草拟。"))


def _amendment(request: PlanRequest, amendment_id: UUID) -> Amendment:
    try:
        return amendment_queries.amendment_for(request.user, amendment_id)
    except Amendment.DoesNotExist:
        raise Http404 from None


def _not_a_draft(request: PlanRequest, found: Amendment, what: str) -> HttpResponse | None:
    return _refused(request, found, lambda: actions.locked_draft(found), what)


def _refused(
    request: PlanRequest, found: Amendment, check: Callable[[], object], what: str
) -> HttpResponse | None:
    back = reverse("planning:amendment", args=[found.pk])
    return refused(request, check, what=what, name=found.plan.name, back=back, to=TO_AMENDMENT)


DOOR = steps.Door(
    _amendment,
    "planning:amendment",
    lambda found: [found.plan.name, *amendment_queries.changes(found)],
    TO_AMENDMENT,
)

vote = steps.step(
    DOOR, Permission.PLAN_DRAFT,
    question=gettext_lazy("把变更交家委会表决？"),
    consequence=gettext_lazy("委员会收到变更内容。表决结束前不能改动，现行方案不变。"),
    button=gettext_lazy("交家委会表决"),
    done=gettext_lazy("已交家委会表决。"),
    act=lambda request, found, now: actions.put_to_vote(
        amendment=found, school=request.school, by=request.user, now=now
    ),
)  # fmt: skip
file = steps.step(
    DOOR, Permission.PLAN_REVIEW, Permission.PLAN_FILE,
    question=gettext_lazy("确认已审核，并向教育局报备？"),
    consequence=gettext_lazy("报送的是变更后的整份方案和变更内容。报送后不能修改，等待教育局答复。"),
    button=gettext_lazy("已审核，报送教育局"),
    done=gettext_lazy("已报送。教育局答复后，这里会显示结果。"),
    act=lambda request, found, now: actions.file_amendment(
        amendment=found, school=request.school, by=request.user, now=now
    ),
)  # fmt: skip
take_up = steps.step(
    DOOR, Permission.PLAN_DRAFT,
    question=gettext_lazy("按教育局的意见修改？"),
    consequence=gettext_lazy("变更回到草拟，改好后要重新交家委会表决，再次报备。"),
    button=gettext_lazy("开始修改"),
    done=gettext_lazy("已回到草拟。"),
    act=lambda request, found, now: actions.take_up_again(amendment=found, by=request.user, now=now),
)  # fmt: skip
drop = steps.step(
    DOOR, Permission.PLAN_DRAFT,
    question=gettext_lazy("放弃这个变更？"),
    consequence=gettext_lazy("变更不再办理，现行方案不变。以后可以重新发起。"),
    button=gettext_lazy("放弃变更"),
    done=gettext_lazy("变更已放弃。"),
    act=lambda request, found, now: actions.drop_amendment(amendment=found, by=request.user, now=now),
)  # fmt: skip
publish = steps.step(
    DOOR, Permission.FEE_NOTICE_PUBLISH,
    question=gettext_lazy("公示变更？"),
    consequence=gettext_lazy("每一位家长都会收到变更内容和新版收费公示，校外也能看到。公示后立即生效，不能撤回。"),
    button=gettext_lazy("公示变更"),
    done=gettext_lazy("变更已公示并生效。"),
    act=lambda request, found, now: actions.bring_into_force(
        amendment=found, school=request.school, by=request.user, now=now
    ),
)  # fmt: skip


def _form_step(
    request: PlanRequest,
    found: Amendment,
    form: Form,
    deed: Callable[[dict[str, Any], datetime], None],
    what: str,
    button: str,
    *,
    done: str = "",
    more: Mapping[str, object] | None = None,
) -> HttpResponse:
    """Back to the amendment afterwards."""

    def do(given: dict[str, Any], now: datetime) -> HttpResponse:
        deed(given, now)
        if done:
            messages.success(request, done)
        return redirect("planning:amendment", found.pk)

    context = {"amendment": found, "what": what, "button": button, **(more or {})}
    return form_step(request, form, do, "planning/amendment_form.html", context)
