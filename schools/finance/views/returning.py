"""Pages: refunds by state, each with its explanation, sent and confirmed one by one or all at once."""

from collections.abc import Callable
from functools import partial
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
from afterbell.accounts.rights import requires
from afterbell.kernel.dates import local_date
from afterbell.kernel.errors import Refused
from afterbell.kernel.money import Fen, format_fen
from afterbell.pages.tables import shown
from schools.enrolment.models import Agreement
from schools.finance import actions, exit_doubts, holding, queries, reached, rules, second_persons
from schools.finance.actions.refunds import digest, refuse_sent_since
from schools.finance.forms import AbsenceForm
from schools.finance.models import Refund, RefundCause
from schools.finance.states import RefundState
from schools.finance.tables.base import reach_word
from schools.finance.tables.returning import RefundTable
from schools.finance.views.frame import (
    BooksRequest,
    framed,
    held_by_others,
    may_move_money,
    may_see_names,
    refund_counts,
    term_of,
)
from schools.people.doors import or_404
from tenants.models import Term


@require_GET
@requires(Permission.BOOKS_READ)
def refunds(request: BooksRequest) -> HttpResponse:
    """All refunds of the term, by state; exits that wait for their sum."""
    return _refunds_page(request, term_of(request))


def _refunds_page(request: BooksRequest, term: Term, absences: AbsenceForm | None = None) -> HttpResponse:
    state = request.GET.get("state", "")
    state = state if state in RefundState.values else ""
    may_prepare = request.user.has(Permission.REFUNDS_PREPARE)
    may_issue = may_move_money(request, Permission.REFUNDS_APPROVE, term.code)
    table = RefundTable(queries.refunds(term.code, state=state), with_names=may_see_names(request))
    context = framed(
        term,
        "refunds",
        table=shown(table, request),
        counts=refund_counts(term.code),
        state=state,
        exits=queries.exits_to_compute(term.code) if may_prepare else [],
        contradicted=_contradicted(request, term),
        may_prepare=may_prepare,
        may_issue=may_issue,
        held_by=held_by_others(request, Permission.REFUNDS_APPROVE, term.code, may=may_issue),
        with_names=may_see_names(request),
        absences=absences or (_absences(term) if may_prepare else None),
        wrong=bool(absences and absences.errors),
    )
    return render(request, "finance/refunds.html", context, status=400 if context["wrong"] else 200)


def _contradicted(request: BooksRequest, term: Term) -> list[tuple[Agreement, str]]:
    """Exits that the office may correct; once the term is settled their days stay as they were shared by."""
    if not request.user.has(Permission.ENROLMENT_REVIEW_SCHOOL) or queries.is_settled(term.code):
        return []
    return exit_doubts.of_term(term.code)


def _absences(term: Term, data: Any = None) -> AbsenceForm:
    periods = queries.periods_over(term.code, local_date(timezone.now()))
    named = [(label, str(_("整个学期")) if label == term.code else label) for label in periods]
    return AbsenceForm(data, periods=named)


@require_GET
@requires(Permission.BOOKS_READ)
def refund(request: BooksRequest, refund_id: UUID) -> HttpResponse:
    """One refund with its explanation, and what may be done."""
    found = or_404(queries.refund, refund_id)
    may = may_move_money(request, Permission.REFUNDS_APPROVE, found.term_code)
    sendable = found.state in (RefundState.DRAFT, RefundState.FAILED)
    context = framed(
        rules.term(found.term_code),
        "refunds",
        refund=found,
        may_issue=may and sendable and found.prepared_by_id != request.user.pk,
        is_own=may and sendable and found.prepared_by_id == request.user.pk,
        another=second_persons.another_sends(found.term_code, {request.user.pk}, timezone.now()),
        may_report=may and found.state == RefundState.ISSUED,
        held_by=held_by_others(request, Permission.REFUNDS_APPROVE, found.term_code, may=may),
        with_names=may_see_names(request),
        seen=exit_doubts.open_of([found]).get(found.pk),
        kept=_kept(found),
        may_correct=found.cause == RefundCause.EXIT and request.user.has(Permission.ENROLMENT_REVIEW_SCHOOL),
        read=reach_word(reached.of_refund(found)),
    )
    return render(request, "finance/refund.html", context)


