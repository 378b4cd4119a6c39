"""Writes of accounts: users made and ended, roles given and taken, passwords and second factors."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext_lazy as _

from afterbell.accounts import links, queries, senders
from afterbell.accounts.models import Assignment, NumberClaim, User
from afterbell.accounts.roles import (
    ADMINISTRATORS,
    BY_SEAT,
    ROLES,
    SCHOOLS_HAND,
    SCOPED,
    Role,
    Side,
    side_here,
)
from afterbell.kernel import locks
from afterbell.kernel.dates import Period
from afterbell.kernel.errors import Refused
from afterbell.kernel.strings import dotted

UNNAMED: Final = "u"
CLEARED: Final = "accounts.second_factor.clear"


class LoginTaken(Refused):
    """Somebody of this host has the login name."""

    code = "login_taken"
    message = _("登录名 %(login)s 已经有人用了，请换一个。")


class PhoneTaken(Refused):
    """Somebody of this host has the phone."""

    code = "phone_taken"
    message = _("这个手机号已经属于另一个账号。")


class WrongSide(Refused):
    """A city role in a school, or a school's role in the city."""

    code = "role_of_other_side"
    message = _("“%(role)s”这个角色不在这里授予。")


class ScopeNotAllowed(Refused):
    """A role that can't be narrowed was."""

    code = "role_has_no_scope"
    message = _("“%(role)s”这个角色不分范围。")


class AlreadyHeld(Refused):
    """The same role for the same scope, twice."""

    code = "role_already_held"
    message = _("%(name)s 已经有这个角色。")


class AlreadyWithdrawn(Refused):
    """Somebody was faster, or the button was pressed twice."""

    code = "role_already_withdrawn"
    message = _("这个角色刚才已经收回。")


class SeparatePersons(Refused):
    """System, security and audit administrator are three persons."""

    code = "administrators_are_separate"
    message = _("系统、安全、审计三个管理员必须由不同的人担任，%(name)s 已经是其中之一。")


class BothSides(Refused):
    """Who drafts and files for the school and who votes on it for the parents are different persons."""

    code = "school_and_committee_are_separate"
    message = _(
        "%(name)s 在家长委员会任职。起草、审核方案的学校角色和家委会席位不能由同一个人担任，请另选一人，或先结束席位。"
    )


class NotYours(Refused):
    """The giver does not hold what giving, taking or resetting needs."""

    code = "not_yours_to_manage"
    message = _("您不能管理“%(role)s”的账号，请由有权的人办理。")
    status = 403


class FollowsASeat(Refused):
    """S6, S7: the committee is the committee; its rights come from seats alone."""

    code = "role_follows_a_seat"
    message = _(
        "“%(role)s”随家长委员会的职务产生和结束，任何人都不能在这里授予或收回。请在“家长委员会”登记委员或办理离任。"
    )


class FollowsATie(Refused):
    """Who is a child's adult says the roll, not whoever gives roles."""

    code = "role_follows_a_tie"
    message = _("“%(role)s”随学生资料产生，不能在这里授予或收回。请在“学生”里办理这位成年人。")


class NotYourself(Refused):
    """Nobody changes the own roles, ends the own account or resets the own password here."""

    code = "not_for_yourself"
    message = _("不能对自己的账号做这件事，请由另一位有权的人办理。")


class NumberUnknown(Refused):
    """A link goes to the person's own phone alone, and there is none yet, or nobody else has said that it is theirs."""

    code = "number_unknown"
    message = _(
        "%(name)s 还没有核实过的手机号，链接不能发出。请先登记本人的手机号，再由另一位有权的人当面核实（“核实手机号”）。"
    )


class NeedsTwoPersons(Refused):
    """The number of an account with more than a parent's rights is where its next password goes; that of an account in
    use is the door to what its owner said in confidence."""

    code = "number_needs_two_persons"
    message = _(
        "%(name)s 的账号已经在用，或还有家长以外的角色，更换手机号要由两个人办理："
        "一人在“账号和角色”登记新号码，另一位有权的人当面核实。"
    )


class Inactive(Refused):
    """The account has been ended."""

    code = "account_inactive"
    message = _("%(name)s 的账号已停用。")


