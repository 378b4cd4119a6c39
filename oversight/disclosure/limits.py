"""How often one address may have something checked."""

from typing import Any, Final

import structlog
from django.http import HttpRequest
from redis.exceptions import RedisError
from rest_framework.throttling import SimpleRateThrottle

from afterbell.accounts import lockout

log = structlog.get_logger(__name__)
RATE: Final = "60/min"
"""A class of parents may sit behind one address."""


class Checks(SimpleRateThrottle):
    """Counted in Redis; without it nobody is turned away, since a check changes nothing."""

    rate = RATE

    def get_cache_key(self, request: HttpRequest, view: Any) -> str:  # noqa: ARG002  (REST framework's signature)
        return f"disclosure.checks.{lockout.address_of(request)}"


def seconds_to_wait(request: HttpRequest) -> int:
    """0: go on."""
    checks = Checks()
    try:
        is_allowed = checks.allow_request(request, None)  # type: ignore[arg-type]  # asked outside of REST framework
    except RedisError as error:
        log.warning("disclosure.limit_away", reason=type(error).__name__)
        return 0
    return 0 if is_allowed else max(1, round(checks.wait() or 1))
