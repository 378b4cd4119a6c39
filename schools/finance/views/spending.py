"""Pages: expenditure, asked for by one person and approved by another."""

from typing import Final
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.signing import BadSignature
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.kernel import signing
from afterbell.kernel.dates import local_date
from afterbell.kernel.errors import Refused
from afterbell.kernel.ids import uuid7
from afterbell.pages.tables import shown
from schools.finance import actions, asked_before, findings, payees, queries, rules, second_persons, spending
from schools.finance.findings import Finding
from schools.finance.forms import DecisionForm, ExpenditureForm
from schools.finance.models import Expenditure
from schools.finance.states import ExpenditureState
from schools.finance.tables.spending import ExpenditureTable
from schools.finance.views.frame import BooksRequest, framed, held_by_others, may_move_money, term_of
from schools.people import named, word_actions, word_queries
from schools.people.doors import or_404
from tenants.exchange.names import NamesAChild
from tenants.models import Term

PURPOSE: Final = "expenditure"
ONE_DAY: Final = 24 * 60 * 60


@requires(Permission.BOOKS_READ)
@require_http_methods(["GET", "POST"])
def expenditures(request: BooksRequest) -> HttpResponse:
    """All of them; a new request, for those who may. A word that warns is asked about once before it goes on."""
    term = term_of(request)
    may_ask = request.user.has(Permission.EXPENDITURE_REQUEST)
    if request.method == "POST" and not may_ask:
        raise PermissionDenied
    form, found = _form(request, term) if may_ask else None, list[Finding]()
    if form is not None and request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        found = [
            *payees.findings(given["title"], given["payee"], given["spent_date"]),
            *_asked_before(term, form),
        ]
        if not found or request.POST.get("goes_on") == findings.words(found):
            asked = _ask(request, term, form)
            if asked is not None:
                return asked
    table = shown(ExpenditureTable(queries.expenditures(term.code)), request)
    context = framed(term, "expenditures", table=table, form=form, found=found, warned=findings.words(found))
    return render(
        request, "finance/expenditures.html", context, status=400 if form is not None and form.errors else 200
    )


@requires(Permission.BOOKS_READ)
@require_http_methods(["GET"])
def expenditure(request: BooksRequest, expenditure_id: UUID) -> HttpResponse:
    """One of them, and the decision for who may take it."""
    return _page(request, or_404(queries.expenditure, expenditure_id), DecisionForm())


@require_POST
@requires(Permission.EXPENDITURE_APPROVE)
def decide(request: BooksRequest, expenditure_id: UUID) -> HttpResponse:
    """Approve, or refuse with a reason."""
    found = or_404(queries.expenditure, expenditure_id)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form, status=400)
    decision = {
        "expenditure": found, "reason": form.cleaned_data["reason"], "by": request.user, "now": timezone.now(),
    }  # fmt: skip
    try:
        if request.POST.get("decision") == "approve":
            actions.approve_expenditure(**decision)
            messages.success(request, _("已批准并记账。"))
        else:
            actions.refuse_expenditure(**decision)
            messages.success(request, _("已退回申请人。"))
    except Refused as refusal:
        if isinstance(refusal, NamesAChild):
            _ask_about(request, found.item, found.title, found.payee, writer=found.requested_by)
        now_found = or_404(queries.expenditure, expenditure_id)
        return _page(request, now_found, form, status=409, refusal=str(refusal))
    return redirect(f"{reverse('finance:expenditures')}?term={found.term_code}")


def _form(request: BooksRequest, term: Term) -> ExpenditureForm:
    """With the items that the policy allows, the people hired, and the register of today."""
    today = local_date(timezone.now())
    policy = queries.policy_or_none(max(term.first_date, min(today, term.last_date)))
    return ExpenditureForm(
        request.POST or None,
        initial={"spent_date": today, "key": signing.sign(str(uuid7()), purpose=PURPOSE)},
        items=spending.allowed(policy.policy.spending_kinds) if policy else list(spending.ITEMS),
        contracts=payees.hired(term, term.last_date),
        providers=payees.providers(today),
    )


def _ask(request: BooksRequest, term: Term, form: ExpenditureForm) -> HttpResponse | None:
    """On to the new request, or None with the refusal on the form."""
    try:
        given = {**form.cleaned_data, "key": _key(form.cleaned_data["key"])}
        asked = actions.request_expenditure(term_code=term.code, **given, by=request.user, now=timezone.now())
    except NamesAChild as refusal:
        _ask_about(request, given["item"], given["title"], given["payee"].name)
        form.add_error(None, str(refusal))
        return None
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return None
    messages.success(request, _("已提交，请另一位有权的人审批。"))
    return redirect("finance:expenditure", asked.pk)


def _asked_before(term: Term, form: ExpenditureForm) -> list[Finding]:
    given = form.cleaned_data
    asked = {name: given[name] for name in ("title", "payee", "amount", "spent_date")}
    return asked_before.of(term_code=term.code, own=_key(given["key"]), **asked)


def _ask_about(request: BooksRequest, item: str, title: str, payee: str, writer: User | None = None) -> None:
    """The refusal is a page and takes nothing back with it: the question about the name stays, for another."""
    doubts = named.doubts(payees.own_words(item, title, payee))
    word_actions.ask(doubts=doubts, by=request.user, now=timezone.now(), writer=writer)


def _key(signed: str) -> UUID:
    """A page from yesterday, or one that somebody changed, gets a key of its own."""
    try:
        return UUID(signing.unsign(signed, purpose=PURPOSE, max_age=ONE_DAY))
    except BadSignature:
        return uuid7()


def _page(
    request: BooksRequest, found: Expenditure, form: DecisionForm, status: int = 200, refusal: str = ""
) -> HttpResponse:
    """A refusal stands above everything: where it is late, there is no form left to carry it."""
    term = rules.term(found.term_code)
    is_open = found.state == ExpenditureState.REQUESTED
    is_own = found.requested_by_id == request.user.pk
    may = request.user.has(Permission.EXPENDITURE_APPROVE)
    pays = is_open and may_move_money(request, Permission.EXPENDITURE_APPROVE, found.term_code)
    can = pays and not is_own and not payees.is_paid(found, request.user, term)
    decides = may or request.user.has(Permission.PLAN_FILE)
    doubts = named.doubts(payees.own_words(found.item, found.title, found.payee)) if decides else []
    right = Permission.EXPENDITURE_APPROVE
    held_by = held_by_others(request, right, found.term_code, may=pays) if is_open else ""
    context = framed(
        term,
        "expenditures",
        expenditure=found,
        item=spending.BY_CODE.get(found.item),
        named=word_queries.asked(doubts),
        asked=payees.findings_of(found) if is_open and may else findings.read(found.findings),
        form=form,
        may_decide=is_open and may and not is_own,
        may_approve=can,
        held_by=held_by,
        refusal=refusal,
        nobody=second_persons.nobody_approves(found, term, timezone.now()) if is_open and not can else "",
        is_own=is_open and may and is_own,
    )
    return render(request, "finance/expenditure.html", context, status=status)
