"""Pages: what families were charged; a period previewed, asked and charged; a run taken back as a whole."""

from typing import Any
from uuid import UUID

from django.contrib import messages
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
from schools.finance import actions, leavers, queries, reached, rules, runs
from schools.finance.actions.run_holders import held, holders
from schools.finance.forms import ChargeForm, ReasonForm
from schools.finance.tables.charging import ChargeTable, LineTable, RunTable
from schools.finance.views.frame import BooksRequest, done, framed, may_see_names, term_of
from schools.people.doors import or_404
from schools.planning import fees
from schools.planning.models import Plan
from schools.planning.queries import served_plan
from tenants.models import Term


@require_GET
@requires(Permission.BOOKS_READ)
def charges(request: BooksRequest) -> HttpResponse:
    """What families were charged, and the runs that did it; a period to look at, for those who may charge."""
    term = term_of(request)
    plan = served_plan(term.code)
    may_charge = request.user.has(Permission.CHARGES_MANAGE)
    table = ChargeTable(queries.charges(term.code), with_names=may_see_names(request))
    context = framed(
        term,
        "charges",
        table=shown(table, request),
        runs=_runs(term, may_charge=may_charge),
        form=ChargeForm(periods=_periods(term)),
        fees=fees.said(plan, request.school.stage) if plan else "",
        may_charge=may_charge,
        doubled=queries.doubled_charges(term) if may_charge else [],
        sees_waivers=may_charge or request.user.has(Permission.WAIVERS_DECIDE),
    )
    return render(request, "finance/charges.html", context)


@requires(Permission.CHARGES_MANAGE)
@require_http_methods(["GET", "POST"])
def preview(request: BooksRequest) -> HttpResponse:
    """Families, sum, difference to the last run; then charges exactly what it showed."""
    term = term_of(request)
    plan = served_plan(term.code)
    if plan is None:
        raise Http404
    form = ChargeForm(request.POST or request.GET, periods=_periods(term))
    draft, status = None, 200
    if form.is_valid():
        period = form.cleaned_data["period"]
        try:
            if request.method == "POST":
                return _charge(request, plan, period, term)
            draft = runs.draft(plan, period)
        except Refused as refusal:
            form.add_error(None, str(refusal))
            status = refusal.status
            draft = _draft_or_none(plan, period)
    else:
        status = 400
    returned = leavers.returned(draft) if draft else {}
    names = may_see_names(request)
    table = LineTable(draft.lines, with_names=names, returned=returned) if draft else None
    context = framed(
        term,
        "charges",
        form=form,
        draft=draft,
        later_hours=queries.not_charged_after(term.code),
        not_made=queries.months_not_made(plan, draft.billing.label) if draft else [],
        returned=sum(returned.values()),
        leavers=len(returned),
        table=shown(table, request) if table else None,
        back=f"{reverse('finance:charges')}?term={term.code}",
    )
    return render(request, "finance/charge_preview.html", context, status=status)


@requires(Permission.CHARGES_MANAGE)
@require_http_methods(["GET", "POST"])
def take_back(request: BooksRequest, run_id: UUID) -> HttpResponse:
    """Asks first, with a reason; the whole run or nothing."""
    found = or_404(queries.run, run_id)
    form = ReasonForm(request.POST or None)

    def deed(given: dict[str, Any]) -> None:
        actions.take_back(run=found, **given, by=request.user, now=timezone.now())

    status = done(request, form, deed, field="reason")
    if status is None:
        messages.success(request, _("已撤回，%(n)s 户的应收已冲正。") % {"n": found.families})
        return redirect(f"{reverse('finance:charges')}?term={found.term_code}")
    context = framed(rules.term(found.term_code), "charges", run=found, form=form, holders=holders(found))
    return render(request, "finance/take_back.html", context, status=status)


@requires(Permission.CHARGES_MANAGE)
@require_http_methods(["GET", "POST"])
def take_back_doubled(request: BooksRequest, charge_id: UUID) -> HttpResponse:
    """One of two charges for the same days, from before runs; asks first, with a reason."""
    found = or_404(queries.charge, charge_id)
    form = ReasonForm(request.POST or None)

    def deed(given: dict[str, Any]) -> None:
        actions.take_back_doubled(charge=found, **given, by=request.user, now=timezone.now())

    status = done(request, form, deed, field="reason")
    if status is None:
        messages.success(request, _("已撤回这笔重复的费用，应收已冲正。"))
        return redirect("finance:charge", found.pk)
    context = framed(rules.term(found.term_code), "charges", charge=found, form=form)
    return render(request, "finance/take_back_doubled.html", context, status=status)


def _charge(request: BooksRequest, plan: Plan, period: str, term: Term) -> HttpResponse:
    run = actions.charge_period(
        plan=plan, period=period, shown=request.POST.get("shown", ""), by=request.user, now=timezone.now()
    )
    said = _("已开具 %(n)s 户，共 %(sum)s。有误可以在有人缴费之前整批撤回。")
    messages.success(request, said % {"n": run.families, "sum": format_fen(Fen(run.total_fen))})
    return redirect(f"{reverse('finance:charges')}?term={term.code}")


def _runs(term: Term, *, may_charge: bool) -> RunTable:
    """Only who may charge sees which runs can still be taken back."""
    found = list(queries.runs(term.code))
    read = reached.by_run(found)
    if not may_charge:
        return RunTable(found, reached=read, exclude=("undo",))
    standing = [run for run in found if run.taken_back_at is None]
    return RunTable(found, reached=read, held=held(term.code, standing))


def _draft_or_none(plan: Plan, period: str) -> runs.Draft | None:
    """What would be charged now, where anything can be: the page shows it beside the refusal."""
    try:
        return runs.draft(plan, period)
    except Refused:
        return None


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
