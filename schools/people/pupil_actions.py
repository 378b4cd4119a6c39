"""Writes of pupils: who joins, moves to another class, leaves and comes back."""

from collections.abc import Collection
from datetime import date, datetime

from django.conf import settings
from django.db import IntegrityError, transaction

from afterbell.accounts.models import User
from afterbell.audit import actions as audit
from afterbell.kernel import locks
from afterbell.kernel.dates import local_date
from afterbell.kernel.strings import dotted
from schools.people import marks, rows, ties
from schools.people.models import Pupil, SchoolClass
from schools.people.refusals import NotOnRoll, NumberTaken, OnRoll, SameClass, SeenLater, WrongDay


def admit_pupil(
    *, number: str, name: str, school_class: SchoolClass, joined_date: date, by: User, now: datetime
) -> Pupil:
    """A new pupil on the roll, still without adults."""
    today = local_date(now)
    with transaction.atomic():
        if Pupil.objects.filter(number=number).exists():
            raise NumberTaken(number=number)
        pupil = Pupil(number=number, name=name, school_class=school_class, joined_date=joined_date)
        try:
            with transaction.atomic():
                pupil.save(force_insert=True)
        except IntegrityError as error:  # another clerk, a moment ago
            raise NumberTaken(number=number) from error
        marks.roll_changed(days={today, joined_date}, now=now)
        audit.record(
            verb="people.pupil.admit", target=pupil, by=by, at=now, details={"school_class": school_class.pk}
        )
    return pupil


def move_class(*, pupil: Pupil, school_class: SchoolClass, by: User, now: datetime) -> None:
    """To another class of the school."""
    with transaction.atomic():
        locked = rows.on_roll(pupil)
        ties.refuse_own_child(locked, by)
        if locked.school_class_id == school_class.pk:
            raise SameClass
        before = locked.school_class_id
        Pupil.objects.filter(pk=pupil.pk).update(school_class=school_class)
        pupil.school_class = school_class
        marks.roll_changed(days={local_date(now)}, now=now)
        audit.record(
            verb="people.pupil.move",
            target=pupil,
            by=by,
            at=now,
            details={"before": before, "after": school_class.pk},
        )


def leave(*, pupil: Pupil, on: date, by: User, now: datetime) -> None:
    """The pupil leaves the school; `on` is the last day. Rows stay."""
    mark_left(pupils=[pupil], on=on, by=by, now=now)


def mark_left(*, pupils: Collection[Pupil], on: date, by: User, now: datetime) -> int:
    """Pupils who are in no roster any more leave; nobody is deleted. All or none."""
    if not pupils:
        return 0
    today = local_date(now)
    with transaction.atomic():
        locked = list(locks.locked_rows(Pupil, [pupil.pk for pupil in pupils]))
        ties.refuse_own_children([pupil.pk for pupil in locked], by)
        for pupil in locked:
            if pupil.left_date is not None:
                raise NotOnRoll
            if not pupil.joined_date <= on <= today:
                raise WrongDay(first=pupil.joined_date, last=today)
        _refuse_seen_later(locked, on)
        left = Pupil.objects.filter(pk__in=[pupil.pk for pupil in locked]).update(left_date=on)
        for pupil in pupils:
            pupil.left_date = on
        marks.roll_changed(days={today, on}, now=now)
        audit.record(
            verb="people.pupil.leave",
            target=locked[0] if left == 1 else f"pupils:{left}",
            by=by,
            at=now,
            details={"pupils": [pupil.pk for pupil in locked], "on": on},
        )
    return left


def readmit(*, pupil: Pupil, school_class: SchoolClass, by: User, now: datetime) -> None:
    """A pupil who had left comes back."""
    with transaction.atomic():
        if locks.locked(pupil).left_date is None:
            raise OnRoll
        ties.refuse_own_child(pupil, by)
        Pupil.objects.filter(pk=pupil.pk).update(left_date=None, school_class=school_class)
        pupil.left_date, pupil.school_class = None, school_class
        marks.roll_changed(days={local_date(now)}, now=now)
        audit.record(
            verb="people.pupil.readmit",
            target=pupil,
            by=by,
            at=now,
            details={"school_class": school_class.pk},
        )


def _refuse_seen_later(pupils: Collection[Pupil], on: date) -> None:
    """Who was there is known to rooms above, named in settings.LAST_SEEN."""
    names = {pupil.pk: pupil.name for pupil in pupils}
    for path in getattr(settings, "LAST_SEEN", ()):
        for pupil, day in sorted(dotted(path)(names, after=on).items()):
            raise SeenLater(name=names[pupil], day=day)
