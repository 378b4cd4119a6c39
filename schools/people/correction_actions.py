"""Writes that put right how a person is called or reached: each with a reason, told to the others, never forgotten.

A corrected number is a new door to log in by: the sessions of the old one end, and of an adult who has ever come in the
office only claims it (decision 32). A name or a number that is denied for one of the adult's children stops the office
here as everywhere (S24).
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from afterbell.accounts import actions as accounts
from afterbell.accounts import number_actions
from afterbell.accounts import queries as account_queries
from afterbell.accounts.models import NumberClaim, User
from afterbell.audit import actions as audit
from afterbell.kernel import locks
from afterbell.kernel.strings import dotted
from schools.people import denials, logins, queries, telling, ties
from schools.people.models import Change, ChangeKind, Guardian, Pupil, Tie
from schools.people.refusals import (
    ChildrenChanged,
    CorrectedMeanwhile,
    NothingToCorrect,
    NumberOfAnother,
    OwnAccount,
    StaffNumber,
)


def correct_pupil_name(*, pupil: Pupil, before: str, name: str, reason: str, by: User, now: datetime) -> None:
    """The pupil is called otherwise: a slip of the pen, a new name at the registry. `before` is what the office saw."""
    with transaction.atomic():
        row = locks.locked(pupil)
        ties.refuse_own_child(row, by)
        _refuse_stale(row.name, before, name)
        Pupil.objects.filter(pk=row.pk).update(name=name)
        row.name = name
        _keep(Change(kind=ChangeKind.PUPIL_NAME, pupil=row, before=before, after=name), reason, by, now)
        audit.record(verb="people.pupil.correct_name", target=row, by=by, at=now)
        telling.new_pupil_name(pupil=row, before=before, by=by, now=now)
        locks.follow(pupil, row)


def correct_name(*, guardian: Guardian, before: str, name: str, reason: str, by: User, now: datetime) -> None:
    """The adult is called otherwise, for every child. `before` is what the office saw."""
    with transaction.atomic():
        row = _locked(guardian, by)
        _refuse_stale(row.name, before, name)
        _refuse_denied(row, name=name)
        Guardian.objects.filter(pk=row.pk).update(name=name)
        row.name = name
        logins.rename([row])
        _keep(Change(kind=ChangeKind.NAME, guardian=row, before=before, after=name), reason, by, now)
        audit.record(verb="people.adult.correct_name", target=row, by=by, at=now)
        telling.new_name(guardian=row, before=before, by=by, now=now)
        locks.follow(guardian, row)


def correct_phone(
    *, guardian: Guardian, before: str, phone: str, reason: str, by: User, now: datetime
) -> NumberClaim | None:
    """The adult has another number, for every child and to log in by. `before` is what the office saw (E.164).

    Of an adult who has ever logged in it is only claimed: what waits for the owner's yes is given back, and nothing has
    changed yet. Raises OwnAccount, CorrectedMeanwhile, NothingToCorrect, DeniedBefore, NumberOfAnother, StaffNumber,
    and what accounts refuses (NeedsTwoPersons, NotYours, ClaimOpen).
    """
    if by.phone == phone:
        raise OwnAccount
    with transaction.atomic():
        row = _locked(guardian, by)
        user = row.user
        if user is None or not accounts.was_used(user) or not account_queries.is_parents(user):
            _correct_phone(guardian, before, phone, reason, by, now)
            return None
        _refuse_stale(row.phone, before, phone)
        _refuse_denied(row, phone=phone)
        _refuse_taken(row, phone)
        return number_actions.claim_number(user=user, phone=phone, reason=reason, by=by, now=now)


def number_changed(*, claim: NumberClaim, by: User, now: datetime) -> None:
    """The owner or two persons stand for another number of an account (settings.NUMBER_CHANGED): the adult's goes with it.

    What was written to the bureau under the old number follows the owner's own yes alone.
    """
    guardian = Guardian.objects.filter(user=claim.user_id).first()
    if guardian is not None:
        reason = claim.reason or _("更换手机号")
        before = guardian.phone
        _correct_phone(guardian, before, claim.phone, str(reason), by, now, claim=claim)
        if by.pk == claim.user_id:
            dotted(settings.NUMBER_CONFIRMED)(guardian=guardian, before=before)
        return
    other = Guardian.objects.filter(phone=claim.phone).first()
    if other is not None:
        raise NumberOfAnother(name=other.name)
    accounts.change_phone(user=claim.user, phone=claim.phone, by=by, now=now, claim=claim)


def _correct_phone(
    guardian: Guardian,
    before: str,
    phone: str,
    reason: str,
    by: User,
    now: datetime,
    *,
    claim: NumberClaim | None = None,
) -> None:
    with transaction.atomic():
        row = _locked(guardian, by, claim)
        _refuse_stale(row.phone, before, phone)
        _refuse_denied(row, phone=phone)
        _refuse_taken(row, phone)
        if by.pk != row.user_id and phone in queries.staff(but=row.user_id).phones:
            raise StaffNumber
        row.phone, has_login = phone, row.user is not None
        if has_login:  # first: a delivery's row holds the login before the adult, and both numbers are keys
            _follow_login(row, by, now, claim)
        try:
            with transaction.atomic():
                Guardian.objects.filter(pk=row.pk).update(phone=phone)
        except IntegrityError as error:  # another clerk, a moment ago
            _refuse_taken(row, phone)
            raise NumberOfAnother(name="") from error
        if not has_login:
            _follow_login(row, by, now)
        _keep(Change(kind=ChangeKind.PHONE, guardian=row, before=before, after=phone), reason, by, now)
        audit.record(verb="people.adult.correct_phone", target=row, by=by, at=now)
        telling.new_number(guardian=row, before=before, by=by, now=now)
        locks.follow(guardian, row)


def _locked(guardian: Guardian, by: User, claim: NumberClaim | None = None) -> Guardian:
    """The adult's children first, as everybody locks them; then the adult. The own one is only agreed to (a claim)."""
    guardian.ensure_home()
    children = _children(guardian)
    list(locks.locked_rows(Pupil, children).values_list("pk"))
    row = locks.locked(guardian)
    if _children(guardian) != children:
        raise ChildrenChanged
    if row.user_id == by.pk and claim is None:
        raise OwnAccount
    if row.user_id != by.pk:
        ties.refuse_own_children(children, by)
    return row


