"""Signed values that are good in one school only: the schema is part of the salt."""

from typing import Any

from django.core import signing
from django.db import connections

from afterbell.kernel.records import schema_of


def sign(value: Any, *, purpose: str) -> str:
    """A short text for links and forms, readable by all, changeable by nobody."""
    return signing.dumps(value, salt=_salt(purpose), compress=True)


def unsign(text: str, *, purpose: str, max_age: int) -> Any:
    """The value again; raises django.core.signing.BadSignature when it is foreign, changed or older than max_age s."""
    return signing.loads(text, salt=_salt(purpose), max_age=max_age)


def _salt(purpose: str) -> str:
    return f"afterbell:{schema_of(connections['default'])}:{purpose}"
