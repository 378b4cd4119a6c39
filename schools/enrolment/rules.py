"""What a child may choose, and who moves up in the queue; pure, but for its refusals."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from uuid import UUID

from schools.enrolment.refusals import NothingChosen, SameTime, WrongGrade
from schools.planning.models import Activity


@dataclass(frozen=True)
class Waiter:
    """An application in the queue, and the activities that it asks for: all of them or none."""

    id: UUID
    wants: frozenset[UUID]


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


def who_moves_up(queue: Iterable[Waiter], free: Mapping[UUID, int]) -> list[UUID]:
    """Those of the queue, in its order, who get all that they want, and pass nobody.

    Whoever can't be served yet keeps the others away from each of the activities wanted, also from one that has
    places left: in no activity does a later family come before an earlier one.
    """
    left = dict(free)
    blocked: set[UUID] = set()
    served = []
    for waiter in queue:
        if waiter.wants & blocked or any(left.get(activity, 0) < 1 for activity in waiter.wants):
            blocked |= waiter.wants
            continue
        for activity in waiter.wants:
            left[activity] -= 1
        served.append(waiter.id)
    return served
