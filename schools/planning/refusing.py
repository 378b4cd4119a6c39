"""What would be refused whatever is filled in or confirmed is said before a form or a question is shown."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.trying import refusal_of

TO_PLAN, TO_AMENDMENT, TO_CONSULTATION = _("返回方案"), _("返回变更"), _("返回意愿征询")


def refused(
    request: HttpRequest,
    check: Callable[[], object],
    *,
    what: str | Promise,
    name: str,
    back: str,
    to: str | Promise = TO_PLAN,
) -> HttpResponse | None:
    """The page that says why not, where `check` refuses before anything was sent; None where it doesn't.

    `check` may be the deed itself: what it does is undone. `back` is the address behind `to`.
    """
    if request.method == "POST":
        return None  # the deed has the last word
    refusal = refusal_of(check)
    if refusal is None:
        return None
    context: dict[str, Any] = {"refusal": refusal, "button": what, "name": name, "back": back, "to": to}
    return render(request, "planning/step.html", context)
