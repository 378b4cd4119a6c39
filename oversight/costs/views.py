"""Pages of the price bureau's desk: where to look first, and the summary with its files."""

from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.accounts.views import UserRequest
from afterbell.kernel.dates import local_date
from afterbell.kernel.errors import Refused
from afterbell.pages.tables import shown
from oversight import scope as scopes
from oversight.costs import columns, files, overview, pdf, queries
from oversight.costs import summary as summaries
from oversight.costs.forms import SummaryFilter
from oversight.costs.report import Report
from oversight.costs.tables import PER_PAGE, SummaryTable

FORMS: Final = {
    "csv": (files.csv_bytes, files.CSV),
    "xlsx": (files.xlsx_bytes, files.XLSX),
    "pdf": (pdf.pdf_bytes, "application/pdf"),
}


class NoSuchForm(Refused):
    """A file of a kind that is not made."""

    code = "costs.no_such_form"
    message = _("没有“%(form)s”这种文件。可以下载 csv、xlsx、pdf。")
    status = 400


@require_GET
@requires(Permission.COSTS_READ)
def home(request: UserRequest) -> HttpResponse:
    """States and totals by district, what stands out and why, who reports nothing, statements due."""
    form, report = _asked(request)
    return render(request, "costs/home.html", {"filter": form, "report": report, **overview.of(report)})


@require_GET
@requires(Permission.COSTS_READ)
def summary(request: UserRequest) -> HttpResponse:
    """One line a school; with `format`, the same rows as a file."""
    wanted = request.GET.get("format", "")
    if wanted and wanted not in FORMS:
        raise NoSuchForm(form=wanted[:20])
    form, report = _asked(request)
    if wanted and not form.errors:
        return download(report, wanted)
    context: dict[str, Any] = {
        "filter": form,
        "report": report,
        "table": shown(
            SummaryTable(report.summary.rows, districts=report.districts, children=report.summary.children),
            request,
            per_page=PER_PAGE,
        ),
        "columns": columns.ALL,
        "files": [(kind, kind.upper()) for kind in FORMS],
    }
    return render(request, "costs/summary.html", context, status=400 if wanted else 200)


def download(report: Report, form: str) -> HttpResponse:
    """The file; nobody between the reader and us keeps it."""
    make, kind = FORMS[form]
    answer = HttpResponse(make(report), content_type=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{report.name}.{form}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _asked(request: UserRequest) -> tuple[SummaryFilter, Report]:
    """The filters of the address, and what they leave of what the reader may see."""
    scope = scopes.of_user(request.user)
    terms, districts = queries.terms(), queries.districts(scope)
    today = local_date(timezone.now())
    form = SummaryFilter(
        request.GET, terms=terms, districts=districts, default_term=queries.running(terms, today)
    )
    found = summaries.narrowed(summaries.of_term(scope, form.chosen_term), **form.narrowing)
    names = {term.code: term.name for term in terms}
    return form, Report(found, names.get(form.chosen_term, form.chosen_term), dict(districts), form.in_words)
