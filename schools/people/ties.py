"""What the deeds on ties share: the child's lock first, then the row read again; its history; nobody's own."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.conf import settings

from afterbell.accounts.models import User
from afterbell.kernel import locks
from afterbell.kernel.strings import dotted
from schools.people import denials, queries
from schools.people.models import Change, ChangeKind, Pupil, Relation, Tie
from schools.people.refusals import Ended, NoKinSigns, OwnAccount, OwnChild


def locked(tie: Tie) -> Tie:
    """The child first: whoever adds, denies or changes an adult of one child stands in one line."""
    _lock_child(tie)
    return locks.locked(tie, also=("guardian", "pupil"))


def live(tie: Tie) -> Tie:
    """The row under lock; refuses a denied or an ended one."""
    return _live(locked(tie))


def live_unlocked(tie: Tie) -> Tie:
    """As live, under the child's lock alone: what is refused then may go on as a question, which locks the child too."""
    _lock_child(tie)
    return _live(Tie.objects.select_related("guardian", "pupil").get(pk=tie.pk))


def set_to(tie: Tie, *, now: datetime, **changes: object) -> None:
    """The row and the object; where a right begins or ends, with its moment: the gate judges what was done by the hour at
    which it was done."""
    may = changes.get("may_collect")
    if isinstance(may, bool) and Tie.objects.filter(pk=tie.pk).exclude(may_collect=may).exists():
        changes["collects_since" if may else "collected_until"] = now
    if changes.get("may_sign") is False and Tie.objects.filter(pk=tie.pk, may_sign=True).exists():
        changes["signed_until"] = now
    Tie.objects.filter(pk=tie.pk).update(**changes)
    for name, value in changes.items():
        setattr(tie, name, value)


def signs_no_longer(tie: Tie, by: User, now: datetime) -> None:
    """`tie` as it was: what stands on this adult's signature is other rooms' to look after (settings.SIGNER_GONE)."""
    for name in settings.SIGNER_GONE if tie.may_sign else ():
        dotted(name)(guardian=tie.guardian, pupil=tie.pupil, by=by, now=now)


def keep(
    kind: ChangeKind, row: Tie, reason: str, by: User, now: datetime, *, before: str = "", after: str = ""
) -> None:
    """A line of the child's history."""
    Change(
        kind=kind, pupil_id=row.pupil_id, guardian_id=row.guardian_id, before=before, after=after, reason=reason,
        by=by, at=now,
    ).save(force_insert=True)  # fmt: skip


def refuse_no_kin(relation: Relation, *, may_sign: bool) -> None:
    """Who is no relative signs nothing (S13). Raises NoKinSigns."""
    if may_sign and relation == Relation.NO_KIN:
        raise NoKinSigns(field="may_sign")


def refuse_own(tie: Tie, by: User) -> None:
    """Staff change nothing about themselves."""
    if tie.guardian.user_id == by.pk:
        raise OwnAccount


def refuse_offices_own(tie: Tie, by: User) -> None:
    """Nor about the adults of their own child. Raises OwnAccount, OwnChild."""
    refuse_own(tie, by)
    refuse_own_child(tie.pupil, by)


def refuse_own_child(pupil: Pupil, by: User) -> None:
    """The office does nothing about the adults or the row of the own child: it would be one's own judge against the other
    parent.
    """
    refuse_own_children([pupil.pk], by)


def refuse_own_children(pupils: Collection[UUID], by: User) -> None:
    """Whoever has or had a tie to one of them leaves them to a colleague. Raises OwnChild."""
    if queries.ties_of(by).filter(pupil__pk__among=list(pupils)).exists():
        raise OwnChild


def refuse_other_parent(*, user: User, by: User) -> None:
    """Nor about the account of another adult of the own child (settings.ACCOUNT_MANAGED). Raises OwnChild."""
    refuse_own_children(list(queries.ties_of(user).values_list("pupil", flat=True)), by)


def _lock_child(tie: Tie) -> None:
    tie.ensure_home()
    locks.locked_rows(Pupil, [tie.pupil_id]).get()


def _live(row: Tie) -> Tie:
    denials.refuse_denied(row)
    if row.ended_at is not None:
        raise Ended
    return row
