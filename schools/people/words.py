"""Which words of a text need a person's look, and under which id the answer is kept: for this text, and no other. Pure."""

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Final
from uuid import UUID

from afterbell.kernel import signs

LONGEST: Final = 500
_SENTENCE: Final = re.compile(r"[^。！？!?\n]+[。！？!?]?")


@dataclass(frozen=True)
class Doubt:
    """What is asked about: a kind (WordKind), the words, the text that they stand in, and the object, if it is one's."""

    kind: str
    found: str
    text: str
    about: UUID | None = None

    @property
    def id(self) -> UUID:
        """Half of the SHA-256 over all four: one text, one question.

        How a text is written (width, blanks, dots) makes no other one, a changed word does.
        """
        parts = (self.kind, str(self.about or ""), signs.plain(self.found), signs.plain(self.text))
        return UUID(bytes=sha256("\n".join(parts).encode()).digest()[:16])


def sentences(text: str) -> list[str]:
    """The pieces that an answer is for; a long one is cut."""
    found = (piece.strip() for piece in _SENTENCE.findall(text))
    return [
        piece[start : start + LONGEST] for piece in found for start in range(0, len(piece), LONGEST) if piece
    ]
