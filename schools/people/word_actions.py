"""Writes of questions about words: asked with what somebody wrote, answered by somebody else, with a reason."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.audit.actions import record
from afterbell.kernel import locks
from afterbell.kernel.errors import Refused
from afterbell.kernel.strings import dotted
from schools.people import named
from schools.people.models import WordKind, WordQuestion
from schools.people.words import Doubt

LEAST_REASON: Final = 4
"""Signs of a reason; "同意" is none."""


class OwnWords(Refused):
    """Whoever wrote it does not answer what is asked about it."""

    code = "words.own_words"
    message = _("这段文字是您提交的，请由另一位有权的人核对。")


class NoWordReason(Refused):
    """An answer says why; the next reader sees it."""

    code = "words.no_reason"
    message = _("请写明理由（至少 %(least)s 个字），以后看到这段文字的人会看到。")
    status = 400


def ask(
    *, doubts: Iterable[Doubt], by: User, now: datetime, writer: User | None = None
) -> list[WordQuestion]:
    """One question for each; what was asked about before is not asked again.

    It stands for ever under the name of who wrote the words then (`writer`, where that is not who met the question), who
    never answers; nor does whoever is the last to have written them by the time of the answer.
    """
    return [_asked(doubt, by, writer or by, now) for doubt in doubts]


def ask_about_text(*, text: str, by: User, now: datetime) -> list[WordQuestion]:
    """Of a text that somebody brings: each question under who wrote that sentence, as far as any room knows one."""
    return [
        question
        for doubt in named.doubts([text])
        for question in ask(doubts=[doubt], writer=_writer_of(doubt.text), by=by, now=now)
    ]


def _writer_of(sentence: str) -> User | None:
    found = (dotted(name)(sentence) for name in settings.WORD_WRITERS)
    return next((writer for writer in found if writer is not None), None)


def wrote(question: WordQuestion, user: User) -> bool:
    """When it was asked, or by now."""
    return user in (question.asked_by, _writer_of(question.text))


def answer(*, question: WordQuestion, is_fine: bool, reason: str, by: User, now: datetime) -> WordQuestion:
    """It may stand, or it may not. Somebody may answer again: the last answer counts, the audit log has all of them.

    Raises OwnWords, NoWordReason.
    """
    question.ensure_home()
    said = " ".join(reason.replace("\x00", "").split())[:200]
    if len(said) < LEAST_REASON:
        raise NoWordReason(least=LEAST_REASON)
    with transaction.atomic():
        row = locks.locked(question)
        if wrote(row, by):
            raise OwnWords
        row.is_fine, row.reason, row.answered_by, row.answered_at = is_fine, said, by, now
        row.save(update_fields=["is_fine", "reason", "answered_by", "answered_at"])
        details = {"kind": row.kind, "fine": is_fine}
        record(verb="words.answer", target=row, by=by, at=now, details=details)
    return row


def _asked(doubt: Doubt, by: User, writer: User, now: datetime) -> WordQuestion:
    before = WordQuestion.objects.filter(pk=doubt.id).first()
    if before is not None:
        return before
    asked = WordQuestion(
        pk=doubt.id, kind=WordKind(doubt.kind), text=doubt.text[:500], found=doubt.found[:60], about=doubt.about,
        asked_by=writer, asked_at=now,
    )  # fmt: skip
    with transaction.atomic():
        try:
            with transaction.atomic():
                asked.save(force_insert=True)
        except IntegrityError:  # by somebody else, a moment ago
            return WordQuestion.objects.get(pk=doubt.id)
        record(
            verb="words.ask", target=asked, by=by, at=now, details={"kind": doubt.kind, "writer": writer.pk}
        )
    return asked
