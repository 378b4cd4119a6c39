"""The roster of a small school, brought in by the roster import as a school would: in spring, and again in autumn."""

import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from afterbell.accounts.models import User
from afterbell.kernel.dates import local_date
from afterbell.kernel.ids import uuid7
from infra.demo import names
from infra.samples import rosters
from schools.people.models import Pupil
from schools.people.roster import actions, intake

CLASS_SIZE = 8
"""Children of each of six grades, in one class."""
HEAD = (*rosters.HEAD[:-1], "家庭经济困难")


def bring_in(*, code: str, name: str, index: int, by: User, now: datetime) -> int:
    """Everybody who is there on the day; who is not in the workbook any more has left. Gives rows read."""
    spring = now.month < 8
    season = "春季" if spring else "秋季"
    data = _workbook(code, index, f"{name}{now.year}年{season}学生花名册", first_cohort=1 if spring else 2)
    found = intake.take(data, today=local_date(now))
    if not found.plan.is_right:
        raise ValueError(f"the demo's roster is wrong: {found.plan.flaws[:3]}")
    source = actions.Source(uuid7(), f"{now.year}年{season}学生花名册.xlsx", intake.digest(data))
    leaving = [pupil.pk for pupil in found.plan.missing if isinstance(pupil, Pupil)]
    done = actions.apply(
        plan=found.plan, source=source, leaving=leaving, by=by, now=now, tick=lambda _done, _of: None
    )
    return done.rows


def _workbook(code: str, index: int, title: str, *, first_cohort: int) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "roster.xlsx"
        rosters.write(file, HEAD, list(_rows(code, index, first_cohort)), title=title)
        return file.read_bytes()


def _rows(code: str, index: int, first_cohort: int) -> Iterator[rosters.Row]:
    """Cohort 1 was in grade six in spring and has the last numbers; seven cohorts are there within two terms."""
    children, adults = names.people(f"child:{code}"), names.people(f"adult:{code}")
    for cohort in range(1, 8):
        for place in range(CLASS_SIZE):
            number = (cohort - 2) % 7 * CLASS_SIZE + place + 1
            child, adult, other = next(children), next(adults), next(adults)
            grade = 7 - cohort + first_cohort - 1
            if not 1 <= grade <= 6:
                continue
            second = (other, f"139{index:04d}{number:04d}") if number % 3 else ("", "")
            yield (
                number,
                f"G{code}{number:05d}",
                child,
                f"{rosters.GRADES[grade - 1]}年级",
                "1班",
                adult,
                f"138{index:04d}{number:04d}",
                *second,
                "是" if number % 17 == 5 else "否",
            )
