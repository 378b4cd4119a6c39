"""Pages on which the office puts right how a pupil or an adult is called, or how an adult is reached."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.pages.steps import sent
from schools.people import correction_actions, queries, steps
from schools.people.doors import PeopleRequest
from schools.people.forms import NameCorrectionForm, PhoneCorrectionForm
from schools.people.models import Pupil

GET_AND_POST = ["GET", "POST"]


def may_correct(user: User) -> bool:
    """The office; and who gives leaders their roles, for what the office can't do to its own."""
    return user.has(Permission.PUPILS_MANAGE) or user.has(Permission.LEADERS_ASSIGN)


def may_manage(user: User, pupil: Pupil) -> bool:
    """What the child is called, its class and its leaving: the office; the head for a child of somebody of the office."""
    if user.has(Permission.PUPILS_MANAGE):
        return True
    return user.has(Permission.LEADERS_ASSIGN) and queries.is_offices_child(pupil)


def refuse_unmanaged(user: User, pupil: Pupil) -> None:
    """Raises PermissionDenied."""
    if not may_manage(user, pupil):
        raise PermissionDenied


@require_http_methods(GET_AND_POST)
@requires(Permission.PUPILS_READ)
def pupil_name(request: PeopleRequest, pupil_id: UUID) -> HttpResponse:
    """How the pupil is really called."""
    found = steps.pupil_of(request, pupil_id)
    refuse_unmanaged(request.user, found)
    form = NameCorrectionForm(sent(request), initial={"before": found.name, "name": found.name})

    def deed(given: dict[str, Any], now: datetime) -> HttpResponse:
        correction_actions.correct_pupil_name(pupil=found, **given, by=request.user, now=now)
        messages.success(request, _("姓名已更正。"))
        return redirect("people:pupil", found.pk)

    title = _("更正 %(name)s 的姓名") % {"name": found.name}
    note = _("签过的申请、协议保留签字时的姓名。可以签字的家长会收到通知。")
    return steps.step(request, form, deed, title=title, button=_("更正"), pupil=found, note=note)


@require_http_methods(GET_AND_POST)
@requires(Permission.PUPILS_READ)
def adult_name(request: PeopleRequest, pupil_id: UUID, tie_id: UUID) -> HttpResponse:
    """How the adult is really called."""
    refuse_others(request.user)
    found, tie = steps.pupil_and_tie(request, pupil_id, tie_id)
    adult = tie.guardian
    form = NameCorrectionForm(sent(request), initial={"before": adult.name, "name": adult.name})

    def deed(given: dict[str, Any], now: datetime) -> HttpResponse:
        correction_actions.correct_name(guardian=adult, **given, by=request.user, now=now)
        messages.success(request, _("姓名已更正。"))
        return redirect("people:pupil", found.pk)

    title = _("更正 %(name)s 的姓名") % {"name": adult.name}
    note = _("只改同一个人的姓名写法，他（她）名下每个孩子都会改。换了一个人，请另行添加家长，不要改名。")
    return steps.step(request, form, deed, title=title, button=_("更正"), pupil=found, note=note)


@require_http_methods(GET_AND_POST)
@requires(Permission.PUPILS_READ)
def adult_phone(request: PeopleRequest, pupil_id: UUID, tie_id: UUID) -> HttpResponse:
    """The number that is really the adult's."""
    refuse_others(request.user)
    found, tie = steps.pupil_and_tie(request, pupil_id, tie_id)
    adult = tie.guardian
    form = PhoneCorrectionForm(sent(request), initial={"before": adult.phone})

    def deed(given: dict[str, Any], now: datetime) -> HttpResponse:
        claim = correction_actions.correct_phone(guardian=adult, **given, by=request.user, now=now)
        if claim is None:
            messages.success(request, _("手机号已更正。旧号码已退出登录，不能再登录。"))
        else:
            messages.success(request, _("已登记，新号码还没有生效：请本人用原来的号码登录后确认。"))
        return redirect("people:pupil", found.pk)

    title = _("更正 %(name)s 的手机号") % {"name": adult.name}
    note = _(
        "请当面核对身份证。本人和孩子的其他监护人会收到通知。本人登录过的，要由本人用原来的号码登录后确认；"
        "原来的手机丢了的，三天内没有人否定，再由另一位有权的人当面核实。"
    )
    return steps.step(request, form, deed, title=title, button=_("更正"), pupil=found, note=note)


def refuse_others(user: User) -> None:
    if not may_correct(user):
        raise PermissionDenied
