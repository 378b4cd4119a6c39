"""By whose numbers a school is judged: the comparison rules of its own policy at the term's beginning (S48).

One place for the limits of the funnels, the red lines and the differences that matter (costs.mattering): a policy adopted
later leaves the term as it was judged.
"""

from collections.abc import Hashable, Mapping, Sequence
from typing import Final, TypeVar

import pandas as pd
import structlog
from django.core.cache import cache
from django.db.models import Subquery
from redis.exceptions import RedisError

from oversight.indicators.statistics import Lines
from tenants import context
from tenants.models import PolicyProfile, Term
from tenants.policies.documents import Comparison, Policy

KEEP_SECONDS: Final = 600
"""How long the policies of a term are kept: a new profile shows within ten minutes."""
ANY: Final = ""
Key = tuple[str, str]
"""District code and kind of the schools that a policy is for; ANY for all."""
Rules = Mapping[Key, Comparison]
T = TypeVar("T")
log = structlog.get_logger(__name__)


def of_term(term: str) -> Rules:
    """Of each scope the policy in force as the term begins; empty for a term without any. Kept for ten minutes."""
    key = f"indicators.standards:{term}"
    try:
        found: Rules = cache.get_or_set(key, lambda: _of_term(term), KEEP_SECONDS) or {}
    except RedisError as error:
        log.warning("indicators.cache_away", reason=type(error).__name__)
        return _of_term(term)
    return found


def chosen(of_scopes: Mapping[Key, T], district: str, kind: str) -> T | None:
    """The most specific scope wins, as policies.queries has it: district and kind, then kind, then district, then city."""
    scopes = ((district, kind), (ANY, kind), (district, ANY), (ANY, ANY))
    return next((of_scopes[scope] for scope in scopes if scope in of_scopes), None)


def lines(rules: Rules, district: str, kind: str) -> Lines:
    """The funnel's limits for schools of a district and kind."""
    return Lines.of(chosen(rules, district, kind))


def lines_of(schools: pd.DataFrame, rules: Rules) -> Sequence[Lines]:
    """One a row; `schools` has district_code and kind."""
    pairs = zip(schools["district_code"], schools["kind"], strict=True)
    return [lines(rules, str(district), str(kind)) for district, kind in pairs]


def stamp(rules: Rules) -> Hashable:
    """Another one with other rules: pages that judge schools are kept by it (dashboards.frame.kept)."""
    return frozenset(rules.items())


def _of_term(term: str) -> dict[Key, Comparison]:
    """One statement."""
    begun = Term.objects.filter(code=term).values("first_date")[:1]
    with context.in_city():
        profiles = list(
            PolicyProfile.objects.filter(valid_from_date__lte=Subquery(begun))
            .order_by("valid_from_date", "-pk")
            .values_list("district__code", "kind", "document")
        )
    latest = {(district or ANY, kind): document for district, kind, document in profiles}
    return {scope: Policy.from_document(document).comparison for scope, document in latest.items()}
