"""Terms: the list, a new one, other dates with what they mean for the schools, one taken back."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import holds, requires
from afterbell.accounts.views import UserRequest
from afterbell.kernel.dates import local_date
from afterbell.kernel.errors import Refused
from afterbell.pages.steps import form_step, sent
from oversight.setup.forms import SeenTermForm, TermChangeForm, TermForm
from oversight.setup.tables import TermTable
from tenants import queries, term_actions
from tenants.models import Term

NAMED = 5
"""Schools that a question names; the others are counted."""


@require_GET
@requires(Permission.CALENDAR_READ)
def terms(request: HttpRequest) -> HttpResponse:
    """The newest on top."""
    found = list(Term.objects.order_by("-first_date", "pk"))
    may = holds(request.user, Permission.CALENDAR_MANAGE)
    table = TermTable(found, today=local_date(timezone.now()), may_manage=may)
    overlaps = queries.overlapping_terms()
    return render(request, "setup/terms.html", {"table": table, "may": may, "overlaps": overlaps})


@requires(Permission.CALENDAR_MANAGE)
@require_http_methods(["GET", "POST"])
def add(request: UserRequest) -> HttpResponse:
    """Schools may ask and plan in it from now on."""
    form = TermForm(sent(request))

    def deed(given: dict[str, Any], now: datetime) -> HttpResponse:
        made = term_actions.add_term(**given, by=request.user, now=now)
        messages.success(
            request, _("已添加：%(name)s。学校现在可以为它征询意愿、制定方案。") % {"name": made.name}
        )
        return redirect("setup:terms")

    return form_step(request, form, deed, "setup/form.html", _frame(_("添加学期"), _("添加")))


@requires(Permission.CALENDAR_MANAGE)
@require_http_methods(["GET", "POST"])
def change(request: UserRequest, code: str) -> HttpResponse:
    """Moving dates that schools work with asks first, with the schools by name."""
    found = _term(code)
    initial = {
        "name": found.name, "first_date": found.first_date, "last_date": found.last_date,
        "seen_name": found.name, "seen_first": found.first_date, "seen_last": found.last_date,
    }  # fmt: skip
    form = TermChangeForm(sent(request), initial=initial)
    used = term_actions.uses(found.code)
    if request.method == "POST" and form.is_valid() and form.moves() and used and "sure" not in request.POST:
        fields = {name: request.POST.get(name, "") for name in form.fields} | {"sure": "yes"}
        context = {
            "term": found, "given": form.cleaned_data, "fields": fields, "used": used[:NAMED],
            "more": max(0, len(used) - NAMED), "count": len(used),
        }  # fmt: skip
        return render(request, "setup/change_term.html", context)

    def deed(given: dict[str, Any], now: datetime) -> HttpResponse:
        term_actions.change_term(
            term=form.seen(found),
            name=given["name"],
            first_date=given["first_date"],
            last_date=given["last_date"],
            by=request.user,
            now=now,
        )
        messages.success(
            request,
            _("已保存。各校的统计会在几分钟内按新的日期重新计算。") if form.moves() else _("已保存。"),
        )
        return redirect("setup:terms")

    lede = (
        _("已有 %(count)s 所学校在这个学期征询意愿或制定方案：新的日期要包含它们的方案。")
        % {"count": len(used)}
        if used
        else _("还没有学校使用这个学期，可以随意修改。")
    )
    return form_step(request, form, deed, "setup/form.html", _frame(_("修改学期"), _("保存"), lede=lede))


@requires(Permission.CALENDAR_MANAGE)
@require_http_methods(["GET", "POST"])
def remove(request: UserRequest, code: str) -> HttpResponse:
    """Asks first; says why not where schools work in it."""
    found = _term(code)
    used = term_actions.uses(found.code)
    refusal: Refused | None = None
    if used:
        refusal = term_actions.TermIsUsed(count=len(used), name=found.name, school=used[0].school)
    if request.method == "POST":
        form = SeenTermForm(request.POST)
        try:
            if not form.is_valid():
                raise term_actions.TermMoved(first=found.first_date, last=found.last_date)
            term_actions.remove_term(term=form.seen(found), by=request.user, now=timezone.now())
        except Refused as refused:
            refusal = refused
        else:
            messages.success(request, _("已删除：%(name)s。") % {"name": found.name})
            return redirect("setup:terms")
    fields = {
        "seen_name": found.name, "seen_first": found.first_date.isoformat(),
        "seen_last": found.last_date.isoformat(),
    }  # fmt: skip
    context = {"term": found, "refusal": refusal, "fields": fields}
    return render(request, "setup/remove_term.html", context, status=409 if request.method == "POST" else 200)


def _term(code: str) -> Term:
    found = Term.objects.filter(code=code.replace("\x00", "")).first()
    if found is None:
        raise Http404
    return found


def _frame(title: str, button: str, *, lede: str = "") -> dict[str, object]:
    return {"title": title, "button": button, "lede": lede, "back": "/terms/", "back_to": _("学期")}
