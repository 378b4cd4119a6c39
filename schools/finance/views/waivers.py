"""Pages: one charge with how it came about and its waivers; asking, deciding, taking back; many at once."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.kernel.errors import Refused
from afterbell.pages.tables import shown
from schools.finance import actions, explaining, offering, queries, rules, waiving
from schools.finance.forms import WaiverDecisionForm, WaiverFilter, WaiverForm, WithdrawalForm
from schools.finance.models import Charge, Waiver
from schools.finance.states import WaiverState
from schools.finance.tables.waivers import WAIVER_LOOK, WaiverTable
from schools.finance.views.frame import BooksRequest, framed, may_see_names, term_of
from schools.people.doors import or_404


@require_GET
@requires(Permission.BOOKS_READ)
def charge(request: BooksRequest, charge_id: UUID) -> HttpResponse:
    """One charge; reasons and proofs are for who asks or decides."""
    return _page(request, or_404(queries.charge, charge_id))


@require_POST
@requires(Permission.CHARGES_MANAGE)
def ask(request: BooksRequest, charge_id: UUID) -> HttpResponse:
    """With the proof; another person decides."""
    found = or_404(queries.charge, charge_id)
    form = _asking(found, request.POST)
    if form.is_valid():
        try:
            actions.request_waiver(charge=found, **form.cleaned_data, by=request.user, now=timezone.now())
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已提交，请另一位有权的人审批。"))
            return redirect("finance:charge", found.pk)
    return _page(request, or_404(queries.charge, charge_id), asking=form)


@require_POST
@requires(Permission.WAIVERS_DECIDE)
def decide(request: BooksRequest, waiver_id: UUID) -> HttpResponse:
    """Grant, or refuse with a reason."""
    found = or_404(waiving.waiver, waiver_id)
    form = WaiverDecisionForm(request.POST)
    form.is_valid()
    reason = form.cleaned_data.get("reason", "")
    try:
        if request.POST.get("decision") == "grant":
            if reason:
                form.add_error("reason", _("批准时不记原因。请清空后再批准，或者选择不批准。"))
                return _page(request, or_404(queries.charge, found.charge_id), deciding=form)
            actions.grant_waiver(waiver=found, by=request.user, now=timezone.now())
            messages.success(request, _("已减免。本学期以后的收费按同样比例减免。"))
        else:
            actions.refuse_waiver(waiver=found, reason=reason, by=request.user, now=timezone.now())
            messages.success(request, _("已退回申请人。"))
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _page(request, or_404(queries.charge, found.charge_id), deciding=form)
    return redirect("finance:charge", found.charge_id)


@requires(Permission.WAIVERS_DECIDE)
@require_http_methods(["GET", "POST"])
def withdraw(request: BooksRequest, waiver_id: UUID) -> HttpResponse:
    """Taking back asks first, and says what else goes with it."""
    found = or_404(waiving.waiver, waiver_id)
    form = WithdrawalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.withdraw_waiver(
                waiver=found, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now()
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已撤回，应缴金额已恢复。"))
            return redirect("finance:charge", found.charge_id)
    charges = waiving.resting_on(found)
    context = framed(
        rules.term(found.charge.term_code),
        "charges",
        waiver=found,
        form=form,
        charges=charges,
        total=sum(each.waived_fen for each in charges),
        back=reverse("finance:charge", args=[found.charge_id]),
    )
    return render(request, "finance/waiver_withdraw.html", context, status=400 if form.errors else 200)


@require_GET
@requires(Permission.BOOKS_READ)
def waivers(request: BooksRequest) -> HttpResponse:
    """The open ones, or those of another state; for who asks or decides."""
    _refuse_others(request)
    term = term_of(request)
    state = request.GET.get("state", WaiverState.REQUESTED)
    state = state if state in {*WaiverState.values, "all"} else WaiverState.REQUESTED
    rows = waiving.waivers(term.code, state="" if state == "all" else state)
    table = WaiverTable(rows, with_names=may_see_names(request), reasons=rules.waiver_names())
    may_decide = request.user.has(Permission.WAIVERS_DECIDE)
    context = framed(
        term,
        "charges",
        table=shown(table, request),
        filter=WaiverFilter(initial={"state": state, "term": term.code}),
        may_grant=may_decide and waiving.to_decide(request.user) > 0,
    )
    return render(request, "finance/waivers.html", context)


@requires(Permission.WAIVERS_DECIDE)
@require_http_methods(["GET", "POST"])
def grant_all(request: BooksRequest) -> HttpResponse:
    """All open ones that this person may decide; asks first, and grants exactly what it showed."""
    term = term_of(request)
    back = f"{reverse('finance:waivers')}?term={term.code}"
    found = _offers(request, term.code)
    error = ""
    if request.method == "POST":
        try:
            granted = actions.grant_waivers(
                waivers=[offer.waiver.pk for offer in found],
                shown=request.POST.get("shown", ""),
                by=request.user,
                now=timezone.now(),
            )
        except Refused as refusal:
            error, found = str(refusal), _offers(request, term.code)
        else:
            messages.success(request, _("已批准 %(n)s 笔减免。") % {"n": len(granted)})
            return redirect(back)
    names = rules.waiver_names()
    context = framed(
        term,
        "charges",
        offers=[(offer, names.get(offer.waiver.reason, offer.waiver.reason)) for offer in found],
        total=sum(offer.fen for offer in found),
        fields={"shown": offering.digest(found)},
        error=error,
        back=back,
        with_names=may_see_names(request),
    )
    return render(request, "finance/waivers_grant.html", context, status=409 if error else 200)


def _offers(request: BooksRequest, term_code: str) -> list[offering.Offer]:
    rows = waiving.waivers(term_code, state=WaiverState.REQUESTED).order_by("charge__agreement__number", "pk")
    return offering.offers(rows, request.user)


def _refuse_others(request: BooksRequest) -> None:
    if not _knows(request):
        raise PermissionDenied


def _knows(request: BooksRequest) -> bool:
    """Why a family pays less is for who asks and who decides, not for all who read the books."""
    return request.user.has(Permission.CHARGES_MANAGE) or request.user.has(Permission.WAIVERS_DECIDE)


def _asking(found: Charge, data: Any = None) -> WaiverForm:
    days = rules.billing(found.period, rules.term(found.term_code)).days
    policy = queries.policy_or_none(days.first)
    return WaiverForm(data, policy=policy.policy if policy else None)


def _page(
    request: BooksRequest,
    found: Charge,
    *,
    asking: WaiverForm | None = None,
    deciding: WaiverDecisionForm | None = None,
) -> HttpResponse:
    knows = _knows(request)
    names = rules.waiver_names()
    asked = waiving.of_charge(found)
    reason = names.get(found.waiver_reason, found.waiver_reason) if knows else ""
    wrong = any(form is not None and form.errors for form in (asking, deciding))
    context = framed(
        rules.term(found.term_code),
        "charges",
        charge=found,
        lines=explaining.charge_lines(found, reason),
        waivers=[_shown(request, each, names) for each in asked],
        asking=asking or _asking(found),
        deciding=deciding or WaiverDecisionForm(),
        may_ask=_may_ask(request, found, asked),
        knows=knows,
        wrong=wrong,
        with_names=may_see_names(request),
    )
    return render(request, "finance/charge.html", context, status=400 if wrong else 200)


def _may_ask(request: BooksRequest, found: Charge, asked: list[Waiver]) -> bool:
    is_open = any(each.state == WaiverState.REQUESTED for each in asked)
    is_due = found.gross_fen > found.waived_fen == 0 and found.taken_back_at is None
    return request.user.has(Permission.CHARGES_MANAGE) and is_due and not is_open


def _shown(request: BooksRequest, waiver: Waiver, names: dict[str, str]) -> dict[str, Any]:
    """A waiver with what this person may do about it."""
    may, is_open = request.user.has(Permission.WAIVERS_DECIDE), waiver.state == WaiverState.REQUESTED
    is_own = waiver.requested_by_id == request.user.pk
    return {
        "waiver": waiver,
        "reason": names.get(waiver.reason, waiver.reason),
        "look": WAIVER_LOOK[waiver.state],
        "may_decide": may and is_open and not is_own,
        "is_own": may and is_open and is_own,
        "may_withdraw": may
        and waiver.state == WaiverState.GRANTED
        and waiver.decided_by_id != request.user.pk,
    }
