"""What is written where a number is not one, and shares with one decimal."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

NONE: Final = "0"
HIDDEN: Final = "c"
NOT_AVAILABLE: Final = "x"
NOT_APPLICABLE: Final = "–"
"""The sign that official statistics use."""

LEGEND: Final[dict[str, str | Promise]] = {
    NONE: _("没有"),
    HIDDEN: _("为保护儿童不显示"),
    NOT_AVAILABLE: _("尚未取得"),
    NOT_APPLICABLE: _("不适用"),
}


def symbol(value: object) -> str:
    """The word behind a symbol, for screen readers; empty for an ordinary value."""
    return str(LEGEND.get(value, "")) if isinstance(value, str) else ""


def tenths(part: int, of: int) -> Decimal:
    """A share in percent with one decimal, halves rounded up."""
    return (Decimal(part) * 100 / Decimal(of)).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def those(pairs: Sequence[tuple[str, str]], chosen: str) -> str:
    """Of (name, shown value): the names whose value is the chosen one, as a sentence names them; of many, how many.

    Worked: 湖滨区 · 湖滨区和江东区 · 湖滨区等 3 处.
    """
    names = [name for name, value in pairs if value == chosen]
    if len(names) < 3:
        return gettext("和").join(names)
    return gettext("%(first)s等 %(n)s 处") % {"first": names[0], "n": len(names)}
