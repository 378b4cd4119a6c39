"""Pages: a family's own bills, receipts, refunds, its share of the settlement; each with how it came about."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.kernel.dates import local_date
from schools.finance import bills as bills_in_words
from schools.finance import queries, receipts, rules
from schools.finance.views.frame import BooksRequest
from schools.people.doors import or_404


@require_GET
@requires(Permission.OWN_BILLS_READ)
def bills(request: BooksRequest) -> HttpResponse:
    """What is due, what was paid, what comes back."""
    today = local_date(timezone.now())
    own = queries.own_bills(request.user)
    lines = bills_in_words.lines_of(own)
    found = [
        {
            "bill": bill,
            "charges": [(each, lines[each.pk]) for each in bill.charges],
            "refunds": [(each, lines[each.pk]) for each in bill.refunds],
            "shares": [(each, lines[each.pk]) for each in bill.shares_of_nothing],
            "calculations": [(each, lines[each.pk], -each.credit_fen) for each in bill.calculations],
        }
        for bill in own
    ]
    context = {
        "bills": found,
        "is_collector_forbidden": queries.is_collector_forbidden(rules.term_of_day(today), today),
    }
    return render(request, "finance/bills.html", context)


@require_GET
@requires(Permission.OWN_BILLS_READ)
def receipt(request: BooksRequest, payment_id: UUID) -> HttpResponse:
    """As PDF; 404 for another family's."""
    found = or_404(lambda pk: queries.own_payment(request.user, pk), payment_id)
    return receipts.response(found, request.school.name)
