"""Writes of numbers: one person claims that an account has a number, a second one who saw its owner answers.

The link to a new password goes to the number, so the number never comes from one hand. Who sits on the parents'
committee is vouched for by somebody else who sits there: the school's hand is not enough (S7). A parent's number in use
is changed by the owner's own yes, or by two others after the old number had its days to object (decision 32).
"""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from afterbell.accounts import actions, queries
from afterbell.accounts.actions import Inactive, PhoneTaken
from afterbell.accounts.models import NumberClaim, User
from afterbell.accounts.roles import Side, side_here
from afterbell.kernel import locks
from afterbell.kernel.errors import Refused
from afterbell.kernel.strings import dotted


class SameNumber(Refused):
    """It is the account's number already."""

    code = "number_is_the_same"
    message = _("这个手机号就是账号现在的号码。")


class ClaimOpen(Refused):
    """One claim at a time."""

    code = "number_claim_open"
    message = _("这个账号已经登记了一个待核实的号码，请先核实或否定。")


class ClaimAnswered(Refused):
    """Somebody was faster."""

    code = "number_claim_answered"
    message = _("这个号码刚才已经有人答复过。")


class NotYourAnswer(Refused):
    """Not who claimed it, not the owner, and for the committee's people nobody but the committee."""

    code = "number_not_yours_to_answer"
    message = _("这个号码要由登记人和本人以外的另一位有权的人核实；家委会委员的号码由另一位在任委员核实。")
    status = 403


class TooEarly(Refused):
    """The old number has its days to object."""

    code = "number_too_early"
    message = _("这个账号有人在用，本人还可以否定。本人没有确认的，最早 %(at)s 才能由您核实。")


def claim_number(*, user: User, phone: str, reason: str, by: User, now: datetime) -> NumberClaim:
    """The account has this number from now on, says `by`; nothing changes until somebody else has said so too."""
    with transaction.atomic():
        actions.refuse_unmanaged(user, by)
        locked = locks.locked(user)
        if not locked.is_active:
            raise Inactive(name=locked.name)
        if locked.phone == phone and actions.is_vouched(locked):
            raise SameNumber
        if User.objects.filter(phone=phone).exclude(pk=locked.pk).exists():
            raise PhoneTaken
        claim = NumberClaim(user=locked, phone=phone, reason=reason.strip()[:200], by=by, at=now)
        if locked.number_claims.filter(answered_at=None).exists():
            raise ClaimOpen  # under the account's lock: two clerks stand in one line
        claim.save(force_insert=True)
        actions.audited("accounts.number.claim", claim, by, now)
        _tell(settings.NUMBER_CLAIMED, claim, by, now)
    return claim


def accept_number(*, claim: NumberClaim, by: User, now: datetime) -> None:
    """`by` is the owner, or has seen the owner with this phone. It becomes the account's number, and the parent's.

    Raises NotYourAnswer, TooEarly, Inactive (whoever is shut out can't object), ClaimAnswered.
    """
    with transaction.atomic():
        row = _answer(claim, is_accepted=True, by=by, now=now)
        if row.phone != row.user.phone:
            _change(row, by, now)


def refuse_number(*, claim: NumberClaim, by: User, now: datetime) -> None:
    """It is not this person's; the owner may say so too."""
    with transaction.atomic():
        row = _answer(claim, is_accepted=False, by=by, now=now)
        _tell(settings.NUMBER_REFUSED, row, by, now)


def _change(row: NumberClaim, by: User, now: datetime) -> None:
    """In a school the adult of the account is called by the same number: that room changes both."""
    if side_here() is Side.SCHOOL:
        dotted(settings.NUMBER_CHANGED)(claim=row, by=by, now=now)
    else:
        actions.change_phone(user=row.user, phone=row.phone, by=by, now=now, claim=row)


def _answer(claim: NumberClaim, *, is_accepted: bool, by: User, now: datetime) -> NumberClaim:
    """One answer, the first: the row is ours from here on."""
    claim.ensure_home()
    row: NumberClaim = NumberClaim.objects.select_related("user").get(pk=claim.pk)
    if is_accepted:
        _refuse_yes(row, by, now)
    elif by.pk != row.user_id and not queries.may_vouch(by, row):
        raise NotYourAnswer
    fresh = NumberClaim.objects.filter(pk=claim.pk, answered_at=None).update(
        is_accepted=is_accepted, answered_by=by, answered_at=now
    )
    if not fresh:
        raise ClaimAnswered
    verb = "accounts.number.accept" if is_accepted else "accounts.number.refuse"
    actions.audited(verb, claim, by, now, account=str(claim.user_id))
    return row


def _refuse_yes(row: NumberClaim, by: User, now: datetime) -> None:
    if not row.user.is_active:
        raise Inactive(name=row.user.name)
    if queries.may_confirm(by, row):
        return
    if not queries.may_vouch(by, row):
        raise NotYourAnswer
    until = queries.waits_until(row)
    if until is not None and now < until:
        raise TooEarly(at=f"{timezone.localtime(until):%Y-%m-%d %H:%M}")


def _tell(how: str, row: NumberClaim, by: User, now: datetime) -> None:
    """The family of a parent hears of another number while the old one still counts; the city has no families."""
    if side_here() is Side.SCHOOL and row.phone != row.user.phone:
        dotted(how)(claim=row, by=by, now=now)
