"""Sheets → lines, one for each pupil, and every flaw of every row at once. Asks no database."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, TypeVar

from django.utils.translation import gettext as _

from schools.people import naming
from schools.people.roster import adults as adult_cells
from schools.people.roster import answers, cells, classes, headers
from schools.people.roster.adults import Adult
from schools.people.roster.answers import Said
from schools.people.roster.cells import Wrong
from schools.people.roster.headers import AdultColumns, Field, Headings
from schools.people.roster.reading import EMPTY, Cell, Sheet
from schools.people.roster.spots import Spot

Tick = Callable[[int, int], None]
"""Called with how many rows are done, and how many there are."""
Clean = TypeVar("Clean")
EVERY: Final = 200
ASIDE: Final = ("合计", "总计", "小计", "填表", "制表", "备注", "说明", "注:")
"""What stands below a list without being a row of it."""


@dataclass(frozen=True)
class Flaw:
    """What is wrong, where, in a sentence for the clerk."""

    spot: Spot
    reason: str


@dataclass(frozen=True)
class Line:
    """One pupil as the roster says, clean."""

    spot: Spot
    number: str
    name: str
    place: classes.Place
    is_hardship: bool | None
    adults: tuple[Adult, ...]
    said: Said | None = None
    """Whether the row says that it is the same person whom the school knows under the number."""


Sighting = tuple[Spot, Adult]
"""An adult, and the cell that a quarrel about the phone is shown at."""


@dataclass
class Roster:
    """What a workbook holds."""

    lines: list[Line] = field(default_factory=list)
    flaws: list[Flaw] = field(default_factory=list)
    rows: int = 0
    repeated: int = 0
    unused: tuple[str, ...] = ()
    """Headings that nothing was taken from."""
    heads: Mapping[str, int] = field(default_factory=dict)
    """Where each sheet has its headings."""


def check(sheets: Sequence[Sheet], *, today: date, tick: Tick) -> Roster:
    """Read every row; raises a BadWorkbook when no sheet has headings, or none a row below them."""
    found = headers.find(sheets)
    roster = Roster(
        unused=tuple(dict.fromkeys(name for _s, headings in found for name in headings.unused)),
        heads={sheet.name: headings.row for sheet, headings in found},
    )
    total = sum(len(sheet.rows) - headings.row - 1 for sheet, headings in found)
    read: list[Line] = []
    sightings: list[Sighting] = []
    for done, row in enumerate((row for sheet, headings in found for row in _rows(sheet, headings)), start=1):
        roster.rows += 1
        line = row.line(today=today)
        roster.flaws += row.flaws
        sightings += row.sightings
        if line is not None:
            read.append(line)
        if done % EVERY == 0:
            tick(done, total)
    tick(total, total)
    if not roster.rows:
        raise headers.NoPupils
    _join(read, roster)
    roster.flaws += _quarrels(sightings)
    return roster


@dataclass
class _Row:
    """One row while it is being read."""

    sheet: Sheet
    headings: Headings
    row: int
    flaws: list[Flaw] = field(default_factory=list)
    sightings: list[Sighting] = field(default_factory=list)

    def line(self, *, today: date) -> Line | None:
        """None when nobody can tell which pupil it is. Other flaws of the row don't hide quarrels with other rows."""
        number = self._clean(Field.NUMBER, lambda cell: cells.number(cell, width=self._width(Field.NUMBER)))
        name = self._clean(Field.NAME, lambda cell: cells.name(cell, of=_("学生")))
        place = self._clean(
            Field.CLASS, lambda cell: classes.place(self._cell(Field.GRADE), cell, today=today)
        )
        is_hardship = (
            self._clean(Field.HARDSHIP, cells.hardship) if Field.HARDSHIP in self.headings.fields else None
        )
        adults = self._adults(name or "")
        if number is None or name is None or place is None:
            return None
        spot = self._spot(self.headings.fields[Field.NUMBER])
        return Line(spot, number, name, place, is_hardship, tuple(adults), self._said())

    def _clean(self, field: Field, clean: Callable[[Cell], Clean]) -> Clean | None:
        column = self.headings.fields[field]
        if self._is_formula(column):
            return None
        try:
            return clean(self._cell(field))
        except Wrong as wrong:
            self._flaw(column, str(wrong))
            return None

    def _adults(self, pupil_name: str) -> list[Adult]:
        found: list[Adult] = []
        for columns in self.headings.adults:
            if sum(
                self._is_formula(column) for column in _columns(columns)
            ):  # a sum: each formula is a flaw of its own
                continue
            unnamed = _("%(name)s家长") % {"name": pupil_name} if columns.name is None and pupil_name else ""
            adults, faults = adult_cells.read(
                self._at(columns.name),
                [self._at(column) for column in columns.phones],
                relation=columns.relation,
                relation_cell=self._at(columns.relation_column),
                unnamed=unnamed,
            )
            for fault in faults:
                self._flaw(_column_of(columns, is_phone=fault.is_phone), fault.reason)
            spot = self._spot(_column_of(columns, is_phone=True))
            found += [replace(adult, spot=spot, said=self._said()) for adult in adults]
            self.sightings += [(spot, adult) for adult in adults]
        found = _each_once(found)
        self._check_adults(found)
        return found

    def _said(self) -> Said | None:
        """A formula is no answer: its value is not what somebody wrote."""
        columns = [self.headings.fields.get(field) for field in (Field.ANSWER, Field.KNOWN)]
        if any((self.row, column) in self.sheet.formulas for column in columns if column is not None):
            return None
        return answers.read(self._cell(Field.ANSWER), self._cell(Field.KNOWN))

    def _check_adults(self, found: Sequence[Adult]) -> None:
        if self.flaws:
            return
        first = next((column for adult in self.headings.adults for column in _columns(adult)), None)
        if not found:
            self._flaw(first, _("至少要有一位家长，写明姓名和手机号。"))
        elif len({adult.phone for adult in found}) < len(found):
            self._flaw(first, _("两位家长的手机号一样。请改成各自的手机号，或只留一位。"))

    def _is_formula(self, column: int) -> bool:
        if (self.row, column) not in self.sheet.formulas:
            return False
        self._flaw(column, _("这一格是公式。请复制后用“选择性粘贴 → 数值”改成固定的内容。"))
        return True

    def _cell(self, field: Field) -> Cell:
        return self._at(self.headings.fields.get(field))

    def _at(self, column: int | None) -> Cell:
        row = self.sheet.rows[self.row]
        return row[column] if column is not None and column < len(row) else EMPTY

    def _width(self, field: Field) -> int:
        return self.sheet.widths.get((self.row, self.headings.fields[field]), 0)

    def _spot(self, column: int | None) -> Spot:
        return Spot(self.sheet.name, self.row, column)

    def _flaw(self, column: int | None, reason: str) -> None:
        self.flaws.append(Flaw(self._spot(column), reason))


