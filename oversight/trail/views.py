"""Pages of the audit chains: how each stands, one of them with its anchors, and verifying in the background."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.accounts.views import UserRequest
from afterbell.kernel.errors import Refused
from afterbell.pages.tables import shown
from oversight.trail import queries
from oversight.trail.forms import ChainFilter
from oversight.trail.queries import CITY, Standing
from oversight.trail.tables import AnchorTable, ChainTable, badge, name_of
from oversight.trail.words import of_flaw, sentence
from tenants import queries as register
from tenants.anchors import queries as anchors
from tenants.anchors import verifying
from tenants.anchors.models import ChainState, Verification
from tenants.models import School


@require_GET
@requires(Permission.AUDIT_READ)
def chains(request: UserRequest) -> HttpResponse:
    """The city's own chain and every school's; filters, sorting and pages in the address."""
    form = ChainFilter(request.GET, districts=queries.district_choices())
    found = queries.chains(now=timezone.now())
    context = {
        "table": shown(ChainTable(queries.narrowed(found, **form.chosen())), request),
        "filter": form,
        "counts": queries.counts(found),
        "may": request.user.has(Permission.AUDIT_VERIFY),
        **_verification(),
    }
    return render(request, "trail/chains.html", context)


@require_GET
@requires(Permission.AUDIT_READ)
def chain(request: UserRequest, code: str) -> HttpResponse:
    """One chain: what is wrong with it, what passes ever found, its anchors and how to check it elsewhere."""
    state = _chain(code)
    context = {
        "state": state,
        "code": code,
        "name": name_of(state),
        "badge": badge(state.standing),
        "may": request.user.has(Permission.AUDIT_VERIFY) and state.standing != Standing.AWAY,
        "troubles": _troubles(state),
        "flaws": [(row.at, of_flaw(row.flaw, row.anchor.position)) for row in queries.flaws_of(state)],
        "table": shown(AnchorTable(queries.anchors_of(state)), request),
        **_verification(),
    }
    return render(request, "trail/chain.html", context)


@requires(Permission.AUDIT_VERIFY)
@require_http_methods(["GET", "POST"])
def verify(request: UserRequest) -> HttpResponse:
    """Asks first; the work is a task's, and this answers at once."""
    school = _school(request.POST.get("school", "") or request.GET.get("school", ""))
    if request.method == "POST":
        try:
            verifying.begin(school=school, by=request.user, now=timezone.now())
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("核验已开始，在后台进行。可以离开本页，结果会留在这里。"))
        return redirect("trail:chain", school.code) if school else redirect("trail:chains")
    return render(request, "trail/verify.html", {"school": school})


@require_GET
@never_cache
@requires(Permission.AUDIT_READ)
def progress(request: UserRequest) -> HttpResponse:
    """How far the verification is; a part of the pages that asks again by itself, until all of the page is new."""
    found = _verification()
    answer = render(request, "trail/parts/progress.html", found)
    if not found["running"]:
        answer.headers["HX-Refresh"] = "true"
    return answer


def _verification() -> dict[str, object]:
    last = queries.last_verification()
    running = last if last is not None and last.done_at is None else None
    return {
        "last": last,
        "running": running,
        "done": anchors.verified(running) if running else 0,
        **_words(last),
    }


def _words(last: Verification | None) -> dict[str, object]:
    given_up = last is not None and last.done_at is not None and last.broken is None
    return {"given_up": given_up, "clean": last is not None and last.broken == 0 and last.unread == 0}


def _troubles(state: ChainState) -> list[str]:
    """What the last pass and the last verification say, each thing once."""
    by_pass = [of_flaw(state.flaw, state.flaw_position)] if state.flaw else []
    return list(dict.fromkeys([*by_pass, *(sentence(one) for one in state.findings)]))


def _chain(code: str) -> Any:
    try:
        return queries.chain_of(code, now=timezone.now())
    except ChainState.DoesNotExist:
        raise Http404 from None


def _school(code: str) -> School | None:
    """None for all chains; an unknown code is not there."""
    if not code or code == CITY:
        return None
    found = register.schools().filter(code=code).first()
    if found is None:
        raise Http404
    return found
