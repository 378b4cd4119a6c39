"""Pages: expenditure, asked for by one person and approved by another."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.kernel.dates import local_date
from afterbell.kernel.errors import Refused
from afterbell.pages.tables import shown
from schools.finance import actions, queries, rules
from schools.finance.forms import ExpenditureForm, ReasonForm
from schools.finance.models import Expenditure
from schools.finance.states import ExpenditureState
from schools.finance.tables import ExpenditureTable
from schools.finance.views.frame import BooksRequest, framed, term_of
from schools.people.doors import or_404


@requires(Permission.BOOKS_READ)
@require_http_methods(["GET", "POST"])
def expenditures(request: BooksRequest) -> HttpResponse:
    """All of them; a new request, for those who may."""
    term = term_of(request)
    may_ask = request.user.has(Permission.EXPENDITURE_REQUEST)
    if request.method == "POST" and not may_ask:
        raise PermissionDenied
    form = ExpenditureForm(request.POST or None, initial={"spent_date": local_date(timezone.now())})
    if request.method == "POST" and form.is_valid():
        try:
            asked = actions.request_expenditure(
                term_code=term.code, **form.cleaned_data, by=request.user, now=timezone.now()
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已提交，请另一位有权的人审批。"))
            return redirect("finance:expenditure", asked.pk)
    table = shown(ExpenditureTable(queries.expenditures(term.code)), request)
    context = framed(term, "expenditures", table=table, form=form, may_ask=may_ask)
    return render(request, "finance/expenditures.html", context, status=400 if form.errors else 200)


@requires(Permission.BOOKS_READ)
@require_http_methods(["GET"])
def expenditure(request: BooksRequest, expenditure_id: UUID) -> HttpResponse:
    """One of them, and the decision for who may take it."""
    return _page(request, or_404(queries.expenditure, expenditure_id), ReasonForm())


@require_POST
@requires(Permission.EXPENDITURE_APPROVE)
def decide(request: BooksRequest, expenditure_id: UUID) -> HttpResponse:
    """Approve, or refuse with a reason."""
    found = or_404(queries.expenditure, expenditure_id)
    form = ReasonForm(request.POST)
    form.is_valid()
    try:
        if request.POST.get("decision") == "approve":
            actions.approve_expenditure(expenditure=found, by=request.user, now=timezone.now())
            messages.success(request, _("已批准并记账。"))
        else:
            reason = form.cleaned_data.get("reason", "")
            actions.refuse_expenditure(expenditure=found, reason=reason, by=request.user, now=timezone.now())
            messages.success(request, _("已退回申请人。"))
    except Refused as refusal:
        form.add_error("reason", str(refusal))
        return _page(request, or_404(queries.expenditure, expenditure_id), form, status=409)
    return redirect(f"{reverse('finance:expenditures')}?term={found.term_code}")


def _page(request: BooksRequest, found: Expenditure, form: ReasonForm, status: int = 200) -> HttpResponse:
    is_open = found.state == ExpenditureState.REQUESTED
    is_own = found.requested_by_id == request.user.pk
    may = request.user.has(Permission.EXPENDITURE_APPROVE)
    context = framed(
        rules.term(found.term_code),
        "expenditures",
        expenditure=found,
        form=form,
        may_decide=is_open and may and not is_own,
        is_own=is_open and may and is_own,
    )
    return render(request, "finance/expenditure.html", context, status=status)
