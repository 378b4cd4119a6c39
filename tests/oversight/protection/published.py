"""Everything that the product publishes of a made-up city, as an attacker hears it: public tables, cards, ledes, files.

Each function takes the city and what the product made of it, tells the attacker every figure, and gives the hidden ones:
a Hidden each. The numbers are classes' for the screens, areas' for the public.
"""

import itertools
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import NamedTuple

import pandas as pd

from dashboards.districts import cards as districts
from dashboards.overview import cards as overview
from dashboards.participation import cards as participation
from dashboards.participation.queries import lines
from dashboards.schoolpage import classes as classes_of
from oversight.costs import summary
from oversight.disclosure import participation as tables
from oversight.disclosure.queries import Area
from oversight.indicators import measures
from oversight.indicators.catalogue import CATALOGUE
from oversight.indicators.measures import State
from oversight.protection import decisions, terms
from oversight.protection import grades as grades_of
from tests.oversight.costs.facts import a_fact
from tests.oversight.protection import attack, cities

CITY_K, PUBLIC_K = 5, 10
SIGNED = re.compile(r"([\d,]+|[cx]) (?:名学生参加|人；)")


class Hidden(NamedTuple):
    """A figure that is not shown, the numbers that it adds up, and the k by which it is hidden."""

    what: tuple
    names: tuple
    k: int


def looks(schools: list[cities.School]) -> Iterator[tuple[str, str, str, list[cities.School]]]:
    """Every choice of the filters that has schools: district, stage, kind; empty is all."""
    for district, stage, kind in itertools.product(
        ("", *cities.DISTRICTS), ("", *cities.STAGES), ("", *cities.KINDS)
    ):
        wanted = (district, stage, kind)
        found = [
            s
            for s in schools
            if all(w in ("", h) for w, h in zip(wanted, (s.district, s.stage, s.kind), strict=True))
        ]
        if found:
            yield district, stage, kind, found


# --- the public's tables


def areas(schools: list[cities.School]) -> list[Area]:
    keys = sorted({(s.district, s.stage, s.kind) for s in schools})
    return [
        Area(d, f"区{d}", stage, kind, len(of), sum(s.joined > 0 for s in of), sum(s.joined for s in of),
             sum(s.roll for s in of), tuple(s.code for s in of))
        for d, stage, kind in keys
        for of in [[s for s in schools if (s.district, s.stage, s.kind) == (d, stage, kind)]]
    ]  # fmt: skip


def public(attacker: attack.Attacker, found: list[Area], grids: list[tables.Grid]) -> list[Hidden]:
    """Which areas there are is public; a statement with payments says that somebody takes part there, one without that
    nobody does."""
    for area in found:
        attacker.unknown(_place(area), min(1, area.participants), area.pupils if area.participants else 0)
    stages = [
        stage for stage in ("primary", "lower_secondary", "nine_year") if any(a.stage == stage for a in found)
    ]
    hidden: dict[tuple, Hidden] = {}
    for grid in grids:
        rows = _rows(grid, found)
        for line, row in zip(grid.lines, rows, strict=True):
            for stage, place in zip([*stages, ""], line.places, strict=True):
                members = [area for area in row if stage in ("", area.stage)]
                of = sum(area.pupils for area in members)
                names = tuple(_place(area) for area in members)
                if place.count == "c":
                    some = tuple(_place(area) for area in members if area.participants)
                    hidden[some] = Hidden(("public", str(line.name), stage), some, PUBLIC_K)
                elif place.count not in ("–", "x"):
                    low, high = attack.of_rounded(int(place.count.replace(",", "")))
                    if place.share not in ("c", "x", "–"):
                        least, most = attack.of_share(place.share, of)
                        low, high = max(low, least), min(high, most)
                    attacker.hears(names, low, high)
    return list(hidden.values())


def _rows(grid: tables.Grid, found: list[Area]) -> list[list[Area]]:
    key = (lambda area: area.district_code) if grid.id == "by-district" else (lambda area: area.kind)
    order = list(dict.fromkeys(map(key, found))) if grid.id == "by-district" else list(cities.KINDS)
    rows = [[area for area in found if key(area) == value] for value in order]
    return [*(row for row in rows if row), found]


def _place(area: Area) -> tuple[str, str, str]:
    return area.district_code, area.stage, area.kind


# --- the city's screens: supervisors who may use every filter


