"""What an audit entry may say about a thing: ids, codes and numbers. Nothing that tells who a person is."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from django.db import models

from afterbell.kernel.privacy import classes_of, guarded

KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
CODE = re.compile(r"[a-z0-9][a-z0-9_.:+-]{0,79}")
"""States, permissions, national codes, hashes, ids, dates: small ASCII words, nobody's sentence."""
PHONE = re.compile(r"(?<![0-9a-f-])(?:[+]?86)?1[3-9][0-9]{9}(?![0-9a-f-])")
IDENTITY_CARD = re.compile(r"(?<![0-9a-f-])[1-9][0-9]{5}(?:19|20)[0-9]{9}[0-9x](?![0-9a-f-])")
ALWAYS_GUARDED = frozenset(
    {"name", "login", "phone", "email", "address", "birthday", "password", "secret", "token", "signature"}
)
LARGEST = 2**53
"""Beyond it, JSON readers disagree."""


class UnfitDetails(ValueError):
    """An action wants to write what must not stand in the audit log: a programming error, never shown.

    The message names the key, never the value.
    """


def checked(details: Mapping[str, object], *, target: models.Model | str = "") -> dict[str, object]:
    """The details as JSON, or UnfitDetails.

    Refused are keys that name a personal or sensitive field of the target or a person's data anywhere, and
    values that are no id, code, number, date, or list of them, or that look like a phone or an identity card.
    What a person wrote belongs in a table.
    """
    of_target = guarded(classes_of(type(target))) if isinstance(target, models.Model) else frozenset[str]()
    return _checked(details, ALWAYS_GUARDED | of_target)


def _checked(details: Mapping[str, object], guarded_keys: frozenset[str]) -> dict[str, object]:
    return {_key(key, guarded_keys): _value(key, value, guarded_keys) for key, value in details.items()}


def _key(key: str, guarded_keys: frozenset[str]) -> str:
    if not isinstance(key, str) or not KEY.fullmatch(key) or key in guarded_keys:
        raise UnfitDetails(f"the key {key!r} is not allowed in audit details")
    return key


def _value(key: str, value: object, guarded_keys: frozenset[str]) -> object:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (list, tuple, set, frozenset)):
        items = sorted(value, key=str) if isinstance(value, (set, frozenset)) else value
        return [_value(key, item, guarded_keys) for item in items]
    if isinstance(value, Mapping):
        return _checked(value, guarded_keys)
    if isinstance(value, datetime):
        value = value.isoformat().lower()
    elif isinstance(value, (UUID, date)):
        value = str(value)
    if isinstance(value, int) and _is_number(key, value):
        return int(value)
    if isinstance(value, str) and _is_code(value):
        return str(value)
    raise UnfitDetails(f"the value of {key!r} is no id, code, number or date")


def _is_number(key: str, value: int) -> bool:
    """Not a phone that was stored as a number; a sum of money may well have eleven digits."""
    return abs(value) <= LARGEST and (key.endswith("_fen") or not _is_a_persons(str(value)))


def _is_code(value: str) -> bool:
    return CODE.fullmatch(value) is not None and not _is_a_persons(value)


def _is_a_persons(text: str) -> bool:
    return bool(PHONE.search(text) or IDENTITY_CARD.search(text))
