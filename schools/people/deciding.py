"""Who says the second yes about an adult of a child (S1, S24): a signing guardian, or the school where none can."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from schools.people import queries
from schools.people.models import AdultQuestion
from schools.people.refusals import NotYourAnswer


class Decider(models.TextChoices):
    """Whose answer a question waits for, as its badge says."""

    GUARDIAN = "guardian", _("等监护人确认")
    HEAD = "head", _("等校长决定")
    DEPUTY = "deputy", _("等副组长决定")


def decider(row: AdultQuestion) -> Decider:
    """Whose answer counts now.

    A guardian's no to the end of a denial is not the last word, because a court's order binds the school: asked again,
    it is the school's two hands. What concerns the head, or is asked by the head, is the deputy's.
    """
    if queries.signers_but(row.pupil, row.phone).exists() and not queries.was_refused(row):
        return Decider.GUARDIAN
    return Decider.DEPUTY if _is_heads(row) else Decider.HEAD


def decides(row: AdultQuestion, by: User) -> bool:
    """False for a guardian's own yes or no, True for the school's decision. Raises NotYourAnswer."""
    if by.pk == row.by_id or queries.is_the_person(by, row):
        raise NotYourAnswer
    whose = decider(row)
    if whose is Decider.GUARDIAN:
        if not queries.signers_but(row.pupil, row.phone).filter(user=by).exists():
            raise NotYourAnswer
        return False
    needed = Permission.LEADERS_ASSIGN if whose is Decider.HEAD else Permission.ENROLMENT_REVIEW_SCHOOL
    if not by.has(needed):
        raise NotYourAnswer
    return True


def may_answer(row: AdultQuestion, by: User) -> bool:
    """For pages: whether the buttons are shown."""
    if row.answered_at is not None:
        return False
    try:
        decides(row, by)
    except NotYourAnswer:
        return False
    return True


def may_decide(row: AdultQuestion, by: User) -> bool:
    """Whether the school's decision is this user's, because no guardian can be asked."""
    try:
        return decides(row, by)
    except NotYourAnswer:
        return False


@dataclass(frozen=True)
class Asked:
    """A question as a page shows it."""

    row: AdultQuestion
    may_answer: bool
    said: str
    """Whose answer it waits for, or who said what."""


def shown(rows: Iterable[AdultQuestion], user: User) -> list[Asked]:
    """In the given order."""
    return [
        Asked(row, may_answer(row, user), _answered(row) if row.answered_at else str(decider(row).label))
        for row in rows
    ]


def _answered(row: AdultQuestion) -> str:
    if row.is_decision:
        return gettext("学校已同意") if row.is_yes else gettext("学校不同意")
    return gettext("监护人已同意") if row.is_yes else gettext("监护人不同意")


def _is_heads(row: AdultQuestion) -> bool:
    return any(head.pk == row.by_id or queries.is_the_person(head, row) for head in queries.heads())
