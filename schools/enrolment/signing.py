"""A guardian's signature: strokes drawn on the screen, checked strictly, or the full name typed. Pure.

Drawn is an SVG path of M and L with whole numbers inside the box of the pad, nothing else, so that it can stand in a
page and in a PDF. Where drawing is not possible (no JavaScript, a keyboard instead of a finger) the guardian types
the full name as the school knows it and ticks a box: the law asks for a traceable declaration, not for a drawing.
Which of the two it was stands beside the signature.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from schools.enrolment.models import SignatureMode
from schools.enrolment.refusals import NotSigned, OtherName, UnfitSignature

WIDTH: Final = 600
HEIGHT: Final = 240
MOST_SIGNS: Final = 20_000
MOST_POINTS: Final = 2_000
LEAST_EXTENT: Final = 60
"""Width plus height: less is a dot or a slip of the finger."""

POINT: Final = r"[0-9]{1,3} [0-9]{1,3}"
PATH: Final = re.compile(rf"M {POINT}(?: L {POINT})*(?: M {POINT}(?: L {POINT})*)*")

Point = tuple[int, int]


@dataclass(frozen=True)
class Signature:
    """Made by `drawn` or `typed` alone, so that it was checked."""

    mode: SignatureMode
    value: str


def drawn(path: str) -> Signature:
    """Raises NotSigned or UnfitSignature."""
    if not path.strip():
        raise NotSigned
    points = [point for stroke in strokes(path) for point in stroke]
    across = max(x for x, _y in points) - min(x for x, _y in points)
    down = max(y for _x, y in points) - min(y for _x, y in points)
    if len(points) > MOST_POINTS or across + down < LEAST_EXTENT:
        raise UnfitSignature
    return Signature(SignatureMode.DRAWN, path)


def typed(name: str, *, of: str) -> Signature:
    """The full name as the school knows it; blanks and full-width signs make no difference. Raises OtherName."""
    if not name.strip():
        raise NotSigned
    if _plain(name) != _plain(of):
        raise OtherName
    return Signature(SignatureMode.TYPED, of)


def strokes(path: str) -> list[list[Point]]:
    """The points of each stroke. Raises UnfitSignature for anything but M, L and whole numbers inside the box."""
    if len(path) > MOST_SIGNS or not PATH.fullmatch(path):
        raise UnfitSignature
    found = [
        [_point(text) for text in stroke.split(" L ")] for stroke in path.removeprefix("M ").split(" M ")
    ]
    if any(x > WIDTH or y > HEIGHT for stroke in found for x, y in stroke):
        raise UnfitSignature
    return found


def _point(text: str) -> Point:
    x, y = text.split(" ")
    return int(x), int(y)


def _plain(name: str) -> str:
    return re.sub(r"[\s·•]", "", unicodedata.normalize("NFKC", name)).casefold()
