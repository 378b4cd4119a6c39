"""Writes of what a guardian says about a child that goes home alone (S24)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
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
from schools.people.models import Guardian


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


class AnothersNo(Refused):
    """A guardian's no is taken back by nobody else."""

    code = "care.anothers_no"
    message = _(
        "%(adult)s 于 %(at)s 改为由接送人来接，只有%(adult)s自己能改回。请先和%(adult)s商量；有不同意见的，请联系学校。"
    )


class SignsTooLately(Refused):
    """Whom the office has made a signer since does not speak for who was there."""

    code = "care.signs_too_lately"
    message = _(
        "您的签字权限或手机号是在上一次答复以后才登记的，不能由您改为自行离校。孩子仍由登记的接送人来接。"
        "要自行离校的，请由原来就可签字的监护人答复，或退出协议后重新申请。"
    )


def say(*, agreement: Agreement, is_yes: bool, seen: datetime | None, by: User, now: datetime) -> HomeWord:
    """A signing guardian's word, which counts from now: yes, the child goes home alone; no, it is collected.

    Each guardian's no stands for itself: a yes takes back the own one, and the child is collected while another's is left.

    `seen` is the moment of the last word on the page, None where there was none: an old page changes nothing.
    Raises OnlySigners, NotOnRoll, NotAgreed, SaidMeanwhile, SaidAlready, AnothersNo, SignsTooLately.
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
        noes = homeward.noes(held)
        if before.holds if is_yes else guardian in noes:
            raise SaidAlready
        is_back = is_yes and guardian in noes and len(noes) > 1
        if is_yes and not is_back:
            _refuse_yes(held, noes, guardian)
        until = None if is_yes and not is_back else now if before.holds else before.until
        word = HomeWord.objects.filter(pk=agreement.pk).first() or HomeWord(
            id=agreement.pk, agreement=agreement
        )
        left = {who: at for who, at in noes.items() if who != guardian}
        last = next(iter(left), guardian) if is_back else guardian
        word.is_yes, word.guardian, word.at = is_yes and not is_back, last, left[last] if is_back else now
        word.held_until = until
        word.others = (
            {} if word.is_yes else {str(who.pk): at.isoformat() for who, at in left.items() if who != last}
        )
        word.save()
        details = {"pupil": pupil.pk, "alone": is_yes, "settles": before.is_open, "noes_left": len(left)}
        record(verb="care.home_alone.say", target=word, by=by, at=now, details=details)
        if is_back:
            homeward_telling.taken_back(word=word, guardian=guardian, pupil=pupil, by=by, now=now)
        else:
            homeward_telling.said(word=word, pupil=pupil, was_open=before.is_open, by=by, now=now)
    return word


def _refuse_yes(held: Any, noes: Mapping[Guardian, datetime], guardian: Guardian) -> None:
    """`held` is the agreement's row of homeward.running, under the child's lock: no right is given or taken meanwhile."""
    for said, at in noes.items():
        if said != guardian:
            raise AnothersNo(adult=said.name, at=f"{timezone.localtime(at):%Y-%m-%d %H:%M}")
    if not homeward.counts(held, guardian):
        raise SignsTooLately(field="answer")
