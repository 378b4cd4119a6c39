"""Pages of staff: the list, one person, renewals, and the steps from a proposal to a contract and its end."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.accounts.views import UserRequest
from afterbell.kernel.errors import Refused
from afterbell.pages.documents import render_pdf
from afterbell.pages.tables import shown
from schools.committee import actions as committee_actions
from schools.committee import queries as committee
from schools.committee.models import Subject
from schools.people import word_actions, word_queries
from schools.staffing import actions, clearance_actions, next_steps, queries
from schools.staffing.forms import CandidateForm, CheckForm, ContractForm, DismissalForm, StaffFilter
from schools.staffing.models import Candidate, CheckKind, Contract
from schools.staffing.states import CandidateState, ContractState
from schools.staffing.tables import ExpiringTable, StaffTable
from tenants.middleware import SchoolRequest
from tenants.policies import queries as policies
from tenants.policies.documents import Policy


class DeskRequest(UserRequest, SchoolRequest):
    """Somebody who has logged in at a school."""


@require_GET
@requires(Permission.STAFFING_READ)
def people(request: DeskRequest) -> HttpResponse:
    """Everybody with the standing of today; filters, sorting and pages in the address."""
    form = StaffFilter(request.GET)
    chosen = form.cleaned_data if form.is_valid() else {}
    context = {
        "filter": form,
        "table": shown(StaffTable(queries.candidates(today=timezone.localdate(), **chosen)), request),
        "may_propose": request.user.has(Permission.STAFFING_MANAGE),
    }
    return render(request, "staffing/people.html", context)


@require_GET
@requires(Permission.STAFFING_READ)
def renewals(request: DeskRequest) -> HttpResponse:
    """Checks and contracts that run out soon."""
    table = shown(ExpiringTable(queries.expiring(today=timezone.localdate())), request)
    return render(request, "staffing/renewals.html", {"table": table})


@require_GET
@requires(Permission.STAFFING_READ)
def person(request: DeskRequest, candidate_id: UUID) -> HttpResponse:
    """One person: what was checked, which contracts, what comes next."""
    candidate = _candidate(candidate_id)
    policy = _policy(request)
    contracts = list(candidate.contracts.all())
    active = next((contract for contract in contracts if contract.state == ContractState.ACTIVE), None)
    decision, is_proposed = queries.decision_for(candidate), candidate.state == CandidateState.PROPOSED
    decided = candidate.state == CandidateState.APPROVED and decision is not None
    today = timezone.localdate()
    is_used = bool(contracts) and not decided and candidate.state != CandidateState.REFUSED
    if active is not None and active.until_date > today + queries.SOON:  # nobody asks about a renewal yet
        is_used = False
    missing = queries.gaps(candidate, policy, today=today)
    may, voting = request.user.has, committee.open_resolution(Subject.HIRE, candidate.pk)
    wants_vote = is_used or (is_proposed and decision is None)
    wants_contract = next_steps.may_be_signed(
        decided=decided, until=active.until_date if active else None, today=today
    )
    context = {
        "candidate": candidate,
        "checks": candidate.checks.all(),
        "contracts": contracts,
        "active": active,
        "clearance": getattr(active, "clearance", None) if active else None,
        "gaps": [(CheckKind(gap.kind).label, gap.reason) for gap in missing],
        "may_check": may(Permission.STAFFING_CHECK) and candidate.state != CandidateState.REFUSED,
        "is_used": is_used,
        "may_ask": may(Permission.MEETINGS_HOLD) and wants_vote,
        "voting": voting,
        "next": next_steps.of(
            candidate,
            request.user,
            has_gaps=bool(missing),
            wants_vote=wants_vote and not voting,
            wants_contract=wants_contract,
        ),
        "asked": word_queries.asked(queries.doubts_about(candidate)),
        "may_answer": may(Permission.PLAN_FILE),
        "may_decide": may(Permission.STAFFING_DECIDE),
        "may_approve": may(Permission.STAFFING_DECIDE) and is_proposed and decision is not None,
        "may_sign": may(Permission.STAFFING_DECIDE) and wants_contract,
    }
    return render(request, "staffing/person.html", context)


@requires(Permission.STAFFING_MANAGE)
@require_http_methods(["GET", "POST"])
def propose(request: DeskRequest) -> HttpResponse:
    """S16: one of three kinds of people."""
    form = CandidateForm(request.POST or None)

    def act() -> Candidate:
        return actions.propose_candidate(**form.cleaned_data, by=request.user, now=timezone.now())

    made = _try(form, act, field="phone")
    if made is not None:
        messages.success(request, _("已登记应聘人。核查和家长委员会表决都通过后才能聘用，由谁办理写在下面。"))
        return redirect("staffing:person", made.pk)
    return _form_page(request, form, _("登记应聘人"), _("登记"))


@requires(Permission.STAFFING_CHECK)
@require_http_methods(["GET", "POST"])
def check(request: DeskRequest, candidate_id: UUID) -> HttpResponse:
    """S17."""
    candidate, policy = _candidate(candidate_id), _policy(request)
    form = CheckForm(request.POST or None, candidate=candidate, policy=policy)

    def act() -> object:
        now = timezone.now()
        given = {key: value for key, value in form.cleaned_data.items() if key != "consented"}
        consent = now if form.cleaned_data["consented"] else None
        return actions.record_check(
            candidate=candidate, policy=policy, consent_at=consent, by=request.user, now=now, **given
        )

    if _try(form, act, field="checked_date") is not None:
        messages.success(request, _("核查结果已登记。"))
        return redirect("staffing:person", candidate.pk)
    return _form_page(request, form, _("登记核查结果"), _("登记"), candidate=candidate)


@require_POST
@requires(Permission.MEETINGS_HOLD)
def ask(request: DeskRequest, candidate_id: UUID) -> HttpResponse:
    """Put the hiring to the committee's vote (S16)."""
    candidate, school_committee = _candidate(candidate_id), committee.school_committee()
    if school_committee is None:
        messages.warning(request, _("学校还没有校级家长委员会，请先成立。"))
        return redirect("staffing:person", candidate.pk)
    committee_actions.open_resolution(
        committee=school_committee,
        subject=Subject.HIRE,
        title=_("聘用%(name)s为课后服务人员") % {"name": candidate.name},
        text=_("同意聘用%(name)s（%(origin)s）为课后服务人员。")
        % {"name": candidate.name, "origin": candidate.get_origin_display()},
        object_id=candidate.pk,
        by=request.user,
        now=timezone.now(),
    )
    messages.success(request, _("已提请家长委员会表决。"))
    return redirect("staffing:person", candidate.pk)


