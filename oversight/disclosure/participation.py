"""The public tables of participation: fixed ones, rounded, with small counts hidden (calculations.md "Suppression")."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

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

    name: Text
    schools: int
    offering: int
    places: Sequence[Figure]
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
    heads: list[Text] = [*(register.Stage(stage).label for stage in stages), TOTAL]
    line = partial(_line, stages=stages, hides=hides)
    city = line(CITY, areas, is_total=True)
    by_district = [line(name, [a for a in areas if a.district_code == code]) for code, name in names.items()]
    by_kind = [line(register.Kind(kind).label, [a for a in areas if a.kind == kind]) for kind in kinds]
    return [
        Grid("by-district", _("各区县的参与情况"), _("区县"), heads, [*by_district, city]),
        Grid("by-kind", _("城区、镇区和乡村的参与情况"), _("城乡"), heads, [*by_kind, city]),
    ]


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


def _line(
    name: Text, areas: Sequence[Area], *, stages: Sequence[str], hides: HidesSum, is_total: bool = False
) -> Line:
    parts = [[area for area in areas if area.stage == stage] for stage in stages]
    cells = [_cell(part, hides) for part in [*parts, areas]]
    return Line(
        name,
        sum(area.schools for area in areas),
        sum(area.schools_offering for area in areas),
        cells,
        is_total,
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
