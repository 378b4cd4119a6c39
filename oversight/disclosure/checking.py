"""Whether a statement's text, file or hash is one that was published; nothing that is handed in is kept.

A text pasted into a browser comes with the browser's own line ends, and an editor may add a mark at the start or lose
the last line end; so beside the bytes as they are the text as it was hashed is tried: UTF-8, LF, one line end at the end.
"""

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from oversight.disclosure import queries
from oversight.disclosure.queries import StatementLine

HEADERS: Final = re.compile(
    r"\Aafterbell-statement \d{1,3}\nschool: (\d{10})\nterm: (20\d\d-20\d\d-[12])\nmonth: (20\d\d-\d\d)\n"
)
MARK: Final = "\ufeff"


class Verdict(StrEnum):
    """What is to be said."""

    SAME = "same"
    """Published exactly so."""
    MENDED = "mended"
    """The text is the published one; this file's line ends or its first mark are not."""
    CHANGED = "changed"
    """The school published another text for this month."""
    NEVER = "never"
    """The school has published nothing for this month."""
    UNKNOWN = "unknown"


class About(NamedTuple):
    """What a text says of itself."""

    school: str
    term: str
    month: str


@dataclass(frozen=True)
class Checked:
    """The verdict, the hash that was worked out, and what was published."""

    verdict: Verdict
    sha256: str
    published: tuple[StatementLine, ...] = ()
    about: About | None = None


class NotText(ValueError):
    """Bytes that are no UTF-8."""


def check_hash(sha256: str) -> Checked:
    """A hash, in small letters."""
    found = queries.statements_with([sha256])
    return Checked(Verdict.SAME if found else Verdict.UNKNOWN, sha256, tuple(found))


def check_bytes(content: bytes) -> Checked:
    """A file, byte by byte. Raises NotText."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise NotText from None
    return _checked(text, exact=sha256_of(content))


def check_text(text: str) -> Checked:
    """What was pasted: its line ends are the browser's, so they are not held against it."""
    return _checked(text, exact=sha256_of(as_published(text).encode()))


def _checked(text: str, *, exact: str) -> Checked:
    plain = as_published(text)
    mended = sha256_of(plain.encode())
    found = {line.sha256: line for line in queries.statements_with(sorted({exact, mended}))}
    if exact in found:
        return Checked(Verdict.SAME, exact, (found[exact],))
    if mended in found:
        return Checked(Verdict.MENDED, exact, (found[mended],))
    about = about_itself(plain)
    if about is None:
        return Checked(Verdict.UNKNOWN, exact)
    published = queries.statements_of(*about)
    return Checked(Verdict.CHANGED if published else Verdict.NEVER, exact, tuple(published), about)


def about_itself(text: str) -> About | None:
    """From the first lines of a statement; None for any other text."""
    found = HEADERS.match(text)
    return About(*found.groups()) if found else None


def as_published(text: str) -> str:
    """UTF-8 without a mark, LF, one line end at the end."""
    lines = text.removeprefix(MARK).replace("\r\n", "\n").replace("\r", "\n")
    return lines.strip("\n") + "\n"


def sha256_of(content: bytes) -> str:
    """What sha256sum prints."""
    return hashlib.sha256(content).hexdigest()