@require_POST
@requires(Permission.STAFFING_DECIDE)
def approve(request: DeskRequest, candidate_id: UUID) -> HttpResponse:
    """By the committee's passed resolution."""
    actions.approve_candidate(candidate=_candidate(candidate_id), by=request.user, now=timezone.now())
    messages.success(request, _("已按家长委员会决议同意聘用，请签订聘用协议。"))
    return redirect("staffing:person", candidate_id)


@requires(Permission.STAFFING_DECIDE)
@require_http_methods(["GET", "POST"])
def sign(request: DeskRequest, candidate_id: UUID) -> HttpResponse:
    """S18."""
    candidate, policy = _candidate(candidate_id), _policy(request)
    namesakes = queries.namesakes(candidate, today=timezone.localdate())
    form = ContractForm(request.POST or None, namesakes=[each.words for each in namesakes])

    def act() -> object:
        given = form.cleaned_data
        return actions.sign_contract(
            candidate=candidate,
            from_date=given["from_date"],
            until_date=given["until_date"],
            pay_fen=given["pay"],
            school_name=request.school.name,
            policy=policy,
            is_another_person=given.get("is_another_person", False),
            by=request.user,
            now=timezone.now(),
        )

    if form.is_bound:  # a refusal is a page and takes nothing back: who was listed before is asked about now
        word_actions.ask(
            doubts=queries.doubts_about(candidate),
            writer=queries.proposer_of(candidate),
            by=request.user,
            now=timezone.now(),
        )
    if _try(form, act) is not None:
        messages.success(
            request,
            _(
                "聘用协议已签订，账号已建立。请由学校办公室在“账号和角色”里重设密码，链接会发到他（她）自己的手机。"
            ),
        )
        return redirect("staffing:person", candidate.pk)
    return _form_page(request, form, _("签订聘用协议"), _("签订"), candidate=candidate)