def _kept(found: Refund) -> str:
    """What an exit's charge still stands for."""
    if found.cause != RefundCause.EXIT:
        return ""
    agreement = Agreement.objects.select_related("plan", "pupil").get(pk=found.agreement_id)
    return exit_doubts.kept_sentence(agreement, list(agreement.charges.all()))


@require_POST
@requires(Permission.REFUNDS_APPROVE)
def move_refund(request: BooksRequest, refund_id: UUID, step: str) -> HttpResponse:
    """issue, confirm or fail."""
    found = or_404(queries.refund, refund_id)
    sent = request.POST.get("sent", "")
    refuse_sent_since(found, int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 6 else -1)
    deeds: dict[str, tuple[Callable[..., object], str]] = {
        "issue": (
            partial(actions.issue_refund, looked=request.POST.get("looked", "")),
            _("已发放，等待到账。"),
        ),
        "confirm": (actions.confirm_refund, _("已登记到账。")),
        "fail": (actions.fail_refund, _("已登记失败，款项已退回账上，可以重新发放。")),
    }
    if step not in deeds:
        raise Http404
    deed, said = deeds[step]
    deed(refund=found, by=request.user, now=timezone.now())
    messages.success(request, said)
    return redirect("finance:refund", found.pk)


@requires(Permission.REFUNDS_APPROVE)
@require_http_methods(["GET", "POST"])
def move_all(request: BooksRequest, step: str) -> HttpResponse:
    """Issue all that is ready, or confirm all that is on its way; asks first."""
    if step not in ("issue", "confirm"):
        raise Http404
    term = term_of(request)
    issues = step == "issue"
    me = request.user
    holding.refuse_payer(term.code, me, timezone.now())
    left_out: list[tuple[Refund, str]] = []
    if issues:
        found, left_out = queries.refunds_to_issue(term.code, me)
    else:
        found = queries.refunds_on_the_way(term.code)
    back = f"{reverse('finance:refunds')}?term={term.code}"
    refusal = None
    if request.method == "POST":
        deed = actions.issue_refunds if issues else actions.confirm_refunds
        try:
            deed(refunds=found, shown=request.POST.get("shown", ""), by=me, now=timezone.now())
        except Refused as refused:
            refusal = refused
        else:
            said = _("%(n)s 笔已发放，等待到账。") if issues else _("%(n)s 笔已登记到账。")
            messages.success(request, said % {"n": len(found)})
            return redirect(back)
    context = framed(
        term,
        "refunds",
        refunds=found,
        left_out=left_out,
        total=sum(each.amount_fen for each in found),
        own=queries.refunds_prepared_by(term.code, me) if issues else 0,
        shown={"shown": digest(found)},
        refusal=refusal,
        back=back,
        issues=issues,
    )
    return render(request, "finance/refunds_all.html", context, status=refusal.status if refusal else 200)


@require_POST
@requires(Permission.REFUNDS_PREPARE)
def compute_exit(request: BooksRequest, agreement_id: UUID) -> HttpResponse:
    """By the policy's rule; nobody types a sum."""
    found = or_404(queries.agreement, agreement_id)
    computed = actions.refund_exit(agreement=found, by=request.user, now=timezone.now())
    if computed.refund is not None:
        messages.success(
            request, _("已计算，应退 %(sum)s。") % {"sum": format_fen(Fen(computed.refund.amount_fen))}
        )
        return redirect("finance:refund", computed.refund.pk)
    said = _("已按政策计算：减免 %(sum)s，没有需要退还的款项。") % {"sum": format_fen(computed.credit)}
    messages.success(request, computed.lines[-1] if computed.waits else said)
    return redirect(f"{reverse('finance:refunds')}?term={found.plan.term_code}")


@require_POST
@requires(Permission.REFUNDS_PREPARE)
def compute_absences(request: BooksRequest) -> HttpResponse:
    """For a period that is over."""
    term = term_of(request)
    form = _absences(term, request.POST)
    if not form.is_valid():
        return _refunds_page(request, term, form)
    try:
        found = actions.refund_absences_of_all(
            term_code=term.code, **form.cleaned_data, by=request.user, now=timezone.now()
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _refunds_page(request, term, form)
    given = sum(bool(each.credit) for each in found)
    messages.success(request, _("已计算，%(n)s 户因缺勤应退。") % {"n": given})
    return redirect(f"{reverse('finance:refunds')}?term={term.code}")