def city(attacker: attack.Attacker, schools: list[cities.School]) -> list[Hidden]:
    """Children who take part: cards, tiles, API (measures), ledes, grades, classes and the cost summary."""
    for each in schools:
        for one in each.classes:
            known = one.is_whole or not one.joined
            attacker.unknown(one.name, one.joined if known else 1, one.joined if known else one.pupils)
    book = Book(attacker)
    frame = cities.frame(schools)
    decision, grades = terms.decide(frame, cities.grades(schools))
    assert grades is not None
    frame = frame.assign(**{decisions.COLUMN: pd.Series([decision] * len(frame), dtype=object)})
    for district, stage, kind, of in looks(schools):
        here = frame[frame["code"].isin([s.code for s in of])]
        for code in ("participation", "five_day_share", "complaints_per_1000"):
            _measured(book, measures.of_all(here, CATALOGUE[code]).iloc[0], code, of, (district, stage, kind))
        _said(book, districts.lede(here, {}), of, "district's lede")
        _said(book, overview.lede(SimpleNamespace(quiet=()), here, {}), of, "overview's lede")
        _grades(book, of, grades)
    for code in ("participation", "five_day_share", "complaints_per_1000"):
        measured = measures.measure(frame, CATALOGUE[code])
        for each, (_index, row) in zip(schools, measured.iterrows(), strict=True):
            _measured(book, row, code, [each], each.code)
    for each in schools:
        _grades(book, [each], grades)
        _classes(book, each, grades)
    _costs(book, schools, decision)
    return list(book.hidden.values())


class Book:
    """Notes figures by the classes that they add up."""

    def __init__(self, attacker: attack.Attacker) -> None:
        self.attacker = attacker
        self.hidden: dict[tuple, Hidden] = {}

    def shown(self, classes: list[cities.Class], low: int, high: int) -> None:
        self.attacker.hears([one.name for one in classes], low, high)

    def hides(self, what: tuple, classes: list[cities.Class]) -> None:
        names = tuple(sorted(one.name for one in classes if one.joined))
        if names:
            self.hidden.setdefault(names, Hidden(what, names, CITY_K))


def _classes_of(schools: list[cities.School]) -> list[cities.Class]:
    return [one for each in schools for one in each.classes]


def _measured(book: Book, row, code: str, of: list[cities.School], where: object) -> None:
    """Of participation the numerator is children who take part, of the others the denominator."""
    children = _classes_of(of)
    state, part = row["state"], row["numerator"] if code == "participation" else row["denominator"]
    if state == State.HIDDEN.value:
        assert row[["value", "numerator", "denominator"]].isna().all()
        if code == "participation":
            book.hides((code, where), children)
    elif part == part:
        book.shown(children, int(part), int(part))


def _said(book: Book, text: str, of: list[cities.School], where: str) -> None:
    (number,) = SIGNED.findall(text)
    if number[0].isdigit():
        book.shown(_classes_of(of), int(number.replace(",", "")), int(number.replace(",", "")))


def _grades(book: Book, of: list[cities.School], decided: grades_of.Book) -> None:
    children = _classes_of(of)
    codes = {each.code for each in of}
    card = participation.by_grade(lines(decided, [each for each in decided.grades if each.school in codes]))
    counted = [
        [one for one in children if one.grade == grade] for grade in sorted({one.grade for one in children})
    ]
    for row, ones in zip(card.rows, [*counted, children], strict=True):
        _row(book, ("grade", row[0]), row[1], ones, share=row[3])


def _classes(book: Book, school: cities.School, decided: grades_of.Book) -> None:
    rows = [(o.name, o.grade, o.pupils, o.joined, 0, 0) for o in school.classes]
    frame = pd.DataFrame(
        rows, columns=["class_name", "grade", "pupils", "participants", "asked_answers", "asked_no"]
    )
    card = classes_of.card(frame, [], classes_of.hidden_of(school.code, frame, decided))
    for row, one in zip(card.rows, school.classes, strict=True):
        _row(book, ("class", one.name), row[1], [one], share=row[3])


def _row(book: Book, what: tuple, cell, classes: list[cities.Class], *, share) -> None:
    if str(cell) == "c":
        book.hides(what, classes)
        assert str(share) == "c"
    else:
        book.shown(classes, int(cell), int(cell))


def _costs(book: Book, schools: list[cities.School], decision: decisions.Decision) -> None:
    made = summary.build(
        [
            a_fact(n, code=s.code, name=f"校{s.code}", district_code=s.district, stage=s.stage, kind=s.kind,
                   participants=s.joined, complaints=s.complaints)
            for n, s in enumerate(schools)
        ],
        "2026-2027-1",
        decision,
    )  # fmt: skip
    for row, school in zip(made.rows, schools, strict=True):
        if row.participants is None:
            book.hides(("costs", school.code), _classes_of([school]))
            assert row.complaints_per_1000 is None
        else:
            book.shown(_classes_of([school]), row.participants, row.participants)
    for _district, _stage, _kind, of in looks(schools):
        codes = {s.code for s in of}
        total = summary.total([row for row in made.rows if row.school_code in codes], made.children)[
            "participants"
        ]
        if total != "c":
            book.shown(_classes_of(of), int(total), int(total))
