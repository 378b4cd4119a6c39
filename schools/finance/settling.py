"""The settlement of a term: what is left goes back to the families, to the fen. Pure (calculations.md, "Settlement")."""

from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple, TypeVar
from uuid import UUID

from afterbell.kernel.money import Claim, Fen, Level, level, round_half_up, share
from tenants.policies.documents import SettlementKey

K = TypeVar("K", UUID, str, int)


class Family(NamedTuple):
    """One family at the end of a term."""

    net_paid: Fen
    """Paid less what went back or is on its way back: no part is ever above it."""
    due: Fen
    """What it owes for the term after true-up and waivers."""
    minutes: int = 0
    """Attended."""
    gross: Fen = Fen(0)
    waived: Fen = Fen(0)
    had: Fen = Fen(0)
    """Of what earlier rounds of the term shared, its own money left out."""


class Part(NamedTuple):
    """What a family gets, and what it was made from: its proof."""

    own: Fen
    """Paid above what it owes: its own money, first."""
    weight: int
    """In the rest of the pool."""
    amount: Fen


class Stake(NamedTuple):
    """What a share of the pool is made from."""

    own: Fen
    weight: int
    most: Fen
    """Nobody gets more than it paid and still has in the pool."""
    had: Fen = Fen(0)
    """By earlier rounds: over all of them each family gets its part of all that was shared, by the last basis."""


def pool_of(*, received: Fen, spent: Fen, refunded: Fen) -> Fen:
    """Pool = received − allowed expenditure − refunds confirmed or in flight. Below zero: a gap."""
    return Fen(received - spent - refunded)


def settle(families: Mapping[K, Family], pool: Fen, key: SettlementKey) -> dict[K, Part]:
    """Share the pool; Σ = pool to the fen, or all that was paid where the pool is larger. Below zero: nothing.

    1. Own money first: what a family paid above what it owes (planned hours that were not held, a waiver after the
       payment) is its own and comes back, in proportion where the pool is too small for all.
    2. The rest by the key: `paid`: what the family paid and still has in the pool; `attended_minutes`: its minutes,
       for a waived family in the share of the fee that it paid itself. Nobody gets more than it paid; what one cap
       keeps back is shared again. By largest remainder, ties by enrolment id (kernel.money.share).
    3. What then is left because a family that paid never came is shared among those families by what they paid.

    In a later round steps 2 and 3 are over all rounds: what all of them share is divided by what each family has paid
    by now, and each gets its part less what it had. Nobody is asked back; what a family had above its part the others
    have less, each by the same rate (decision 21).

    Worked, key paid, pool 100.00: A paid 300.00, B paid 100.00, C is waived and paid nothing: 75.00, 25.00, 0. If
    40.00 of A's money was for hours that were not held: A gets 40.00 first, then 60.00 are shared 260 : 100, that is
    43.33 and 16.67; A 83.33, B 16.67.

    Worked, two rounds: A and B paid 100.00 each and had 40.00 each; C pays its 100.00 after that. 80.00 + 100.00 over
    three are 60.00 each: A 20.00, B 20.00, C 60.00. A alone paid 100.00 and had 60.00; B pays 100.00 after that, and 50.00
    are spent: 110.00 over two are 55.00 each, A keeps its 60.00, B gets 50.00.
    """
    stakes = {
        name: Stake(
            _own(family), _weight(family, _own(family), key), Fen(max(0, family.net_paid)), family.had
        )
        for name, family in families.items()
    }
    amounts = divide(stakes, pool)
    return {name: Part(stake.own, stake.weight, amounts[name]) for name, stake in stakes.items()}


def divide(stakes: Mapping[K, Stake], pool: Fen) -> dict[K, Fen]:
    """The three steps of `settle`, from what a share keeps: a settlement can be done again by anybody, at any time."""
    owns, all_rounds, claims = _first(stakes, pool)
    shares = share(all_rounds, claims)
    if left := all_rounds - sum(shares.values()):
        shares |= share(*_never_came(Fen(left), claims))
    return {name: Fen(owns[name] + shares[name] - stakes[name].had) for name in stakes}


def _never_came(left: Fen, claims: Mapping[K, Claim]) -> tuple[Fen, dict[K, Claim]]:
    """Step 3: by their caps, over all rounds; whoever has a weight is at its cap by then."""
    never = {
        name: Claim(claim.cap, claim.cap, claim.floor) for name, claim in claims.items() if not claim.weight
    }
    return Fen(left + sum(claim.floor for claim in never.values())), never


def rate(stakes: Mapping[K, Stake], pool: Fen) -> Level:
    """By which the rest is shared over all rounds, and who has more than that already."""
    _owns, all_rounds, claims = _first(stakes, pool)
    return level(all_rounds, claims)


def rate_of_never(stakes: Mapping[K, Stake], pool: Fen) -> Level:
    """By which step 3 shares what the caps of all others leave; of nothing where they leave nothing."""
    _owns, all_rounds, claims = _first(stakes, pool)
    found = level(all_rounds, claims)
    if found.open or not found.left:
        return Level(0, 0, (), (), ())
    return level(*_never_came(Fen(found.left), claims))


def _first(stakes: Mapping[K, Stake], pool: Fen) -> tuple[Mapping[K, Fen], Fen, Mapping[K, Claim]]:
    """Own money; what all rounds share; what each may have of that, at least what it had."""
    there = Fen(max(pool, 0))
    owns = share(there, {name: Claim(stake.own, stake.own) for name, stake in stakes.items()})
    all_rounds = Fen(there - sum(owns.values()) + sum(stake.had for stake in stakes.values()))
    claims = {
        name: Claim(stake.weight, Fen(max(0, stake.most - stake.own) + stake.had), stake.had)
        for name, stake in stakes.items()
    }
    return owns, all_rounds, claims


def _own(family: Family) -> Fen:
    return Fen(max(0, min(family.net_paid, family.net_paid - family.due)))


def _weight(family: Family, own: Fen, key: SettlementKey) -> int:
    paid = max(0, family.net_paid - own + family.had)
    if key == SettlementKey.PAID or paid == 0:
        return paid
    if not family.waived or not family.gross:
        return family.minutes
    return round_half_up(Fraction(family.minutes * min(paid, family.gross), family.gross))
