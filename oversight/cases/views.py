"""Pages of the filing desk: the list, one filing, accept, return with a reason."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.accounts.views import UserRequest
from afterbell.pages.tables import shown
from oversight.cases import queries
from oversight.cases.forms import FilingFilter, ReturnForm
from oversight.cases.queries import Filing
from oversight.cases.tables import FilingTable
from schools.people.models import WordKind
from schools.planning import cost_words
from schools.planning.fees import name_of
from schools.planning.limits import said
from schools.planning.models import ActivityKind, CostKind, FeeUnit
from schools.planning.rules import WEEKDAYS
from tenants.exchange import actions
from tenants.exchange.models import Envelope


@require_GET
@requires(Permission.FILINGS_READ)
def filings(request: UserRequest) -> HttpResponse:
    """Waiting first, by deadline; filters, sorting and pages in the address."""
    now = timezone.now()
    form = FilingFilter(request.GET, districts=queries.district_choices(request.user))
    chosen = form.cleaned_data if form.is_valid() else {}
    found = queries.narrowed(queries.filings_for(request.user), now=now, **chosen)
    table = shown(FilingTable(queries.waiting_first(found), now=now), request)
    return render(request, "cases/filings.html", {"filter": form, "table": table})


@require_GET
@requires(Permission.FILINGS_READ)
def filing(request: UserRequest, filing_id: UUID) -> HttpResponse:
    """Plan, fee against cap, costs, consultation, resolution."""
    found = _filing(request, filing_id)
    context = {
        "filing": found,
        **_in_words(found),
        "may_decide": found.is_waiting and request.user.has(Permission.FILINGS_DECIDE),
        "now": timezone.now(),
    }
    return render(request, "cases/filing.html", context)


@requires(Permission.FILINGS_DECIDE)
@require_http_methods(["GET", "POST"])
def accept(request: UserRequest, filing_id: UUID) -> HttpResponse:
    """Asks first."""
    found = _filing(request, filing_id)
    if request.method == "POST":
        actions.answer(
            envelope=found.envelope, answer="accepted", note="", by=request.user, now=timezone.now()
        )
        messages.success(request, _("已受理，学校会收到答复。"))
        return redirect("cases:filings")
    return render(request, "cases/accept.html", {"filing": found})


@requires(Permission.FILINGS_DECIDE)
@require_http_methods(["GET", "POST"])
def send_back(request: UserRequest, filing_id: UUID) -> HttpResponse:
    """With a reason that the school sees."""
    found = _filing(request, filing_id)
    form = ReturnForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.answer(
            envelope=found.envelope,
            answer="returned",
            note=form.cleaned_data["note"],
            by=request.user,
            now=timezone.now(),
        )
        messages.success(request, _("已退回，学校会看到原因。"))
        return redirect("cases:filings")
    context = {"filing": found, "form": form}
    return render(request, "cases/return.html", context, status=400 if form.errors else 200)


def _filing(request: UserRequest, filing_id: UUID) -> Filing:
    try:
        return queries.filing_for(request.user, filing_id)
    except Envelope.DoesNotExist:
        raise Http404 from None


def _fee(found: Filing, fee: dict[str, Any]) -> str:
    """As the school's own pages say it."""
    who = name_of(range(fee["grade_from"], fee["grade_to"] + 1), found.school.stage)
    known = [fee[name] for name in ("fee_term_fen", "cap_term_fen") if fee[name] is not None]
    words = said(found.payload["fee_unit"], fee["fee_fen"], fee["cap_fen"], min(known, default=None))
    return f"{who} {words}".strip()


def _in_words(found: Filing) -> dict[str, object]:
    """Codes of the payload as people read them."""
    sent = found.payload
    return {
        "fees": [_fee(found, fee) for fee in found.fees],
        "unit": FeeUnit(sent["fee_unit"]).label,
        "activities": [
            (row, ActivityKind(row["kind"]).label, WEEKDAYS[row["weekday"]]) for row in sent["activities"]
        ],
        "questions": [(row, WordKind(row["kind"]).label) for row in sent.get("questions", [])],
        "cost_lines": [
            (row, CostKind(row["kind"]).label, cost_words.planned(row["title"], row["kind"]))
            for row in sent["cost_lines"]
        ],
    }
