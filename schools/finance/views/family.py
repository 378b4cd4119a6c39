"""Pages: a family's own bills, receipts, refunds, and its share of the settlement with the proof in words."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.kernel.dates import local_date
from schools.finance import proofs, queries, receipts, rules
from schools.finance.views.frame import BooksRequest
from schools.people.doors import or_404


@require_GET
@requires(Permission.OWN_BILLS_READ)
def bills(request: BooksRequest) -> HttpResponse:
    """What is due, what was paid, what comes back."""
    today = local_date(timezone.now())
    own = queries.own_bills(request.user)
    words = proofs.Words.read_all({bill.share.settlement for bill in own if bill.share is not None})
    found = [
        {
            "bill": bill,
            "proof": words[bill.share.settlement_id].lines(bill.share) if bill.share is not None else [],
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
