"""Numbers that people read out on the phone: a letter, the day, seven signs of the row's key, a check sign.

No counter, so that two clerks never wait for each other and no number tells how many there were before. The alphabet
has no I, L, O and U: nobody confuses them with 1, 0 and V. A table keeps its numbers unique by a constraint.
"""

from datetime import date
from typing import Final
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from afterbell.kernel.errors import Refused

SIGNS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH: Final = 7
BITS: Final = 5
ALIKE: Final = str.maketrans({"I": "1", "L": "1", "O": "0", "-": None, " ": None, "\u3000": None})


class NotANumber(Refused):
    """Mistyped: the check sign does not fit."""

    code = "number.mistyped"
    message = _("编号“%(text)s”不对，请核对后重新输入。")
    status = 400


def number_for(prefix: str, day: date, key: UUID) -> str:
    """J20260901-8F3K2QXM: prefix, day, the last 35 bits of the key, which are its random ones, and a check sign.

    With 3,000 numbers of one kind on one day, two are alike once in 7,600 such days.
    """
    if len(prefix) != 1 or prefix not in SIGNS[10:]:
        raise ValueError(f"a number begins with one letter out of {SIGNS[10:]}, not with {prefix!r}")
    tail = "".join(SIGNS[key.int >> BITS * place & 31] for place in reversed(range(LENGTH)))
    return f"{prefix}{day:%Y%m%d}-{tail}{_check(f'{prefix}{day:%Y%m%d}{tail}')}"


def read_number(text: str) -> str:
    """A number as somebody typed it, in its one form; raises NotANumber for a slip of the hand."""
    plain = text.strip().upper().translate(ALIKE)
    if len(plain) != 9 + LENGTH + 1 or set(plain) - set(SIGNS) or _check(plain[:-1]) != plain[-1]:
        raise NotANumber(text=text[:40])
    return f"{plain[:9]}-{plain[9:]}"


def _check(text: str) -> str:
    """Luhn's rule over 32 signs: one wrong sign is always found, two changed places nearly always."""
    total = 0
    for place, sign in enumerate(reversed(text)):
        value = SIGNS.index(sign) * (1 if place % 2 else 2)
        total += value // 32 + value % 32
    return SIGNS[-total % 32]
