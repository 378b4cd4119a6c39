"""Writes of consultations: draft, open to all guardians who may sign, answers by phone and on paper, the close."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.audit.actions import record
from afterbell.kernel import locks, states
from afterbell.kernel.dates import local_date
from afterbell.kernel.errors import Refused
from afterbell.kernel.strings import dotted
from afterbell.outbox.actions import mark
from schools.notices import actions as notices
from schools.notices.models import NoticeKind
from schools.people import named, word_actions
from schools.people.models import Pupil
from schools.planning import consultation_queries as queries
from schools.planning import consultation_telling
from schools.planning.models import Answer, Channel, Consultation, Wish
from schools.planning.states import CONSULTATION_MOVES, ConsultationState
from tenants.exchange import names
from tenants.models import Term

LEAST_LEFT: Final = timedelta(days=1)


class NoSuchTerm(Refused):
    """The city has not entered it."""

    code = "consultation.no_such_term"
    message = _("没有 %(term)s 这个学期。请市级管理员先在校历中录入。")


class TermIsOver(Refused):
    """Nothing begins in a term that has ended."""

    code = "consultation.term_is_over"
    message = _("%(term)s 已于 %(date)s 结束，不能再开展意愿征询或起草方案。")


class TermIsSettled(Refused):
    """Fees of a settled term are final: nothing could be charged for another plan of it (S37)."""

    code = "consultation.term_is_settled"
    message = _("%(term)s 的收支已经结算，不能再开展意愿征询或起草方案。请在下一个学期开展。")


class AlreadyAsked(Refused):
    """One consultation a term."""

    code = "consultation.already_there"
    message = _("%(term)s 已经有意愿征询，每学期只征询一次。")


class DeadlinePassed(Refused):
    """A deadline lies ahead."""

    code = "consultation.deadline_passed"
    message = _("截止时间已过，请改为以后的时间。")


class TooSoon(Refused):
    """Who is asked, or has read the old deadline, has a day at least to answer."""

    code = "consultation.closes_too_soon"
    message = _("截止时间至少要在 24 小时以后，让还没有答复的家长来得及答复。请改截止时间。")


class EndsTooSoon(Refused):
    """Everybody has answered, as the school has it: each family has a day from the opening on, and from the slip that the
    school keyed for its child."""

    code = "consultation.ends_too_soon"
    message = _(
        "所有学生都已答复，但开始征询或录入纸质回执还不满 24 小时，家长还来不及核对和修改。%(at)s 起才能提前结束。"
    )


class SameClosing(Refused):
    """Nothing to tell anybody."""

    code = "consultation.same_closing"
    message = _("新的截止时间和原来一样，没有改动。")


class NobodyToAsk(Refused):
    """Without pupils and adults who may sign, nobody can answer."""

    code = "consultation.nobody_to_ask"
    message = _("名册中还没有可以签字的家长。请先导入名册，再开始征询。")


class NotOpen(Refused):
    """Before the opening, after the deadline and after the close nobody answers."""

    code = "consultation.not_open"
    message = _("这次意愿征询现在不接受答复（%(why)s）。")


class NotADraft(Refused):
    """What families have read stays as it is."""

    code = "consultation.not_a_draft"
    message = _("意愿征询当前是“%(state)s”，内容不能再修改。征询中可以改截止时间。")


class NotYourChild(Refused):
    """Answers are given by an adult who may sign for the child."""

    code = "consultation.not_your_child"
    message = _("您不能为这个孩子答复。请由孩子可签字的监护人答复。")
    status = 404


class NotOnTheRoll(Refused):
    """A paper answer for a child that the school does not have."""

    code = "consultation.not_on_the_roll"
    message = _("有 %(n)s 名学生不在本校在册名单中，全部没有录入。请刷新页面后重试。")


class AnsweredByPhone(Refused):
    """Nobody at the school changes what a parent has said."""

    code = "consultation.answered_by_phone"
    message = _("有 %(n)s 名学生的家长已在手机上答复，学校不能代为修改，全部没有录入。")


class StillRunning(Refused):
    """A deadline that was told to families is kept."""

    code = "consultation.still_running"
    message = _("截止时间未到，还有 %(n)s 名学生的家长没有答复。全部答复或到期后才能结束。")


def draft_consultation(
    *, term_code: str, title: str, text: str, closes_at: datetime, by: User, now: datetime
) -> Consultation:
    """Write what will be asked; families see nothing yet."""
    refuse_ended_term(term_code, now)
    _refuse_past(closes_at, now)
    with transaction.atomic():
        if queries.of_term(term_code):
            raise AlreadyAsked(term=term_code)
        consultation = Consultation(term_code=term_code, title=title, text=text, closes_at=closes_at)
        try:
            with transaction.atomic():
                consultation.save(force_insert=True)
        except IntegrityError as error:  # by another clerk, a moment ago
            raise AlreadyAsked(term=term_code) from error
        word_actions.ask(doubts=named.doubts([title, text]), by=by, now=now)
        mark(now=now, terms=[term_code])
        record(verb="consultation.draft", target=consultation, by=by, at=now, details={"term": term_code})
    return consultation


def change_consultation(
    *, consultation: Consultation, title: str, text: str, closes_at: datetime, by: User, now: datetime
) -> None:
    """While it is a draft; what families have read stays as it is."""
    _refuse_past(closes_at, now)
    with transaction.atomic():
        row = refuse_asked(consultation)
        row.title, row.text, row.closes_at = title, text, closes_at
        row.save(update_fields=["title", "text", "closes_at"])
        word_actions.ask(doubts=named.doubts([title, text]), by=by, now=now)
        record(verb="consultation.change", target=row, by=by, at=now)


def move_closing(*, consultation: Consultation, closes_at: datetime, by: User, now: datetime) -> None:
    """Another closing time before the old one is reached (S11): every guardian who was asked is told at once.

    Earlier only as long as a day is left to answer: a deadline that was told to families is not cut off.
    """
    with transaction.atomic():
        row = refuse_not_running(consultation, now)
        before = row.closes_at
        if closes_at == before:
            raise SameClosing
        if closes_at < now + LEAST_LEFT:
            raise TooSoon
        row.closes_at = closes_at
        row.save(update_fields=["closes_at"])
        consultation_telling.moved(row, before, by=by, now=now)
        details = {"before": before, "after": closes_at}
        record(verb="consultation.move_closing", target=row, by=by, at=now, details=details)
    locks.follow(consultation, row)


def open_consultation(*, consultation: Consultation, by: User, now: datetime) -> None:
    """Ask every guardian who may sign (S11), each with a notice that leads to the page."""
    refuse_ended_term(consultation.term_code, now)
    with transaction.atomic():
        row = _locked(consultation)
        names.refuse_children([row.title, row.text])
        if row.closes_at < now + LEAST_LEFT:
            raise TooSoon
        pupils = queries.asked_pupils()
        asked = pupils.count()
        if not asked:
            raise NobodyToAsk
        also = {"opened_at": now, "asked": asked}
        states.move(row, to=ConsultationState.OPEN, moves=CONSULTATION_MOVES, at=now, also=also)
        notices.publish(
            kind=NoticeKind.CONSULTATION,
            title=row.title,
            body=f"{row.text}\n\n{reverse('planning:family_consultation', args=[row.pk])}",
            to=queries.signers_of(pupils),
            by=by,
            now=now,
        )
        record(verb="consultation.open", target=row, by=by, at=now, details={"asked": asked})
    locks.follow(consultation, row)


def answer(*, consultation: Consultation, pupil: Pupil, wish: Wish, by: User, now: datetime) -> Answer:
    """A guardian's answer for the own child; changeable until the close, the last one counts."""
    with transaction.atomic():
        child, guardian = locks.locked(pupil), queries.guardian_of(by, pupil)
        if guardian is None or child.left_date is not None:
            raise NotYourChild
        row = refuse_not_running(consultation, now)
        given = Answer(
            consultation=row, pupil=child, guardian=guardian, wish=wish, channel=Channel.PHONE, at=now
        )
        _write([given])
        record(verb="consultation.answer", target=row, by=by, at=now, details={"child": child.pk})
    return given


