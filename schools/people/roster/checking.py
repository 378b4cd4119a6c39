"""Sheets → lines, one for each pupil, and every flaw of every row at once. Asks no database."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from django.utils.translation import gettext as _

from schools.people import naming
from schools.people.roster import adults as adult_cells
from schools.people.roster import headers
from schools.people.roster import lines as rows_of
from schools.people.roster.adults import Adult
from schools.people.roster.lines import Flaw, Line, Row, Sighting
from schools.people.roster.sheets import Sheet
from schools.people.roster.spots import Spot

Tick = Callable[[int, int], None]
"""Called with how many rows are done, and how many there are."""
EVERY: Final = 200


@dataclass(frozen=True)
class Refusal:
    """A row with flaws: it is given back, and nothing of it is written."""

    spot: Spot
    number: str
    name: str
    """Of the pupil, as far as they could be read."""


@dataclass
class Roster:
    """What a workbook holds."""

    lines: list[Line] = field(default_factory=list)
    """Of the rows without a flaw, one for each pupil."""
    flaws: list[Flaw] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    numbers: frozenset[str] = frozenset()
    """Of all rows, also of those with flaws: who stands in the file is not missing from it."""
    rows: int = 0
    repeated: int = 0
    unused: tuple[str, ...] = ()
    """Headings that nothing was taken from."""
    unread: tuple[str, ...] = ()
    """Sheets that are no roster."""
    heads: Mapping[str, int] = field(default_factory=dict)
    """Where each sheet has its headings."""


def check(sheets: Sequence[Sheet], *, today: date, tick: Tick) -> Roster:
    """Read every row; raises a BadWorkbook when no sheet has headings, or none a row below them."""
    found = headers.find(sheets, today=today)
    heads = {sheet.name: headings.row for sheet, headings in found}
    roster = Roster(
        unused=tuple(dict.fromkeys(name for _s, headings in found for name in headings.unused)),
        unread=tuple(sheet.name for sheet in sheets if sheet.rows and sheet.name not in heads),
        heads=heads,
    )
    total = sum(len(sheet.rows) - headings.row - 1 for sheet, headings in found)
    rows: list[Row] = []
    read: list[Line] = []
    for row in (row for sheet, headings in found for row in rows_of.rows(sheet, headings)):
        line = row.line(today=today)
        rows.append(row)
        if line is not None:
            read.append(line)
        if len(rows) % EVERY == 0:
            tick(len(rows), total)
    tick(total, total)
    if not rows:
        raise headers.NoPupils
    roster.rows = len(rows)
    roster.numbers = frozenset(row.number for row in rows if row.number)
    roster.flaws += [flaw for row in rows for flaw in row.flaws]
    _judge(roster, rows, read)
    return roster


def _judge(roster: Roster, rows: Sequence[Row], read: Sequence[Line]) -> None:
    """Rows against each other, then the good ones apart from the others."""
    by_number: dict[str, list[Line]] = defaultdict(list)
    for line in read:
        by_number[line.number].append(line)
    for lines in by_number.values():
        roster.flaws += _contradictions(lines)
    roster.flaws += _quarrels([sighting for row in rows for sighting in row.sightings])
    bad = {flaw.spot.at for flaw in roster.flaws}
    roster.refused = [Refusal(row.spot, row.number, row.name) for row in rows if row.spot.at in bad]
    for lines in by_number.values():
        if good := [line for line in lines if line.spot.at not in bad]:
            roster.repeated += len(good) - 1
            roster.lines.append(_joined(good))


def _contradictions(lines: Sequence[Line]) -> Iterator[Flaw]:
    """The same number with another name or class is a flaw of all rows that have it: nobody knows which is right."""
    first = lines[0]
    second = next((row for row in lines if (row.name, row.place) != (first.name, first.place)), None)
    if second is None:
        return
    for line in lines:
        other = second if (line.name, line.place) == (first.name, first.place) else first
        said = _("学籍号和第 %(row)s 行相同，但姓名或班级不同。") % {"row": other.spot.row + 1}
        yield Flaw(line.spot, said)


def _joined(lines: Sequence[Line]) -> Line:
    """The same pupil twice is one with the adults of both."""
    adults = {adult.key: adult for line in reversed(lines) for adult in line.adults}
    called = {naming.folded(adult.name) for adult in adults.values() if adult.phone}
    kept = (a for a in adults.values() if a.phone or naming.folded(a.name) not in called)
    return replace(lines[0], adults=tuple(kept), spots=tuple(line.spot for line in lines))


def _quarrels(sightings: Sequence[Sighting]) -> Iterator[Flaw]:
    """One phone is one adult: of two names for it one is wrong, and nobody knows which. All rows that have it wait."""
    by_phone: dict[str, list[Sighting]] = defaultdict(list)
    for spot, adult in sightings:
        by_phone[adult.phone].append((spot, adult))
    said = _("这个手机号在第 %(row)s 行是“%(name)s”，在这里是“%(other)s”。同一个手机号只能是一个人。")
    for seen in by_phone.values():
        first = seen[0]
        second = next((row for row in seen if not _could_be_one(row[1], first[1])), None)
        for spot, adult in seen if second is not None else ():
            at, other = second if second is not None and _could_be_one(first[1], adult) else first
            yield Flaw(spot, said % {"row": at.row + 1, "name": other.name, "other": adult.name})


def _could_be_one(one: Adult, other: Adult) -> bool:
    both = adult_cells.is_unnamed(one.name) and adult_cells.is_unnamed(other.name)
    return both or naming.same(one.name, other.name)
