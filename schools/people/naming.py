"""When two writings of a person's name are one name, or could be."""

import re
import unicodedata
from functools import cache
from typing import Final

from opencc import OpenCC

from schools.people.roster import cells

SPACES: Final = re.compile(r"\s+")
BETWEEN: Final = re.compile(r"[\W_]+")


def folded(name: str) -> str:
    """Full width, capitals, blanks and the kinds of dots don't tell people apart."""
    return SPACES.sub("", cells.DOTS.sub("·", _plain(name))).casefold()


def same(one: str, other: str) -> bool:
    """李 明 and 李明 are one."""
    return folded(one) == folded(other)


def likened(name: str) -> str:
    """Also without any sign between the parts, and in simplified characters: 王強 is like 王强, 买买提艾力 like 买买提·艾力.

    To stop and to ask by, as a deny list does; it never says that two are one person.
    """
    simplified: str = _simplifier().convert(BETWEEN.sub("", _plain(name)))
    return simplified.casefold()


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", cells.INVISIBLE.sub("", name))


@cache
def _simplifier() -> OpenCC:
    return OpenCC("t2s")
