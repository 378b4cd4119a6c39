"""Counts by grade of the chosen schools, and which of them are hidden: from the book of the term (oversight/protection)."""

from collections.abc import Iterable
from typing import NamedTuple

from oversight.protection import loading
from oversight.protection.grades import Book, Grade
from oversight.scope import Scope
from oversight.selection import Selection


class Line(NamedTuple):
    """One grade, or all of them together: pupils of its classes, and those who take part."""

    grade: int | None
    pupils: int
    participants: int
    is_hidden: bool


def grades(scope: Scope, selection: Selection) -> list[Line]:
    """By grade, and all together at the end; empty without any class. See loading.book_of_term for what it asks."""
    book = loading.book_of_term(selection.term)
    return lines(book, [each for each in book.grades if _is_chosen(each, scope, selection)])


def lines(book: Book, chosen: list[Grade]) -> list[Line]:
    if not chosen:
        return []
    numbers = sorted({each.grade for each in chosen})
    found = [_line(book, number, (each for each in chosen if each.grade == number)) for number in numbers]
    return [*found, _line(book, None, chosen)]


def _line(book: Book, number: int | None, grades: Iterable[Grade]) -> Line:
    some = list(grades)
    return Line(number, sum(one.pupils for one in some), sum(one.joined for one in some), book.hides(some))


def _is_chosen(each: Grade, scope: Scope, selection: Selection) -> bool:
    district, stage, kind = each.area
    wanted = (selection.district, selection.stage, selection.kind, selection.school)
    here = (district, stage, kind, each.school)
    return scope.covers(district) and all(a in ("", b) for a, b in zip(wanted, here, strict=True))
