"""The figures of one school in one term: take-up, fee, group size, pay, voices. Seeded; a planted story changes its own."""

from dataclasses import dataclass, replace
from random import Random

from infra.demo import names, stories
from infra.demo.names import DemoSchool
from infra.demo.stories import Plot
from tenants.models import Kind, Stage

LEAST_PAY_FEN = 5000
"""What the profile asks for a class hour of staff (Shandong)."""
CAP_FEN = {Kind.URBAN: 350, Kind.TOWN: 350, Kind.RURAL: 300}


@dataclass(frozen=True)
class Shape:
    """What a term of one school looks like, before chance."""

    school: DemoSchool
    term_code: str
    plots: frozenset[Plot]
    take_up: float
    """Share of the pupils of a class that join."""
    group: int
    """Places in a group."""
    fee_fen: int
    cap_fen: int
    staff_share: float
    """Of the fees, for whom it pays the responsible teachers."""
    bills_monthly: bool
    hardship: float
    response: float
    high_share: float
    """Of the answers to surveys, 4 or 5."""
    complaints: int

    def random(self, about: str) -> Random:
        """Chance for one subject, the same at every run."""
        return Random(f"{names.SEED}:{self.school.code}:{self.term_code}:{about}")


def shape(school: DemoSchool, term_code: str) -> Shape:
    """Of a school in a term, with its stories."""
    chance = Random(f"{names.SEED}:{school.code}")
    plots = stories.told_in(school.code, term_code)
    cap = CAP_FEN[school.kind]
    plain = Shape(
        school=school,
        term_code=term_code,
        plots=plots,
        take_up=chance.uniform(0.685, 0.735),
        group=chance.randrange(29, 33),
        fee_fen=cap - 10 * chance.randrange(1, 5),
        cap_fen=cap,
        staff_share=chance.uniform(0.70, 0.76),
        bills_monthly=school.pupils < 300,
        hardship=chance.uniform(0.03, 0.06),
        response=chance.uniform(0.60, 0.80),
        high_share=chance.uniform(0.88, 0.915),
        complaints=_complaints(school, Random(f"{names.SEED}:{school.code}:{term_code}:complaints")),
    )
    if school.stage == Stage.LOWER_SECONDARY:
        plain = replace(plain, group=plain.group + 4)
    return _with_stories(plain)


def _complaints(school: DemoSchool, chance: Random) -> int:
    """About 2 in 1,000 pupils."""
    return min(3, sum(chance.random() < 0.002 for _pupil in range(school.pupils)))


def _with_stories(plain: Shape) -> Shape:
    changed = plain
    if Plot.OVER_CAP in plain.plots:
        changed = replace(changed, fee_fen=420, staff_share=0.62)
    if Plot.TOO_CHEAP in plain.plots:
        changed = replace(changed, group=48, fee_fen=200, staff_share=0.0)
    if Plot.COMPLAINTS in plain.plots:
        changed = replace(changed, complaints=19)
    if Plot.SURVEY in plain.plots:
        changed = replace(changed, response=1.0, high_share=1.0)
    return changed


def pay_fen(found: Shape, mean_group: float) -> int:
    """A class hour of a teacher, in whole yuan: the staff's share of what a group pays for it."""
    return max(LEAST_PAY_FEN, round(found.fee_fen * mean_group * found.staff_share / 100) * 100)
