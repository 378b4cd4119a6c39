"""How much of a sweep one run walks (decision 34).

Sweeps that try every step of a kind with every other (pairs of deeds, odd values at every address, lives under every
profile) would take longer than all other tests together. A run walks one part of each, another one every day; all parts
at once with AFTERBELL_DEEP=1, as `make deep` does.
"""

import os
from collections.abc import Iterable
from typing import Final, TypeVar

Step = TypeVar("Step")

IS_DEEP: Final = os.environ.get("AFTERBELL_DEEP") == "1"
TURN: Final = int(os.environ["AFTERBELL_TESTS_TURN"])
"""Today's number, from tests.servers."""


def todays(steps: Iterable[Step], *, parts: int, shift: int = 0) -> list[Step]:
    """Every step whose turn it is. Neighbours take turns, so that each part has something of everything."""
    return [step for n, step in enumerate(steps) if IS_DEEP or n % parts == (TURN + shift) % parts]