def key_paper_answers(
    *, consultation: Consultation, wishes: Mapping[UUID, Wish], by: User, now: datetime
) -> int:
    """Paper slips, many at once: all or none. A parent's own answer on the phone is never overwritten.

    Who signs for a child hears what was keyed for it, and answers anew where it is not so.
    """
    with transaction.atomic():
        pupils = [row for row in locks.locked_rows(Pupil, wishes) if row.left_date is None]
        row = refuse_not_running(consultation, now)
        if len(pupils) != len(wishes):
            raise NotOnTheRoll(n=len(wishes) - len(pupils))
        by_phone = Answer.objects.filter(consultation=row, pupil__in=pupils, channel=Channel.PHONE).count()
        if by_phone:
            raise AnsweredByPhone(n=by_phone)
        before = dict(Answer.objects.filter(consultation=row, pupil__in=pupils).values_list("pupil", "wish"))
        slips = [
            Answer(
                consultation=row, pupil=pupil, wish=wishes[pupil.pk], channel=Channel.PAPER, keyed_by=by, at=now
            )
            for pupil in pupils
            if before.get(pupil.pk) != wishes[pupil.pk]
        ]  # fmt: skip
        _write(slips)
        consultation_telling.keyed(row, slips, by=by, now=now)
        record(verb="consultation.key_paper", target=row, by=by, at=now, details={"slips": len(pupils)})
    return len(pupils)


