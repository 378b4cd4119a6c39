"""The gates of a term in their order (S38): each done, open now, or blocked, with the reason and who has the key."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import may_open
from afterbell.kernel.strings import dotted
from schools.committee.models import Resolution
from schools.committee.states import ResolutionState
from schools.planning import consultation_queries, queries
from schools.planning.models import Consultation, Plan
from schools.planning.states import ConsultationState, PlanState
from tenants.exchange.models import Envelope

DONE, NOW, TO_DO, BLOCKED = "done", "now", "to_do", "blocked"
OFFICE: Final = gettext_lazy("学校办公室")
COMMITTEE: Final = gettext_lazy("家长委员会")
LEADERS: Final = gettext_lazy("校长或副组长")
BUREAU: Final = gettext_lazy("教育局")
SHOWN: Final = {
    DONE: ("good", gettext_lazy("已完成")),
    NOW: ("now", gettext_lazy("进行中")),
    TO_DO: ("now", gettext_lazy("待办理")),
    BLOCKED: ("quiet", gettext_lazy("未开始")),
}
REACHED: Final = {
    PlanState.DRAFT: 0,
    PlanState.RESOLVED: 1,
    PlanState.FILED: 2,
    PlanState.RETURNED: 0,
    PlanState.ACCEPTED: 3,
    PlanState.PUBLISHED: 4,
    PlanState.ENDED: 4,
}
"""How many of the four gates behind the consultation a plan has passed."""


@dataclass(frozen=True)
class Gate:
    """One gate. Later rooms give theirs by `gates(term_code, served, now) -> list[Gate]`, named in settings.TERM_GATES;
    `served` is the plan that runs or has run (queries.served_plan)."""

    name: str | Promise
    state: str
    why: str = ""
    who: str | Promise = ""
    url: str = ""
    due: datetime | date | None = None
    may: Permission | None = None
    """What its next deed asks for; None where nobody is to act, or where what waits is listed by its own room."""
    is_beside: bool = False
    """Work that goes on beside the gates behind it: it waits for those before it, and holds nobody up."""

    @property
    def is_done(self) -> bool:
        return self.state == DONE


def gates(term_code: str, now: datetime) -> list[Gate]:
    """From the consultation to the last gate that a room keeps; what comes after a closed one is blocked."""
    consultation = consultation_queries.of_term(term_code)
    plan = queries.plan_of_term(term_code)
    own = [_asked(consultation), *_of_plan(plan, consultation)]
    served = (
        plan if plan and plan.state in queries.SERVED else queries.served_plan(term_code) if plan else None
    )
    later = [gate for name in settings.TERM_GATES for gate in dotted(name)(term_code, served, now)]
    return _blocked_after([*own, *later])


def as_tasks(found: list[Gate], user: User) -> list[dict[str, Any]]:
    """For the task list of the desk; a gate is a link for those whom its page lets in, and names who has the key."""
    return [
        {
            "title": gate.name,
            "state": SHOWN[gate.state][0],
            "word": SHOWN[gate.state][1],
            "why": gate.why,
            "who": "" if gate.is_done else gate.who,
            "by": None if gate.is_done else gate.due,
            "url": gate.url if gate.url and may_open(user, gate.url) else "",
            "is_mine": gate.state in (NOW, TO_DO) and gate.may is not None and user.has(gate.may),
        }
        for gate in found
    ]


def _asked(consultation: Consultation | None) -> Gate:
    name = _("意愿征询")
    if consultation is None:
        return Gate(
            name,
            TO_DO,
            _("请起草意愿征询，发给每一位可签字的家长"),
            OFFICE,
            reverse("planning:new_consultation"),
            may=Permission.CONSULTATION_MANAGE,
        )
    url = reverse("planning:consultation", args=[consultation.pk])
    if consultation.state == ConsultationState.CLOSED:
        said = _("征询 %(asked)s 人，%(yes)s 人有需求") % {
            "asked": consultation.asked,
            "yes": consultation.yes,
        }
        if consultation.yes:
            return Gate(name, DONE, said, url=url)
        return Gate(name, BLOCKED, _("没有家长有需求，按规定不得开展课后服务"), "", url)
    why = _("正在征询") if consultation.state == ConsultationState.OPEN else _("草稿还没有发出")
    return Gate(name, NOW, why, OFFICE, url, consultation.closes_at, may=Permission.CONSULTATION_MANAGE)


def _of_plan(plan: Plan | None, consultation: Consultation | None) -> list[Gate]:
    passed = REACHED[PlanState(plan.state)] if plan else 0
    url = reverse("planning:plan", args=[plan.pk]) if plan else _new_plan(consultation)
    filing = queries.last_filing(plan) if plan else None
    resolution = queries.resolution_of(plan) if plan else None
    told: list[tuple[str, str, Any, datetime | None, Permission | None]] = [
        (
            _("家长委员会决议"),
            _why_resolution(plan, resolution),
            COMMITTEE if resolution else OFFICE,
            None,
            None if resolution and resolution.state == ResolutionState.OPEN else Permission.PLAN_DRAFT,
        ),
        (_("学校审核并报备"), _why_filing(plan, filing), LEADERS, None, Permission.PLAN_REVIEW),
        (_("教育局受理"), _why_accepted(filing), BUREAU, filing.due_at if filing else None, None),
        (_("收费公示"), _why_published(plan), OFFICE, None, Permission.FEE_NOTICE_PUBLISH),
    ]
    return [
        Gate(name, DONE if place < passed else NOW, why, who, url, due, may=may)
        for place, (name, why, who, due, may) in enumerate(told)
    ]


def _new_plan(consultation: Consultation | None) -> str:
    is_closed = consultation is not None and consultation.state == ConsultationState.CLOSED
    return reverse("planning:new_plan", args=[consultation.pk]) if consultation and is_closed else ""


def _why_resolution(plan: Plan | None, resolution: Resolution | None) -> str:
    if plan is None:
        return _("方案还没有起草")
    if resolution is None:
        return _("方案起草中，完成后交家委会表决")
    return _("决议 %(number)s，%(state)s") % {
        "number": resolution.number,
        "state": resolution.get_state_display(),
    }


def _why_filing(plan: Plan | None, filing: Envelope | None) -> str:
    if filing is None:
        return _("审核通过后报教育局备案")
    if plan and plan.state == PlanState.RETURNED:
        return _("教育局退回：%(note)s") % {"note": filing.answer_note}
    return ""


def _why_accepted(filing: Envelope | None) -> str:
    return _("已报送，等待教育局答复") if filing and not filing.answer else ""


def _why_published(plan: Plan | None) -> str:
    if plan is None or plan.published_at is None:
        return _("受理后向家长公示收费标准和成本明细，之后家长才能申请")
    return ""


def _blocked_after(found: list[Gate]) -> list[Gate]:
    """One gate at a time is open: the first that is not done; those behind it say which one they wait for."""
    waited_for = (place for place, gate in enumerate(found) if not gate.is_done and not gate.is_beside)
    first = next(waited_for, len(found))
    behind = [
        gate
        if gate.is_done
        else Gate(gate.name, BLOCKED, _("要先完成“%(name)s”") % {"name": found[first].name}, gate.who)
        for gate in found[first + 1 :]
    ]
    return [*found[: first + 1], *behind]
