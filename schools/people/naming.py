"""When two writings of a person's name are one name."""

import re
import unicodedata
from typing import Final

from schools.people.roster import cells

SPACES: Final = re.compile(r"\s+")


def folded(name: str) -> str:
    """Full width, capitals, blanks and the kinds of dots don't tell people apart."""
    plain = unicodedata.normalize("NFKC", cells.INVISIBLE.sub("", name))
    return SPACES.sub("", cells.DOTS.sub("·", plain)).casefold()


def same(one: str, other: str) -> bool:
    """李 明 and 李明 are one."""
    return folded(one) == folded(other)
