"""Small cities at random, always the same for a number: few schools, few children, districts without some kinds."""

from collections.abc import Iterable
from random import Random
from typing import NamedTuple

import pandas as pd

from oversight.protection import decisions
from oversight.protection.grades import Grade

STAGES = {"primary": (1, 2, 3), "lower_secondary": (7, 8), "nine_year": (1, 2, 7)}
KINDS = ("urban", "town", "rural")
DISTRICTS = ("330102", "330106", "330108", "330109")


class Class(NamedTuple):
    """A class; its name is unique in the city."""

    name: str
    grade: int
    pupils: int
    joined: int

    @property
    def is_whole(self) -> bool:
        """Alerts say of such a class that all take part."""
        return self.joined == self.pupils >= decisions.CITY_K


class School(NamedTuple):
    """A school and the counts that the city hears of it."""

    code: str
    district: str
    stage: str
    kind: str
    classes: tuple[Class, ...]
    five_days: int
    invited: int
    answers: int
    high: int
    complaints: int

    @property
    def roll(self) -> int:
        return sum(each.pupils for each in self.classes)

    @property
    def joined(self) -> int:
        return sum(each.joined for each in self.classes)


def sparse(number: int) -> list[School]:
    """Two to four districts; each has some of the nine kinds of area, and each area one to three schools."""
    chance = Random(number)
    districts = DISTRICTS[: chance.randint(2, 4)]
    made: list[School] = []
    for district in districts:
        areas = [(stage, kind) for stage in STAGES for kind in KINDS if chance.random() < 0.35]
        for stage, kind in areas or [(chance.choice(list(STAGES)), chance.choice(KINDS))]:
            for _each in range(chance.choice((1, 1, 1, 2, 3))):
                made.append(_school(chance, f"{district}{1000 + len(made)}", district, stage, kind))
    return made


def frame(schools: list[School]) -> pd.DataFrame:
    """As frames.schools gives it: what the figures of children and families need."""
    rows = [
        {
            "school_id": each.code, "code": each.code, "name": f"校{each.code}", "district_code": each.district,
            "district_name": f"区{each.district}", "district_position": DISTRICTS.index(each.district),
            "stage": each.stage, "kind": each.kind, "size_class": "small", "is_known": True, "schools": 1.0,
            "schools_offering": 1.0, "participants": float(each.joined), "pupils_on_roll": float(each.roll),
            "five_day_participants": float(each.five_days), "complaints": float(each.complaints),
            "survey_invited": float(each.invited), "survey_answers": float(each.answers),
            "survey_high": float(each.high), **dict(zip(decisions.CLASSES, _some(each.classes), strict=True)),
            "survey_score_sum": float(3 * each.answers + each.high),
        }
        for each in schools
    ]  # fmt: skip
    return pd.DataFrame(rows)


def grades(schools: list[School]) -> list[Grade]:
    """As the book of a term holds them."""
    return [
        Grade(
            each.code,
            (each.district, each.stage, each.kind),
            grade,
            sum(o.pupils for o in of),
            sum(o.joined for o in of),
            *_some(of),
        )
        for each in schools
        for grade in sorted({one.grade for one in each.classes})
        for of in [[one for one in each.classes if one.grade == grade]]
    ]


def _some(classes: Iterable[Class]) -> tuple[int, int, bool]:
    """Of the classes in which anybody takes part: at least and at most how many do, and whether their sum tells too much."""
    some = [each for each in classes if each.joined]
    ends = [(each.joined, each.joined if each.is_whole else 1, each.pupils) for each in some]
    least, most = sum(end[1] for end in ends), sum(end[2] for end in ends)
    by_grade = [
        tuple(
            map(
                sum,
                zip(*(end for one, end in zip(some, ends, strict=True) if one.grade == grade), strict=True),
            )
        )
        for grade in {each.grade for each in some}
    ]
    total = sum(end[0] for end in ends)
    return least, most, any(_is_told(*end, total - least, most - total) for end in (*ends, *by_grade))


def _is_told(part: int, least: int, most: int, above: int, below: int) -> bool:
    """Whether a small part has too few values once the sum is known, of which others lie so far above and below."""
    if not (0 < part < decisions.CITY_K or 0 < most - part < decisions.CITY_K):
        return False
    up, down = min(most - part, above - (part - least)), min(part - least, below - (most - part))
    return max(0, up) + max(0, down) < min(decisions.CITY_K - 2, most - least)


def _school(chance: Random, code: str, district: str, stage: str, kind: str) -> School:
    most = chance.choice((12, 30, 120))
    keen = chance.choice((0.0, 0.08, 0.5, 0.8, 0.97, 1.0))
    classes = []
    for grade in STAGES[stage]:
        for number in range(chance.choice((1, 1, 2)) if most > 12 else 1):
            pupils = chance.randint(max(2, most // 4), max(3, most // 2))
            joined = sum(chance.random() < keen for _pupil in range(pupils))
            classes.append(Class(f"{code}-{grade}-{number}", grade, pupils, joined))
    joined = sum(each.joined for each in classes)
    five = sum(chance.random() < 0.6 for _child in range(joined))
    answers = sum(chance.random() < chance.choice((0.1, 0.7)) for _child in range(joined))
    high = sum(chance.random() < 0.85 for _answer in range(answers))
    return School(
        code, district, stage, kind, tuple(classes), five, joined, answers, high, chance.randint(0, 2)
    )
