"""Page: the school ends its service before the plan's last day; asks first, with a reason."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.kernel.errors import Refused
from schools.finance import actions, queries
from schools.finance.forms import ReasonForm
from schools.finance.views.frame import BooksRequest, framed, term_of


@requires(Permission.SETTLEMENT_APPROVE)
@require_http_methods(["GET", "POST"])
def end(request: BooksRequest) -> HttpResponse:
    """Today is the last day; families and bureau read the reason."""
    term = term_of(request)
    plan = queries.running_plan(term.code, timezone.now())
    if plan is None:
        raise Http404
    form, status = ReasonForm(request.POST or None), 200
    if request.method == "POST" and form.is_valid():
        try:
            cancelled = actions.end_service(
                plan=plan, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now()
            )
        except Refused as refusal:
            form.add_error("reason", str(refusal))
            status = refusal.status
        else:
            said = _("已提前结束服务，取消 %(n)s 节课，已告知家长和教育局。")
            messages.success(request, said % {"n": cancelled})
            return redirect(f"{reverse('finance:settlement')}?term={term.code}")
    context = framed(term, "settlement", plan=plan, form=form)
    return render(request, "finance/service_end.html", context, status=status)
