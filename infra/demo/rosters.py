"""Pupils and their adults of the demo's first schools, brought in by the roster import as a school would."""

import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from afterbell.kernel.dates import local_date
from afterbell.kernel.ids import uuid7
from infra.demo import names
from infra.samples import rosters
from schools.people.models import Pupil
from schools.people.roster import actions, intake
from tenants.context import in_school
from tenants.models import School

CLASSES, PUPILS = 4, 28
"""Classes of each of six grades' first two, and pupils of a class."""


def fill(school: School, index: int, now: datetime) -> None:
    """Once a school. The demo's guardian is the first child's."""
    with in_school(school):
        if Pupil.objects.exists():
            return
        found = intake.take(_workbook(school, index), today=local_date(now))
        if not found.plan.is_right:
            raise ValueError(f"the demo's roster is wrong: {found.plan.flaws[:3]}")
        source = actions.Source(uuid7(), "2026年秋季学生花名册.xlsx", f"{index:064d}")
        actions.apply(plan=found.plan, source=source, by=None, now=now, tick=lambda _done, _of: None)


def _workbook(school: School, index: int) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "roster.xlsx"
        rosters.write(
            file, rosters.HEAD, list(_rows(school, index)), title=f"{school.name}2026年秋季学生花名册"
        )
        return file.read_bytes()


def _rows(school: School, index: int) -> Iterator[rosters.Row]:
    children, adults = names.people(f"child:{school.code}"), names.people(f"adult:{school.code}")
    for number in range(CLASSES * PUPILS):
        group, _ = divmod(number, PUPILS)
        phone = f"138{index:04d}{number + 1:04d}"
        second = (next(adults), f"139{index:04d}{number + 1:04d}") if number % 3 else ("", "")
        grade = rosters.GRADES[group // 2]
        yield (
            number + 1,
            f"G{school.code}{number + 1:05d}",
            next(children),
            f"{grade}年级",
            f"{group % 2 + 1}班",
            next(adults),
            phone,
            *second,
            "",
        )
