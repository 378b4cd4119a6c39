"""How counts of children are written where they are shown: rounded for the public, and as a share with its limits.

Which of them are shown at all is decided elsewhere, for all tables together (oversight/protection).
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Literal

from oversight.protection.areas import is_small

Cell = int | Literal["c", "x"]
"""What is published: a count, `c` for a hidden one, `x` where there was no answer."""
HIDDEN: Final = "c"
NOT_AVAILABLE: Final = "x"
NOT_APPLICABLE: Final = "–"
BASE: Final = 5
LEAST_WHOLE: Final = 20


def rounded(cell: Cell) -> Cell:
    """To the next 5: 12 → 10, 13 → 15. A symbol stays."""
    return cell if isinstance(cell, str) else (cell + BASE // 2) // BASE * BASE


def share(part: Cell | None, whole: Cell | None, *, k: int, least: int = LEAST_WHOLE) -> Decimal | str:
    """Part of whole in percent with one decimal, half up; a symbol where it can't be shown.

    `c` when the whole is below `least`, or when the part or what is left of the whole is a small count: a percentage
    of a known whole is a count. `x` when one of them is unknown, `–` when there is nobody to ask.
    Worked, k = 5: 413 of 480 → 86.0; 38 of 40 → c, since 2 are left; 3 of 4 → c; 0 of 0 → –.
    """
    if part is None or whole is None or NOT_AVAILABLE in (part, whole):
        return NOT_AVAILABLE
    if isinstance(part, str) or isinstance(whole, str):
        return HIDDEN
    if not 0 <= part <= whole:
        raise ValueError(f"{part} is no part of {whole}")
    if whole == 0:
        return NOT_APPLICABLE
    if whole < least or is_small(part, whole, k):
        return HIDDEN
    return (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