def _each_once(found: Sequence[Adult]) -> list[Adult]:
    """The father who stands once more as 监护人 is one: the same name and the same number in one row."""
    once: dict[tuple[str, str], Adult] = {}
    for adult in found:
        key = (adult.phone, naming.folded(adult.name))
        first = once.setdefault(key, adult)
        if first.relation is None and adult.relation is not None:
            once[key] = replace(first, relation=adult.relation)
    return list(once.values())


def _rows(sheet: Sheet, headings: Headings) -> Iterator[_Row]:
    """Rows below the headings that say anything about a pupil."""
    ours = [*headings.fields.values(), *(column for adult in headings.adults for column in _columns(adult))]
    for number in range(headings.row + 1, len(sheet.rows)):
        cells_of_ours = [sheet.rows[number][column] for column in ours]
        is_formula = any((number, column) in sheet.formulas for column in ours)
        if (is_formula or any(cells.text(cell) for cell in cells_of_ours)) and not _is_aside(
            sheet.rows[number]
        ):
            yield _Row(sheet, headings, number)


def _is_aside(row: Sequence[Cell]) -> bool:
    """A sum or a remark under the list: one or two cells, the first of which says so."""
    said = [cells.text(cell) for cell in row if cells.text(cell)]
    return 0 < len(said) <= 2 and said[0].startswith(ASIDE)


def _columns(columns: AdultColumns) -> list[int]:
    return [column for column in (columns.name, *columns.phones) if column is not None]


def _column_of(columns: AdultColumns, *, is_phone: bool) -> int | None:
    """Where a fault is shown: the first phone, or the name; the other one where there is none."""
    phone = next(iter(columns.phones), None)
    first, second = (phone, columns.name) if is_phone else (columns.name, phone)
    return second if first is None else first


def _join(read: Sequence[Line], roster: Roster) -> None:
    """One line a pupil. The same pupil twice is one with the adults of both; another name or class is a flaw of both."""
    by_number: dict[str, list[Line]] = {}
    for line in read:
        by_number.setdefault(line.number, []).append(line)
    for lines in by_number.values():
        first = lines[0]
        others = [line for line in lines if (line.name, line.place) != (first.name, first.place)]
        roster.repeated += len(lines) - 1 - len(others)
        if others:
            for line, other in [(first, others[0]), *((line, first) for line in others)]:
                said = _("学籍号和第 %(row)s 行相同，但姓名或班级不同。") % {"row": other.spot.row + 1}
                roster.flaws.append(Flaw(line.spot, said))
        adults = {adult.phone: adult for line in reversed(lines) for adult in line.adults}
        roster.lines.append(replace(first, adults=tuple(adults.values())))


def _quarrels(sightings: Sequence[Sighting]) -> Iterator[Flaw]:
    """One phone is one adult: two names for it can't both be right."""
    known: dict[str, Sighting] = {}
    for spot, adult in sightings:
        first_spot, first = known.setdefault(adult.phone, (spot, adult))
        if not naming.same(first.name, adult.name) and not _are_unnamed(first.name, adult.name):
            said = _("这个手机号在第 %(row)s 行是“%(name)s”，在这里是“%(other)s”。同一个手机号只能是一个人。")
            yield Flaw(spot, said % {"row": first_spot.row + 1, "name": first.name, "other": adult.name})


def _are_unnamed(one: str, other: str) -> bool:
    return adult_cells.is_unnamed(one) and adult_cells.is_unnamed(other)
