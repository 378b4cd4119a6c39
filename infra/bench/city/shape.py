"""What a made-up school looks like: how many children, groups and days. Seeded, without a database."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count, islice

MEAN_PARTICIPANTS = 487
"""Bozhou: 600,000 children in the service of 1,233 schools (reference facts)."""
SMALLEST, LARGEST = 40, 2400
GROUP = 40
"""Children who are looked after together."""
LAST_DAY = date(2026, 11, 20)
DAYS = 20
DISTRICTS = 7
STAGES = ("primary",) * 7 + ("lower_secondary",) * 2 + ("nine_year",)
KINDS = ("urban",) * 4 + ("town",) * 3 + ("rural",) * 3


@dataclass(frozen=True)
class Shape:
    """One school. Every number follows from the seed and from the school's own number."""

    number: int
    stage: str
    kind: str
    district: int
    pupils: int
    participants: int
    whole_week_percent: int
    """Share of the children who stay on all five days; the others stay on two."""

    @property
    def code(self) -> str:
        return f"3416{self.district:02d}{self.number:04d}"

    @property
    def groups(self) -> int:
        return -(-self.participants // GROUP)

    @property
    def size_class(self) -> str:
        if self.pupils < 500:
            return "small"
        return "medium" if self.pupils <= 1500 else "large"

    @property
    def grades(self) -> range:
        return {"primary": range(1, 7), "lower_secondary": range(7, 10), "nine_year": range(1, 10)}[
            self.stage
        ]


def city(schools: int, *, seed: int, mean: int = MEAN_PARTICIPANTS) -> list[Shape]:
    """Sizes as cities have them: many small schools, a few large ones, the mean as wanted."""
    chance = random.Random(seed)
    weights = [chance.lognormvariate(0, 0.75) for _ in range(schools)]
    scale = mean * schools / sum(weights)
    return [
        _school(number, round(min(max(weight * scale, SMALLEST), LARGEST)), seed)
        for number, weight in enumerate(weights, start=1)
    ]


def equal(schools: int, *, participants: int, seed: int) -> list[Shape]:
    """Schools of one size whose children stay every day: rows = schools × participants × days."""
    return [_school(number, participants, seed, whole_week_percent=100) for number in range(1, schools + 1)]


def _school(number: int, participants: int, seed: int, *, whole_week_percent: int = 25) -> Shape:
    chance = random.Random(seed * 100_003 + number)
    return Shape(
        number=number,
        stage=chance.choice(STAGES),
        kind=chance.choice(KINDS),
        district=number % DISTRICTS + 1,
        pupils=round(participants / chance.uniform(0.62, 0.93)),
        participants=participants,
        whole_week_percent=whole_week_percent,
    )


def window(days: int = DAYS) -> list[date]:
    """The last weekdays up to LAST_DAY; no holiday lies in them."""
    backwards = (LAST_DAY - timedelta(days=back) for back in count())
    return sorted(islice((day for day in backwards if day.isoweekday() <= 5), days))
