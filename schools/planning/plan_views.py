"""Pages of a plan: the list, the plan itself, drafting it, and what families read."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import may_open, requires
from afterbell.accounts.views import UserRequest
from afterbell.kernel.dates import local_date
from afterbell.kernel.money import Fen, format_fen
from afterbell.pages.steps import form_step, sent
from schools.planning import (
    amendment_queries,
    consultation_queries,
    cost_words,
    doubts,
    drafting,
    fees,
    queries,
)
from schools.planning.forms import ActivityForm, CostLineForm, PlanForm
from schools.planning.models import Consultation, CostKind, Plan
from schools.planning.refusing import TO_CONSULTATION, refused
from schools.planning.rules import WEEKDAYS
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
    found = queries.in_list_order(queries.plans_for(request.user))
    context = {
        "plans": [(row, _fees_by_name(row, request.school)) for row in found],
        "may_draft": request.user.has(Permission.PLAN_DRAFT),
    }
    return render(request, "planning/plans.html", context)


@require_GET
@requires(Permission.PLAN_READ)
def plan(request: PlanRequest, plan_id: UUID) -> HttpResponse:
    """The plan with its costs line by line (S3), and the one next step."""
    return _plan_page(request, plan_or_404(request, plan_id))


@requires(Permission.PLAN_DRAFT)
@require_http_methods(["GET", "POST"])
def new(request: PlanRequest, consultation_id: UUID) -> HttpResponse:
    """Out of a closed consultation with demand."""
    try:
        consultation = consultation_queries.consultation(consultation_id)
    except Consultation.DoesNotExist:
        raise Http404 from None
    initial = _initial_of_term(consultation)
    back = reverse("planning:consultation", args=[consultation.pk])

    def check() -> None:
        drafting.refuse_draft(consultation, timezone.now())

    if no := refused(
        request, check, what=_("起草方案"), name=consultation.title, back=back, to=TO_CONSULTATION
    ):
        return no
    form = _plan_form(request, queries.term(consultation.term_code).first_date, initial)

    def draft(_given: dict[str, Any], now: datetime) -> HttpResponse:
        made = drafting.draft_plan(
            consultation=consultation, terms=form.terms, school=request.school, by=request.user, now=now
        )
        messages.success(request, _("方案已建立，请添加活动和成本明细。"))
        return redirect("planning:plan", made.pk)

    return form_step(request, form, draft, "planning/plan_form.html", {"consultation": consultation})


@requires(Permission.PLAN_DRAFT)
@require_http_methods(["GET", "POST"])
def change(request: PlanRequest, plan_id: UUID) -> HttpResponse:
    """Name, days, fee of a draft."""
    found = plan_or_404(request, plan_id)
    if no := _not_a_draft(request, found, _("修改")):
        return no
    form = _plan_form(request, found.first_date, _initial_of_plan(found, request.school))

    def keep(_given: dict[str, Any], now: datetime) -> HttpResponse:
        drafting.change_plan(plan=found, terms=form.terms, school=request.school, by=request.user, now=now)
        return redirect("planning:plan", found.pk)

    return form_step(request, form, keep, "planning/plan_form.html", {"plan": found})


@requires(Permission.PLAN_DRAFT)
@require_http_methods(["GET", "POST"])
def add_activity(request: PlanRequest, plan_id: UUID) -> HttpResponse:
    """One more activity."""
    found = plan_or_404(request, plan_id)
    if no := _not_a_draft(request, found, _("添加活动")):
        return no
    rooms = queries.rooms()
    form = ActivityForm(sent(request), rooms=rooms)

    def add(_given: dict[str, Any], now: datetime) -> HttpResponse:
        drafting.add_activity(plan=found, new=form.new, school=request.school, by=request.user, now=now)
        messages.success(request, _("已添加。"))
        return redirect("planning:plan", found.pk)

    context = {"plan": found, "what": _("添加活动"), **no_room(request, rooms)}
    return form_step(request, form, add, "planning/part_form.html", context)


@requires(Permission.PLAN_DRAFT)
@require_http_methods(["GET", "POST"])
def add_cost_line(request: PlanRequest, plan_id: UUID) -> HttpResponse:
    """One more line of the planned cost."""
    found = plan_or_404(request, plan_id)
    if no := _not_a_draft(request, found, _("添加成本明细")):
        return no
    form = CostLineForm(sent(request))

    def add(given: dict[str, Any], now: datetime) -> HttpResponse:
        drafting.add_cost_line(
            plan=found, kind=CostKind(given["kind"]), title=given["title"], amount=Fen(given["amount"]),
            school=request.school, by=request.user, now=now,
        )  # fmt: skip
        messages.success(request, _("已添加。"))
        ask_about(request, given["title"], given["kind"])
        return redirect("planning:plan", found.pk)

    context = {"plan": found, "what": _("添加成本明细")}
    return form_step(request, form, add, "planning/part_form.html", context)


@require_POST
@requires(Permission.PLAN_DRAFT)
def remove(request: PlanRequest, plan_id: UUID, kind: str, part_id: UUID) -> HttpResponse:
    """An activity or a cost line out of the draft."""
    found, now = plan_or_404(request, plan_id), timezone.now()
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


@require_GET
@requires(Permission.PLAN_READ)
def family_plan(request: PlanRequest) -> HttpResponse:
    """What parents read: content, time, price line by line; the published plan of the term."""
    term = queries.term_of_today(local_date(timezone.now()))
    found = queries.published_plan(term.code) if term else None
    context: dict[str, object] = {"plan": found, "term": term}
    if found:
        context |= _contents(request.school, found)
        context["apply_url"] = _apply_url(request, found)
    return render(request, "planning/family_plan.html", context)


def _apply_url(request: PlanRequest, found: Plan) -> str:
    """Where a parent applies, while the plan lasts; empty for who has no child here."""
    address = reverse("enrolment:apply")
    is_open = found.last_date >= local_date(timezone.now())
    return address if is_open and may_open(request.user, address) else ""


def no_room(request: PlanRequest, rooms: list[queries.Room]) -> dict[str, object]:
    """For a form without a room to choose: where rooms are made, for those whom that page lets in."""
    address = reverse("care:new_room")
    return {"no_room": not rooms, "rooms_url": address if may_open(request.user, address) else ""}


def ask_about(request: PlanRequest, title: str, kind: str) -> None:
    """Words of a cost line that somebody should look at once more: said at once, and marked for who reviews the plan."""
    if word := cost_words.planned(title, kind):
        said = _(
            "名称中有“%(word)s”：场地、设施和水电由学校无偿提供，不得擅自与机构合作收费，费用只用于服务本身。请核对；审核的人和教育局也会看到。"
        )
        messages.warning(request, said % {"word": word})


def page_of(found: Plan) -> str:
    """The way back from what is about the plan."""
    return reverse("planning:plan", args=[found.pk])


def _not_a_draft(request: PlanRequest, found: Plan, what: str) -> HttpResponse | None:
    return refused(
        request,
        lambda: drafting.locked_draft(found, now=timezone.now()),
        what=what,
        name=found.name,
        back=page_of(found),
    )


def plan_or_404(request: PlanRequest, plan_id: UUID) -> Plan:
    try:
        return queries.plan_for(request.user, plan_id)
    except Plan.DoesNotExist:
        raise Http404 from None


def _contents(school: School, found: Plan, *, marks: bool = False) -> dict[str, object]:
    """What everybody who may see the plan sees of it; `marks`: with what is asked about in a cost line's title."""
    rooms = {room.id: room for room in queries.rooms()}
    rules = policies.for_school(school, found.first_date)
    setting = queries.setting(found, rules.policy, school)
    return {
        "fees": queries.fees_in_words(found, rules.policy, school),
        "activities": [
            (row, rooms.get(row.room_id), WEEKDAYS[row.weekday]) for row in queries.activities(found)
        ],
        "cost_lines": [
            (line, cost_words.planned(line.title, line.kind) if marks else "")
            for line in queries.cost_lines(found)
        ],
        "share": queries.cost_share(found, setting),
        "rules": rules,
    }


