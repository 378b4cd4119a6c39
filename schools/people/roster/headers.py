"""Finds the headings below titles, in one row or in two, and says which column is what (spellings)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from typing import Final

from django.utils.translation import gettext_lazy as _

from schools.people.models import Relation
from schools.people.roster import classes
from schools.people.roster.archive import BadWorkbook
from schools.people.roster.scanning import reference
from schools.people.roster.sheets import Sheet
from schools.people.roster.spellings import (
    ANYBODY,
    FIELD_OF,
    NEEDED,
    RELATION_OF,
    SPELLINGS,
    Field,
    adult_kind,
    below,
    group,
    plain,
    who,
)

LOOK_DOWN: Final = 20
"""Headings stand below at most a few title rows."""


class NoHeadings(BadWorkbook):
    """No row holds the headings that are needed."""

    code = "roster.no_headings"
    message = _(
        "没有找到名册的表头，缺少这些列：%(missing)s。表头可以写“学籍号、姓名、班级、家长姓名、家长电话”，上面可以有标题行。"
    )


class LacksColumn(BadWorkbook):
    """A sheet beside the roster's is one too, but for a column: its pupils would be taken for missing."""

    code = "roster.lacks_column"
    message = _(
        "工作表“%(sheet)s”看起来也是名册，但缺少这一列：%(missing)s。请补上；它不是名册的，请删掉或隐藏这个工作表后再上传。"
    )


class SameColumnTwice(BadWorkbook):
    """Two columns claim to be the same thing."""

    code = "roster.same_column_twice"
    message = _(
        "工作表“%(sheet)s”里有两列都是“%(what)s”（%(first)s 和 %(second)s）。请留下一列，改掉另一列的表头。"
    )


class NoPupils(BadWorkbook):
    """Headings alone: all of the school would be missing from it."""

    code = "roster.no_pupils"
    message = _("名册里只有表头，没有一行学生。请填好学生后再上传。")


@dataclass(frozen=True)
class AdultColumns:
    """Where one adult of each pupil stands; a cell may still hold two of them."""

    name: int | None
    phones: tuple[int, ...]
    relation_column: int | None
    relation: Relation | None

    @property
    def size(self) -> int:
        """How many columns."""
        return len(self.phones) + (self.name is not None) + (self.relation_column is not None)


@dataclass(frozen=True)
class Headings:
    """What the columns of one sheet are."""

    row: int
    """The lower one where headings stand in two rows."""
    fields: Mapping[Field, int]
    adults: tuple[AdultColumns, ...]
    unused: tuple[str, ...]
    twice: SameColumnTwice | None = None
    """What is wrong with these headings, if it is they."""

    @property
    def rank(self) -> tuple[int, bool, int, int]:
        """How much a row looks like the headings, as a whole: what a roster can't do without counts first."""
        needed = sum(field in self.fields for field in NEEDED)
        understood = len(self.fields) + sum(adult.size for adult in self.adults)
        return needed, self.twice is None, understood, -self.row


def find(sheets: Sequence[Sheet], *, today: date) -> list[tuple[Sheet, Headings]]:
    """Every sheet that has headings; raises NoHeadings when none has all that are needed."""
    found = [(sheet, headings) for sheet in sheets if (headings := _best(sheet)) is not None]
    lacking = [(sheet, headings, _missing(sheet, headings, today)) for sheet, headings in found]
    whole = [(sheet, headings) for sheet, headings, missing in lacking if not missing]
    if not whole:
        nearest = max(lacking, key=lambda row: row[1].rank, default=None)
        raise NoHeadings(missing="、".join(nearest[2] if nearest else [*NEEDED, "家长电话"]))
    for sheet, headings, missing in lacking:
        if len(missing) == 1 and len(sheet.rows) > headings.row + 1:
            raise LacksColumn(sheet=sheet.name, missing=missing[0])
        if not missing and headings.twice is not None:
            raise headings.twice
    return whole


def _best(sheet: Sheet) -> Headings | None:
    """The row among the first that says most, alone or with the groups in the row above it."""
    tried = []
    for number in range(min(LOOK_DOWN, len(sheet.rows))):
        words = [plain(cell) for cell in sheet.rows[number]]
        tried.append(_columns(sheet, number, words))
        if number and (both := _together([plain(cell) for cell in sheet.rows[number - 1]], words)):
            tried.append(_columns(sheet, number, both))
    return max(tried, key=lambda headings: headings.rank, default=None)


