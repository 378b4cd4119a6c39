"""Pages: the months of a term and the close with its preview."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.kernel.dates import local_date
from schools.finance import actions, gathering, queries, rules, statements
from schools.finance.views.frame import BooksRequest, framed, term_of


@require_GET
@requires(Permission.BOOKS_READ)
def months(request: BooksRequest) -> HttpResponse:
    """Each month: running, to close, late, published."""
    term = term_of(request)
    found = queries.months(term, local_date(timezone.now()))
    may_close = request.user.has(Permission.STATEMENT_CLOSE)
    return render(request, "finance/months.html", framed(term, "months", months=found, may_close=may_close))


@requires(Permission.STATEMENT_CLOSE)
@require_http_methods(["GET", "POST"])
def close(request: BooksRequest, month: str) -> HttpResponse:
    """Shows what will be published; then closes for good."""
    term = term_of(request)
    if rules.month_named(month) is None:
        raise Http404
    if request.method == "POST":
        actions.close_month(term_code=term.code, month=month, by=request.user, now=timezone.now())
        messages.success(request, _("%(month)s 已月结，收支公示已发给所有签约家庭。") % {"month": month})
        return redirect(f"{reverse('finance:months')}?term={term.code}")
    found = gathering.month_of_books(request.school.code, term.code, month)
    context = framed(
        term,
        "months",
        month=found,
        text=statements.text_of(found),
        pending=queries.pending_expenditure(term.code),
    )
    return render(request, "finance/close.html", context)