def close_consultation(*, consultation: Consultation, by: User, now: datetime) -> None:
    """Count, and freeze the counts and the class in which each answer counts.

    At the deadline, or as soon as everybody has answered and has had a day to do so.

    An earlier end is told to everybody who was asked: until the deadline each of them could have changed the answer.
    Raises StillRunning, EndsTooSoon, MoveNotAllowed.
    """
    with transaction.atomic():
        row = _locked(consultation)
        counts = queries.live_counts(row)
        if now < row.closes_at and counts.silent:
            raise StillRunning(n=counts.silent)
        if now < (earliest := queries.ends_from(row, LEAST_LEFT)):
            raise EndsTooSoon(at=consultation_telling.minute(earliest))
        frozen = {"asked": counts.asked, "yes": counts.yes, "no": counts.no, "undecided": counts.undecided}
        also = {"closed_at": now, **frozen}
        states.move(row, to=ConsultationState.CLOSED, moves=CONSULTATION_MOVES, at=now, also=also)
        today = Pupil.objects.filter(pk=OuterRef("pupil")).values("school_class")
        Answer.objects.filter(consultation=row).update(school_class=Subquery(today))
        mark(now=now, terms=[row.term_code])
        if now < row.closes_at:
            consultation_telling.ended_early(row, by=by, now=now)
        record(verb="consultation.close", target=row, by=by, at=now, details=frozen)


def refuse_ended_term(term_code: str, now: datetime) -> Term:
    """The term, unless it is over or settled; raises NoSuchTerm, TermIsOver or TermIsSettled."""
    term = Term.objects.filter(code=term_code).first()
    if term is None:
        raise NoSuchTerm(term=term_code)
    if term.last_date < local_date(now):
        raise TermIsOver(term=term.name, date=term.last_date)
    if dotted(settings.TERM_IS_SETTLED)(term_code):
        raise TermIsSettled(term=term.name)
    return term


def _refuse_past(closes_at: datetime, now: datetime) -> None:
    if closes_at <= now:
        raise DeadlinePassed


def _locked(consultation: Consultation) -> Consultation:
    """Answers and the close stand in line, so that no answer comes after the count."""
    return locks.locked(consultation)


def refuse_asked(consultation: Consultation) -> Consultation:
    """The row under lock, still a draft: what families have read stays as it is."""
    row = _locked(consultation)
    if row.state != ConsultationState.DRAFT:
        raise NotADraft(state=ConsultationState(row.state).label)
    return row


def refuse_not_running(consultation: Consultation, now: datetime) -> Consultation:
    """The row under lock, while families may answer."""
    row = _locked(consultation)
    if row.state != ConsultationState.OPEN:
        raise NotOpen(why=ConsultationState(row.state).label)
    if now >= row.closes_at:
        raise NotOpen(why=_("已过截止时间"))
    return row


def _write(answers: list[Answer]) -> None:
    """INSERT … ON CONFLICT: a double submit or a second adult of the same child is one answer, the last."""
    Answer.objects.bulk_create(
        answers,
        update_conflicts=True,
        unique_fields=["consultation", "pupil"],
        update_fields=["guardian", "wish", "channel", "keyed_by", "at"],
    )
