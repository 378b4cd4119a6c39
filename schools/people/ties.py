"""What the deeds on ties share: the child's lock first, then the row read again; its history; nobody's own."""

from datetime import datetime

from afterbell.accounts.models import User
from afterbell.kernel import locks
from schools.people import denials
from schools.people.models import Change, ChangeKind, Pupil, Tie
from schools.people.refusals import Ended, OwnAccount


def locked(tie: Tie) -> Tie:
    """The child first: whoever adds, denies or changes an adult of one child stands in one line."""
    tie.ensure_home()
    locks.locked_rows(Pupil, [tie.pupil_id]).get()
    return locks.locked(tie, also=("guardian", "pupil"))


def live(tie: Tie) -> Tie:
    """The row under lock; refuses a denied or an ended one."""
    row = locked(tie)
    denials.refuse_denied(row)
    if row.ended_at is not None:
        raise Ended
    return row


def set_to(tie: Tie, **changes: object) -> None:
    Tie.objects.filter(pk=tie.pk).update(**changes)
    for name, value in changes.items():
        setattr(tie, name, value)


def keep(kind: ChangeKind, row: Tie, reason: str, by: User, now: datetime) -> None:
    """A line of the child's history."""
    Change(kind=kind, pupil_id=row.pupil_id, guardian_id=row.guardian_id, reason=reason, by=by, at=now).save(
        force_insert=True
    )


def refuse_own(tie: Tie, by: User) -> None:
    """Staff change nothing about themselves."""
    if tie.guardian.user_id == by.pk:
        raise OwnAccount
