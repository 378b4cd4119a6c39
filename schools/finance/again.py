"""What a charge is for by itself, beside what was charged again. Pure (S27, S36).

A charge of a child that came back was made by what the exit before it had left. Where that exit is corrected (charged_again)
a part of it turns out to be paid for already: it comes off this charge, and everything that is reckoned on the charge later
(absences, an exit, lessons cancelled, a waiver, the next charge) looks at the rest alone.
"""

from datetime import date
from fractions import Fraction
from typing import NamedTuple, Protocol

from afterbell.kernel.dates import ONE_DAY
from afterbell.kernel.money import Fen, round_half_up


class Charged(Protocol):
    """As much of a charge as is asked for."""

    @property
    def units(self) -> int: ...
    @property
    def gross_fen(self) -> int: ...
    @property
    def waived_fen(self) -> int: ...
    @property
    def first_date(self) -> date | None: ...
    @property
    def again_fen(self) -> int: ...
    @property
    def again_units(self) -> int: ...
    @property
    def again_until(self) -> date | None: ...


class Credited(Charged, Protocol):
    """With what calculations took off it."""

    @property
    def credited_fen(self) -> int: ...


class Own(NamedTuple):
    """What the charge would have been."""

    units: int
    gross: Fen
    fee: Fen
    """Net of the waiver, which keeps its share of the gross."""
    first: date | None


def own(charge: Charged) -> Own:
    """Worked: 60.48 with a tenth waived, 30.24 of it charged again: 30.24 gross, 27.22 net."""
    gross, net = charge.gross_fen, charge.gross_fen - charge.waived_fen
    first = charge.first_date
    if charge.again_until is not None and first is not None:
        first = max(first, charge.again_until + ONE_DAY)
    rest = gross - charge.again_fen
    fee = round_half_up(Fraction(net * rest, gross)) if gross else Fen(0)
    return Own(charge.units - charge.again_units, Fen(rest), fee, first)


def off(charge: Charged) -> Fen:
    """What comes off what the family pays for it."""
    return Fen(charge.gross_fen - charge.waived_fen - own(charge).fee)


def left_of(charge: Credited, amount: Fen) -> Fen:
    """What of `amount`, by a refund rule, no calculation has given yet; below zero where they gave more."""
    return Fen(min(amount, own(charge).fee) + off(charge) - charge.credited_fen)
