"""The public tables of participation: fixed ones, rounded, with small counts hidden (calculations.md "Suppression").

They are made once a day and kept (releases.py): what a day has published stays as it was.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from afterbell.pages import values
from afterbell.pages.sheets import Cell, Column, Kind, Sign
from oversight.disclosure import suppression
from oversight.disclosure.queries import Area
from oversight.indicators.catalogue import Text
from oversight.protection import public
from oversight.protection.areas import Area as Place
from oversight.protection.areas import Count
from oversight.protection.decisions import PARTICIPANTS, Decision
from oversight.protection.public import PUBLIC_K, HidesSum
from tenants import models as register

TOTAL: Final = _("合计")
CITY: Final = _("全市")
BY_DISTRICT, BY_KIND = "by-district", "by-kind"
TITLES: Final[dict[str, tuple[Text, Text]]] = {
    BY_DISTRICT: (_("各区县的参与情况"), _("区县")),
    BY_KIND: (_("城区、镇区和乡村的参与情况"), _("城乡")),
}
Kept = dict[str, Any]


@dataclass(frozen=True)
class Figure:
    """One cell: children rounded to 5, and their share of the roll; each a number or a symbol."""

    count: str
    share: str

    @property
    def cells(self) -> list[Cell]:
        return [_number(self.count), _number(self.share)]


@dataclass(frozen=True)
class Line:
    """A district, or town or country."""

    key: str
    """Of the district, or town or country; empty for all."""
    name: Text
    schools: int
    offering: int
    places: Sequence[Figure]

    @property
    def is_total(self) -> bool:
        return not self.key


@dataclass(frozen=True)
class Grid:
    """A published table."""

    id: str
    title: Text
    first: Text
    """What its rows are."""
    stages: Sequence[str]
    lines: Sequence[Line]

    @property
    def heads(self) -> list[Text]:
        return [*(register.Stage(stage).label for stage in self.stages), TOTAL]

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


def grids(areas: Sequence[Area], decision: Decision | None = None) -> list[Grid]:
    """By district and by town and country, each by stage; decided together, since both speak of the same children.

    `decision` is what the city's own screens hide.
    """
    if not areas:
        return []
    stages = [stage for stage in register.Stage.values if any(area.stage == stage for area in areas)]
    kinds = [kind for kind in register.Kind.values if any(area.kind == kind for area in areas)]
    hides = public.decide(
        _counts(areas), partial(_hidden_on_screens, {area.place: area for area in areas}, decision)
    )
    names = {area.district_code: area.district_name for area in areas}
    line = partial(_line, stages=stages, hides=hides)
    city = line("", CITY, areas)
    by_district = [
        line(code, name, [a for a in areas if a.district_code == code]) for code, name in names.items()
    ]
    by_kind = [line(kind, register.Kind(kind).label, [a for a in areas if a.kind == kind]) for kind in kinds]
    return [
        _grid(BY_DISTRICT, stages, [*by_district, city]),
        _grid(BY_KIND, stages, [*by_kind, city]),
    ]


def kept(grids: Sequence[Grid]) -> list[Kept]:
    """As they are stored: keys for what is said in two languages, and the names that districts had that day."""
    return [
        {
            "id": grid.id,
            "stages": list(grid.stages),
            "lines": [
                {
                    "key": line.key,
                    "name": str(line.name) if grid.id == BY_DISTRICT and line.key else "",
                    "schools": line.schools,
                    "offering": line.offering,
                    "places": [[place.count, place.share] for place in line.places],
                }
                for line in grid.lines
            ],
        }
        for grid in grids
    ]


def of_kept(tables: Sequence[Kept]) -> list[Grid]:
    """As they were published."""
    return [
        _grid(table["id"], table["stages"], [_of_kept(table["id"], line) for line in table["lines"]])
        for table in tables
    ]


def _of_kept(grid: str, line: Kept) -> Line:
    key = line["key"]
    name: Text = line["name"] if grid == BY_DISTRICT else register.Kind(key).label if key else ""
    places = [Figure(*place) for place in line["places"]]
    return Line(key, name if key else CITY, line["schools"], line["offering"], places)


def _grid(id: str, stages: Sequence[str], lines: Sequence[Line]) -> Grid:  # noqa: A002  (of the address)
    title, first = TITLES[id]
    return Grid(id, title, first, stages, lines)


def _counts(areas: Iterable[Area]) -> Iterable[Count]:
    """Of areas that know both parts."""
    for area in areas:
        if area.participants is not None and area.pupils is not None:
            yield Count(area.place, area.place, area.participants, area.pupils)


def _hidden_on_screens(
    areas: Mapping[Place, Area], decision: Decision | None, places: Sequence[Place]
) -> bool:
    codes = [code for place in places for code in areas[place].codes]
    return decision is not None and decision.hides(PARTICIPANTS, codes)


def _line(key: str, name: Text, areas: Sequence[Area], *, stages: Sequence[str], hides: HidesSum) -> Line:
    parts = [[area for area in areas if area.stage == stage] for stage in stages]
    cells = [_cell(part, hides) for part in [*parts, areas]]
    return Line(
        key, name, sum(area.schools for area in areas), sum(area.schools_offering for area in areas), cells
    )


def _cell(areas: Sequence[Area], hides: HidesSum) -> Figure:
    """Who joined after the reference day can make them more than were on the roll: no share then."""
    counts = list(_counts(areas))
    if not counts:
        return Figure(*([values.NOT_AVAILABLE if areas else values.NOT_APPLICABLE] * 2))
    if hides([count.area for count in counts]):
        return Figure(values.HIDDEN, values.HIDDEN)
    part, of = sum(count.part for count in counts), sum(count.of for count in counts)
    share = values.NOT_AVAILABLE if part > of else str(suppression.share(part, of, k=PUBLIC_K))
    return Figure(f"{suppression.rounded(part):,}", share)


def _number(text: str) -> Cell:
    return Sign(text) if text in values.LEGEND and text != values.NONE else float(text.replace(",", ""))
