"""The number that a bank gave a payment, written one way: capitals, full-width signs and blanks make no other one. Pure."""

import unicodedata
from typing import Final

LONGEST: Final = 64


def plain(text: str) -> str:
    """`Ｔ-Ａ１`, `t-a1` and ` T–A1 ` are one number, `t-a1`: what is typed off a list is booked once."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join("-" if _is_dash(sign) else sign for sign in folded if sign.isprintable() and sign != " ")


def _is_dash(sign: str) -> bool:
    return unicodedata.category(sign) == "Pd" or sign == "−"
