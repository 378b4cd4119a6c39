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
from afterbell.kernel.errors import Refused
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
    """Shows what will be published; then closes for good exactly that. A month that can't be closed has no button."""
    term, now = term_of(request), timezone.now()
    if rules.month_named(month) is None:
        raise Http404
    refusal: Refused | None = None
    try:
        if request.method == "POST":
            shown = request.POST.get("shown", "")
            actions.close_month(term_code=term.code, month=month, shown=shown, by=request.user, now=now)
            messages.success(request, _("%(month)s 已月结，收支公示已发给所有签约家庭。") % {"month": month})
            return redirect(f"{reverse('finance:months')}?term={term.code}")
        actions.months.to_close(term, month, local_date(now))
    except Refused as refused:
        refusal = refused
    found = gathering.month_of_books(request.school.code, term.code, month)
    text = statements.text_of(found)
    context = framed(
        term,
        "months",
        month=found,
        text=text,
        fields={"shown": statements.sha256_of(text)},
        refusal=refusal,
        may_close=refusal is None or isinstance(refusal, actions.months.StatementMoved),
        pending=queries.pending_expenditure(term.code),
    )
    is_refused = refusal is not None and request.method == "POST"
    return render(request, "finance/close.html", context, status=409 if is_refused else 200)
