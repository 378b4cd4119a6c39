"""What ratings say together: mean, share of 4 and 5, Wilson's interval; nothing below the threshold. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

THRESHOLD: Final = 5
"""Fewer answers than this would tell who gave which (calculations.md, suppression, k = 5)."""
HIGH: Final = (4, 5)
Z_95: Final = 1.959963984540054
"""The normal distribution's 97.5 % point."""


@dataclass(frozen=True)
class Interval:
    """Both ends as shares from 0 to 1."""

    low: float
    high: float


@dataclass(frozen=True)
class Score:
    """What may be said of at least THRESHOLD answers."""

    mean: float
    high: int
    share: float
    interval: Interval


@dataclass(frozen=True)
class Results:
    """How many were asked, how many answered, and what they said; None where too few answered (c)."""

    invited: int
    n: int
    score: Score | None

    @property
    def response_rate(self) -> float | None:
        """None: nobody was asked."""
        return self.n / self.invited if self.invited else None


def wilson(part: int, of: int, z: float = Z_95) -> Interval:
    """Wilson's score interval of a share (E. B. Wilson, 1927), without continuity correction.

    centre = (p + z²/2n) / (1 + z²/n), half width = z/(1 + z²/n) · √(p(1−p)/n + z²/4n²).
    Worked: 8 of 10 → 0.4902 to 0.9433; 0 of 10 → 0 to 0.2775; 81 of 263 → 0.2553 to 0.3662.
    """
    if not 0 <= part <= of or of < 1:
        raise ValueError(f"{part} of {of} is no share")
    p, square = part / of, z * z
    scale = 1 + square / of
    centre = (p + square / (2 * of)) / scale
    half = z / scale * sqrt(p * (1 - p) / of + square / (4 * of * of))
    return Interval(
        0.0 if part == 0 else max(0.0, centre - half), 1.0 if part == of else min(1.0, centre + half)
    )


def results(invited: int, scores: Sequence[int]) -> Results:
    """Worked: 5 answers 5 5 4 4 2 of 10 asked → rate 0.5, mean 4.0, share 0.8 (4 of 5), 0.3755 to 0.9638."""
    n = len(scores)
    if n < THRESHOLD:
        return Results(invited, n, None)
    high = sum(1 for score in scores if score in HIGH)
    return Results(invited, n, Score(sum(scores) / n, high, high / n, wilson(high, n)))
