"""Opening one school from a page: the same as `afterbell school add`; many at once stay with the command."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.accounts.views import UserRequest
from afterbell.pages.steps import form_step, sent
from oversight.setup.forms import SchoolForm
from tenants import hosts, provisioning
from tenants.models import District


@requires(Permission.SCHOOLS_MANAGE)
@require_http_methods(["GET", "POST"])
def add(request: UserRequest) -> HttpResponse:
    """A school is open in about a second: its schema is replayed from the template's in one transaction."""
    districts = list(District.objects.order_by("position", "code"))
    form = SchoolForm(sent(request), districts=districts)

    def deed(given: dict[str, Any], now: datetime) -> HttpResponse:
        made = provisioning.open_school(**given, by=request.user, now=now)
        messages.success(
            request,
            _(
                "已开通：%(name)s，网址 %(address)s。请在服务器上为校长建立第一个账号："
                "afterbell account add --school %(code)s --role principal --login 登录名 --name 姓名 --phone 手机号"
            )
            % {"name": made.name, "address": hosts.address("/", school_code=made.code), "code": made.code},
        )
        return redirect("register:schools")

    context = {
        "title": _("开通学校"),
        "button": _("开通"),
        "lede": _("一次开通很多学校，请在服务器上运行 afterbell school open --from 名单.csv。"),
        "back": "/schools/",
        "back_to": _("学校名录"),
        "missing": None if districts else _("还没有区县。请先添加区县，再开通学校。"),
        "missing_url": "/districts/new/",
        "missing_to": _("添加区县"),
    }
    return form_step(request, form, deed, "setup/form.html", context)
