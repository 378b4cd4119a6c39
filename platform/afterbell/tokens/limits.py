"""How often a program may ask: counted by token, so that one eager system slows nobody else down."""

import math
from typing import Any

import structlog
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from afterbell.tokens.models import Token

log = structlog.get_logger(__name__)


class PerToken(SimpleRateThrottle):
    """One of REST framework's DEFAULT_THROTTLE_CLASSES; its rate stands under `token`. People are not counted."""

    scope = "token"

    def get_cache_key(self, request: Request, view: Any) -> str | None:  # noqa: ARG002  (REST framework's signature)
        return f"tokens.used.{request.auth.pk}" if isinstance(request.auth, Token) else None

    def allow_request(self, request: Request, view: Any) -> bool:
        """Reading goes on without Redis."""
        try:
            return bool(super().allow_request(request, view))
        except RedisError as error:
            log.warning("tokens.limit_away", reason=type(error).__name__)
            return True

    def wait(self) -> float | None:
        """Whole seconds, one at least: Retry-After holds no parts of a second."""
        seconds = super().wait()
        return None if seconds is None else float(max(1, math.ceil(seconds)))
