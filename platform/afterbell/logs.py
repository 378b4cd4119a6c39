"""Structured logs: one JSON line an event, with request, school and task id, and without anything personal."""

import logging
import logging.config
import time
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse
from structlog.typing import Processor

from afterbell.kernel.ids import uuid7
from afterbell.kernel.strings import dotted
from afterbell.redaction import RowsAsIds, hide_personal, rows_as_ids


def configure(config: dict[str, str]) -> None:
    """Django's LOGGING_CONFIG: structlog in front, the standard library behind, one format for both."""
    if config["sentry_dsn"]:
        # No bodies, no local variables, no user: an error report must not carry a child's name either.
        dotted("sentry_sdk.init")(  # by name: it costs 0.2 s at every start of a command
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
            rows_as_ids,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,  # the default one puts the message together too early
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
            "filters": {"rows_as_ids": {"()": RowsAsIds}},
            "handlers": {
                "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["rows_as_ids"]}
            },
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
