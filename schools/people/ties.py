"""What the deeds on ties share: the child's lock first, then the row read again; its history; nobody's own."""

from datetime import datetime

from afterbell.accounts.models import User
from afterbell.kernel import locks
from schools.people import denials, queries
from schools.people.models import Change, ChangeKind, Pupil, Tie
from schools.people.refusals import Ended, OwnAccount, OwnChild


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
    """The row and the object; where the right to collect begins or ends, with its moment: the gate judges a handover by
    the hour at which it was done."""
    may = changes.get("may_collect")
    if isinstance(may, bool) and Tie.objects.filter(pk=tie.pk).exclude(may_collect=may).exists():
        changes["collects_since" if may else "collected_until"] = now
    Tie.objects.filter(pk=tie.pk).update(**changes)
    for name, value in changes.items():
        setattr(tie, name, value)


def keep(
    kind: ChangeKind, row: Tie, reason: str, by: User, now: datetime, *, before: str = "", after: str = ""
) -> None:
    """A line of the child's history."""
    Change(
        kind=kind, pupil_id=row.pupil_id, guardian_id=row.guardian_id, before=before, after=after, reason=reason,
        by=by, at=now,
    ).save(force_insert=True)  # fmt: skip


def refuse_own(tie: Tie, by: User) -> None:
    """Staff change nothing about themselves."""
    if tie.guardian.user_id == by.pk:
        raise OwnAccount


def refuse_offices_own(tie: Tie, by: User) -> None:
    """Nor about the adults of their own child. Raises OwnAccount, OwnChild."""
    refuse_own(tie, by)
    refuse_own_child(tie.pupil, by)


def refuse_own_child(pupil: Pupil, by: User) -> None:
    """The office does nothing about the adults of the own child: against the other parent it would be one's own judge."""
    if queries.ties_of(by).filter(pupil=pupil.pk).exists():
        raise OwnChild


def _lock_child(tie: Tie) -> None:
    tie.ensure_home()
    locks.locked_rows(Pupil, [tie.pupil_id]).get()


def _live(row: Tie) -> Tie:
    denials.refuse_denied(row)
    if row.ended_at is not None:
        raise Ended
    return row
