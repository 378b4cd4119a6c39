"""Who joins, on which days, in which group: the enrolment of one term, worked out before any row is written."""

from collections import defaultdict
from dataclasses import dataclass, field
from uuid import UUID

from infra.demo import stories
from infra.demo.shapes import Shape
from infra.demo.stories import Plot
from schools.people.models import Pupil, Tie

WEEKDAYS = (1, 2, 3, 4, 5)
DAYS_A_WEEK = ((5, 0.55), (4, 0.25), (3, 0.14), (2, 0.06))
FORCED_GRADE = 4
SMALL_YEAR = 45
"""Up to so many children of a year, two grades share their groups."""
MOST = 49
COUNTED = 20
"""Classes smaller than this give no signal, so that their take-up may be anything."""


@dataclass
class Child:
    """One child on the roll in the term, with the adult who signs."""

    id: UUID
    name: str
    number: str
    class_id: UUID
    class_name: str
    grade: int
    is_hardship: bool
    guardian_id: UUID
    guardian_name: str
    guardian_phone: str
    weekdays: tuple[int, ...] = ()
    """Empty for who does not join."""
    waits: bool = False
    is_forced: bool = False
    groups: list["Group"] = field(default_factory=list)


@dataclass(eq=False)
class Group:
    """Children of a grade, in small schools of two, who are together on a weekday; becomes an activity."""

    weekday: int
    lowest: int
    highest: int
    room: int
    """Number of the room, from 0; no room has two groups at a time."""
    children: list[Child]


@dataclass(frozen=True)
class Enrolment:
    """All children of the roll, and the groups of those who join."""

    children: list[Child]
    groups: list[Group]

    @property
    def joining(self) -> list[Child]:
        return [child for child in self.children if child.weekdays and not child.waits]

    @property
    def mean_group(self) -> float:
        return sum(len(group.children) for group in self.groups) / len(self.groups)

    @property
    def most_at_once(self) -> int:
        return max(group.room for group in self.groups) + 1


def plan(found: Shape) -> Enrolment:
    """Deal the children of the roll into groups."""
    children = _on_roll()
    by_class: dict[UUID, list[Child]] = defaultdict(list)
    for child in children:
        by_class[child.class_id].append(child)
    forced = _forced_class(found, by_class)
    for class_id, own in by_class.items():
        _choose(found, own, is_forced=class_id == forced)
    return Enrolment(children, _groups(found, children))


def _on_roll() -> list[Child]:
    """By number."""
    signers = {
        tie.pupil_id: tie.guardian
        for tie in Tie.objects.filter(may_sign=True, pupil__left_date=None).select_related("guardian")
    }
    rows = Pupil.objects.filter(left_date=None).select_related("school_class")
    return [
        Child(
            id=row.pk,
            name=row.name,
            number=row.number,
            class_id=row.school_class_id,
            class_name=row.school_class.name,
            grade=row.school_class.grade,
            is_hardship=row.is_hardship,
            guardian_id=signers[row.pk].pk,
            guardian_name=signers[row.pk].name,
            guardian_phone=signers[row.pk].phone,
        )
        for row in rows.order_by("number")
    ]


def _forced_class(found: Shape, by_class: dict[UUID, list[Child]]) -> UUID | None:
    if Plot.FORCED not in found.plots:
        return None
    return next(
        class_id for class_id, own in by_class.items() if own[0].grade == FORCED_GRADE and len(own) >= COUNTED
    )


def _choose(found: Shape, own: list[Child], *, is_forced: bool) -> None:
    chance = found.random(f"join:{own[0].number}")
    share = found.take_up + chance.uniform(-0.06, 0.06)
    joining = own if is_forced else chance.sample(own, min(len(own) - 2, round(len(own) * share)))
    for child in joining:
        days = chance.choices([n for n, _w in DAYS_A_WEEK], [w for _n, w in DAYS_A_WEEK])[0]
        child.weekdays = tuple(sorted(chance.sample(WEEKDAYS, days)))
        child.is_forced = is_forced
    if not is_forced and found.term_code == stories.RUNNING and len(own) >= COUNTED and chance.random() < 0.3:
        chance.choice(joining).waits = True


def _groups(found: Shape, children: list[Child]) -> list[Group]:
    groups: list[Group] = []
    for weekday in WEEKDAYS:
        room = 0
        for lowest, highest in _bands(found):
            there = [
                child
                for child in children
                if lowest <= child.grade <= highest and weekday in child.weekdays and not child.waits
            ]
            count = _count(found, len(there))
            for place in range(count):
                own = there[place * len(there) // count : (place + 1) * len(there) // count]
                group = Group(weekday, lowest, highest, room, own)
                groups.append(group)
                for child in own:
                    child.groups.append(group)
                room += 1
    return groups


def _bands(found: Shape) -> list[tuple[int, int]]:
    grades = list(found.school.grades)
    if found.school.pupils / len(grades) > SMALL_YEAR:
        return [(grade, grade) for grade in grades]
    return [(grade, grade + 1) for grade in grades[::2]]


def _count(found: Shape, children: int) -> int:
    """As near to the wanted size as whole groups come, and none larger than a room."""
    count = max(bool(children), round(children / found.group))
    return count + (children > count * MOST)