def _plan_page(request: PlanRequest, found: Plan) -> HttpResponse:
    user, under_vote = request.user, queries.is_under_vote(found)
    policy = policies.for_school(request.school, found.first_date).policy
    asked = []
    if user.has(Permission.PLAN_DRAFT) or user.has(Permission.PLAN_FILE):  # a name in it is also a pupil's
        asked = doubts.asked(found, policy=policy, school=request.school)
    is_draft = found.state == PlanState.DRAFT and not under_vote
    looks = {Permission.PLAN_DRAFT, Permission.PLAN_REVIEW, Permission.PLAN_FILE, Permission.RESOLUTIONS_VOTE}
    contents = _contents(request.school, found, marks=any(map(user.has, looks)))
    context = {
        "plan": found,
        **contents,
        "resolution": queries.resolution_of(found),
        "filing": queries.last_filing(found),
        "under_vote": under_vote,
        "doubts": asked,
        "may_ask": user.has(Permission.PLAN_DRAFT) and any(each.question is None for each in asked),
        "may_answer": user.has(Permission.PLAN_FILE),
        "may_edit": is_draft and user.has(Permission.PLAN_DRAFT),
        "may_vote": bool(contents["activities"] and contents["cost_lines"]),
        "may_review": found.state == PlanState.RESOLVED and user.has(Permission.PLAN_REVIEW),
        "may_take_up": found.state == PlanState.RETURNED and user.has(Permission.PLAN_DRAFT),
        "may_publish": found.state == PlanState.ACCEPTED and user.has(Permission.FEE_NOTICE_PUBLISH),
        "amendments": (amendments := amendment_queries.of_plan(user, found)),
        "may_amend": found.state == PlanState.PUBLISHED
        and found.last_date >= local_date(timezone.now())
        and user.has(Permission.PLAN_DRAFT)
        and not any(row.state in amendment_queries.UNDER_WAY for row in amendments),
        "may_end": found.state == PlanState.PUBLISHED
        and found.last_date < local_date(timezone.now())
        and user.has(Permission.PLAN_DRAFT),
    }
    return render(request, "planning/plan.html", context)


