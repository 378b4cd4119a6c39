"""Questions about adults of a child that wait for a guardian (settings.WAITING)."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.kernel.waiting import Waiting
from schools.people import deciding, queries, word_queries
from schools.people.models import AdultQuestion


def waiting_for(user: User, now: datetime) -> list[Waiting]:
    """One query for guardians, leaders, whoever may answer about words; none for others. Some for each decision."""
    return [*_adults(user, now), *_decisions(user, now), *_words(user)]


def _words(user: User) -> list[Waiting]:
    n = word_queries.waiting_for(user) if user.has(Permission.PLAN_FILE) else 0
    said = ngettext("有 %(n)s 段文字等您核对", "有 %(n)s 段文字等您核对", n) % {"n": n}
    return [Waiting(said, reverse("people:words"))] if n else []


def _decisions(user: User, now: datetime) -> list[Waiting]:
    """Where no guardian can be asked, or none has answered in time, a leader decides."""
    if not user.has(Permission.ENROLMENT_REVIEW_SCHOOL):
        return []
    tying = _("请核对证明后决定：%(adult)s 能不能登记为 %(pupil)s 的家长")
    lifting = _("请核对文书后决定：能不能解除对 %(adult)s 接走 %(pupil)s 的禁止")
    return [
        _waits(row, tying, lifting) for row in queries.unanswered() if deciding.may_decide(row, user, now)
    ]


def _adults(user: User, now: datetime) -> list[Waiting]:
    if not user.has(Permission.CHILD_MANAGE):
        return []
    tying = _("请确认：%(adult)s 能不能登记为 %(pupil)s 的家长或接送人")
    lifting = _("请确认：能不能解除对 %(adult)s 接走 %(pupil)s 的禁止")
    asked = queries.open_questions(user).order_by("at", "pk")
    return [_waits(row, tying, lifting) for row in asked if deciding.may_answer(row, user, now)]


def _waits(row: AdultQuestion, tying: str, lifting: str) -> Waiting:
    said = tying if row.tie_id is None else lifting
    names = {"adult": row.name, "pupil": row.pupil.name}
    return Waiting(said % names, reverse("people:question", args=[row.pk]))
