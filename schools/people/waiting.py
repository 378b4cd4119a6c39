"""Questions about adults of a child that wait for a guardian (settings.WAITING)."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.kernel.waiting import Waiting
from schools.people import queries, staff_actions, word_queries


def waiting_for(user: User, now: datetime) -> list[Waiting]:  # noqa: ARG001  (what settings.WAITING calls)
    """One query for guardians, leaders, whoever may answer about words; none for others. Some for each decision."""
    return [*_adults(user), *_decisions(user), *_words(user)]


def _words(user: User) -> list[Waiting]:
    n = word_queries.waiting_for(user) if user.has(Permission.PLAN_FILE) else 0
    said = ngettext("有 %(n)s 段文字等您核对", "有 %(n)s 段文字等您核对", n) % {"n": n}
    return [Waiting(said, reverse("people:words"))] if n else []


def _decisions(user: User) -> list[Waiting]:
    """Where no guardian can be asked, a leader decides."""
    if not user.has(Permission.ENROLMENT_REVIEW_SCHOOL):
        return []
    said = _("请核对证明后决定：%(adult)s 能不能登记为 %(pupil)s 的家长")
    return [
        Waiting(
            said % {"adult": row.name, "pupil": row.pupil.name}, reverse("people:question", args=[row.pk])
        )
        for row in queries.unanswered()
        if staff_actions.may_decide(row, user)
    ]


def _adults(user: User) -> list[Waiting]:
    if not user.has(Permission.CHILD_MANAGE):
        return []
    said = _("请确认：%(adult)s 能不能登记为 %(pupil)s 的家长或接送人")
    return [
        Waiting(
            said % {"adult": row.name, "pupil": row.pupil.name}, reverse("people:question", args=[row.pk])
        )
        for row in queries.open_questions(user).order_by("at", "pk")
    ]