class NoEndReason(Refused):
    """A parent who is shut out can neither object nor answer: it is said why."""

    code = "account_end_without_reason"
    message = _("请写明停用家长账号的原因。")
    status = 400


def create_user(
    *,
    name: str,
    by: User | None,
    now: datetime,
    login: str = "",
    phone: str | None = None,
    password: str | None = None,
) -> User:
    """A user of this host, without roles. Without a login name one is made, for people who log in by phone.

    Raises ValidationError for a malformed login, name or phone.
    """
    with transaction.atomic():
        user = User(login=login, name=name, phone=phone or None, created_at=now)
        user.login = login or f"{UNNAMED}{user.pk.hex}"
        user.set_password(password)
        user.clean_fields(exclude=["password"])
        _refuse_taken(user)
        try:
            with transaction.atomic():
                user.save(force_insert=True)
        except IntegrityError:  # by somebody else, a moment ago
            _refuse_taken(user)
            raise
        audited("accounts.user.create", user, by, now)
        if user.phone and by is not None:  # nobody but the giver has said yet that it is this person's
            NumberClaim(user=user, phone=user.phone, by=by, at=now).save(force_insert=True)
    return user


def assign_role(*, user: User, role: Role, by: User | None, now: datetime, scope: str = "") -> Assignment:
    """Give a role, for all of it or for one district or class. `by` is None for the system itself."""
    facts = ROLES[role]
    if facts.side is not side_here():
        raise WrongSide(role=role.label)
    if role in BY_SEAT:
        raise FollowsASeat(role=role.label)
    if role is Role.GUARDIAN and by is not None:
        raise FollowsATie(role=role.label)
    if scope and role not in SCOPED:
        raise ScopeNotAllowed(role=role.label)
    with transaction.atomic():
        locked = _locked(user, by)
        refuse_ungiven(by, [role])
        if not locked.is_active:
            raise Inactive(name=locked.name)
        held = list(locked.assignments.values_list("role", "scope"))
        if (role, scope) in held:
            raise AlreadyHeld(name=locked.name)
        if role in SCHOOLS_HAND and any(other in BY_SEAT for other, _scope in held):
            raise BothSides(name=locked.name)
        if role in ADMINISTRATORS and any(other in ADMINISTRATORS for other, _scope in held):
            raise SeparatePersons(name=locked.name)
        assignment = Assignment(user=locked, role=role, scope=scope, created_at=now)
        assignment.save(force_insert=True)
        user.forget_rights()
        audited("accounts.role.assign", user, by, now, role=role.value, scope=scope or None)
    return assignment


def withdraw_role(*, assignment: Assignment, by: User | None, now: datetime) -> None:
    """Take one role back; it ends with the next request."""
    user = assignment.user
    with transaction.atomic():
        locked = _locked(user, by)
        held = locked.assignments.filter(pk=assignment.pk).first()
        if held is None:
            raise AlreadyWithdrawn
        if held.role in BY_SEAT:
            raise FollowsASeat(role=Role(held.role).label)
        if held.role == Role.GUARDIAN and by is not None:
            raise FollowsATie(role=Role.GUARDIAN.label)
        refuse_ungiven(by, [Role(held.role)])
        held.delete()
        user.forget_rights()
        audited("accounts.role.withdraw", user, by, now, role=held.role, scope=held.scope or None)


def follow_seat(*, user: User, role: Role, days: Period | None, now: datetime) -> None:
    """A role of BY_SEAT stands for these days, or ends. For the committee's own deeds, which know the seats."""
    if role not in BY_SEAT:
        raise ValueError(f"{role} comes from no seat")
    with transaction.atomic():
        locked = locks.locked(user)
        held = locked.assignments.filter(role=role).first()
        if held is None and days is not None:
            held = Assignment(
                user=locked, role=role, created_at=now, from_date=days.first, until_date=days.last
            )
            held.save(force_insert=True)
            audited(
                "accounts.role.assign", user, None, now, role=role.value, first=days.first, last=days.last
            )
        elif held is not None and days is None:
            held.delete()
            audited("accounts.role.withdraw", user, None, now, role=role.value, scope=None)
        elif (
            held is not None
            and days is not None
            and (held.from_date, held.until_date)
            != (
                days.first,
                days.last,
            )
        ):
            held.from_date, held.until_date = days.first, days.last
            held.save(update_fields=["from_date", "until_date"])
            audited(
                "accounts.role.redate", user, None, now, role=role.value, first=days.first, last=days.last
            )
        user.forget_rights()


