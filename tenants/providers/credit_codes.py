"""The unified social credit code of an organisation: eighteen signs, the last one computed (GB 32100-2015). Pure."""

import re
import unicodedata
from typing import Final

SIGNS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Without I, O, S, V, Z, which look like others."""
WEIGHTS: Final = tuple(pow(3, place, 31) for place in range(17))
WRITTEN: Final = re.compile(f"[{SIGNS}]{{18}}")


def plain(text: str) -> str:
    """As people write it: full-width signs, small letters and blanks are the same code."""
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text)).upper()


def holds(code: str) -> bool:
    """Whether the form is right and the last sign is the one that the others make: one mistyped sign is seen."""
    return WRITTEN.fullmatch(code) is not None and code[17] == last_sign(code[:17])


def last_sign(signs: str) -> str:
    """31 less the weighted sum modulo 31; worked: 91330100799655058 makes B."""
    weighed = sum(SIGNS.index(sign) * weight for sign, weight in zip(signs, WEIGHTS, strict=True))
    return SIGNS[-weighed % 31]
