"""The national rule that stands above every profile: from the spring term of 2024 no committee collects."""

from datetime import date

from tenants.policies.documents import Collector, Policy

COMMITTEES_STOP = date(2024, 2, 1)
"""Four-ministry notice of 2023-12 (reference facts): from the spring term of 2024; none began before."""


def is_collector_forbidden(policy: Policy, on: date) -> bool:
    """A committee collects on a day on which it must not: every page of the books then says so (S3)."""
    return policy.collector == Collector.COMMITTEE and on >= COMMITTEES_STOP
