"""Rules: which are in force, one profile in words, and putting a ready one in force from a day on."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
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
from afterbell.pages.steps import form_step, sent
from oversight.setup import policy_words, queries
from oversight.setup.forms import AdoptForm
from oversight.setup.tables import PolicyTable
from tenants.models import District, Kind, PolicyProfile
from tenants.policies import actions, national, ready
from tenants.policies import queries as policies_queries
from tenants.policies.documents import Policy

NAME_MOST = 60


@require_GET
@requires(Permission.POLICIES_READ)
def policies(request: HttpRequest) -> HttpResponse:
    """What is in force, what was and will be; then the ready ones."""
    table = PolicyTable(list(policies_queries.profiles()), today=local_date(timezone.now()))
    shelf = [Policy.from_document(ready.document(code)) for code in ready.codes()]
    may = holds(request.user, Permission.POLICIES_MANAGE)
    return render(request, "setup/policies.html", {"table": table, "shelf": shelf, "may": may})


@require_GET
@requires(Permission.POLICIES_READ)
def profile(request: HttpRequest, profile_id: UUID) -> HttpResponse:
    """One that was put in force."""
    found = PolicyProfile.objects.select_related("district").filter(pk=profile_id).first()
    if found is None:
        raise Http404
    policy = Policy.from_document(found.document)
    forbidden = national.is_collector_forbidden(
        policy, max(found.valid_from_date, local_date(timezone.now()))
    )
    context = {
        "name": found.name, "row": found, "parts": policy_words.parts(policy), "is_forbidden": forbidden,
        "notes": [remark.text for remark in policy.notes], "sources": [remark.text for remark in policy.sources],
    }  # fmt: skip
    return render(request, "setup/policy.html", context)


@require_GET
@requires(Permission.POLICIES_READ)
def ready_profile(request: HttpRequest, code: str) -> HttpResponse:
    """One of the shelf, with the way to put it in force."""
    policy = _ready(code)
    context = {
        "name": policy.title, "code": code, "parts": policy_words.parts(policy),
        "notes": [remark.text for remark in policy.notes], "sources": [remark.text for remark in policy.sources],
        "is_forbidden": national.is_collector_forbidden(policy, local_date(timezone.now())),
        "may": holds(request.user, Permission.POLICIES_MANAGE),
    }  # fmt: skip
    return render(request, "setup/policy.html", context)


@requires(Permission.POLICIES_MANAGE)
@require_http_methods(["GET", "POST"])
def adopt(request: UserRequest, code: str) -> HttpResponse:
    """First from when and for whom, then a question that says who is affected, then it is done."""
    policy = _ready(code)
    districts = list(District.objects.order_by("position", "code"))
    start = queries.start(local_date(timezone.now()))
    first = start.term.first_date if start.term and not start.has_rules else None
    form = AdoptForm(sent(request), districts=districts, initial={"valid_from_date": first})
    if request.method == "POST" and form.is_valid() and "sure" not in request.POST:
        given = form.cleaned_data
        fields = {name: request.POST.get(name, "") for name in form.fields} | {"sure": "yes"}
        context = {
            "policy": policy, "code": code, "given": given, "fields": fields,
            "count": queries.schools_under(given["district"], given["kind"]),
            "where": given["district"].name if given["district"] else _("全市"),
            "kind": Kind(given["kind"]).label if given["kind"] else "",
            "is_forbidden": national.is_collector_forbidden(policy, given["valid_from_date"]),
        }  # fmt: skip
        return render(request, "setup/adopt.html", context)

    def deed(given: dict[str, Any], now: datetime) -> HttpResponse:
        document = ready.document(code)
        made = actions.adopt(
            name=f"{settings.CITY_NAME}：{document['title']}"[:NAME_MOST],
            document=document,
            source=ready.source_of(document),
            by=request.user,
            now=now,
            **given,
        )
        messages.success(
            request,
            _("已生效：%(name)s，自 %(date)s 起。") % {"name": made.name, "date": made.valid_from_date},
        )
        return redirect("setup:policies")

    context = {
        "title": _("采用：%(name)s") % {"name": policy.title},
        "button": _("下一步"),
        "back": f"/policies/ready/{code}/",
        "back_to": policy.title,
    }
    return form_step(request, form, deed, "setup/form.html", context)


def _ready(code: str) -> Policy:
    if code not in ready.codes():
        raise Http404
    return Policy.from_document(ready.document(code))
