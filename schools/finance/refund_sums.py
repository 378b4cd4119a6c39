"""The refund rules on plain numbers, exact: nothing is rounded here (calculations.md, "Refund rules").

A fee is what the family really pays for one month or period. No rule gives more than the fee. Rounded are the worked
numbers alone; the code rounds once a bill, at the end (refund_rules).
"""

from fractions import Fraction


def per_day(fee: Fraction, *, day: Fraction, missed: int, of: int, whole_returns_fee: bool) -> Fraction:
    """A fixed sum for each missed day; all days missed: the whole fee.

    Worked, Ezhou: primary 70.00 a month, 3.36 a day: 5 days 16.80, 21 of 22 days 70.00 (70.56 is above the fee), all
    20 days 70.00 and not 67.20. Lower secondary 80.00, 3.84: 5 days 19.20. Who pays 57.75 of 70.00 gets 7 days for
    7 × 3.36 × 57.75 ÷ 70.00 = 19.404. A day of 0.00 leaves the whole month alone to return anything.
    """
    if missed and missed == of and whole_returns_fee:
        return fee
    return min(fee, day * missed)


def month_divided(fee: Fraction, *, divisor: Fraction, missed: int) -> Fraction:
    """Month ÷ divisor × days. Worked: 70.00 ÷ 20.83 × 5 = 16.80; 80.00 ÷ 20.83 × 5 = 19.20."""
    return min(fee, fee * missed / divisor)


def half_month_threshold(fee: Fraction, *, missed: int, of: int, exactly_half_returns_half: bool) -> Fraction:
    """Missed more than half of the days: half of the fee. Exactly half: as the profile says.

    Worked, Wuzhou, 120.00, 22 days: 12 missed 60.00; 10 missed 0; 11 missed 60.00 by this profile.
    """
    is_half = 2 * missed == of and missed > 0
    return fee / 2 if 2 * missed > of or (is_half and exactly_half_returns_half) else Fraction(0)


def remaining(fee: Fraction, *, left: int, of: int) -> Fraction:
    """On exit, by the days or class hours that are left.

    Worked, Wuhan: 130.00, 12 of 22 days left: 70.91. By class hours, 480.00 for 160, 40 left: 120.00.
    """
    return fee * left / of if of else Fraction(0)
