"""Writes of what a guardian says about a child that goes home alone (S24)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.audit.actions import record
from afterbell.kernel.dates import local_date
from afterbell.kernel.errors import Refused
from schools.care import homeward, homeward_telling
from schools.care.models import HomeWord
from schools.enrolment.models import Agreement
from schools.people import queries as people
from schools.people import rows


class OnlySigners(Refused):
    """Whoever may sign for the child, and nobody else, says how it goes home."""

    code = "care.only_signers"
    message = _("只有可以为孩子签字的监护人才能确认孩子怎样离校，学校不能代为确认。")
    status = 403


class NotAgreed(Refused):
    """The agreement is over, or does not say so: then a new application does."""

    code = "care.not_agreed"
    message = _("这份协议没有约定自行离校，或已经终止。要改为自行离校的，请退出协议后重新申请。")


class SaidAlready(Refused):
    """Nothing would change."""

    code = "care.said_already"
    message = _("现在就是这样约定的，不用再确认。")


class SaidMeanwhile(Refused):
    """Another guardian has said something since the page was opened."""

    code = "care.said_meanwhile"
    message = _("您打开这一页以后，另一位监护人已经答复过。请看清现在的约定，再决定要不要修改。")


def say(*, agreement: Agreement, is_yes: bool, seen: datetime | None, by: User, now: datetime) -> HomeWord:
    """A signing guardian's word, which counts from now: yes, the child goes home alone; no, it is collected.

    `seen` is the moment of the last word on the page, None where there was none: an old page changes nothing.
    Raises OnlySigners, NotOnRoll, NotAgreed, SaidMeanwhile, SaidAlready.
    """
    agreement.ensure_home()
    with transaction.atomic():
        pupil = rows.on_roll(agreement.pupil)  # a denial at the same moment waits, or was first
        guardian = people.guardian_of(by)
        if guardian is None or not people.may_sign(guardian, pupil):
            raise OnlySigners
        # The agreement's own row is not locked: an exit at the same moment ends it, whatever is said of it here.
        held = homeward.running(local_date(now)).filter(pk=agreement.pk).first()
        if held is None:
            raise NotAgreed
        before = homeward.of(held)
        if before.word_at != seen:
            raise SaidMeanwhile
        if before.holds if is_yes else before.said_no:
            raise SaidAlready
        until = None if is_yes else now if before.holds else before.until
        word = HomeWord.objects.filter(pk=agreement.pk).first() or HomeWord(
            id=agreement.pk, agreement=agreement
        )
        word.is_yes, word.guardian, word.at, word.held_until = is_yes, guardian, now, until
        word.save()
        details = {"pupil": pupil.pk, "alone": is_yes, "settles": before.is_open}
        record(verb="care.home_alone.say", target=word, by=by, at=now, details=details)
        homeward_telling.said(word=word, pupil=pupil, was_open=before.is_open, by=by, now=now)
    return word
