"""The public tables of participation: fixed ones, rounded, with small counts hidden (calculations.md "Suppression")."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _

from afterbell.pages import values
from afterbell.pages.sheets import Cell, Column, Kind, Sign
from oversight.disclosure import linked, suppression
from oversight.disclosure.linked import Part, Shown
from oversight.disclosure.queries import Area
from oversight.disclosure.suppression import PUBLIC_K
from oversight.indicators.catalogue import Text
from tenants import models as register

TOTAL: Final = _("合计")
CITY: Final = _("全市")


@dataclass(frozen=True)
class Place:
    """One cell: children rounded to 5, and their share of the roll; each a number or a symbol."""

    count: str
    share: str

    @property
    def cells(self) -> list[Cell]:
        return [_number(self.count), _number(self.share)]


@dataclass(frozen=True)
class Line:
    """A district, or town or country."""

    name: Text
    schools: int
    offering: int
    places: Sequence[Place]
    is_total: bool = False


@dataclass(frozen=True)
class Grid:
    """A published table."""

    id: str
    title: Text
    first: Text
    """What its rows are."""
    heads: Sequence[Text]
    lines: Sequence[Line]

    @property
    def columns(self) -> list[Column]:
        """As a file has them: one line a row and stage."""
        return [
            Column(self.first),
            Column(_("学校"), Kind.WHOLE, _("所")),
            Column(_("已开展"), Kind.WHOLE, _("所")),
            Column(_("学段")),
            Column(_("参加学生"), Kind.WHOLE, _("人，约")),
            Column(_("参与率"), Kind.PERCENT, "%"),
        ]

    @property
    def rows(self) -> list[list[Cell]]:
        return [
            [line.name, line.schools, line.offering, head, *place.cells]
            for line in self.lines
            for head, place in zip(self.heads, line.places, strict=True)
        ]


def grids(areas: Sequence[Area]) -> list[Grid]:
    """By district and by town and country, each by stage; made safe together, since both speak of the same children."""
    if not areas:
        return []
    stages = _those(register.Stage.values, (area.stage for area in areas))
    places = _those(list(dict.fromkeys(area.district_code for area in areas)), None)
    kinds = _those(register.Kind.values, (area.kind for area in areas))
    above = _counted(areas, places, stages, lambda area: area.district_code)
    below = _counted(areas, kinds, stages, lambda area: area.kind)
    safe = linked.protect(above, below, k=PUBLIC_K)
    names = {area.district_code: area.district_name for area in areas}
    heads: list[Text] = [*(register.Stage(stage).label for stage in stages), TOTAL]
    city = _line(CITY, areas, stages, safe.totals, is_total=True)
    return [
        Grid(
            "by-district",
            _("各区县的参与情况"),
            _("区县"),
            heads,
            [
                *(
                    _line(names[code], [a for a in areas if a.district_code == code], stages, row)
                    for code, row in zip(places, safe.above, strict=True)
                ),
                city,
            ],
        ),
        Grid(
            "by-kind",
            _("城区、镇区和乡村的参与情况"),
            _("城乡"),
            heads,
            [
                *(
                    _line(register.Kind(kind).label, [a for a in areas if a.kind == kind], stages, row)
                    for kind, row in zip(kinds, safe.below, strict=True)
                ),
                city,
            ],
        ),
    ]


def _counted(
    areas: Sequence[Area], rows: Sequence[str], stages: Sequence[str], key: Callable[[Area], str]
) -> list[list[Part | None]]:
    return [
        [_part(area for area in areas if key(area) == row and area.stage == stage) for stage in stages]
        for row in rows
    ]


def _part(areas: Iterable[Area]) -> Part | None:
    """A school that knows only one of both can't be in a share; nobody known is no answer."""
    known = [(a.participants, a.pupils) for a in areas if a.participants is not None and a.pupils is not None]
    return Part(sum(number for number, _of in known), sum(of for _number, of in known)) if known else None


def _line(
    name: Text, areas: Sequence[Area], stages: Sequence[str], row: Sequence[Shown], *, is_total: bool = False
) -> Line:
    has_schools = [any(area.stage == stage and area.schools for area in areas) for stage in stages]
    nobody = Place(values.NOT_APPLICABLE, values.NOT_APPLICABLE)
    places = [
        _place(part) if has else nobody
        for part, has in zip(row, [*has_schools, any(has_schools)], strict=True)
    ]
    schools, offering = sum(area.schools for area in areas), sum(area.schools_offering for area in areas)
    return Line(name, schools, offering, places, is_total)


def _place(part: Shown) -> Place:
    if isinstance(part, str):
        return Place(part, part)
    return Place(f"{suppression.rounded(part.number):,}", _share(part))


def _share(part: Part) -> str:
    """Who joined after the reference day can make them more than were on the roll: no share then."""
    if part.number > part.of:
        return values.NOT_AVAILABLE
    return str(suppression.share(part.number, part.of, k=PUBLIC_K))


def _number(text: str) -> Cell:
    return Sign(text) if text in values.LEGEND and text != values.NONE else float(text.replace(",", ""))


def _those(known: Sequence[str], wanted: Iterable[str] | None) -> list[str]:
    """In the usual order, only what there is."""
    there = set(known if wanted is None else wanted)
    return [value for value in known if value in there]
