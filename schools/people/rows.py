"""Rows of people under lock."""

from afterbell.kernel import locks
from schools.people.models import Pupil
from schools.people.refusals import NotOnRoll


def on_roll(pupil: Pupil) -> Pupil:
    """The pupil's row under lock. Raises NotOnRoll for one that has left."""
    row = locks.locked(pupil)
    if row.left_date is not None:
        raise NotOnRoll
    return row
