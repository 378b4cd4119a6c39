"""A step through the gates, of a plan or an amendment: a page that asks first; the action behind it has the last word."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.views.decorators.http import require_http_methods

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from schools.planning.plan_views import PlanRequest
from schools.planning.refusing import refused


class Door(NamedTuple):
    """To what the step is about."""

    find: Callable[[PlanRequest, UUID], Any]
    """404 for what the user may not see."""
    page: str
    """Its address by name, to go back to."""
    said: Callable[[Any], Sequence[str]]
    """Line by line, before the question: the first line names the plan."""
    back: Promise
    """The words of the way back."""


def step(
    door: Door,
    *permissions: Permission,
    question: Promise,
    consequence: Promise,
    button: Promise,
    done: Promise,
    act: Callable[[PlanRequest, Any, datetime], object],
) -> Callable[..., HttpResponseBase]:
    """GET asks, or says what refuses it; POST does it."""

    @requires(*permissions)
    @require_http_methods(["GET", "POST"])
    def page(request: PlanRequest, **which: UUID) -> HttpResponse:
        found = door.find(request, *which.values())
        if request.method == "POST":
            act(request, found, timezone.now())
            messages.success(request, str(done))
            return redirect(door.page, found.pk)
        name, *changes = door.said(found)
        back = reverse(door.page, args=[found.pk])
        if no := refused(
            request,
            lambda: act(request, found, timezone.now()),
            what=button,
            name=name,
            back=back,
            to=door.back,
        ):
            return no
        context = {
            "back": back,
            "name": name,
            "changes": changes,
            "question": question,
            "consequence": consequence,
            "button": button,
        }
        return render(request, "planning/step.html", context)

    return page
