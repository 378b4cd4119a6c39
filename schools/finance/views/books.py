"""Pages: the books like a good bank's, the rows behind each number, undoing a row."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.kernel.dates import local_date
from afterbell.pages.tables import shown
from schools.finance import actions, gathering, holding, queries
from schools.finance.forms import ReversalForm, RowFilter
from schools.finance.models import TransferKind
from schools.finance.tables.base import account_word
from schools.finance.tables.books import TransferTable
from schools.finance.views.frame import BooksRequest, done, framed, may_move_money, term_of
from schools.people.doors import or_404
from schools.people.word_asking import asking


@require_GET
@requires(Permission.BOOKS_READ)
def overview(request: BooksRequest) -> HttpResponse:
    """Opening, in, out, closing of each month; every number leads to its rows."""
    term = term_of(request)
    charged, waived = gathering.fees(term.code)
    months = queries.months(term, local_date(timezone.now()))
    context = framed(
        term,
        "overview",
        months=months,
        total=gathering.total([state.line for state in months]),
        charged=charged,
        waived=waived,
        balances=queries.balances(term.code),
        later_hours=queries.not_charged_after(term.code),
        hardship=queries.hardship_without_waiver(term.code)
        if request.user.has(Permission.WAIVERS_DECIDE)
        else 0,
    )
    return render(request, "finance/overview.html", context)


@require_GET
@requires(Permission.BOOKS_READ)
def rows(request: BooksRequest) -> HttpResponse:
    """The rows of the books, by month and kind."""
    term = term_of(request)
    form = RowFilter(request.GET)
    chosen = form.cleaned_data if form.is_valid() else {}
    found = queries.transfers(
        term.code,
        month=chosen.get("month", ""),
        kind=chosen.get("kind", ""),
        cost_kind=chosen.get("cost_kind", ""),
    )
    hidden = () if request.user.has(Permission.EXPENDITURE_APPROVE) else ("undo",)
    may_pay = not hidden and may_move_money(request, Permission.EXPENDITURE_APPROVE, term.code)
    table = shown(TransferTable(found, exclude=hidden, may_pay=may_pay), request)
    return render(request, "finance/rows.html", framed(term, "overview", table=table, filter=form))


@requires(Permission.EXPENDITURE_APPROVE)
@require_http_methods(["GET", "POST"])
def reverse_row(request: BooksRequest, transfer_id: UUID) -> HttpResponse:
    """Asks first, with a reason."""
    found = or_404(queries.transfer, transfer_id)
    if found.kind == TransferKind.PAYMENT:
        holding.refuse_payer(found.term_code, request.user, timezone.now())
    back = f"{reverse('finance:rows')}?term={found.term_code}"
    form = ReversalForm(request.POST or None)

    def deed(given: dict[str, Any]) -> None:
        with asking([given["note"]], by=request.user):
            made = actions.reverse_transfer(transfer=found, **given, by=request.user, now=timezone.now())
        messages.success(request, _("已冲正，记在 %(month)s。") % {"month": made.month})

    status = done(request, form, deed)
    if status is None:
        return redirect(back)
    words = {"debit": account_word(found.debit), "credit": account_word(found.credit)}
    context = {"transfer": found, "form": form, "back": back, **words}
    return render(request, "finance/reverse.html", context, status=status)
