"""Districts: the list, a new one, another name, one taken away that nothing hangs on."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import holds, requires
from afterbell.accounts.views import UserRequest
from afterbell.kernel.errors import Refused
from afterbell.pages.steps import form_step, sent
from oversight.setup.forms import DistrictForm, RenameForm
from oversight.setup.tables import DistrictTable
from tenants import district_actions
from tenants.models import District


@require_GET
@requires(Permission.SCHOOLS_READ)
def districts(request: HttpRequest) -> HttpResponse:
    """All of them, in the order in which every page shows them."""
    found = District.objects.annotate(school_count=Count("schools")).order_by("position", "code")
    may = holds(request.user, Permission.SCHOOLS_MANAGE)
    return render(
        request, "setup/districts.html", {"table": DistrictTable(list(found), may_manage=may), "may": may}
    )


@requires(Permission.SCHOOLS_MANAGE)
@require_http_methods(["GET", "POST"])
def add(request: UserRequest) -> HttpResponse:
    """One more, at the end."""
    form = DistrictForm(sent(request))

    def deed(given: dict[str, Any], now: datetime) -> HttpResponse:
        made = district_actions.add_district(**given, by=request.user, now=now)
        messages.success(request, _("已添加：%(name)s。") % {"name": made.name})
        return redirect("setup:districts")

    return form_step(request, form, deed, "setup/form.html", _frame(_("添加区县"), _("添加")))


@requires(Permission.SCHOOLS_MANAGE)
@require_http_methods(["GET", "POST"])
def rename(request: UserRequest, code: str) -> HttpResponse:
    """The name only: the code is what counts."""
    found = _district(code)
    form = RenameForm(sent(request), initial={"name": found.name, "seen": found.name})

    def deed(given: dict[str, Any], now: datetime) -> HttpResponse:
        found.name = given["seen"]
        district_actions.rename_district(district=found, name=given["name"], by=request.user, now=now)
        messages.success(request, _("已改名：%(name)s。") % {"name": found.name})
        return redirect("setup:districts")

    lede = _("所有页面（包括以往学期）都显示新名称，代码 %(code)s 不变。") % {"code": found.code}
    return form_step(request, form, deed, "setup/form.html", _frame(_("区县改名"), _("保存"), lede=lede))


@requires(Permission.SCHOOLS_MANAGE)
@require_http_methods(["GET", "POST"])
def remove(request: UserRequest, code: str) -> HttpResponse:
    """Asks first; says why not where something hangs on it."""
    found = _district(code)
    uses = district_actions.uses_of(found)
    refusal: Refused | None = None
    if uses:
        refusal = district_actions.DistrictInUse(name=found.name, uses="；".join(uses))
    if request.method == "POST":
        try:
            found.name = str(request.POST.get("seen", ""))
            district_actions.remove_district(district=found, by=request.user, now=timezone.now())
        except Refused as refused:
            refusal = refused
        else:
            messages.success(request, _("已删除：%(name)s。") % {"name": found.name})
            return redirect("setup:districts")
    context = {"district": found, "refusal": refusal, "fields": {"seen": found.name}}
    return render(
        request, "setup/remove_district.html", context, status=409 if request.method == "POST" else 200
    )


def _district(code: str) -> District:
    found = District.objects.filter(code=code.replace("\x00", "")).first()
    if found is None:
        raise Http404
    return found


def _frame(title: str, button: str, *, lede: str = "") -> dict[str, object]:
    return {
        "title": title, "button": button, "lede": lede, "back": "/districts/", "back_to": _("区县"),
    }  # fmt: skip
