"""Money in whole fen: read exactly, shown exactly, rounded in one place, shared to the last fen."""

import re
from collections.abc import Callable, Hashable, Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cmp_to_key
from typing import Any, NamedTuple, NewType, Protocol, TypeVar

from django.utils.translation import gettext_lazy as _

from afterbell.kernel.errors import Refused

Fen = NewType("Fen", int)
"""One hundredth of a yuan. The type checker keeps other integers and floats out; a column holds it as is."""

MOST = Fen(10**15)
"""Ten trillion yuan, the most that one amount may be: more is a slip of the hand. A bigint holds the sum of nine
thousand of them. One is below 2**53, a sum of ten is not: sums of money never pass through a float."""
MOST_DIGITS = len(str(MOST // 100))
"""Of the yuan before the point."""
LONGEST = 40
"""Signs of a written amount: what a field has to let through, so that too much is told by the sentence below."""

NARROW: dict[int, int] = {
    0x3000: 0x20,
    0xFFE5: 0xA5,
    **{wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)},
}
"""Full-width signs as a Chinese keyboard writes them; superscripts and the like stay what they are."""

WRITTEN = re.compile(r"(?P<minus>-?)¥?(?P<yuan>[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.(?P<parts>[0-9]+))?")


class NotMoney(Refused):
    """The text is no amount."""

    code = "money.unreadable"
    message = _("“%(text)s”不是金额。请填写以元为单位的数字，例如 100 或 100.50。")
    status = 400


class FinerThanFen(NotMoney):
    """There is no coin below one fen."""

    code = "money.finer_than_fen"
    message = _("“%(text)s”的小数超过两位。金额最小到分，请最多保留两位小数，例如 100.50。")


class NegativeMoney(NotMoney):
    """An amount below zero where none is meant."""

    code = "money.negative"
    message = _("“%(text)s”小于零。这里的金额不能为负数。")


class TooMuchMoney(NotMoney):
    """An amount that no school has."""

    code = "money.too_much"
    message = _("“%(text)s”太大。金额最多 10,000,000,000,000 元（十万亿元），请检查是否多写了数字。")


def yuan(text: str, *, below_zero: bool = False) -> Fen:
    """Read an amount as people write it: 100, 100.5, 1,234.50, ¥12.00, full-width digits too.

    Exact: nothing is rounded, and exponents or a third decimal are refused. Raises NotMoney or a subclass.
    """
    if not isinstance(text, str):
        raise TypeError(f"yuan() reads text, not {type(text).__name__}: a float is never money")
    plain = text.translate(NARROW).strip()
    found = WRITTEN.fullmatch(plain)
    if found is None:
        raise NotMoney(text=text[:LONGEST])
    parts = found["parts"] or ""
    if len(parts) > 2:
        raise FinerThanFen(text=text[:LONGEST])
    digits = found["yuan"].replace(",", "")
    if len(digits.lstrip("0")) > MOST_DIGITS:
        raise TooMuchMoney(text=text[:LONGEST])
    amount = int(digits) * 100 + int(parts.ljust(2, "0"))
    if amount > MOST:
        raise TooMuchMoney(text=text[:LONGEST])
    if found["minus"] and amount and not below_zero:
        raise NegativeMoney(text=text[:LONGEST])
    return Fen(-amount if found["minus"] else amount)


def format_fen(amount: Fen) -> str:
    """¥1,234.50, with a leading minus below zero: the one way money is shown (design, "Words")."""
    if not isinstance(amount, int) or isinstance(amount, bool):
        raise TypeError(f"money is whole fen, not {type(amount).__name__}")
    whole, part = divmod(abs(amount), 100)
    return f"{'-' if amount < 0 else ''}¥{whole:,}.{part:02d}"


def round_half_up(amount: Fraction | Decimal) -> Fen:
    """To whole fen, a half away from zero, so that a reversal rounds to the same sum. Once, at the end."""
    if isinstance(amount, Decimal):
        return Fen(int(amount.to_integral_value(ROUND_HALF_UP)))
    if not isinstance(amount, Fraction):
        raise TypeError(f"round exact numbers, not {type(amount).__name__}: a float is never money")
    return divide_half_up(amount.numerator, amount.denominator)


def divide_half_up(fen: int, by: int) -> Fen:
    """The rounding of `round_half_up` for fen ÷ a whole number above zero: thousands of sums need no fraction of it."""
    whole = (2 * abs(fen) + by) // (2 * by)
    return Fen(-whole if fen < 0 else whole)


def total(amounts: Iterable[Fen]) -> Fen:
    """The sum, which stays money for the type checker."""
    return Fen(sum(amounts))


class Claim(NamedTuple):
    """What one party may get of a pool: in proportion to its weight, at most its cap, at least what it has already."""

    weight: int
    cap: Fen
    floor: Fen = Fen(0)


class _Sortable(Hashable, Protocol):
    def __lt__(self, other: Any, /) -> bool: ...


K = TypeVar("K", bound=_Sortable)


class Level(NamedTuple):
    """The rate at which the open parties share, exact: each gets weight × left ÷ all of theirs."""

    left: int
    weight: int
    open: tuple[Any, ...]
    capped: tuple[Any, ...]
    """Get their cap, which is no more than that rate gives them."""
    kept: tuple[Any, ...]
    """Keep their floor, which is more than that rate gives them."""


def level(pool: Fen, claims: Mapping[K, Claim]) -> Level:
    """Which parties share, and what: those above the rate keep what they have, and the others have so much less to share.

    The rate falls with each of them, so whoever is above it stays above.
    """
    if pool < 0 or any(
        claim.weight < 0 or claim.floor < 0 or claim.cap < claim.floor for claim in claims.values()
    ):
        raise ValueError("a pool, a weight and a floor are never below zero, nor a cap below the floor")
    kept = [key for key in claims if claims[key].floor and not claims[key].weight]
    left = int(pool) - sum(claims[key].floor for key in kept)
    ordered = sorted((key for key in claims if claims[key].weight), key=cmp_to_key(_fills_first(claims)))
    if left < sum(claims[key].floor for key in ordered):
        raise ValueError("a pool is never below what the parties have already")
    while True:
        rest, weight = left, sum(claims[key].weight for key in ordered)
        capped = 0
        for key in ordered:  # caps that are reached first come first: after one that is not, none is
            claim = claims[key]
            if claim.cap * weight > claim.weight * rest:
                break
            rest, weight, capped = rest - claim.cap, weight - claim.weight, capped + 1
        above = [key for key in ordered[capped:] if claims[key].floor * weight > claims[key].weight * rest]
        if not above:
            return Level(rest, weight, tuple(ordered[capped:]), tuple(ordered[:capped]), tuple(kept))
        kept += above
        left -= sum(claims[key].floor for key in above)
        out = set(above)
        ordered = [key for key in ordered if key not in out]


def share(pool: Fen, claims: Mapping[K, Claim]) -> dict[K, Fen]:
    """Share a pool by weight, cap and floor, to the fen, by largest remainder; ties go to the smaller id.

    What the caps keep back is shared again among the others (calculations.md, "Settlement"), and so is what floors
    take too much of. The sum is the pool, or all caps of the parties with a weight when the pool is larger. A weight of
    zero gets its floor.

    Worked: 100 fen over three equal claims is 34, 33, 33 in order of id; a cap of 10 on the first, 10, 45, 45; a
    floor of 50 on the first, 50, 25, 25. As with every largest-remainder method, one fen more in the pool may move one
    fen between two parties.
    """
    found = level(pool, claims)
    shares: dict[K, Fen] = dict.fromkeys(claims, Fen(0))
    shares.update((key, claims[key].floor) for key in found.kept)
    shares.update((key, claims[key].cap) for key in found.capped)
    _by_largest_remainder(found.left, {key: claims[key].weight for key in found.open}, shares)
    return shares


def _fills_first(claims: Mapping[K, Claim]) -> Callable[[K, K], int]:
    """By cap ÷ weight, compared crosswise in whole numbers."""

    def compare(one: K, other: K) -> int:
        first, second = claims[one], claims[other]
        return first.cap * second.weight - second.cap * first.weight

    return compare


def _by_largest_remainder(pool: int, weights: Mapping[K, int], shares: dict[K, Fen]) -> None:
    """The last fen exceeds no cap: it goes to a party whose exact share, at most its cap, is not whole."""
    whole = sum(weights.values())
    remainders: dict[K, int] = {}
    for key, weight in weights.items():
        floor, remainders[key] = divmod(weight * pool, whole)
        shares[key] = Fen(floor)
    missing = pool - sum(shares[key] for key in weights)
    by_id = sorted(weights)
    for key in sorted(by_id, key=lambda each: remainders[each], reverse=True)[:missing]:
        shares[key] = Fen(shares[key] + 1)
