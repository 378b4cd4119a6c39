"""Is a fee above its caps? By its own unit, or by what it comes to in the term beside the other units' caps. Pure."""

from enum import StrEnum


class Breach(StrEnum):
    """By which cap."""

    OWN = "own"
    TERM = "term"


def breach(
    fee: float | None, cap: float | None, fee_term: float | None, cap_term: float | None
) -> Breach | None:
    """The own unit's first; a cap that is reached is kept. What is not known (None or NaN) breaks nothing.

    Worked: 4.20 against 3.50 breaks its own; 80.00 a month is within 80.00, and its 400.00 break 300.00 a term.
    """
    if _above(fee, cap):
        return Breach.OWN
    return Breach.TERM if _above(fee_term, cap_term) else None


def _above(fee: float | None, cap: float | None) -> bool:
    return fee is not None and cap is not None and fee > cap
