"""How a child goes home (S24): a signing guardian's page, and the desk's list of consents that hold no longer."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.pages.steps import sent
from schools.care import families, homeward, homeward_actions
from schools.care.forms import HomeForm
from schools.care.roll import day_of
from schools.people.doors import or_404
from schools.people.models import Guardian
from schools.staffing.views import DeskRequest

PER_PAGE = 50


@never_cache
@requires(Permission.CHILD_MANAGE)
@require_http_methods(["GET", "POST"])
def home(request: DeskRequest, agreement_id: UUID) -> HttpResponse:
    """What is agreed, whose word it is, and yes or no."""
    now = timezone.now()
    found = or_404(homeward.one_of_family, request.user, agreement_id, day_of(now))
    consent, noes = homeward.of(found), homeward.noes(found)
    others = [row for row in noes if row.user_id != request.user.pk]
    has_own = len(others) < len(noes)
    form = HomeForm(sent(request), consent=consent, may_say_yes=has_own or not others)
    if request.method == "POST" and form.is_valid():
        try:
            word = homeward_actions.say(
                agreement=found,
                is_yes=form.cleaned_data["answer"] == "yes",
                seen=form.cleaned_data["seen"],
                by=request.user,
                now=now,
            )
        except (
            homeward_actions.SaidMeanwhile,
            homeward_actions.SaidAlready,
            homeward_actions.AnothersNo,
        ) as refusal:
            messages.warning(request, str(refusal))
            return redirect("care:home", found.pk)
        except homeward_actions.SignsTooLately as refusal:
            form.add_error("answer", str(refusal))
        else:
            is_yes = form.cleaned_data["answer"] == "yes"
            messages.success(request, _said(is_yes=is_yes, counts=word.is_yes, adult=word.guardian.name))
            return redirect("care:child_today", found.pupil_id)
    giver = Guardian.objects.get(pk=consent.giver_id)
    context = {
        "agreement": found,
        "consent": consent,
        "giver": giver,
        "others": others,
        "has_own": has_own,
        "form": form,
    }
    return render(request, "care/home.html", context, status=400 if form.errors else 200)


def _said(*, is_yes: bool, counts: bool, adult: str) -> str:
    if is_yes and not counts:
        return _("已改回您的答复。%(adult)s 的答复仍是由接送人来接，孩子现在还不能自行离校。") % {
            "adult": adult
        }
    return _("已答复，学校和其他监护人会收到通知。")


@require_GET
@requires(Permission.ROSTER_MANAGE)
def homes(request: DeskRequest) -> HttpResponse:
    """Children who must not go alone until a guardian has said a new word, with whom to call."""
    rows = homeward.unsettled(homeward.running(day_of(timezone.now())))
    page = Paginator(rows.order_by("pupil__school_class__grade", "pupil__name", "pk"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    found = [(row, homeward.of(row)) for row in page.object_list]
    givers = homeward.givers([consent for _row, consent in found])
    signers = families.signers({row.pupil_id for row, _consent in found})
    lines = [
        (row, consent, givers[consent.giver_id], signers.get(row.pupil_id, [])) for row, consent in found
    ]
    return render(request, "care/homes.html", {"page": page, "lines": lines})