def _together(upper: Sequence[str], lower: Sequence[str]) -> list[str] | None:
    """Two rows as one: each column under the group at its left. None when the upper row holds no groups.

    A title over the whole sheet is no group: groups tell columns apart.
    """
    over: list[str] = []
    for above, word in zip_longest(upper, lower, fillvalue=""):
        over.append(above or (over[-1] if over and word else ""))
    if not any(group(above) for above in over) or len(set(over)) == 1:
        return None
    return [
        below(about, word)
        if word and (about := group(above))
        else word or (above if not group(above) else "")
        for above, word in zip_longest(over, lower, fillvalue="")
    ]


def _missing(sheet: Sheet, headings: Headings, today: date) -> list[str]:
    missing = [field.value for field in NEEDED if field not in headings.fields]
    if Field.CLASS in missing and _is_class(sheet, headings, today):
        missing.remove(Field.CLASS)
    has_contact = any(adult.phones or adult.name is not None for adult in headings.adults)
    return missing if has_contact else [*missing, "家长电话"]


def _is_class(sheet: Sheet, headings: Headings, today: date) -> bool:
    """Whether the sheet's name says which class stands on it: 一(1)班, or 1班 beside a column 年级."""
    grade = classes.grade_of_sheet(sheet.name, today=today)
    return grade is not None and (grade > 0 or Field.GRADE in headings.fields)


def _columns(sheet: Sheet, row: int, words: Sequence[str]) -> Headings:
    fields: dict[Field, tuple[int, int]] = {}
    adults: dict[str, dict[str, list[int]]] = {}
    unused: list[str] = []
    twice: list[SameColumnTwice] = []
    last = ANYBODY
    for column, text in enumerate(words):
        if known := FIELD_OF.get(text):
            twice += _claim(sheet, row, column, known, fields, unused)
        elif text and (kind := adult_kind(text)):
            key = who(text) or (last if kind != "name" else ANYBODY)
            last = key
            adults.setdefault(key, {"name": [], "phone": [], "relation": []})[kind].append(column)
            if kind != "phone" and len(adults[key][kind]) > 1:
                twice.append(_twice(sheet, row, text, adults[key][kind][:2]))
        elif text:
            unused.append(text)
    return Headings(
        row,
        {field: column for field, (column, _r) in fields.items()},
        _adults(adults),
        tuple(unused),
        next(iter(twice), None),
    )


def _claim(
    sheet: Sheet,
    row: int,
    column: int,
    known: tuple[Field, int],
    fields: dict[Field, tuple[int, int]],
    unused: list[str],
) -> list[SameColumnTwice]:
    field, rank = known
    if field not in fields or rank < fields[field][1]:
        if field in fields:
            unused.append(SPELLINGS[field][fields[field][1]])
        fields[field] = (column, rank)
    elif rank == fields[field][1]:
        return [_twice(sheet, row, field.value, (fields[field][0], column))]
    else:
        unused.append(SPELLINGS[field][rank])
    return []


def _twice(sheet: Sheet, row: int, what: str, columns: Sequence[int]) -> SameColumnTwice:
    first, second = (reference((row, column)) for column in columns)
    return SameColumnTwice(sheet=sheet.name, what=what, first=first, second=second)


def _adults(found: Mapping[str, Mapping[str, list[int]]]) -> tuple[AdultColumns, ...]:
    """Phones without names of their own belong to the first adult: 家长姓名, 电话1, 电话2."""
    named = [who for who, columns in found.items() if columns["name"]]
    orphans = [column for who, columns in found.items() if who not in named for column in columns["phone"]]
    if not named:
        return (AdultColumns(None, tuple(orphans), None, None),) if orphans else ()
    return tuple(
        AdultColumns(
            name=found[who]["name"][0],
            phones=(*found[who]["phone"], *(orphans if place == 0 else [])),
            relation_column=next(iter(found[who]["relation"]), None),
            relation=RELATION_OF.get(who),
        )
        for place, who in enumerate(named)
    )
