"""Temporary: notices.actions is being written; called by name until it is there."""

from typing import Any

from afterbell.kernel.strings import dotted


def publish(**said: Any) -> Any:
    """schools.notices.actions.publish."""
    return dotted("schools.notices.actions.publish")(**said)
