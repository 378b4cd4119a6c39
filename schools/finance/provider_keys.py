"""The number that a bank gave a payment, written one way: capitals, full-width signs, blanks and marks make no other one."""

import unicodedata
from typing import Final

LONGEST: Final = 64


def plain(text: str) -> str:
    """`Ｔ-Ａ１`, `t_a.1` and ` T–A/1 ` are one number, `ta1`: what is typed off a list is booked once.

    Letters and digits alone; without any of them it is none, and empty.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(sign for sign in folded if sign.isalnum())
