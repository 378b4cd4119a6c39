"""Pages: what families were charged, and charging them."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.kernel.errors import Refused
from afterbell.kernel.money import format_fen
from afterbell.pages.tables import shown
from schools.finance import actions, queries, rules
from schools.finance.forms import ChargeForm
from schools.finance.tables import ChargeTable
from schools.finance.views.frame import BooksRequest, framed, may_see_names, term_of
from tenants.models import Term


@requires(Permission.BOOKS_READ)
@require_http_methods(["GET", "POST"])
def charges(request: BooksRequest) -> HttpResponse:
    """What families were charged; a period to charge, for those who may."""
    term = term_of(request)
    plan = queries.plan_of(term.code)
    may_charge = request.user.has(Permission.CHARGES_MANAGE)
    if request.method == "POST" and not may_charge:
        raise PermissionDenied
    form = ChargeForm(request.POST or None, periods=_periods(term))
    if request.method == "POST" and form.is_valid():
        if plan is None:
            raise Http404
        try:
            run = actions.charge_period(
                plan=plan, period=form.cleaned_data["period"], by=request.user, now=timezone.now()
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            said = _("已开具 %(n)s 户，共 %(sum)s；%(skipped)s 户之前已收过。")
            given = {"n": len(run.charges), "sum": format_fen(run.total), "skipped": run.skipped}
            messages.success(request, said % given)
            return redirect(f"{reverse('finance:charges')}?term={term.code}")
    table = ChargeTable(queries.charges(term.code), with_names=may_see_names(request))
    context = framed(
        term,
        "charges",
        table=shown(table, request),
        form=form,
        plan=plan,
        may_charge=may_charge,
        sees_waivers=may_charge or request.user.has(Permission.WAIVERS_DECIDE),
    )
    return render(request, "finance/charges.html", context, status=400 if form.errors else 200)


def _periods(term: Term) -> list[tuple[str, str]]:
    """What the policy in force lets be charged: its months, the whole term, or both."""
    policy = queries.policy_or_none(term.first_date)
    cycles = {str(cycle) for cycle in policy.policy.cycles} if policy else {"month", "term"}
    found = [("", str(_("请选择")))]
    if "term" in cycles:
        found.append((term.code, str(_("整个学期"))))
    if "month" in cycles:
        found += [(str(month), str(month)) for month in rules.days_of(term).months()]
    return found
