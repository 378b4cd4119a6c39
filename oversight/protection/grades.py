"""What is hidden of grades and classes, when it is settled what is hidden of schools. Pure.

The pages show grades of any choice of filters and of one school, and a school's page its classes: all of one network.
Whose sum over all grades is shown elsewhere is settled (decisions.py) and stays as it is. A class whose grade is hidden is
hidden too; of a grade that is shown, its small classes and as many others as keep them safe.
"""

from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from oversight.protection import areas, securing
from oversight.protection.areas import Area, Count, is_small
from oversight.protection.decisions import CITY_K, PARTICIPANTS, Decision
from oversight.protection.system import NEVER, Number, Sum


class Grade(NamedTuple):
    """One grade of a school: pupils of its classes, and those of them who take part."""

    school: str
    area: Area
    grade: int
    pupils: int
    joined: int
    least: int
    most: int
    tells: bool
    """Of its classes with anybody who takes part (decisions.CLASSES)."""

    @property
    def name(self) -> tuple[str, int]:
        return self.school, self.grade


@dataclass(frozen=True, eq=False)
class Book:
    """All grades of a term, and which of their sums are hidden."""

    grades: tuple[Grade, ...]
    hidden: frozenset[frozenset[Hashable]]
    """By the grades with somebody who takes part."""
    asked: frozenset[frozenset[Hashable]]
    """Sums that were decided; any other one is shown when all its grades are."""
    short: frozenset[frozenset[Hashable]] = frozenset()
    """Hidden ones to which what is shown of schools leaves fewer values than was promised."""

    def hides(self, grades: Iterable[Grade]) -> bool:
        """Whether the sum of these is hidden."""
        members = frozenset(each.name for each in grades if each.joined)
        if members in self.asked:
            return members in self.hidden
        return any(frozenset([name]) in self.hidden for name in members)


def decide(grades: Sequence[Grade], schools: Decision) -> Book:
    """`schools` is the decision on the same state of the term."""
    counts = [Count(each.name, each.area, each.joined, each.pupils, each.least, each.most) for each in grades]
    sums = areas.Sums(counts, k=CITY_K)
    known = schools.families[PARTICIPANTS].known
    of_schools: dict[str, list[Count]] = {}
    for each, count in zip(grades, counts, strict=True):
        sums.add([each.name], is_hidden=each.tells)
        of_schools.setdefault(each.school, []).append(count)
    wholes: list[list[Count]] = [*of_schools.values()]
    for area, some in areas.by_area(counts).items():
        of_grades: dict[int, list[Count]] = {}
        for count in some:
            of_grades.setdefault(count.name[1], []).append(count)  # type: ignore[index]  # a school and its grade
        for one_grade in of_grades.values():
            sums.add([count.name for count in one_grade], weight=areas.weight(area))
        wholes.append(some)
    settled: dict[frozenset[Hashable], bool] = {}
    for some in wholes:
        codes = {count.name[0] for count in some}  # type: ignore[index]
        sums.add([count.name for count in some])
        if codes <= known:
            settled[frozenset(count.name for count in some if count.part)] = schools.hides(
                PARTICIPANTS, codes
            )
    every = [_settled(each, settled) for each in sums.all()]
    hidden = securing.protect(sums.numbers, every, k=CITY_K)
    return Book(tuple(grades), hidden.sums, frozenset(each.members for each in every), hidden.short)


def _settled(each: Sum, settled: dict[frozenset[Hashable], bool]) -> Sum:
    """Shown as the schools' own figure is, whatever it costs, or hidden as that is."""
    if each.members not in settled:
        return each
    return Sum(each.members, NEVER if not settled[each.members] else each.cost, settled[each.members])


class Class(NamedTuple):
    """One class of a school."""

    name: str
    grade: int
    pupils: int
    joined: int

    @property
    def is_whole(self) -> bool:
        """All of enough pupils take part: that is no secret, and an alert may say it."""
        return self.joined == self.pupils >= CITY_K


def hidden_classes(classes: Sequence[Class], grades: Collection[int]) -> list[bool]:
    """For each class of one school whether its count is hidden; `grades` are those that the book hides."""
    hidden = [each.joined > 0 and each.grade in grades and not each.is_whole for each in classes]
    for grade in {each.grade for each in classes} - set(grades):
        places = [place for place, each in enumerate(classes) if each.grade == grade]
        for place in _hidden_of(classes, places):
            hidden[place] = True
    return hidden


def _hidden_of(classes: Sequence[Class], places: Sequence[int]) -> set[int]:
    """Of a grade whose sum is shown."""
    some = [place for place in places if classes[place].joined]
    numbers: dict[Hashable, Number] = {place: _number(classes[place]) for place in some}
    sums = [
        Sum(
            frozenset([place]),
            classes[place].pupils,
            is_small(classes[place].joined, classes[place].pupils, CITY_K),
        )
        for place in some
    ]
    if len(numbers) > 1:
        sums.append(Sum(frozenset(numbers), NEVER))
    hidden = securing.protect(numbers, sums, k=CITY_K)
    return {place for members in hidden.sums for place in members if isinstance(place, int)}


def _number(each: Class) -> Number:
    return Number(each.joined, each.joined if each.is_whole else 1, max(each.joined, each.pupils))
