"""Structured logs: one JSON line an event, with request, school and task id, and without anything personal."""

import logging
import logging.config
import re
import time
from collections.abc import Callable
from typing import Any

import sentry_sdk
import structlog
from django.apps import apps
from django.db import models
from django.http import HttpRequest, HttpResponse
from structlog.typing import EventDict, Processor, WrappedLogger

from afterbell.kernel.ids import uuid7
from afterbell.kernel.privacy import FieldClass

HIDDEN = "[hidden]"
ALWAYS_HIDDEN = frozenset({"password", "code", "token", "secret", "cookie", "authorization", "signature"})
SAFE_NAMES = frozenset({"name", "login"})
"""Personal on a user, harmless words elsewhere (a task's name): hidden only when they hold a model's value."""
PHONE = re.compile(r"(?<![0-9a-fA-F-])(?:\+?86)?1[3-9][0-9]{9}(?![0-9a-fA-F-])")
IDENTITY_CARD = re.compile(r"(?<![0-9a-fA-F-])[1-9][0-9]{5}(?:19|20)[0-9]{9}[0-9Xx](?![0-9a-fA-F-])")


def configure(config: dict[str, str]) -> None:
    """Django's LOGGING_CONFIG: structlog in front, the standard library behind, one format for both."""
    if config["sentry_dsn"]:
        # No bodies, no local variables, no user: an error report must not carry a child's name either.
        sentry_sdk.init(
            dsn=config["sentry_dsn"],
            send_default_pii=False,
            max_request_body_size="never",
            include_local_variables=False,
        )
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        hide_personal,
    ]
    as_text = (
        structlog.dev.ConsoleRenderer()
        if config["format"] == "text"
        else structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "line": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, as_text],
                    "foreign_pre_chain": shared,
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
            "root": {"handlers": ["stderr"], "level": config["level"]},
            "loggers": {
                "django.request": {
                    "level": "ERROR"
                },  # RequestLog says it better; errors keep their traceback
                "django.server": {"level": "ERROR"},
                "axes": {"level": "ERROR"},  # names logins; the audit log has the refusals
                "gunicorn.access": {"level": "ERROR"},
            },
        }
    )


def hide_personal(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Last processor before the line is written: no personal or sensitive field, no phone, no identity card."""
    return {key: _clean(key, value) for key, value in event.items()}


def _clean(key: str, value: Any) -> Any:
    if isinstance(value, models.Model):
        return f"<{value._meta.label} {value.pk}>"
    if key.lower() in ALWAYS_HIDDEN or key in _guarded_names():
        return HIDDEN
    if isinstance(value, dict):
        return {name: _clean(str(name), inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean("", inner) for inner in value]
    if isinstance(value, str):
        return IDENTITY_CARD.sub(HIDDEN, PHONE.sub(HIDDEN, value))
    return value


def _guarded_names() -> frozenset[str]:
    """Names of all personal and sensitive fields of all models; empty until Django has loaded them."""
    if not apps.models_ready:
        return frozenset()
    global _guarded
    if _guarded is None:
        _guarded = (
            frozenset(
                name
                for model in apps.get_models()
                for name, field_class in getattr(model, "field_classes", {}).items()
                if field_class in {FieldClass.PERSONAL, FieldClass.SENSITIVE}
            )
            - SAFE_NAMES
        )
    return _guarded


_guarded: frozenset[str] | None = None


class RequestLog:
    """Outermost middleware: gives the request an id, logs how it ended, and says the id to the caller."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.log = structlog.get_logger("afterbell.request")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = str(uuid7())
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started = time.perf_counter()
        response = self.get_response(request)
        school = getattr(request, "school", None)
        self.log.info(
            "request",
            method=request.method,
            path=request.path,
            status=response.status_code,
            ms=round((time.perf_counter() - started) * 1000, 1),
            school=school.code if school else None,
        )
        response["X-Request-ID"] = request_id
        return response
