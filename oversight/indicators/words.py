"""Words around a figure: its unit, its theme, which way is good, what n is. Values are written by who shows them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from django.utils.translation import gettext_lazy as _

from oversight.indicators.catalogue import Better, Text, Theme, Unit

UNITS: Final[Mapping[Unit, Text]] = MappingProxyType(
    {
        Unit.PERCENT: "%",
        Unit.FEN: _("元"),
        Unit.SCORE: _("分"),
        Unit.PER_1000: _("件／千人"),
        Unit.PUPILS: _("人"),
    }
)
"""As the header of a column says it; money is written in yuan."""
THEMES: Final[Mapping[Theme, Text]] = MappingProxyType(
    {
        Theme.PARTICIPATION: _("参与"),
        Theme.SATISFACTION: _("满意度"),
        Theme.FEES: _("收费与成本"),
        Theme.COMPLAINTS: _("投诉"),
        Theme.SAFETY: _("安全"),
        Theme.STAFFING: _("人员"),
    }
)
DIRECTIONS: Final[Mapping[Better, Text]] = MappingProxyType(
    {
        Better.HIGHER: _("越高越好"),
        Better.LOWER: _("越低越好"),
        Better.NEITHER: _("高低本身不分好坏，偏离同类时值得看一看"),
    }
)
