"""Which text can be kept: PostgreSQL's has no NUL, UTF-8 no half of a surrogate pair, XML no control signs.

XML's rule, because it is the narrowest: a workbook that is exported has to hold what the database does. A tab and a new
line are text.
"""

import re
from typing import Final

SIGNS: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
UNASKABLE: Final = re.compile("[\x00\ud800-\udfff]")


def is_whole(text: str) -> bool:
    """No sign that can't be kept."""
    return SIGNS.search(text) is None


def stripped(text: str) -> str:
    """Without them."""
    return SIGNS.sub("", text)


def can_be_asked(text: str) -> bool:
    """The database takes it in a question, where nothing is kept: an absurd address still shows its list."""
    return UNASKABLE.search(text) is None
