"""Pages: charging, waiving, payments with their receipts."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
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
from schools.finance import actions, queries, receipts, rules
from schools.finance.forms import PaymentForm, WaiverForm
from schools.finance.tables import PaymentTable
from schools.finance.views.frame import BooksRequest, framed, may_see_names, term_of
from schools.people.doors import or_404


@requires(Permission.WAIVERS_DECIDE)
@require_http_methods(["GET", "POST"])
def waive(request: BooksRequest, charge_id: UUID) -> HttpResponse:
    """A reason of the list, decided by who may."""
    found = or_404(queries.charge, charge_id)
    term = rules.term(found.term_code)
    policy = queries.policy_or_none(rules.billing(found.period, term).days.first)
    form = WaiverForm(request.POST or None, policy=policy.policy if policy else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.waive(
                charge=found,
                reason=form.cleaned_data["reason"],
                amount=form.cleaned_data["amount"],
                by=request.user,
                now=timezone.now(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已减免。本学期以后的收费按同样比例减免。"))
            return redirect(f"{reverse('finance:charges')}?term={term.code}")
    context = framed(term, "charges", charge=found, form=form)
    return render(request, "finance/waive.html", context, status=400 if form.errors else 200)


@requires(Permission.BOOKS_READ)
@require_http_methods(["GET", "POST"])
def payments(request: BooksRequest) -> HttpResponse:
    """Money that came in; one more, for those who may."""
    term = term_of(request)
    may_record = request.user.has(Permission.PAYMENTS_RECORD)
    if request.method == "POST" and not may_record:
        raise PermissionDenied
    form = PaymentForm(request.POST or None, initial={"paid_at": timezone.localtime()})
    if request.method == "POST" and form.is_valid():
        try:
            paid = actions.record_payment(**form.cleaned_data, by=request.user, now=timezone.now())
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            said = _("已入账 %(sum)s，收据编号 %(number)s。")
            given = {"sum": format_fen(Fen(paid.amount_fen)), "number": paid.receipt_number}
            messages.success(request, said % given)
            return redirect(f"{reverse('finance:payments')}?term={term.code}")
    table = PaymentTable(queries.payments(term.code), with_names=may_see_names(request))
    context = framed(term, "payments", table=shown(table, request), form=form, may_record=may_record)
    return render(request, "finance/payments.html", context, status=400 if form.errors else 200)


@require_GET
@requires(Permission.PAYMENTS_RECORD)
def receipt(request: BooksRequest, payment_id: UUID) -> HttpResponse:
    """As PDF."""
    return receipts.response(or_404(queries.payment, payment_id), request.school.name)
