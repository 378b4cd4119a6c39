"""Primary keys: UUIDv7, made in Python, so that they sort by time and need no sequence."""

from uuid import UUID

from uuid_utils.compat import uuid7 as _uuid7


def uuid7() -> UUID:
    """A new time-ordered key (RFC 9562)."""
    return _uuid7()