def deactivate_user(*, user: User, by: User | None, now: datetime, reason: str = "") -> None:
    """End an account and its sessions. Its rows and what it did stay.

    A parent's is ended with a reason, and told (settings.ACCOUNT_ENDED). Raises Inactive, NoEndReason.
    """
    with transaction.atomic():
        locked = _managed(user, by)
        if not locked.is_active:
            raise Inactive(name=locked.name)
        if by is not None and not reason.strip() and queries.has_children(locked):
            raise NoEndReason
        _set_active(user, active=False)
        _end_sessions(user)
        for name in settings.ACCOUNT_ENDS_WITH:
            dotted(name)(user=user, by=by, now=now)
        audited("accounts.user.deactivate", user, by, now)
        if side_here() is Side.SCHOOL:
            dotted(settings.ACCOUNT_ENDED)(user=user, reason=reason.strip()[:200], by=by, now=now)


def reactivate_user(*, user: User, by: User | None, now: datetime) -> None:
    """Open an ended account again, with the roles it had. The days to object to another number begin anew.

    One that is open stays as it is.
    """
    with transaction.atomic():
        if _managed(user, by).is_active:
            return
        _set_active(user, active=True)
        user.number_claims.filter(answered_at=None).update(at=now)
        audited("accounts.user.reactivate", user, by, now)
        if side_here() is Side.SCHOOL:
            dotted(settings.ACCOUNT_OPENED)(user=user, by=by, now=now)


def reset_password(*, user: User, by: User | None, now: datetime, address: Callable[[str], str]) -> None:
    """The old password and all sessions end; one setting link, good for a day, goes to the person's own phone.

    `address` makes the link of a token; nobody here sees either. Raises NumberUnknown where no two persons stand for
    the number, and what the sender refuses.
    """
    sender = senders.current()
    sender.check()
    with transaction.atomic():
        locked = _managed(user, by)
        if not locked.is_active:
            raise Inactive(name=locked.name)
        phone = reached_at(locked)
        token = _void_password(user)
        audited("accounts.password.reset", user, by, now)
        sender.send_link(phone=phone, link=address(token), now=now)


def first_link(*, user: User, now: datetime) -> str:
    """The token of a setting link for whoever runs the machine: the first account of a city or a school."""
    with transaction.atomic():
        locks.locked(user)
        token = _void_password(user)
        audited("accounts.password.reset", user, None, now)
        return token


def reached_at(user: User) -> str:
    """The number that a setting link goes to. Raises NumberUnknown where nobody else stands for it, or there is none."""
    if not user.phone or not is_vouched(user):
        raise NumberUnknown(name=user.name)
    return user.phone


def is_vouched(user: User) -> bool:
    """Two persons stand for the number, or none had to: it came with a roster, a seat, a contract.

    That somebody could enter a code that went there says who holds the phone, not who that is.
    """
    last = user.number_claims.filter(phone=user.phone).order_by("-at", "-pk").first()
    return last is None or last.is_accepted is True


def was_used(user: User) -> bool:
    """Somebody has logged in: letters, signatures and votes all come from there, so without it there are none."""
    return user.last_login is not None


def set_password(*, user: User, password: str, by: User | None, now: datetime) -> None:
    """A new password; it has been checked by the form. Links made before are void."""
    with transaction.atomic():
        locks.locked(user)
        user.set_password(password)
        user.save(update_fields=["password"])
        audited("accounts.password.set", user, by, now)


def clear_second_factor(*, user: User, by: User | None, now: datetime) -> None:
    """For a lost phone: second factor and recovery codes go, sessions end, the next login sets a new one up."""
    with transaction.atomic():
        _managed(user, by)
        gone, _each = Authenticator.objects.filter(user_id=user.pk).delete()
        if not gone:
            return  # a second click
        user.forget_rights()
        _end_sessions(user)
        audited(CLEARED, user, by, now)


