"""Pages of the school office: classes, pupils, one pupil with the adults and their rights."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.kernel.dates import local_date
from afterbell.pages.steps import sent
from afterbell.pages.tables import shown
from schools.people import (
    adult_actions,
    class_queries,
    correction_views,
    deciding,
    lifting_actions,
    pupil_actions,
    queries,
    staff_actions,
    steps,
)
from schools.people.doors import PeopleRequest
from schools.people.forms import (
    AdultForm,
    ChangedRightsForm,
    ClassForm,
    DenialForm,
    EndForm,
    LeaveForm,
    LiftForm,
    PupilFilter,
    PupilForm,
)
from schools.people.models import AdultQuestion
from schools.people.refusals import CorrectedMeanwhile
from schools.people.rights import Rights
from schools.people.tables import ClassTable, PupilTable

GET_AND_POST = ["GET", "POST"]
STAFFS = gettext_lazy("这是本校教职工的号码。")
NO_SIGNER = gettext_lazy("孩子原来的可签字家长都已解除、被禁止或不再签字。")
ASKED = {
    deciding.Decider.GUARDIAN: gettext_lazy("已请孩子可签字的监护人在“我的孩子”里确认，同意前没有任何权限。"),
    deciding.Decider.HEAD: gettext_lazy("已提交校长。校长核对证明、写明理由同意后，这位家长才有权限。"),
    deciding.Decider.DEPUTY: gettext_lazy("已提交副组长。副组长核对证明、写明理由同意后，这位家长才有权限。"),
}
LIFT_ASKED = {
    deciding.Decider.GUARDIAN: gettext_lazy("已请孩子可签字的监护人确认。同意以前仍然禁止接走。"),
    deciding.Decider.HEAD: gettext_lazy("已提交校长决定。同意以前仍然禁止接走。"),
    deciding.Decider.DEPUTY: gettext_lazy("已提交副组长决定。同意以前仍然禁止接走。"),
}


@require_GET
@requires(Permission.CLASSES_READ)
def classes(request: PeopleRequest) -> HttpResponse:
    """The classes that the user may see, with head counts."""
    may_import = request.user.has(Permission.ROSTER_IMPORT)
    table = ClassTable(queries.class_list(request.user))
    if not may_import:
        table.empty_text_long = gettext_lazy("名册由学校办公室导入，之后这里会列出每个班级。")
    table = shown(table, request, per_page=100)
    return render(request, "people/classes.html", {"table": table, "may_import": may_import})


@require_GET
@requires(Permission.PUPILS_READ)
def pupils(request: PeopleRequest) -> HttpResponse:
    """The pupils that the user may see, with filters, sorting and pages in the address."""
    form = PupilFilter(request.GET, classes=class_queries.to_look_through(request.user))
    chosen = form.cleaned_data if form.is_valid() else {}
    found = queries.pupil_list(
        request.user,
        class_id=chosen.get("school_class", ""),
        search=chosen.get("search", ""),
        state=chosen.get("state", "") or "here",
    )
    table = PupilTable(found)
    if not request.user.has(Permission.ROSTER_IMPORT):
        table.empty_text_long = gettext_lazy("请放宽筛选条件。名册由学校办公室导入。")
    context = {
        "filter": form,
        "table": shown(table, request),
        "may_manage": request.user.has(Permission.PUPILS_MANAGE),
        "may_import": request.user.has(Permission.ROSTER_IMPORT),
    }
    return render(request, "people/pupils.html", context)


@require_GET
@requires(Permission.PUPILS_READ)
def pupil(request: PeopleRequest, pupil_id: UUID) -> HttpResponse:
    """One pupil, the adults, and what may be done."""
    found = steps.pupil_of(request, pupil_id)
    context = {
        "pupil": found,
        "ties": queries.adults_of(found),
        "history": queries.history_of(found),
        "questions": deciding.shown(queries.questions_of(found), request.user, timezone.now()),
        "may_correct": correction_views.may_correct(request.user),
        "may_manage": correction_views.may_manage(request.user, found),
        "sees_reasons": queries.classes_of(request.user) is None,
    }
    return render(request, "people/pupil.html", context)


@require_http_methods(GET_AND_POST)
@requires(Permission.PUPILS_MANAGE)
def new_pupil(request: PeopleRequest) -> HttpResponse:
    """A pupil who joins."""
    form = PupilForm(
        sent(request),
        classes=class_queries.to_join(request.user, today=timezone.localdate()),
        initial={"joined_date": local_date(timezone.now())},
    )

    def deed(given: dict[str, Any], now: datetime) -> HttpResponse:
        given["school_class"] = steps.class_of(request, given["school_class"])
        made = pupil_actions.admit_pupil(**given, by=request.user, now=now)
        messages.success(request, _("已登记学生。请添加家长。"))
        return redirect("people:new_adult", made.pk)

    return steps.step(request, form, deed, title=_("登记新学生"), button=_("保存"), pupil=None)


@require_http_methods(GET_AND_POST)
@requires(Permission.PUPILS_READ)
def move(request: PeopleRequest, pupil_id: UUID) -> HttpResponse:
    """To another class; a pupil who had left comes back into it. By the head for a child of the office."""
    found = steps.pupil_of(request, pupil_id)
    correction_views.refuse_unmanaged(request.user, found)
    form = ClassForm(sent(request), classes=class_queries.to_join(request.user, today=timezone.localdate()))
    returns = found.left_date is not None

    def deed(given: dict[str, Any], now: datetime) -> HttpResponse:
        action = pupil_actions.readmit if returns else pupil_actions.move_class
        action(
            pupil=found, school_class=steps.class_of(request, given["school_class"]), by=request.user, now=now
        )
        messages.success(request, _("已重新入校。") if returns else _("已转班。"))
        return redirect("people:pupil", found.pk)

    title = _("%(name)s 重新入校") if returns else _("%(name)s 转班")
    return steps.step(request, form, deed, title=title % {"name": found.name}, button=_("确认"), pupil=found)


@require_http_methods(GET_AND_POST)
@requires(Permission.PUPILS_READ)
def leave(request: PeopleRequest, pupil_id: UUID) -> HttpResponse:
    """The pupil leaves; asks for the last day. By the head for a child of the office."""
    found = steps.pupil_of(request, pupil_id)
    correction_views.refuse_unmanaged(request.user, found)
    form = LeaveForm(sent(request), first=found.joined_date, last=local_date(timezone.now()))

    def deed(given: dict[str, Any], now: datetime) -> HttpResponse:
        pupil_actions.leave(pupil=found, on=given["on"], by=request.user, now=now)
        messages.success(request, _("已登记离校。"))
        return redirect("people:pupil", found.pk)

    note = _("离校后不再征询意愿、不能再申请和点名。已有的记录和账目都保留，以后可以重新入校。")
    return steps.step(
        request,
        form,
        deed,
        title=_("%(name)s 离校") % {"name": found.name},
        button=_("登记离校"),
        pupil=found,
        note=note,
    )


@require_http_methods(GET_AND_POST)
@requires(Permission.PUPILS_READ)
def new_adult(request: PeopleRequest, pupil_id: UUID) -> HttpResponse:
    """An adult more: by the office, or by the head, because nobody enters the own child."""
    correction_views.refuse_others(request.user)
    found = steps.pupil_of(request, pupil_id)
    form = AdultForm(sent(request))

    def deed(given: dict[str, Any], now: datetime) -> HttpResponse:
        made = staff_actions.add_or_ask(pupil=found, **given, by=request.user, now=now)
        if isinstance(made, AdultQuestion):
            messages.warning(request, _asked(made))
        else:
            messages.success(request, _("已添加。他（她）现在可以用手机号登录。"))
        return redirect("people:pupil", found.pk)

    return steps.step(
        request,
        form,
        deed,
        title=_("给 %(name)s 添加家长") % {"name": found.name},
        button=_("添加"),
        pupil=found,
    )


@require_http_methods(GET_AND_POST)
@requires(Permission.PUPILS_READ)
def rights(request: PeopleRequest, pupil_id: UUID, tie_id: UUID) -> HttpResponse:
    """What an adult is to the child and may do; asks why. Who was overtaken sees what is true now."""
    correction_views.refuse_others(request.user)
    found, tie = steps.pupil_and_tie(request, pupil_id, tie_id)
    there = Rights.of(tie)
    form = ChangedRightsForm(sent(request), initial={**vars(there), "before": there.packed})

    def deed(given: dict[str, Any], now: datetime) -> HttpResponse:
        try:
            asked = staff_actions.change_or_ask(tie=tie, **given, by=request.user, now=now)
        except CorrectedMeanwhile as refusal:
            messages.warning(request, str(refusal))
            return redirect("people:rights", found.pk, tie.pk)
        if asked is not None:
            messages.warning(request, _asked(asked))
        else:
            messages.success(request, _("已修改。"))
        return redirect("people:pupil", found.pk)

    return steps.step(
        request,
        form,
        deed,
        title=_("%(name)s 的权限") % {"name": tie.guardian.name},
        button=_("保存"),
        pupil=found,
        note=_("本人和孩子可签字的监护人会看到改了什么，看不到原因。"),
    )


@require_http_methods(GET_AND_POST)
@requires(Permission.PUPILS_READ)
def deny(request: PeopleRequest, pupil_id: UUID, tie_id: UUID) -> HttpResponse:
    """Asks for the reason."""
    correction_views.refuse_others(request.user)
    found, tie = steps.pupil_and_tie(request, pupil_id, tie_id)
    form = DenialForm(sent(request))

    def deed(given: dict[str, Any], now: datetime) -> HttpResponse:
        adult_actions.deny(tie=tie, **given, by=request.user, now=now)
        messages.success(request, _("已登记。校门口交接时会醒目提示。"))
        return redirect("people:pupil", found.pk)

    names = {"adult": tie.guardian.name, "pupil": found.name}
    note = _("%(adult)s 对 %(pupil)s 的所有权限立即停止：不能签字、不能接走、看不到孩子的信息。") % names
    title = _("禁止 %(adult)s 接走 %(pupil)s") % names
    return steps.step(
        request, form, deed, title=title, button=_("登记禁止"), pupil=found, note=note, kind="danger"
    )


@require_http_methods(GET_AND_POST)
@requires(Permission.PUPILS_READ)
def lift(request: PeopleRequest, pupil_id: UUID, tie_id: UUID) -> HttpResponse:
    """Asks for the reason, and then somebody else: a denial ends by two."""
    correction_views.refuse_others(request.user)
    found, tie = steps.pupil_and_tie(request, pupil_id, tie_id)
    form = LiftForm(sent(request))

    def deed(given: dict[str, Any], now: datetime) -> HttpResponse:
        made = lifting_actions.ask_to_lift(tie=tie, **given, by=request.user, now=now)
        messages.warning(request, str(LIFT_ASKED[deciding.decider(made)]))
        return redirect("people:pupil", found.pk)

    names = {"adult": tie.guardian.name, "pupil": found.name}
    note = _(
        "请先核对法院文书或监护人的书面要求。要由另一个人同意才会解除：孩子可签字的监护人；没有监护人能答复的，由校长决定。"
        "解除后，%(adult)s 和 %(pupil)s 的权限要重新逐项设置。"
    )
    title = _("解除对 %(adult)s 接走 %(pupil)s 的禁止") % names
    return steps.step(
        request, form, deed, title=title, button=_("提出解除"), pupil=found, note=note % names, kind="danger"
    )


@require_http_methods(GET_AND_POST)
@requires(Permission.PUPILS_READ)
def end(request: PeopleRequest, pupil_id: UUID, tie_id: UUID) -> HttpResponse:
    """Asks for the reason."""
    correction_views.refuse_others(request.user)
    found, tie = steps.pupil_and_tie(request, pupil_id, tie_id)
    form = EndForm(sent(request))

    def deed(given: dict[str, Any], now: datetime) -> HttpResponse:
        adult_actions.end_tie(tie=tie, **given, by=request.user, now=now)
        messages.success(request, _("已解除。"))
        return redirect("people:pupil", found.pk)

    names = {"adult": tie.guardian.name, "pupil": found.name}
    note = _(
        "%(adult)s 不能再签字、接走或看到 %(pupil)s。做过的记录都保留。导入名册不会自动恢复。"
        "本人和其他可签字的监护人会收到通知，但看不到原因。"
    )
    title = _("解除 %(adult)s 和 %(pupil)s 的关系") % names
    return steps.step(
        request, form, deed, title=title, button=_("解除关系"), pupil=found, note=note % names, kind="danger"
    )


def _asked(question: AdultQuestion) -> str:
    """Why it is asked about, and who decides."""
    why = STAFFS if queries.is_staffs(question.phone, question.name) else NO_SIGNER
    return f"{why}{ASKED[deciding.decider(question)]}"
