"""How sure a share is: Wilson's interval, with one constant for the school's pages and the city's. Pure."""

from math import sqrt
from typing import Final, NamedTuple

Z95: Final = 1.959963984540054
"""The normal distribution's 97.5 % point: 2.5 % lie beyond it on each side."""


class Interval(NamedTuple):
    """Two ends of a share, each between 0 and 1."""

    low: float
    high: float


def wilson(part: float, n: float) -> Interval | None:
    """The 95 % interval of a share part ÷ n (E. B. Wilson, 1927), without continuity correction; None without a whole.

    centre = (p + z²/2n) ÷ (1 + z²/n), half = z ÷ (1 + z²/n) · √(p(1−p)/n + z²/4n²). Never outside of 0 and 1, and of
    some width at p = 0 and p = 1 too. calculations.md, "Satisfaction".
    Worked: 8 of 10 → 0.4902 to 0.9433; 0 of 10 → 0 to 0.2775; 81 of 263 → 0.2553 to 0.3662.
    """
    if not n > 0 or not 0 <= part <= n:
        return None
    share, square = part / n, Z95 * Z95
    whole = 1 + square / n
    centre = (share + square / (2 * n)) / whole
    half = Z95 / whole * sqrt(share * (1 - share) / n + square / (4 * n * n))
    low = 0.0 if part == 0 else max(0.0, centre - half)
    return Interval(low, 1.0 if part == n else min(1.0, centre + half))