def verify_phone(*, user: User, phone: str, by: User | None, now: datetime) -> None:
    """The user has entered a code that went to this phone; only the first time is remembered."""
    with transaction.atomic():
        fresh = User.objects.filter(pk=user.pk, phone=phone, phone_verified_at=None).update(
            phone_verified_at=now
        )
        if fresh:
            user.phone_verified_at = now
            audited("accounts.phone.verify", user, by, now)


def change_phone(
    *, user: User, phone: str, by: User | None, now: datetime, claim: NumberClaim | None = None
) -> None:
    """Another number to log in by. Every session ends, and codes that went to the old number open nothing more.

    As resetting a password: whoever gives a login away must be able to give every role that comes with it. An account
    that was ever used, or has more than a parent's role, changes by a claim that its owner or a second person has
    accepted, or not (NeedsTwoPersons). Where a parent's role is among its roles, password and second factors end too:
    whoever held the number in between keeps no door to what the parent reads.
    """
    with transaction.atomic():
        locked = _managed(user, None if claim else by)
        if claim is None and (was_used(locked) or not queries.is_parents(locked)):
            raise NeedsTwoPersons(name=locked.name)
        if User.objects.filter(phone=phone).exclude(pk=locked.pk).exists():
            raise PhoneTaken
        try:
            with transaction.atomic():
                User.objects.filter(pk=locked.pk).update(phone=phone, phone_verified_at=None)
        except IntegrityError as error:  # somebody else, a moment ago
            raise PhoneTaken from error
        user.phone, user.phone_verified_at = phone, None
        if locked.assignments.filter(role=Role.GUARDIAN).exists():
            user.set_unusable_password()
            user.save(update_fields=["password"])
            gone, _of_each = Authenticator.objects.filter(user_id=user.pk).delete()
            user.forget_rights()
            if gone:
                audited(CLEARED, user, by, now)
        _end_sessions(user)
        audited("accounts.phone.change", user, by, now)


def end_other_sessions(*, user: User, keep: str, by: User | None, now: datetime) -> int:
    """Log the user out everywhere but in the session with the key `keep`; returns how many ended."""
    with transaction.atomic():
        ended = _end_sessions(user, keep=keep)
        audited("accounts.sessions.end", user, by, now, ended=ended)
    return ended


def _void_password(user: User) -> str:
    user.set_unusable_password()
    user.save(update_fields=["password"])
    _end_sessions(user)
    return links.token_for(user)


def _locked(user: User, by: User | None) -> User:
    """The user's row under lock, so that two givers stand in line; refuses the own account."""
    if by is not None and by.pk == user.pk:
        raise NotYourself
    return locks.locked(user)


def _refuse_taken(user: User) -> None:
    if User.objects.filter(login=user.login).exists():
        raise LoginTaken(login=user.login)
    if user.phone and User.objects.filter(phone=user.phone).exists():
        raise PhoneTaken


def refuse_unmanaged(user: User, by: User | None) -> None:
    """Raises NotYourself or NotYours: `by` may not give every role that the account has."""
    _managed(user, by)


def _managed(user: User, by: User | None) -> User:
    """As _locked, and `by` may manage every role of the user: who resets a password could log in as its owner."""
    locked = _locked(user, by)
    refuse_ungiven(by, [Role(role) for role in locked.assignments.values_list("role", flat=True)])
    if by is not None and side_here() is Side.SCHOOL:
        for name in settings.ACCOUNT_MANAGED:
            dotted(name)(user=locked, by=by)
    return locked


def refuse_ungiven(by: User | None, roles: list[Role]) -> None:
    """Raises NotYours: `by` may not give, and so not take, all of these roles."""
    for role in roles:
        if by is not None and not by.has(ROLES[role].given_with):
            raise NotYours(role=role.label)


def _set_active(user: User, *, active: bool) -> None:
    user.is_active = active
    user.save(update_fields=["is_active"])
    user.forget_rights()


def _end_sessions(user: User, *, keep: str = "") -> int:
    sessions = list(UserSession.objects.filter(user_id=user.pk).exclude(session_key=keep))
    for session in sessions:
        session.end()
    return len(sessions)


def audited(verb: str, target: models.Model, by: User | None, at: datetime, **details: object) -> None:
    """The audit stands above accounts and is plugged in by settings."""
    dotted(settings.AUDIT_RECORD)(verb=verb, target=target, by=by, at=at, details=details)
