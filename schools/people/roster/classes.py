"""年级 and 班级 as people write them → grade 1 to 9 and class number."""

import math
import re
from datetime import date
from typing import Final, NamedTuple

from django.utils.translation import gettext as _

from schools.people.roster.cells import Wrong, text
from schools.people.roster.sheets import Cell

DIGITS: Final = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
HANZI: Final = "〇一二三四五六七八九"
JUNIOR: Final = {"初一": 7, "初二": 8, "初三": 9}
SCHOOL_YEAR_BEGINS: Final = 8
"""August: lists of the new year are made then."""
_N: Final = "([0-9]{1,2}|[一二三四五六七八九十]{1,3})"
ONLY_NUMBER: Final = re.compile(rf"\(?{_N}\)?班?")
BOTH: Final = re.compile(rf"(?P<grade>初[一二三]|[1-9一二三四五六七八九])(?:年级|年)?[(.、-]?{_N}\)?班?")
THREE_DIGITS: Final = re.compile(r"([1-9])([0-9]{2})班?")
BY_YEAR: Final = re.compile(rf"(20[0-9]{{2}})[级届]?\(?{_N}\)?班?")
GRADE: Final = re.compile(r"(?:grade|year|g)?(初[一二三]|[1-9一二三四五六七八九])(?:年级|年)?")
IN_ENGLISH: Final = re.compile(r"(?:(?:grade|year|g)([1-9])[,.-]?)?(?:class|c)([0-9]{1,2})")
AFTER_CLASS: Final = re.compile("(?:学生)?(?:花名册|名册|名单|学生)$")
"""What a sheet's name may say behind the class."""


class Place(NamedTuple):
    """Grade and class number."""

    grade: int
    number: int


def school_year(day: date) -> int:
    """The year in which the school year of this day began."""
    return day.year if day.month >= SCHOOL_YEAR_BEGINS else day.year - 1


def entry_year(grade: int, *, today: date) -> int:
    """When today's pupils of a grade would have entered grade one: it stays the same while they move up."""
    return school_year(today) - grade + 1


def title(place: Place) -> str:
    """一年级3班."""
    return f"{HANZI[place.grade]}年级{place.number}班"


def place(grade_cell: Cell, class_cell: Cell, *, today: date) -> Place:
    """From both columns; either may hold what the other lacks."""
    said = _grade(grade_cell)
    grade, number = _class(class_cell, today=today)
    if said is not None and grade is not None and said != grade:
        raise Wrong(
            _("年级和班级对不上：一处是%(one)s年级，一处是%(other)s年级。") % {"one": said, "other": grade}
        )
    final = said if grade is None else grade
    if final is None:
        raise Wrong(_("看不出是几年级。请写成“一年级1班”，或加一列“年级”。"))
    return Place(final, number)


def of_sheet(name: str) -> str:
    """What a sheet's name says as the class of all who stand on it: 一(1)班名单 → 一(1)班."""
    return AFTER_CLASS.sub("", text(name))


def grade_of_sheet(name: str, *, today: date) -> int | None:
    """The grade that a sheet's name says; 0 where it says a class alone; None where it says none."""
    try:
        grade, _number = _class(of_sheet(name), today=today)
    except Wrong:
        return None
    return grade or 0


def _grade(cell: Cell) -> int | None:
    _refuse_date(cell)
    plain = text(cell).replace(" ", "")
    if not plain:
        return None
    if found := GRADE.fullmatch(plain.casefold()):
        return _grade_number(found[1])
    if (by_year := BY_YEAR.match(plain)) or plain.startswith("高"):
        raise Wrong(
            _("年级请写一年级到九年级，不要写“%(text)s”。") % {"text": by_year[0] if by_year else plain[:4]}
        )
    raise Wrong(_("看不懂这个年级。请写“一年级”到“九年级”。"))


def _class(cell: Cell, *, today: date) -> tuple[int | None, int]:
    _refuse_date(cell)
    if isinstance(cell, float) and math.isclose(cell * 10 % 10, 1):
        raise Wrong(
            _(
                "Excel 把班级当成了数字：%(text)s 可能是1班，也可能是10班。请把这一列设为“文本”，写成“一年级10班”。"
            )
            % {"text": cell}
        )
    plain = text(cell).replace(" ", "")
    if not plain:
        raise Wrong(_("缺班级。"))
    if found := ONLY_NUMBER.fullmatch(plain):
        return None, _small(found[1])
    if found := THREE_DIGITS.fullmatch(plain):
        return int(found[1]), _small(found[2])
    if found := BOTH.fullmatch(plain):
        return _grade_number(found["grade"]), _small(found[2])
    if found := IN_ENGLISH.fullmatch(plain.casefold()):
        return (int(found[1]) if found[1] else None), _small(found[2])
    if found := BY_YEAR.fullmatch(plain):
        grade = school_year(today) - int(found[1]) + 1
        if 1 <= grade <= 9:
            return grade, _small(found[2])
    raise Wrong(_("看不懂这个班级。请写成“一年级1班”或“1班”。"))


def _refuse_date(cell: Cell) -> None:
    if isinstance(cell, date):
        raise Wrong(_("Excel 把班级变成了日期。请把这一列设为“文本”，写成“一年级1班”。"))


def _grade_number(word: str) -> int:
    return JUNIOR.get(word) or DIGITS.get(word) or int(word)


def _small(word: str) -> int:
    """1 to 99, also in hanzi: 十二 → 12."""
    if word.isdigit() and word.isascii():
        found = int(word)
    elif "十" in word:
        tens, _ten, ones = word.partition("十")
        found = DIGITS.get(tens, 1) * 10 + DIGITS.get(ones, 0)
    else:
        found = DIGITS.get(word, 0)
    if not 1 <= found <= 99:
        raise Wrong(_("班号应在 1 到 99 之间。"))
    return found
