"""Reads of questions about words: those that wait, what was said about a text, what stands for a plan."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import F, Q, QuerySet

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from schools.people.models import WordKind, WordQuestion
from schools.people.words import Doubt

MOST_PERSONS: Final = 100


@dataclass(frozen=True)
class Asked:
    """A doubt with its question; without one nobody has asked yet."""

    doubt: Doubt
    question: WordQuestion | None

    @property
    def is_settled(self) -> bool:
        return self.question is not None and self.question.is_fine is True

    @property
    def what(self) -> str:
        return str(WordKind(self.doubt.kind).label)


def asked(doubts: Iterable[Doubt]) -> list[Asked]:
    """Each doubt with its question, in their order; one query, none without doubts."""
    some = list({doubt.id: doubt for doubt in doubts}.values())
    if not some:
        return []
    rows = WordQuestion.objects.select_related("asked_by", "answered_by").in_bulk(
        [doubt.id for doubt in some]
    )
    return [Asked(doubt, rows.get(doubt.id)) for doubt in some]


def unsettled(doubts: Iterable[Doubt]) -> list[Asked]:
    """Those that nobody has said may stand."""
    return [each for each in asked(doubts) if not each.is_settled]


def questions_for(user: User) -> QuerySet[WordQuestion]:
    """Those that wait first, then the newest. Names of pupils are for who may read about pupils, and for who asked."""
    found = WordQuestion.objects.select_related("asked_by", "answered_by")
    if not user.has(Permission.PUPILS_READ):
        found = found.filter(~Q(kind=WordKind.NAME) | Q(asked_by=user))
    return found.order_by(F("answered_at").desc(nulls_first=True), "-asked_at", "pk")


def question_for(user: User, question_id: UUID) -> WordQuestion:
    """One of them. Raises WordQuestion.DoesNotExist."""
    return questions_for(user).get(pk=question_id)


def answered_about_persons() -> list[WordQuestion]:
    """Names of candidates that somebody has looked at, in the order of the answers."""
    found = WordQuestion.objects.filter(kind=WordKind.PERSON, answered_at__isnull=False)
    return list(found.order_by("answered_at", "pk")[:MOST_PERSONS])


def waiting_for(user: User) -> int:
    """How many wait for somebody else than who asked, and may be answered by this user."""
    return WordQuestion.objects.filter(answered_at=None).exclude(asked_by=user).count()
