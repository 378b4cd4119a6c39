"""What a child may choose, and whose turn it is; pure, but for its refusals."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from uuid import UUID

from schools.enrolment.refusals import NothingChosen, SameTime, WrongGrade
from schools.planning.models import Activity


@dataclass(frozen=True)
class Waiter:
    """An application in the line, and the activities in which it waits: for all of them at once, or for each."""

    id: UUID
    wants: frozenset[UUID]
    is_approved: bool = True
    """By both sides. Until then it keeps its turn and takes nothing."""
    takes_each: bool = False
    """The family takes what there is and waits for the others."""


def check_choice(chosen: Sequence[Activity], *, grade: int) -> None:
    """Something, for this grade, and nothing twice at a time. Raises NothingChosen, WrongGrade, SameTime."""
    if not chosen:
        raise NothingChosen
    for activity in chosen:
        if not fits(activity, grade):
            raise WrongGrade(
                title=activity.title, first=activity.grade_from, last=activity.grade_to, grade=grade
            )
    for one, other in combinations(chosen, 2):
        if is_same_time(one, other):
            raise SameTime(one=one.title, other=other.title)


def fits(activity: Activity, grade: int) -> bool:
    """Whether the activity is for this grade."""
    return activity.grade_from <= grade <= activity.grade_to


def is_same_time(one: Activity, other: Activity) -> bool:
    """On the same weekday, and one begins before the other ends."""
    return one.weekday == other.weekday and one.starts < other.ends and other.starts < one.ends


def who_moves_up(line: Iterable[Waiter], free: Mapping[UUID, int]) -> dict[UUID, frozenset[UUID]]:
    """Those of the line, in its order, who have been approved and get something: all that they want, or, where the
    family takes each for itself, whatever its turn has come in.

    First come, first served is the application's time (S13): whoever stands before, reviewed or not, counts for a place
    in each activity wanted. So the order of reviews moves nobody, and in no activity does a later family take what an
    earlier one may still get; but where more places are free than families before, nobody is kept away.
    """
    before: Counter[UUID] = Counter()
    served = {}
    for waiter in line:
        turns = frozenset(activity for activity in waiter.wants if before[activity] < free.get(activity, 0))
        if waiter.is_approved and turns and (waiter.takes_each or turns == waiter.wants):
            served[waiter.id] = turns
        before.update(waiter.wants)
    return served