@requires(Permission.STAFFING_DECIDE)
@require_http_methods(["GET", "POST"])
def dismiss(request: DeskRequest, contract_id: UUID) -> HttpResponse:
    """S19: asks for the reason; says how many sessions need somebody else."""
    contract = _contract(contract_id)
    form = DismissalForm(request.POST or None)

    def act() -> list[UUID]:
        reason = form.cleaned_data["reason"]
        return clearance_actions.dismiss(
            contract=contract, reason=reason, by=request.user, now=timezone.now()
        )

    sessions = _try(form, act)
    if sessions is not None:
        count = len(sessions)
        said = ngettext(
            "已解聘，账号已停用。有 %(n)d 次服务需要安排替班。",
            "已解聘，账号已停用。有 %(n)d 次服务需要安排替班。",
            count,
        )
        messages.success(request, said % {"n": count})
        return redirect("staffing:person", contract.candidate_id)
    note = _("解聘立即生效：他（她）不能再登录，今后的值班全部取消并列入待替班。")
    return _form_page(
        request, form, _("解聘%(name)s") % {"name": contract.candidate.name}, _("解聘"),
        candidate=contract.candidate, note=note, kind="danger",
    )  # fmt: skip


@require_POST
@requires(Permission.STAFFING_DECIDE)
def end(request: DeskRequest, contract_id: UUID) -> HttpResponse:
    """After its last day."""
    contract = _contract(contract_id)
    clearance_actions.end_contract(contract=contract, by=request.user, now=timezone.now())
    messages.success(request, _("聘用协议已期满结束。"))
    return redirect("staffing:person", contract.candidate_id)


@require_GET
@requires(Permission.STAFFING_READ)
def contract_pdf(request: DeskRequest, contract_id: UUID) -> HttpResponse:
    """The frozen text as a PDF, with its hash."""
    contract = _contract(contract_id)
    title, *lines = contract.text.splitlines() or [""]
    data = {
        "title": title,
        "school": request.school.name,
        "number": contract.number,
        "greeting": "",
        "paragraphs": [*filter(None, lines), f"SHA-256 {contract.text_sha256}"],
        "signed": _("学校和受聘人各执一份"),
        "date": f"{timezone.localdate(contract.signed_at):%Y-%m-%d}",
    }
    response = HttpResponse(render_pdf("letter", data), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{contract.number}.pdf"'
    return response


def _try(form: Form, act: Callable[[], Any], *, field: str | None = None) -> Any:
    """What the action returned, or None: not sent, not valid, or refused with the sentence at the field."""
    if not form.is_bound or not form.is_valid():
        return None
    try:
        return act()
    except Refused as refusal:
        form.add_error(field, str(refusal))
        return None


def _form_page(
    request: DeskRequest,
    form: Form,
    heading: str,
    button: str,
    *,
    candidate: Candidate | None = None,
    **more: object,
) -> HttpResponse:
    context = {"form": form, "page_heading": heading, "button": button, "candidate": candidate, **more}
    return render(request, "staffing/form.html", context, status=400 if form.errors else 200)


def _policy(request: DeskRequest) -> Policy:
    return policies.for_school(request.school, timezone.localdate()).policy


def _candidate(candidate_id: UUID) -> Candidate:
    try:
        return queries.candidate_for(candidate_id)
    except Candidate.DoesNotExist:
        raise Http404 from None


def _contract(contract_id: UUID) -> Contract:
    try:
        return queries.contract_for(contract_id)
    except Contract.DoesNotExist:
        raise Http404 from None
