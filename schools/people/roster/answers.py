"""Questions that a roster raises, and their answers: a number is no identity, so the office says who is meant.

A number that is known under another name is the same person (the name is put right) or another one (the number is
wrong). Until somebody says which, nothing is tied and nobody renamed. Answers come from the page, or from the file: the
columns 核对 and 系统里的姓名 that the marked workbook has.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from afterbell.accounts import phones
from schools.people import naming
from schools.people.roster import cells
from schools.people.roster.sheets import Cell
from schools.people.roster.spots import Spot

NAMES: Final = re.compile(r"[、,;/]")


class Answer(TextChoices):
    """Who is meant."""

    SAME = "same", gettext_lazy("同一人，姓名更正")
    OTHER = "other", gettext_lazy("另一人，号码写错")


WORDS: Final[Mapping[str, Answer]] = {
    "同一人": Answer.SAME,
    "同一个人": Answer.SAME,
    "是同一人": Answer.SAME,
    "另一人": Answer.OTHER,
    "另一个人": Answer.OTHER,
    "不是同一人": Answer.OTHER,
}
"""As the workbook's column 核对 says it; anything else is no answer."""


class Kind(TextChoices):
    """What is known under another name, and to whom it belongs."""

    OWN = "own", gettext_lazy("手机号是这个孩子另一位家长的")
    STRANGER = "stranger", gettext_lazy("手机号是别的孩子家长的")
    PUPIL = "pupil", gettext_lazy("学籍号是另一个学生姓名的")


@dataclass(frozen=True)
class Said:
    """What a row of the file answers, and about which known names; no names: about whoever it is."""

    answer: Answer
    about: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Question:
    """One number that is known under another name, in one row."""

    spot: Spot
    kind: Kind
    pupil_number: str
    pupil_name: str
    class_name: str
    phone: str
    known: str
    named: str
    """As the roster says; empty where it has no name."""
    said: Said | None = None

    @property
    def key(self) -> str:
        """What was asked: who is known, and as whom they stand where. Another question has another answer."""
        parts = [self.kind, self.pupil_number, self.phone, self.known, self.named]
        return sha256("\n".join(parts).encode()).hexdigest()[:32]

    @property
    def subject(self) -> str:
        """The number that it is about."""
        return phones.shown(self.phone) if self.phone else self.pupil_number

    @property
    def text(self) -> str:
        """For the clerk."""
        if self.kind is Kind.PUPIL:
            said = _("学籍号 %(number)s 在系统里是“%(known)s”，名册写的是“%(named)s”。同一人还是另一人？")
        elif self.named:
            said = _("手机号 %(number)s 在系统里是“%(known)s”，名册写的是“%(named)s”。同一人还是另一人？")
        else:
            said = _(
                "手机号 %(number)s 在系统里是“%(known)s”（别的孩子的家长），名册没有写姓名。是这个孩子的家长吗？"
            )
        return said % {"number": self.subject, "known": self.known, "named": self.named}


def read(answer: Cell, known: Cell) -> Said | None:
    """The two cells of a row; a word that is no answer is none."""
    found = WORDS.get(cells.text(answer).replace(" ", ""))
    if found is None:
        return None
    about = (naming.folded(name) for name in NAMES.split(cells.text(known)))
    return Said(found, frozenset(name for name in about if name))


def decide(questions: Sequence[Question], given: Mapping[str, str]) -> dict[str, Answer]:
    """The answer to each question that has one: by the page, or else by the file when it speaks of the same name.

    One number that is said to be the same person in one row and another one in the next stays open everywhere.
    """
    found = {question.key: answer for question in questions if (answer := _answer(question, given))}
    by_number: dict[str, set[Answer]] = defaultdict(set)
    for question in questions:
        if question.key in found:
            by_number[question.subject].add(found[question.key])
    return {
        question.key: found[question.key]
        for question in questions
        if question.key in found and len(by_number[question.subject]) == 1
    }


def kinds(questions: Iterable[Question]) -> list[tuple[str, str]]:
    """(value, label) of the kinds that occur."""
    there = {question.kind for question in questions}
    return [(kind.value, str(kind.label)) for kind in Kind if kind in there]


def _answer(question: Question, given: Mapping[str, str]) -> Answer | None:
    if question.key in given:
        return Answer(given[question.key])
    said = question.said
    if said is None or (said.about and naming.folded(question.known) not in said.about):
        return None
    return said.answer
