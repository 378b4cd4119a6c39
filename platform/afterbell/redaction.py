"""Keeps people out of the logs: personal and sensitive fields, rows, phones and identity cards are hidden."""

import logging
import re
from functools import cache
from typing import Any, Final

from django.apps import apps
from django.db import models
from structlog.typing import EventDict, WrappedLogger

from afterbell.kernel.privacy import FieldClass

HIDDEN: Final = "[hidden]"
ALWAYS_HIDDEN: Final = frozenset(
    {"password", "code", "token", "secret", "cookie", "authorization", "signature"}
)
PHONE: Final = re.compile(r"(?<![0-9a-fA-F-])(?:\+?86)?1[3-9][0-9]{9}(?![0-9a-fA-F-])")
IDENTITY_CARD: Final = re.compile(r"(?<![0-9a-fA-F-])[1-9][0-9]{5}(?:19|20)[0-9]{9}[0-9Xx](?![0-9a-fA-F-])")


def hide_personal(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Last processor before the line is written: no personal or sensitive field, no phone, no identity card."""
    return {key: _clean(key, value) for key, value in event.items()}


def rows_as_ids(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Before a message is put together: a row's str() is often a name, so its id takes its place."""
    if "positional_args" in event:
        event["positional_args"] = _ids_for_rows(event["positional_args"])
    return event


class RowsAsIds(logging.Filter):
    """The same for messages of the standard library."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.args:
            record.args = _ids_for_rows(record.args)
        return True


def _ids_for_rows(args: Any) -> Any:
    if isinstance(args, dict):
        return {name: _row_as_id(value) for name, value in args.items()}
    return tuple(_row_as_id(value) for value in args)


def _row_as_id(value: Any) -> Any:
    may_hold_rows = (models.Model, models.QuerySet, dict, list, tuple, set, frozenset)
    return _clean("", value) if isinstance(value, may_hold_rows) else value


def _clean(key: str, value: Any) -> Any:
    if isinstance(value, models.Model):
        return f"<{value._meta.label} {value.pk}>"
    if key.lower() in ALWAYS_HIDDEN or key in _guarded_names():
        return HIDDEN
    if value is None or isinstance(value, (bool, float)):
        return value
    if isinstance(value, models.QuerySet):
        return f"<rows of {value.model._meta.label}>"  # never asked for: a log line costs no query
    if isinstance(value, dict):
        return {_clean_text(str(name)): _clean(str(name), inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_clean("", inner) for inner in value]
    if isinstance(value, int):
        return value if _clean_text(str(value)) == str(value) else HIDDEN
    return _clean_text(value.decode(errors="replace") if isinstance(value, bytes) else str(value))


def _clean_text(text: str) -> str:
    return IDENTITY_CARD.sub(HIDDEN, PHONE.sub(HIDDEN, text))


def _guarded_names() -> frozenset[str]:
    """Field names that are personal or sensitive in every model that has them; none until Django has loaded them.

    A name such as `state` or `number`, which is harmless in one model, is hidden only through its row.
    """
    return _names_of_all_models() if apps.models_ready else frozenset()


@cache
def _names_of_all_models() -> frozenset[str]:
    guarded: set[str] = set()
    harmless: set[str] = set()
    for model in apps.get_models():
        for name, field_class in getattr(model, "field_classes", {}).items():
            (guarded if field_class in {FieldClass.PERSONAL, FieldClass.SENSITIVE} else harmless).add(name)
    return frozenset(guarded - harmless)
