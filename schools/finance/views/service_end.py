"""Page: the school ends its service before the plan's last day; asks first, with a reason."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from schools.finance import actions, queries, uncharged
from schools.finance.forms import ReasonForm
from schools.finance.views.frame import BooksRequest, done, framed, term_of
from schools.people.word_asking import asking
from tenants.models import Term


@requires(Permission.SETTLEMENT_APPROVE)
@require_http_methods(["GET", "POST"])
def end(request: BooksRequest) -> HttpResponse:
    """Today is the last day; families and bureau read the reason."""
    term = term_of(request)
    plan = queries.running_plan(term.code, timezone.now())
    if plan is None:
        return _has_ended(request, term)
    form = ReasonForm(request.POST or None)

    def deed(given: dict[str, Any]) -> None:
        with asking([given["reason"]], by=request.user):
            cancelled = actions.end_service(plan=plan, **given, by=request.user, now=timezone.now())
        said = _("已提前结束服务，取消 %(n)s 节课，已告知家长和教育局。")
        messages.success(request, said % {"n": cancelled})

    status = done(request, form, deed, field="reason")
    if status is None:
        return redirect(f"{reverse('finance:settlement')}?term={term.code}")
    waiting = uncharged.of_plan(plan, timezone.localdate())
    context = framed(term, "settlement", plan=plan, form=form, uncharged=waiting)
    return render(request, "finance/service_end.html", context, status=status)


def _has_ended(request: BooksRequest, term: Term) -> HttpResponse:
    """A tab of yesterday, or a second click: says since when, and by whose words; 404 where nothing ever ran."""
    plan = queries.ended_plan(term.code)
    if plan is None or plan.ended_date is None:
        raise Http404
    context = framed(
        term, "settlement", plan=plan, ended=True, uncharged=uncharged.of_plan(plan, plan.ended_date)
    )
    return render(
        request, "finance/service_end.html", context, status=409 if request.method == "POST" else 200
    )
