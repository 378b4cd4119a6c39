"""What every page of the books shares: the term that is looked at, the tabs, and the warning about the collector."""

from collections.abc import Callable
from typing import Any

from django.forms import Form
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from afterbell.accounts.permissions import Permission
from afterbell.accounts.views import UserRequest
from afterbell.kernel.dates import local_date
from afterbell.kernel.errors import Refused
from schools.finance import collectors, holding, queries, rules
from schools.finance.states import RefundState
from tenants.middleware import SchoolRequest
from tenants.models import Term


class BooksRequest(UserRequest, SchoolRequest):
    """In a school, behind `requires`."""


TABS = (
    ("overview", "finance:overview"),
    ("charges", "finance:charges"),
    ("payments", "finance:payments"),
    ("expenditures", "finance:expenditures"),
    ("months", "finance:months"),
    ("refunds", "finance:refunds"),
    ("settlement", "finance:settlement"),
)


class NoTermYet(Refused):
    """The city's first term has not begun."""

    code = "finance.no_term_yet"
    message = gettext_lazy("市级校历中还没有已经开始的学期，所以还没有账目。学期由市级管理员录入。")
    status = 404


def term_of(request: BooksRequest) -> Term:
    """`?term=`, or the term that has begun last. 404 for a term that there is none of. Raises NoTermYet."""
    code = request.GET.get("term", "")
    if code:
        try:
            return rules.term(code)
        except rules.UnknownTerm:
            raise Http404 from None
    found = rules.term_of_day(local_date(timezone.now()))
    if found is None:
        raise NoTermYet
    return found


def framed(term: Term, current: str, **more: Any) -> dict[str, Any]:
    """The context of a page."""
    words = {
        "overview": _("账目总览"),
        "charges": _("应收"),
        "payments": _("收款"),
        "expenditures": _("支出"),
        "months": _("月结公示"),
        "refunds": _("退费"),
        "settlement": _("学期结算"),
    }
    query = f"?term={term.code}"
    tabs = [
        {"label": words[key], "url": reverse(name) + query, "current": key == current} for key, name in TABS
    ]
    others = [each for each in queries.terms() if each.code != term.code]
    return {
        "term": term,
        "other_terms": others,
        "tabs": tabs,
        "query": query,
        "is_collector_forbidden": queries.is_collector_forbidden(term, local_date(timezone.now())),
        **more,
    }


def may_move_money(request: BooksRequest, right: Permission, term_code: str) -> bool:
    """The right by the role, and the side by fact: who holds the money acts on it (S3, S7)."""
    return request.user.has(right) and holding.acts(request.user, term_code, timezone.now())


def held_by_others(request: BooksRequest, right: Permission, term_code: str, *, may: bool) -> str:
    """Whose money it is, for somebody who has the right and stands on the other side; else nothing."""
    if may or not request.user.has(right):
        return ""
    return str(collectors.NAMES[holding.of_term(term_code)])


def done(
    request: BooksRequest, form: Form, deed: Callable[[dict[str, Any]], object], *, field: str | None = None
) -> int | None:
    """What a page asks before it is done: None once it is, else the status with which the page asks (again).

    A refusal stands on the form, at the field where there is one.
    """
    if request.method != "POST":
        return 200
    if not form.is_valid():
        return 400
    try:
        deed(form.cleaned_data)
    except Refused as refusal:
        form.add_error(field, str(refusal))
        return refusal.status
    return None


def may_see_names(request: BooksRequest) -> bool:
    """Committee members read the books by agreement numbers."""
    return request.user.has(Permission.PUPILS_READ)


def refund_counts(term_code: str) -> dict[str, dict[str, int]]:
    """Of every state, also where there is none: how many refunds, how much."""
    found = queries.refund_counts(term_code)
    return {
        state: {"n": found.get(state, (0, 0))[0], "fen": found.get(state, (0, 0))[1]}
        for state in RefundState.values
    }