def _children(guardian: Guardian) -> Collection[UUID]:
    rows = Tie.objects.filter(guardian=guardian).order_by("pupil")
    return list(rows.values_list("pupil", flat=True))


def _refuse_stale(there: str, seen: str, wanted: str) -> None:
    if there != seen:
        raise CorrectedMeanwhile(now=there)
    if there == wanted:
        raise NothingToCorrect


def _refuse_denied(row: Guardian, *, name: str = "", phone: str = "") -> None:
    """Under the locks of all the adult's children, ended ties too: they can be opened again."""
    for tie in Tie.objects.filter(guardian=row).select_related("pupil").order_by("pk"):
        denials.refuse(pupil=tie.pupil, name=name, phone=phone, but=row.pk)


def _refuse_taken(row: Guardian, phone: str) -> None:
    other = Guardian.objects.filter(phone=phone).exclude(pk=row.pk).first()
    other = other or User.objects.filter(phone=phone).exclude(pk=row.user_id).first()
    if other is not None:
        raise NumberOfAnother(name=other.name)


def _follow_login(row: Guardian, by: User, now: datetime, claim: NumberClaim | None = None) -> None:
    """The login goes with the adult: whoever holds the old number is out."""
    if row.user is None:
        logins.give([row], by=by, now=now)
        row.save(update_fields=["user"])
        return
    try:
        accounts.change_phone(user=row.user, phone=row.phone, by=by, now=now, claim=claim)
    except accounts.PhoneTaken as error:
        raise NumberOfAnother(name="") from error


def _keep(change: Change, reason: str, by: User, now: datetime) -> None:
    change.reason, change.by, change.at = reason, by, now
    change.save(force_insert=True)
