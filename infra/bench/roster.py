"""`bench roster`: the roster of a school of 3,000 pupils with 5,000 adults, as .xlsx and as CSV.

Read, planned and written; the same again; and one that moves a grade, lacks numbers and has flaws.
"""

import csv
import io
from collections.abc import Callable, Sequence
from typing import Final

import psutil

from afterbell.kernel.dates import local_date
from afterbell.kernel.ids import uuid7
from infra.bench import stage
from infra.bench.stage import NOW, Effort, Line, Outcome
from infra.samples import rosters
from schools.people.models import Guardian, Pupil, RosterImport
from schools.people.roster import actions, intake
from tenants.context import in_school

PUPILS: Final = 3000
ADULTS: Final = 5000
MEGABYTE: Final = 1024 * 1024
WANTED: Final = 10.0
"""Seconds for the first import; and 300 MB."""
Write = Callable[[Sequence[rosters.Row]], bytes]


def run(*, schools: int | None, seed: int) -> Outcome:
    """N schools a kind of file. Nothing is random: the seed changes nothing."""
    count = schools or 1
    lines: list[Line] = []
    exact = True
    with stage.own_database("roster") as machine:
        for place, (kind, write) in enumerate(WAYS.items()):
            for number in range(count):
                school = stage.open_school(place * count + number + 1)
                with in_school(school):
                    found, is_right = _one_school(write)
                lines.append({"file": kind, **found})
                exact = exact and is_right
    slowest = max(float(line["first_seconds"]) for line in lines)
    return Outcome(
        name="roster",
        schools=count * len(WAYS),
        seed=seed,
        checked=exact,
        results={
            "pupils": PUPILS,
            "adults": ADULTS,
            "seconds": slowest,
            "wanted_seconds": WANTED,
            "peak_mb": psutil.Process().memory_info().rss / MEGABYTE,
            "files": lines,
        },
        machine=machine,
    )


def _one_school(write: Write) -> tuple[Line, bool]:
    rows = rosters.big(PUPILS, ADULTS)
    first, one = _imported(write(rows))
    there = Pupil.objects.count() == PUPILS and Guardian.objects.filter(user__isnull=False).count() == ADULTS
    again, two = _imported(write(rows))
    same = (two.created, two.updated, two.moved, two.left_out) == (0, 0, 0, [])
    changed, three = _imported(write([_otherwise(place, row) for place, row in enumerate(rows)]))
    flawed = len(range(0, PUPILS, 50))
    given_back = sum(row["why"] == "flaw" for row in three.left_out) == flawed
    is_right = there and one.created == PUPILS and same and given_back and three.moved == PUPILS - flawed
    return {
        "first_seconds": first.seconds, "first_own_cpu": first.own, "first_server_cpu": first.server,
        "again_seconds": again.seconds, "moved_seconds": changed.seconds, "right": is_right,
    }, is_right  # fmt: skip


def _otherwise(place: int, row: rosters.Row) -> rosters.Row:
    """Next year's: everybody in another class; every fiftieth row has a flaw."""
    told = list(row)
    told[4] = f"{int(str(row[4]).removesuffix('班')) + 20}班"
    if place % 50 == 0:
        told[2] = ""
    return told


def _imported(data: bytes) -> tuple[Effort, RosterImport]:
    with Effort() as effort:
        found = intake.take(data, today=local_date(NOW))
        done = actions.apply(
            plan=found.plan,
            source=actions.Source(uuid7(), "名册", intake.digest(data)),
            in_part=True,
            by=None,
            now=NOW,
            tick=intake.silent,
        )
    return effort, done


def _xlsx(rows: Sequence[rosters.Row]) -> bytes:
    out = io.BytesIO()
    rosters.write(out, rosters.HEAD, rows)
    return out.getvalue()


def _csv(rows: Sequence[rosters.Row]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([rosters.HEAD, *rows])
    return out.getvalue().encode("gb18030")


WAYS: Final[dict[str, Write]] = {"xlsx": _xlsx, "csv": _csv}
