"""Writes that deny somebody who is no adult of the child (S24): a court's order names whom the school never registered.

The row that carries the denial gives nothing: it is ended from its first moment, without rights, and there is no login.
When the denial is lifted, nothing is left of it but its history.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from afterbell.accounts.models import User
from afterbell.audit.actions import record
from afterbell.kernel import locks
from schools.people import adult_actions, denials, naming, telling, ties
from schools.people.models import ChangeKind, Guardian, Pupil, Relation, Tie
from schools.people.refusals import AnotherName, NobodyNamed, OwnAccount, SameNameThere


def deny_stranger(
    *, pupil: Pupil, name: str, phone: str, relation: Relation, reason: str, by: User, now: datetime
) -> Tie:
    """By a name, a number (E.164) or both; also for a child who has left. Who is there already is denied where they stand.

    Raises NobodyNamed, OwnAccount, OwnChild, AnotherName, SameNameThere, DeniedBefore, DeniedNow.
    """
    if not name and not phone:
        raise NobodyNamed
    if phone and by.phone == phone:
        raise OwnAccount
    with transaction.atomic():
        child = locks.locked(pupil)
        ties.refuse_own_child(child, by)
        _refuse_same_name(child, name, phone)
        if not phone:
            denials.refuse(pupil=child, name=name)
        guardian = _guardian(name, phone)
        tie = Tie.objects.select_related("guardian", "pupil").filter(guardian=guardian, pupil=child).first()
        if tie is not None and tie.ended_at is None:
            adult_actions.deny(tie=tie, reason=reason, by=by, now=now)  # raises DeniedNow for who is denied
            return tie
        if tie is None:
            tie = Tie(guardian=guardian, pupil=child, relation=relation, ended_at=now)
            tie.is_denied, tie.denied_reason = True, reason
            tie.save(force_insert=True)
        else:
            tie = ties.locked(tie)
            denials.refuse_denied(tie)
            ties.set_to(tie, now=now, is_denied=True, denied_reason=reason)
        ties.keep(ChangeKind.DENIED, tie, reason, by, now)
        record(verb="people.tie.deny", target=tie, by=by, at=now, details={"pupil": child.pk})
        telling.denied(tie=tie, by=by, now=now)
    return tie


def _refuse_same_name(child: Pupil, name: str, phone: str) -> None:
    """A live adult of this name under another number is either meant, or somebody else: the office looks."""
    live = Tie.objects.filter(pupil=child, ended_at__isnull=True, is_denied=False)
    if phone:
        live = live.exclude(guardian__phone=phone)
    called = naming.likened(name)
    for tie in live.select_related("guardian") if name else ():
        if naming.likened(tie.guardian.name) == called:
            raise SameNameThere(name=tie.guardian.name)


def _guardian(name: str, phone: str) -> Guardian:
    """The adult of this number, or a new row without a login."""
    wanted = name or _("姓名不详")
    if not phone:
        guardian = Guardian(name=wanted, phone="")
        guardian.save(force_insert=True)
        return guardian
    Guardian.objects.bulk_create([Guardian(name=wanted, phone=phone)], ignore_conflicts=True)
    found: Guardian = locks.lockable(Guardian.objects.filter(phone=phone)).get()
    if name and not naming.same(found.name, name):
        raise AnotherName
    return found
