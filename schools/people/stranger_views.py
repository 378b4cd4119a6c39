"""The page on which the office denies somebody who is no adult of the child."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.pages.steps import sent
from schools.people import correction_views, steps, stranger_actions
from schools.people.doors import PeopleRequest
from schools.people.forms import StrangerForm


@require_http_methods(["GET", "POST"])
@requires(Permission.PUPILS_READ)
def deny(request: PeopleRequest, pupil_id: UUID) -> HttpResponse:
    """Whom, by name or number, and why."""
    correction_views.refuse_others(request.user)
    found = steps.pupil_of(request, pupil_id)
    form = StrangerForm(sent(request))

    def deed(given: dict[str, Any], now: datetime) -> HttpResponse:
        given["phone"] = given["phone"] or ""
        stranger_actions.deny_stranger(pupil=found, **given, by=request.user, now=now)
        messages.success(request, _("已登记。校门口交接时会醒目提示。"))
        return redirect("people:pupil", found.pk)

    note = _(
        "法院文书或监护人要求里的人，不在孩子的家长和接送人名单里，也可以在这里登记。"
        "他（她）不会因此有账号，看不到孩子的信息；以后用这个姓名或手机号添加、导入，都会被拦下。"
    )
    title = _("登记不得接走 %(pupil)s 的人") % {"pupil": found.name}
    return steps.step(
        request, form, deed, title=title, button=_("登记禁止"), pupil=found, note=note, kind="danger"
    )
