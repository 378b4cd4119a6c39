"""Keeps an uploaded roster between preview and applying: sealed, for half an hour, for the one who uploaded it."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from cryptography.fernet import InvalidToken
from django.core import signing as django_signing
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from afterbell.accounts import sealing
from afterbell.accounts.models import User
from afterbell.kernel import signing
from afterbell.kernel.errors import Refused
from afterbell.kernel.ids import uuid7
from schools.people.roster.intake import digest

LIFE: Final = 1800
PURPOSE: Final = "people.roster"


class Expired(Refused):
    """The upload is gone: too old, applied, or never there."""

    code = "roster.expired"
    message = _("这份预览已经失效（超过 30 分钟，或已经导入）。请重新上传名册。")
    status = 410


class NotYours(Exception):
    """Somebody else's upload: for the asker it is not there."""


@dataclass(frozen=True)
class Upload:
    """A workbook that waits."""

    id: UUID
    file_name: str
    data: bytes
    sha256: str

    @property
    def reference(self) -> str:
        """For addresses: it can't be guessed or changed, and is good in this school only."""
        return signing.sign({"id": str(self.id), "sha256": self.sha256}, purpose=PURPOSE)


def keep(*, data: bytes, file_name: str, by: User) -> Upload:
    """Children's names lie in the cache only sealed; nothing is written to disk or database."""
    upload = Upload(id=uuid7(), file_name=file_name, data=data, sha256=digest(data))
    sealed = sealing.encrypt(base64.b85encode(data).decode())
    cache.set(_key(upload.id), {"by": str(by.pk), "file_name": file_name, "sealed": sealed}, LIFE)
    return upload


def identity(reference: str) -> UUID:
    """Which upload the reference names, also when it is gone; raises Expired."""
    return UUID(_unsigned(reference)["id"])


def get(reference: str, *, by: User) -> Upload:
    """Raises Expired or NotYours."""
    said = _unsigned(reference)
    kept = cache.get(_key(UUID(said["id"])))
    if kept is None:
        raise Expired
    if kept["by"] != str(by.pk):
        raise NotYours
    try:
        data = base64.b85decode(sealing.decrypt(kept["sealed"]))
    except (InvalidToken, ValueError) as error:
        raise Expired from error
    if digest(data) != said["sha256"]:
        raise Expired
    return Upload(id=UUID(said["id"]), file_name=kept["file_name"], data=data, sha256=said["sha256"])


def answers(upload: Upload) -> dict[str, str]:
    """What the office has answered so far, by the key of the question: no name lies here."""
    found: dict[str, str] = cache.get(f"{_key(upload.id)}:answers") or {}
    return found


def answer(upload: Upload, given: Mapping[str, str]) -> None:
    """More answers; an empty one takes its answer back."""
    kept = {key: said for key, said in {**answers(upload), **given}.items() if said}
    cache.set(f"{_key(upload.id)}:answers", kept, LIFE)


def keep_rest(upload: Upload, data: bytes, *, by: User) -> None:
    """The rows that an import gave back, for as long as an upload waits: sealed like it."""
    sealed = sealing.encrypt(base64.b85encode(data).decode())
    cache.set(f"{_key(upload.id)}:rest", {"by": str(by.pk), "sealed": sealed}, LIFE)


def rest(import_id: UUID, *, by: User) -> bytes | None:
    """None when there is none, when it is gone, or when it is somebody else's."""
    kept = cache.get(f"{_key(import_id)}:rest")
    if kept is None or kept["by"] != str(by.pk):
        return None
    try:
        return base64.b85decode(sealing.decrypt(kept["sealed"]))
    except (InvalidToken, ValueError):
        return None


def forget(upload: Upload) -> None:
    """It has been applied."""
    cache.delete_many([_key(upload.id), f"{_key(upload.id)}:answers"])


def note_progress(upload_id: UUID, done: int, of: int) -> None:
    """How far applying is, for the page that waits; outside the transaction, so that others see it."""
    cache.set(f"{_key(upload_id)}:progress", (done, of), LIFE)


def progress(reference: str) -> tuple[int, int]:
    """Rows done and rows in all; (0, 0) before it begins."""
    done, of = cache.get(f"{_key(identity(reference))}:progress") or (0, 0)
    return done, of


def _unsigned(reference: str) -> dict[str, Any]:
    try:
        said: dict[str, Any] = signing.unsign(reference, purpose=PURPOSE, max_age=LIFE)
    except django_signing.BadSignature as error:
        raise Expired from error
    return said


def _key(upload_id: UUID) -> str:
    return f"people.roster:{upload_id}"
