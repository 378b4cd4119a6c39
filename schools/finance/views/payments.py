"""Pages: money that came in, who it came from, and the receipts."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.kernel.errors import Refused
from afterbell.kernel.money import Fen, format_fen
from afterbell.pages.tables import shown
from schools.finance import actions, payers, queries, receipts
from schools.finance.actions.payments import (
    MoreThanOwed,
    NoProviderKey,
    PaymentDiffers,
    PaymentReversed,
    is_known,
)
from schools.finance.forms import PaymentForm, SearchForm
from schools.finance.tables.payments import PayerTable, PaymentTable
from schools.finance.views.frame import (
    BooksRequest,
    framed,
    held_by_others,
    may_move_money,
    may_see_names,
    term_of,
)
from schools.people import queries as people
from schools.people.doors import or_404
from tenants.models import Term


@requires(Permission.BOOKS_READ)
@require_http_methods(["GET", "POST"])
def payments(request: BooksRequest) -> HttpResponse:
    """Money that came in; whose it is; one more, for those who may."""
    term = term_of(request)
    if request.method == "POST" and not request.user.has(Permission.PAYMENTS_RECORD):
        raise PermissionDenied
    form = PaymentForm(request.POST or None, initial=_prefilled(request))
    if request.method == "POST" and form.is_valid():
        try:
            return _booked(request, term, form)
        except MoreThanOwed:
            return _asked(request, term, form)
        except (NoProviderKey, PaymentDiffers, PaymentReversed) as refusal:
            form.add_error("provider_key", str(refusal))
        except Refused as refusal:
            form.add_error(None, str(refusal))
    may_record = may_move_money(request, Permission.PAYMENTS_RECORD, term.code)
    context = framed(
        term,
        "payments",
        form=form,
        may_record=may_record or form.errors,
        held_by=held_by_others(request, Permission.PAYMENTS_RECORD, term.code, may=may_record),
        **_found(request, term, may_record=may_record),
    )
    return render(request, "finance/payments.html", context, status=400 if form.errors else 200)


@require_GET
@requires(Permission.PAYMENTS_RECORD)
def receipt(request: BooksRequest, payment_id: UUID) -> HttpResponse:
    """As PDF, for who may see names; for who receives the term's money without them. 404 for others."""
    found = or_404(queries.payment, payment_id)
    with_names = may_see_names(request)
    if not (
        with_names or may_move_money(request, Permission.PAYMENTS_RECORD, found.agreement.plan.term_code)
    ):
        raise Http404
    return receipts.response(found, request.school.name, with_names=with_names)


def _prefilled(request: BooksRequest) -> dict[str, Any]:
    """What a found family's link carries."""
    given = {name: payers.typed(request.GET.get(name, "")) for name in ("agreement", "amount")}
    return {**given, "paid_at": timezone.localtime()}


def _found(request: BooksRequest, term: Term, *, may_record: bool) -> dict[str, Any]:
    """All payments of the term; with a search, the families that it finds and theirs."""
    with_names = may_see_names(request)
    text = payers.typed(request.GET.get("q", ""))
    rows, families = queries.payments(term.code), None
    if text:
        found = payers.find(term.code, text, people.pupils_for(request.user) if with_names else None)
        rows = rows.filter(agreement__in=found)
        table = PayerTable(
            payers.families(term.code, found),
            with_names=with_names,
            may_record=may_record,
            term_code=term.code,
        )
        families = shown(table, request)
    search = SearchForm(initial={"q": text, "term": term.code}, by_name=with_names)
    table = shown(PaymentTable(rows, with_names=with_names, may_print=may_record), request)
    return {"search": search, "families": families, "table": table, "text": text}


def _asked(request: BooksRequest, term: Term, form: PaymentForm) -> HttpResponse:
    """A question, not a refusal: whose it is, and what they owe before and after."""
    agreement, amount = form.cleaned_data["agreement"], form.cleaned_data["amount"]
    owed = queries.owed_by(agreement)
    typed = {name: request.POST.get(name, "") for name in ("agreement", "amount", "provider_key", "paid_at")}
    context = framed(
        term,
        "payments",
        agreement=agreement,
        amount=amount,
        owed=owed,
        overpaid=-owed,
        over=amount - owed,
        fields={**typed, "seen_owed": owed},
        back=f"{reverse('finance:payments')}?term={term.code}",
        with_names=may_see_names(request),
    )
    return render(request, "finance/payment_over.html", context)


def _booked(request: BooksRequest, term: Term, form: PaymentForm) -> HttpResponse:
    now = timezone.now()
    paid = actions.record_payment(**form.cleaned_data, by=request.user, now=now)
    given = {"sum": format_fen(Fen(paid.amount_fen)), "number": paid.receipt_number}
    if is_known(paid, now):
        messages.info(request, _("这笔 %(sum)s 之前已登记，没有重复入账。收据编号 %(number)s。") % given)
    else:
        messages.success(request, _("已入账 %(sum)s，收据编号 %(number)s。") % given)
    return redirect(f"{reverse('finance:payments')}?term={term.code}")