def _initial_of_term(consultation: Consultation) -> dict[str, object]:
    term = queries.term(consultation.term_code)
    return {
        "name": _("%(term)s课后服务方案") % {"term": term.name},
        "first_date": max(term.first_date, min(timezone.localdate(), term.last_date)),
        "last_date": term.last_date,
        "expected_participants": consultation.yes or None,
    }


def _initial_of_plan(found: Plan, school: School) -> dict[str, object]:
    names = ("name", "first_date", "last_date", "fee_unit", "expected_participants")
    later = {
        f"fee_{grades[0]}": _typed(fees.fee_of(found, grades[0]).fee_fen)
        for grades in _groups(school, found.first_date)[1:]
    }
    return {name: getattr(found, name) for name in names} | {"fee": _typed(Fen(found.fee_fen))} | later


def _typed(fee: Fen) -> str:
    return format_fen(fee).removeprefix("¥")


def _plan_form(request: PlanRequest, day: date, initial: dict[str, object]) -> PlanForm:
    school = request.school
    return PlanForm(sent(request), initial=initial, groups=_groups(school, day), stage=school.stage)


def _groups(school: School, day: date) -> list[range]:
    """While nobody has said which rules apply, the stages alone tell the grades apart; the action refuses then."""
    try:
        policy = policies.for_school(school, day).policy
    except policies.NoPolicyInForce:
        policy = None
    return fees.groups(policy, school)


def _fees_by_name(found: Plan, school: School) -> list[tuple[str, Fen]]:
    asked = fees.standards(found, school.stage)
    return [(fees.name_of(standard.grades, school.stage), standard.fee) for standard in asked]
