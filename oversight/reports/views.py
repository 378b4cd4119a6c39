"""Pages of the reports: the list, one report, noting it with or without a word to the school."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.accounts.views import UserRequest
from afterbell.kernel.errors import Refused
from afterbell.pages.tables import shown
from oversight.cases.queries import district_choices
from oversight.reports import queries
from oversight.reports.forms import NoteForm, ReportFilter
from oversight.reports.tables import ReportTable
from oversight.reports.words import about
from tenants.exchange import actions
from tenants.exchange.models import Envelope


@require_GET
@requires(Permission.REPORTS_READ)
def reports(request: UserRequest) -> HttpResponse:
    """The newest first; filters, sorting and pages in the address."""
    form = ReportFilter(request.GET, districts=district_choices(request.user))
    found = queries.narrowed(queries.reports_for(request.user), **form.chosen())
    table = shown(ReportTable(found), request)
    return render(request, "reports/reports.html", {"table": table, "filter": form})


@require_GET
@requires(Permission.REPORTS_READ)
def report(request: UserRequest, report_id: UUID) -> HttpResponse:
    """What the school says, and what the bureau said to it."""
    return _page(request, _report(request, report_id), NoteForm())


@require_POST
@requires(Permission.REPORTS_ANSWER)
def note(request: UserRequest, report_id: UUID) -> HttpResponse:
    """Noted once; who comes second is told so, with what was typed."""
    found, form, status = _report(request, report_id), NoteForm(request.POST), 400
    if form.is_valid():
        try:
            actions.answer(
                envelope=found,
                answer="noted",
                note=form.cleaned_data["note"],
                by=request.user,
                now=timezone.now(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
            found, status = _report(request, report_id), refusal.status
        else:
            messages.success(request, _("已记下，学校会看到。"))
            return redirect("reports:reports")
    return _page(request, found, form, status)


def _page(request: UserRequest, found: Envelope, form: NoteForm, status: int = 200) -> HttpResponse:
    is_unread = queries.state_of(found) == queries.UNREAD
    may_note = is_unread and request.user.has(Permission.REPORTS_ANSWER)
    context = {
        "report": found,
        "about": about(found),
        "is_unread": is_unread,
        "form": form if may_note or form.errors else None,
    }
    return render(request, "reports/report.html", context, status=status)


def _report(request: UserRequest, report_id: UUID) -> Envelope:
    try:
        return queries.report_for(request.user, report_id)
    except Envelope.DoesNotExist:
        raise Http404 from None
