"""The number that a bank gave a payment, written one way: capitals, full-width signs, kinds of marks make no other one."""

import unicodedata
from typing import Final

LONGEST: Final = 64
NOT_SEEN: Final = ("Cc", "Cf")
"""Signs that nobody sees on a list: they separate nothing."""


def plain(text: str) -> str:
    """`Ｔ－Ａ１`, `t_a1` and ` T – A1/ ` are one number, `t-a1`: what is typed off a list is booked once.

    Where a mark or a blank stands is part of the number: `1-11`, `11-1` and `111` are three. Without any letter or digit
    it is none, and empty.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    seen = (sign for sign in folded if sign.isspace() or unicodedata.category(sign) not in NOT_SEEN)
    return "-".join("".join(sign if sign.isalnum() else " " for sign in seen).split())
