"""Who did a thing: kept as long as the thing, and asked for from its side only, so there is no way back and no index."""

from django.conf import settings
from django.db import models

from afterbell.accounts.models import User


def person() -> "models.ForeignKey[User, User]":
    """Somebody."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )


def person_or_nobody(*, blank: bool = True) -> "models.ForeignKey[User | None, User | None]":
    """Nobody yet; without `blank` nobody for ever, where a thing happened by itself or nobody wrote down who it was."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=blank,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
