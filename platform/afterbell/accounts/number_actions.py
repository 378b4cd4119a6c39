"""Writes of numbers: one person claims that an account has a number, a second one who saw its owner answers.

The link to a new password goes to the number, so the number never comes from one hand. Who sits on the parents'
committee is vouched for by somebody else who sits there: the school's hand is not enough (S7). A parent's number in use
is changed by the owner's own yes, or by two others after the old number had its days to object (decision 32).
The first colleague of a new school has nobody but its principal: there the second yes is the colleague's own, by a link
that goes to the number and by what only the two of them know (decision 22).
"""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from afterbell.accounts import actions, links, queries, senders
from afterbell.accounts.actions import Inactive, PhoneTaken
from afterbell.accounts.models import NumberClaim, User
from afterbell.accounts.roles import Role, Side, side_here
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


class NobodyElse(Refused):
    """An office of one that was not always of one, or at the city, or of a person who could be two."""

    code = "number_has_nobody_else"
    message = _(
        "现在没有另一位有权的人可以核实这个号码。请运行平台的人执行 "
        "afterbell account add --school 学校代码 --role clerk --login 登录名 --name 姓名，"
        "为另一位同事建立账号，再由那位同事核实。"
    )


class NotOfTheOffice(Refused):
    """The own yes is there to make two persons of one, and for nothing else."""

    code = "number_owner_not_of_the_office"
    message = _(
        "学校现在只有您一个人能核实号码。请先建立第一位办公室同事："
        "授予“办公室人员”或“副组长”角色，由本人用自己的手机确认；以后的号码由那位同事核实。"
    )


class OwnNumberUnknown(Refused):
    """Somebody whose own number the house does not know could give it as somebody else's."""

    code = "number_of_your_own_unknown"
    message = _(
        "您自己的账号还没有手机号，所以不能由同事本人确认。请运行平台的人执行 "
        "afterbell account add --school 学校代码 --role clerk --login 登录名 --name 姓名，"
        "为这位同事建立账号。（建立组长账号时加上 --phone 手机号，就不用这一步。）"
    )


class OnYourOwnPhone(Refused):
    """The link was opened where somebody else is logged in."""

    code = "number_link_of_somebody_else"
    message = _("这个链接只给收到短信的本人。请用本人自己的手机打开；在这台设备上要先退出登录。")
    status = 403


class OtherName(Refused):
    """Whoever has the number by a slip of the pen does not know whose it should be."""

    code = "number_of_another_name"
    message = _("这不是登记的姓名。请按学校登记的写法填写；不是您的，请按“不是我”。")


class TooManyGuesses(Refused):
    """Whoever has the link by a slip of the pen does not find the name by trying, nor by another link."""

    code = "number_guessed_too_often"
    message = _(
        "姓名填错的次数太多，24 小时内不能再填，新的链接也一样。请先和学校核对登记的姓名，24 小时后请学校重新发送确认链接。"
    )
    status = 429


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
        _forget(row, by, now)


def ask_owner(*, claim: NumberClaim, by: User, now: datetime, address: Callable[[str], str]) -> None:
    """A link to the claimed number: its owner says yes or no. `address` makes the link of a token; `by` sees neither.

    Sent again, it is the only one that counts. Only for the first colleague of a new school. Raises what
    `refuse_owners_word` does, and what the sender refuses.
    """
    sender = senders.current()
    sender.check()
    with transaction.atomic():
        row = _among_two(claim)
        refuse_owners_word(row, by)
        row.sent_at = now
        row.save(update_fields=["sent_at"])
        actions.audited("accounts.number.ask_owner", row, by, now, account=str(row.user_id))
        sender.send_link(phone=row.phone, link=address(links.proof_for(row)), now=now)


def accept_as_owner(*, claim: NumberClaim, name: str, here: User | None, now: datetime) -> str:
    """Who opened the link on the own phone, and knows whose account it is. Returns the token of a link to a password.

    `here` is who is logged in on this device. `claim` comes from links.claim_for.
    """
    with transaction.atomic():
        row = _among_two(claim)
        if here is not None and here.pk != row.user_id:
            raise OnYourOwnPhone
        refuse_owners_word(row, row.by)
        if "".join(name.split()) != "".join(row.user.name.split()):
            raise OtherName(field="name")
        _close(row, is_accepted=True, by=row.user, now=now)
        if row.phone != row.user.phone:
            _change(row, row.user, now)
    return links.token_for(User.objects.get(pk=row.user_id))


def refuse_owners_word(claim: NumberClaim, by: User) -> None:
    """Two persons where two are: else the owner's word counts for the first colleague of a person known by phone.

    Raises NotYourAnswer, NotYours, Inactive, ClaimAnswered, NobodyElse, NotOfTheOffice, OwnNumberUnknown.
    """
    user = claim.user
    if claim.answered_at is not None:
        raise ClaimAnswered
    if not by.is_active or not user.is_active:
        raise Inactive(name=user.name if by.is_active else by.name)
    if by.pk != claim.by_id or queries.is_answerable(claim):
        raise NotYourAnswer
    actions.refuse_unmanaged(user, by)
    if side_here() is not Side.SCHOOL or user.last_login or not queries.stood_alone(by, user):
        raise NobodyElse
    if not queries.has_office(user):
        raise NotOfTheOffice
    if not by.phone or not actions.is_vouched(by):
        raise OwnNumberUnknown


def _forget(row: NumberClaim, by: User, now: datetime) -> None:
    """What came with a new account and was denied is not its number: the true owner would find it taken, as staff's."""
    fresh = User.objects.filter(pk=row.user_id, phone=row.phone, last_login=None)
    if fresh.exclude(assignments__role=Role.GUARDIAN).update(phone=None, phone_verified_at=None):
        actions.audited("accounts.number.forget", row.user, by, now)


def _among_two(claim: NumberClaim) -> NumberClaim:
    """The claim as it stands, with who made it and whose it is under lock: of two first colleagues one is the first."""
    claim.ensure_home()
    people = {user.pk: user for user in locks.locked_rows(User, [claim.by_id, claim.user_id])}
    row: NumberClaim = NumberClaim.objects.get(pk=claim.pk)
    row.by, row.user = people[row.by_id], people[row.user_id]
    return row


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
    _close(row, is_accepted=is_accepted, by=by, now=now)
    return row


def _close(row: NumberClaim, *, is_accepted: bool, by: User, now: datetime) -> None:
    fresh = NumberClaim.objects.filter(pk=row.pk, answered_at=None).update(
        is_accepted=is_accepted, answered_by=by, answered_at=now
    )
    if not fresh:
        raise ClaimAnswered
    verb = "accounts.number.accept" if is_accepted else "accounts.number.refuse"
    actions.audited(verb, row, by, now, account=str(row.user_id))


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
