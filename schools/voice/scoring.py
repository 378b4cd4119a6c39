"""What ratings say together: mean, share of 4 and 5, Wilson's interval; nothing below the threshold. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from afterbell.kernel import chance
from afterbell.kernel.chance import Interval
from afterbell.kernel.privacy import SMALL_GROUP

THRESHOLD: Final = SMALL_GROUP
HIGH: Final = (4, 5)


@dataclass(frozen=True)
class Score:
    """What may be said of at least THRESHOLD answers."""

    mean: float
    high: int
    share: float
    interval: Interval | None


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


def results(invited: int, scores: Sequence[int]) -> Results:
    """Worked: 5 answers 5 5 4 4 2 of 10 asked → rate 0.5, mean 4.0, share 0.8 (4 of 5), 0.3755 to 0.9638."""
    n = len(scores)
    if n < THRESHOLD:
        return Results(invited, n, None)
    high = sum(1 for score in scores if score in HIGH)
    return Results(invited, n, Score(sum(scores) / n, high, high / n, chance.wilson(high, n)))
