"""From which difference on a school stands out among its peers, by the policy of each school at the term's beginning (S48).

A rank alone says nothing: of twelve schools one is always the lowest and one the highest, by a fen or by a half.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import structlog
from django.core.cache import cache
from redis.exceptions import RedisError

from oversight.indicators.catalogue import Unit
from tenants import context
from tenants.models import District, Kind, PolicyProfile, Term
from tenants.policies.documents import Comparison, Policy

KEEP_SECONDS: Final = 600
"""How long the policies of a term are kept: a new profile shows within ten minutes."""
ANY: Final = ""
Floats = npt.NDArray[np.float64]
Key = tuple[str, str]
"""District code and kind."""
log = structlog.get_logger(__name__)


class Least(NamedTuple):
    """What a policy asks of a difference."""

    percent: int = Comparison.least_difference_percent
    fen: int = Comparison.least_difference_fen
    points: int = Comparison.least_difference_points


@dataclass(frozen=True)
class Mattering:
    """For each school, in the order of a frame: the least difference in the unit of a figure, and in proportion to it."""

    absolute: Floats
    relative: Floats
    is_share: bool = False

    def holds(self, value: Floats, median: Floats) -> npt.NDArray[np.bool_]:
        """Whether both are reached. Of shares the smaller part counts: 90 of 99 is ten times as many left out as one.

        Worked, 15 % and 20 fen: 4.01 against 3.81 yuan are 5 %: no. 2.10 against 3.81 are 45 % and 1.71 yuan: yes.
        """
        base = np.minimum(np.abs(median), np.abs(100 - median)) if self.is_share else np.abs(median)
        difference = np.abs(value - median)
        return np.asarray((difference >= self.absolute - 1e-9) & (difference >= self.relative * base - 1e-9))


def of_frame(schools: pd.DataFrame, least: Mapping[Key, Least], unit: Unit) -> Mattering:
    """`schools` has district_code and kind."""
    keys = zip(schools["district_code"], schools["kind"], strict=True)
    found = np.array([least.get((district, kind), Least()) for district, kind in keys], dtype=np.float64)
    percent, fen, points = found.reshape(-1, 3).T
    absolute = {Unit.FEN: fen, Unit.PERCENT: points}.get(unit, np.zeros(len(percent)))
    return Mattering(absolute, percent / 100, is_share=unit is Unit.PERCENT)


def of_term(term: str) -> Mapping[Key, Least]:
    """By district and kind; empty for a term without policies, in which the defaults hold. Kept for ten minutes."""
    key = f"costs.mattering:{term}"
    try:
        found: Mapping[Key, Least] = cache.get_or_set(key, lambda: _of_term(term), KEEP_SECONDS) or {}
    except RedisError as error:
        log.warning("costs.cache_away", reason=type(error).__name__)
        return _of_term(term)
    return found


def _of_term(term: str) -> dict[Key, Least]:
    """Three statements."""
    with context.in_city():
        begun = Term.objects.filter(code=term).values_list("first_date", flat=True).first()
        if begun is None:
            return {}
        profiles = list(
            PolicyProfile.objects.filter(valid_from_date__lte=begun)
            .order_by("valid_from_date", "-pk")
            .values_list("district__code", "kind", "document")
        )
        districts = list(District.objects.values_list("code", flat=True))
    latest = {(district or ANY, kind): _least(document) for district, kind, document in profiles}
    found = {}
    for district in districts:
        for kind in Kind.values:
            for scope in ((district, kind), (ANY, kind), (district, ANY), (ANY, ANY)):
                if scope in latest:
                    found[district, kind] = latest[scope]
                    break
    return found


def _least(document: dict[str, object]) -> Least:
    comparison = Policy.from_document(document).comparison
    return Least(
        comparison.least_difference_percent,
        comparison.least_difference_fen,
        comparison.least_difference_points,
    )
