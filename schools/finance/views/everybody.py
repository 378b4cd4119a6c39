"""Pages that everybody may read: the list of published statements, one statement, its text to check the hash."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from afterbell.accounts.rights import open_to_all
from afterbell.kernel.dates import local_date
from afterbell.pages.tables import shown
from schools.finance import queries, rules, statements
from schools.finance.statement_table import StatementTable
from schools.people.doors import or_404
from tenants.middleware import SchoolRequest

WHY = "the school's accounts are published to everybody (S36, S43)"


@require_GET
@open_to_all(WHY)
def accounts(request: SchoolRequest) -> HttpResponse:
    """All statements with their hashes, newest first."""
    context = {"table": shown(StatementTable(queries.statements()), request), **_warning()}
    return render(request, "finance/open_accounts.html", context)


@require_GET
@open_to_all(WHY)
def statement(request: SchoolRequest, month: str) -> HttpResponse:
    """Opening, in, out, closing, the list of expenditure, the hash and how to check it."""
    found = queries.statements_of(month)
    if not found:
        raise Http404
    rows = [{"statement": row, "spent": statements.spent_in(row.text)} for row in found]
    return render(request, "finance/open_statement.html", {"month": month, "rows": rows, **_warning()})


@require_GET
@open_to_all(WHY)
def text(request: SchoolRequest, month: str, term_code: str) -> HttpResponse:
    """Byte by byte what was hashed."""
    found = or_404(queries.statement, term_code, month)
    name = f"statement-{request.school.code}-{month}-{term_code}.txt"
    return HttpResponse(
        found.text.encode(),
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _warning() -> dict[str, bool]:
    today = local_date(timezone.now())
    return {"is_collector_forbidden": queries.is_collector_forbidden(rules.term_of_day(today), today)}
