"""The catalogue with today's figures, as far as the reader may see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.pages.sheets import Cell, Column, Kind
from dashboards.frame.words import cell, count, value
from oversight.indicators import queries, words
from oversight.indicators.catalogue import CATALOGUE, Indicator, Text, Theme
from oversight.indicators.queries import Figure
from oversight.scope import Scope
from oversight.selection import Selection

PRICE_TOO: Final = frozenset({"complaints_per_1000"})
"""Beside the theme of fees: whose costs to audit follows from complaints (S47)."""


@dataclass(frozen=True)
class Line:
    """A label and what stands beside it, as c-summary shows it."""

    label: Text
    value: Text


@dataclass(frozen=True)
class Explained:
    """One indicator in words, and its value."""

    figure: Figure
    value: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Chapter:
    """The indicators of one theme."""

    theme: Theme
    title: Text
    indicators: tuple[Explained, ...]


def visible_to(user: User) -> tuple[Indicator, ...]:
    """All for who sees the overview; costs and the rate of complaints for the price bureau."""
    if user.has(Permission.OVERVIEW_READ):
        return tuple(CATALOGUE.values())
    return tuple(one for one in CATALOGUE.values() if one.theme is Theme.FEES or one.code in PRICE_TOO)


def chapters(scope: Scope, selection: Selection, indicators: Sequence[Indicator]) -> list[Chapter]:
    """By theme, in the order of the catalogue. One statement."""
    found = queries.figures(scope, selection, [one.code for one in indicators])
    by_theme = {theme: [one for one in indicators if one.theme is theme] for theme in words.THEMES}
    return [
        Chapter(theme, title, tuple(_explained(found[one.code]) for one in by_theme[theme]))
        for theme, title in words.THEMES.items()
        if by_theme[theme]
    ]


def columns() -> list[Column]:
    """Of the page as a file: each row has its own unit, so values are texts as the page shows them."""
    names = (_("代码"), _("指标"), _("当前值"), _("计数单位"), _("怎样计算"), _("方向"), _("依据条款"))
    return [
        *(Column(name) for name in names[:3]),
        Column("n", Kind.WHOLE),
        *(Column(name) for name in names[3:]),
    ]


def rows(found: Sequence[Chapter]) -> list[list[Cell]]:
    return [_row(one) for chapter in found for one in chapter.indicators]


def _row(one: Explained) -> list[Cell]:
    figure, indicator = one.figure, one.figure.indicator
    about = (figure.n_of, indicator.formula, words.DIRECTIONS[indicator.better], _clauses(indicator))
    return [
        indicator.code, str(indicator.name), one.value, cell(figure.n), *(str(text) for text in about),
    ]  # fmt: skip


def _explained(figure: Figure) -> Explained:
    indicator = figure.indicator
    about = _("单位：%(unit)s；%(direction)s；条款 %(clauses)s") % {
        "unit": words.UNITS[indicator.unit],
        "direction": words.DIRECTIONS[indicator.better],
        "clauses": _clauses(indicator),
    }
    lines = (Line(_("怎样计算"), indicator.formula), Line(_("基数"), _base(figure)), Line(_("说明"), about))
    return Explained(figure, value(indicator, cell(figure.value, figure.state)), lines)


def _base(figure: Figure) -> str:
    """What the value rests on, how sure it is, and who is not shown."""
    indicator, parts = figure.indicator, []
    if figure.n is None:
        parts.append(_("按%(what)s计") % {"what": figure.n_of})
    else:
        parts.append(f"n = {count(figure.n)} {figure.n_of}")
    if figure.interval is not None:
        low, high = (value(indicator, end) for end in figure.interval)
        parts.append(_("95%% 置信区间 %(low)s 至 %(high)s") % {"low": low, "high": high})
    if indicator.about_children:
        parts.append(_("不足 5 人，或会推算出别处不足 5 人的数时，不显示"))
    return "；".join(parts)


def _clauses(indicator: Indicator) -> str:
    return "、".join(indicator.clauses)
