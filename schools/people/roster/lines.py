"""One row of a sheet → one line: which pupil, where, which adults, and every flaw of it at its cell."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, TypeVar

from django.utils.translation import gettext as _

from schools.people import naming
from schools.people.roster import adults as adult_cells
from schools.people.roster import answers, cells, classes
from schools.people.roster.adults import Adult
from schools.people.roster.answers import Said
from schools.people.roster.cells import Wrong
from schools.people.roster.headers import AdultColumns, Headings
from schools.people.roster.sheets import EMPTY, Cell, Sheet
from schools.people.roster.spellings import Field
from schools.people.roster.spots import Spot

Clean = TypeVar("Clean")
LONGEST: Final = 2000
"""Signs of a cell that is read; Excel's cells hold 32,767."""
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
    spots: tuple[Spot, ...] = ()
    """Of all rows that it was made from."""


Sighting = tuple[Spot, Adult]
"""An adult, and the cell that a quarrel about the phone is shown at."""


@dataclass
class Row:
    """One row while it is being read."""

    sheet: Sheet
    headings: Headings
    row: int
    flaws: list[Flaw] = field(default_factory=list)
    sightings: list[Sighting] = field(default_factory=list)
    number: str = ""
    name: str = ""
    """Of the pupil, as far as they could be read."""

    @property
    def spot(self) -> Spot:
        """The whole row."""
        return Spot(self.sheet.name, self.row, None)

    def line(self, *, today: date) -> Line | None:
        """None when nobody can tell which pupil it is. Other flaws of the row don't hide quarrels with other rows."""
        number = self._clean(Field.NUMBER, lambda cell: cells.number(cell, width=self._width(Field.NUMBER)))
        name = self._clean(Field.NAME, lambda cell: cells.name(cell, of=_("学生")))
        self.number, self.name = number or "", name or ""
        place = self._place(today)
        is_hardship = (
            self._clean(Field.HARDSHIP, cells.hardship) if Field.HARDSHIP in self.headings.fields else None
        )
        adults = self._adults(name or "")
        if number is None or name is None or place is None:
            return None
        spot = self._spot(self.headings.fields[Field.NUMBER])
        return Line(spot, number, name, place, is_hardship, tuple(adults), self._said())

    def _place(self, today: date) -> classes.Place | None:
        if Field.CLASS in self.headings.fields:
            return self._clean(
                Field.CLASS, lambda cell: classes.place(self._cell(Field.GRADE), cell, today=today)
            )
        try:
            return classes.place(self._cell(Field.GRADE), classes.of_sheet(self.sheet.name), today=today)
        except Wrong as wrong:
            self._flaw(self.headings.fields.get(Field.GRADE), str(wrong))
            return None

    def _clean(self, field: Field, clean: Callable[[Cell], Clean]) -> Clean | None:
        column = self.headings.fields[field]
        if self._is_unreadable(column):
            return None
        try:
            return clean(self._cell(field))
        except Wrong as wrong:
            self._flaw(column, str(wrong))
            return None

    def _adults(self, pupil_name: str) -> list[Adult]:
        found: list[Adult] = []
        for columns in self.headings.adults:
            if sum(self._is_unreadable(column) for column in _columns(columns)):  # a sum: each is a flaw
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
            self.sightings += [(spot, adult) for adult in adults if adult.phone]
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
        elif len({adult.key for adult in found}) < len(found):
            self._flaw(first, _("两位家长的手机号一样。请改成各自的手机号，或只留一位。"))

    def _is_unreadable(self, column: int) -> bool:
        if (self.row, column) in self.sheet.formulas:
            self._flaw(column, _("这一格是公式。请复制后用“选择性粘贴 → 数值”改成固定的内容。"))
        elif len(str(self._at(column))) > LONGEST:
            self._flaw(column, _("这一格有几千个字，不是一个学生的内容。请只留这一行的内容。"))
        else:
            return False
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
    """The father who stands once more as 监护人 is one: the same name and the same number, or none, in one row."""
    once: dict[tuple[str, str], Adult] = {}
    for adult in sorted(found, key=lambda adult: not adult.phone):  # who has a number first
        name = naming.folded(adult.name)
        key = (
            (adult.phone, name) if adult.phone else next((key for key in once if key[1] == name), ("", name))
        )
        first = once.setdefault(key, adult)
        if first.relation is None and adult.relation is not None:
            once[key] = replace(first, relation=adult.relation)
    return list(once.values())


def rows(sheet: Sheet, headings: Headings) -> Iterator[Row]:
    """Rows below the headings that say anything about a pupil."""
    ours = [*headings.fields.values(), *(column for adult in headings.adults for column in _columns(adult))]
    for number in range(headings.row + 1, len(sheet.rows)):
        cells_of_ours = [sheet.rows[number][column] for column in ours]
        is_formula = any((number, column) in sheet.formulas for column in ours)
        if (is_formula or any(cells.text(cell) for cell in cells_of_ours)) and not _is_aside(
            sheet.rows[number]
        ):
            yield Row(sheet, headings, number)


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
