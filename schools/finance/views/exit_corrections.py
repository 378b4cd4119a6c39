"""Page: an exit that the roll contradicts is corrected by the roll; asks first."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.kernel.errors import Refused
from afterbell.kernel.trying import refusal_of
from schools.enrolment import exit_actions
from schools.finance import exit_doubts, queries, rules
from schools.finance.views.frame import BooksRequest, framed, may_see_names
from schools.people.doors import or_404


@requires(Permission.ENROLMENT_REVIEW_SCHOOL)
@require_http_methods(["GET", "POST"])
def correct(request: BooksRequest, agreement_id: UUID) -> HttpResponse:
    """The last day follows the roll; what was calculated by the old one is calculated again."""
    found = or_404(queries.agreement, agreement_id)
    back = f"{reverse('finance:refunds')}?term={found.plan.term_code}"

    def deed() -> object:
        return exit_actions.correct_exit(agreement=found, by=request.user, now=timezone.now())

    refusal: Refused | None = None
    if request.method == "POST":
        try:
            deed()
        except Refused as refused:
            refusal = refused
        else:
            messages.success(request, _("退出日期已更正，退费按新的日期重新计算，家长会收到通知。"))
            return redirect(back)
    else:
        refusal = refusal_of(deed)
    context = framed(
        rules.term(found.plan.term_code),
        "refunds",
        agreement=found,
        seen=exit_doubts.of([found]).get(found.pk),
        refusal=refusal,
        back=back,
        with_names=may_see_names(request),
    )
    status = refusal.status if refusal and request.method == "POST" else 200
    return render(request, "finance/exit_correction.html", context, status=status)
