"""Pages of a parent: my children, and who may collect each of them."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.kernel import waiting
from afterbell.kernel.errors import Refused
from afterbell.pages.steps import sent
from schools.people import adult_actions, queries, refusals
from schools.people.doors import PeopleRequest, or_404
from schools.people.forms import CollectorForm


@require_GET
@requires(Permission.CHILD_READ)
def home(request: PeopleRequest) -> HttpResponse:
    """My children, what waits for me, and everything that a parent can do here."""
    context = {
        "children": queries.family_of(request.user).order_by("school_class__grade", "pk"),
        "waiting": waiting.everything(request.user, timezone.now()),
    }
    return render(request, "people/family.html", context)


@require_GET
@requires(Permission.CHILD_READ)
def child(request: PeopleRequest, pupil_id: UUID) -> HttpResponse:
    """One child, and who may collect it."""
    found = or_404(queries.child_of, request.user, pupil_id)
    context = {
        "child": found,
        "collectors": queries.collectors_of(found),
        "me": queries.guardian_of(request.user),
        "back_url": reverse("people:family"),
    }
    return render(request, "people/child.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.CHILD_MANAGE)
def new_collector(request: PeopleRequest, pupil_id: UUID) -> HttpResponse:
    """Somebody more who may collect."""
    found = or_404(queries.child_of, request.user, pupil_id)
    form = CollectorForm(sent(request))
    if request.method == "POST" and form.is_valid():
        try:
            adult_actions.add_collector(pupil=found, **form.cleaned_data, by=request.user, now=timezone.now())
        except refusals.NotYourChild:
            raise
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已添加。他（她）从现在起可以来接孩子。"))
            return redirect("people:child", found.pk)
    context = {"form": form, "child": found, "back_url": reverse("people:child", args=[found.pk])}
    return render(request, "people/collector.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires(Permission.CHILD_MANAGE)
def remove_collector(request: PeopleRequest, pupil_id: UUID, tie_id: UUID) -> HttpResponse:
    """Asks first."""
    found = or_404(queries.child_of, request.user, pupil_id)
    tie = or_404(queries.collector_of, found, tie_id)
    if request.method == "POST":
        adult_actions.remove_collector(tie=tie, by=request.user, now=timezone.now())
        messages.success(request, _("已删除。他（她）不能再接孩子。"))
        return redirect("people:child", found.pk)
    return render(request, "people/remove_collector.html", {"tie": tie, "child": found})
