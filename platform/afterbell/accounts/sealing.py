"""Keeps the second factor's secrets unreadable in the database and its backups: the key is not in there."""

import base64
import hashlib

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.utils.encoding import force_bytes

PURPOSE = b"afterbell.second-factor:"


def encrypt(text: str) -> str:
    return _keys().encrypt(text.encode()).decode()


def decrypt(text: str) -> str:
    """Raises cryptography.fernet.InvalidToken for what no key of ours has made."""
    return _keys().decrypt(text.encode()).decode()


def _keys() -> MultiFernet:
    """New secrets by SECRET_KEY; those of SECRET_KEY_FALLBACKS stay readable while a key is being changed."""
    return MultiFernet(
        [Fernet(_key(secret)) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    )


def _key(secret: str | bytes) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(PURPOSE + force_bytes(secret)).digest())
