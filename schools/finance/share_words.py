"""The sentence of what a family gets by the key: with the rate as it is once those at their cap are taken out. Pure (S37).

Whoever reads it can redo the sum: what is left for the open families ÷ their weights × the own weight.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, Self
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.money import Fen, format_fen
from schools.finance.settling import Stake, rate, rate_of_never
from tenants.policies.documents import SettlementKey


class Group(NamedTuple):
    """Families that are not at the common rate, and what they have over all rounds."""

    keys: frozenset[UUID]
    fen: Fen

    @classmethod
    def of(cls, has: Mapping[UUID, int]) -> Self:
        return cls(frozenset(has), Fen(sum(has.values())))


class Rate(NamedTuple):
    """How the rest of a pool is shared by the key, over all rounds."""

    key: str
    fen: Fen
    """All of it."""
    left: Fen
    """By the open families, and the weights of these."""
    weights: int
    capped: Group
    """Have all that they paid."""
    kept: Group
    """Keep what earlier rounds gave them, which is more than their part."""
    never: Fen
    """What is left for who never came, as all others are at their caps; by what they paid, together `never_paid`."""
    never_paid: int
    has_rounds: bool

    @property
    def is_plain(self) -> bool:
        """Nobody is taken out."""
        return not (self.capped.keys or self.kept.keys or self.never)

    def part(self, weight: int) -> Fen:
        """Whole fen, down: what the rate gives."""
        return Fen(weight * self.left // self.weights) if self.weights else Fen(0)


def rate_of(key: str, stakes: Mapping[UUID, Stake], pool: Fen) -> Rate:
    """From what the shares keep."""
    found, never = rate(stakes, pool), rate_of_never(stakes, pool)
    had = {name: int(stake.had) for name, stake in stakes.items()}
    most = {name: stake.most - stake.own + stake.had for name, stake in stakes.items()}
    owns = sum(stake.own for stake in stakes.values())
    return Rate(
        key=key,
        fen=Fen(max(0, pool - owns) + sum(had.values())),
        left=Fen(found.left),
        weights=found.weight,
        capped=Group.of({name: most[name] for name in found.capped}),
        kept=Group.of({name: had[name] for name in found.kept}),
        never=Fen(never.left),
        never_paid=never.weight,
        has_rounds=any(had.values()),
    )


def basis(key: str) -> str:
    """By what the rest is shared."""
    return str(_("出勤分钟") if key == SettlementKey.ATTENDED_MINUTES else _("实缴金额"))


class By(NamedTuple):
    """One sentence, by the key of the settlement."""

    minutes: Promise
    paid: Promise

    def key(self, key: str) -> Promise:
        return self.minutes if key == SettlementKey.ATTENDED_MINUTES else self.paid


OWN_IN_PROPORTION: Final = _(
    "各家多缴共 %(all)s，结余 %(pool)s 不够全部退还，按比例退还：您家多缴 %(own)s，%(pool)s × %(own)s ÷ %(all)s，"
    "退还 %(back)s（最大余数法，分到分为止）。"
)
OWN_MISSING: Final = _("您家还差 %(missing)s，有新的收入时补充结算。")
PLAIN: Final = By(
    _(
        "其余 %(rest)s 按出勤分钟分摊：%(rest)s × %(own)s ÷ %(all)s，"
        "分到 %(fen)s（最大余数法，分到分为止，不超过实缴）。"
    ),
    _(
        "其余 %(rest)s 按实缴金额分摊：%(rest)s × %(own)s ÷ %(all)s，"
        "分到 %(fen)s（最大余数法，分到分为止，不超过实缴）。"
    ),
)
OPEN: Final = _(
    "其余 %(rest)s 按出勤分钟分摊：%(n)s 户分到实缴为止，共 %(capped)s；剩下 %(left)s 由其余各家分摊，"
    "%(left)s ÷ %(all)s 分钟 × %(own)s 分钟，分到 %(fen)s（最大余数法，分到分为止）。"
)
"""By minutes alone, as the next: by what was paid all families are at their caps together."""
CAPPED: Final = _(
    "其余 %(rest)s 按出勤分钟分摊：%(n)s 户分到实缴为止，共 %(capped)s；剩下 %(left)s 由其余各家分摊，"
    "%(left)s ÷ %(all)s 分钟 × %(own)s 分钟 = %(part)s，您家分到实缴为止，得 %(fen)s。"
)
ALL_CAPPED: Final = By(
    _("其余 %(rest)s 按出勤分钟分摊：来过的各家都分到实缴为止，您家得 %(fen)s。"),
    _("其余 %(rest)s 按实缴金额分摊：各家都分到实缴为止，您家得 %(fen)s。"),
)
NEVER_CAME: Final = _(
    "其余 %(rest)s 按出勤分钟分摊后，来过的各家都分到实缴为止；剩下 %(never)s 由没有来过的各家按实缴分摊，"
    "%(never)s × %(most)s ÷ %(never_paid)s，分到 %(fen)s（最大余数法，分到分为止，不超过实缴）。"
)
"""By minutes alone: by what was paid, whoever paid has a weight."""
HAS_MORE: Final = _(
    "各次结算合在一起，按%(basis)s您家应分到 %(part)s；此前已分到 %(before)s，多得的不用退回，这次不再分。"
)
OPEN_OF_ROUNDS: Final = _(
    "各次结算合在一起，按%(basis)s重新分摊：%(left)s × %(own)s ÷ %(all)s = %(part)s；此前已分到 %(before)s，"
    "这次分到 %(fen)s（最大余数法，分到分为止，不超过实缴）。"
)
CAPPED_OF_ROUNDS: Final = _(
    "各次结算合在一起，按%(basis)s重新分摊：%(left)s × %(own)s ÷ %(all)s = %(part)s，您家分到实缴为止，共 %(most)s；"
    "此前已分到 %(before)s，这次分到 %(fen)s。"
)
ALL_CAPPED_OF_ROUNDS: Final = By(
    _(
        "各次结算合在一起，来过的各家都分到实缴为止，您家共 %(most)s；此前已分到 %(before)s，这次分到 %(fen)s。"
    ),
    _("各次结算合在一起，各家都分到实缴为止，您家共 %(most)s；此前已分到 %(before)s，这次分到 %(fen)s。"),
)
NEVER_CAME_OF_ROUNDS: Final = _(
    "各次结算合在一起，来过的各家都分到实缴为止；剩下 %(never)s 由没有来过的各家按实缴分摊，"
    "%(never)s × %(most)s ÷ %(never_paid)s = %(never_part)s；此前已分到 %(before)s，"
    "这次分到 %(fen)s（最大余数法，分到分为止，不超过实缴）。"
)
NEVER_CAME_HAS_MORE: Final = _(
    "各次结算合在一起，来过的各家都分到实缴为止；剩下 %(never)s 由没有来过的各家按实缴分摊，"
    "%(never)s × %(most)s ÷ %(never_paid)s = %(never_part)s；此前已分到 %(before)s，"
    "多得的不用退回，这次不再分。"
)
OUT_CAPPED: Final = _("各次结算共分摊 %(rest)s，%(n)s 户分到实缴为止，共 %(capped)s，其余各家分摊 %(left)s。")
OUT_KEPT: Final = _("各次结算共分摊 %(rest)s，%(m)s 户此前已多得，共 %(kept)s，其余各家分摊 %(left)s。")
OUT_BOTH: Final = _(
    "各次结算共分摊 %(rest)s，%(n)s 户分到实缴为止，共 %(capped)s，%(m)s 户此前已多得，共 %(kept)s，"
    "其余各家分摊 %(left)s。"
)


def lines(rate: Rate, name: UUID, stake: Stake, fen: Fen) -> list[str]:
    """`fen` is what this round gives the family by the key."""
    if rate.is_plain and not rate.has_rounds:
        return [plain(rate.key, rate.fen, rate.weights, stake.weight, fen)]
    of = _of_rounds if rate.has_rounds else _of_one
    given = _given(rate, stake, fen)
    return [str(said % given) for said in of(rate, name, stake, fen)]


def plain(key: str, rest: Fen, weights: int, weight: int, fen: Fen) -> str:
    """Of one round in which everybody shares by the same rate."""
    given = {
        "rest": format_fen(rest),
        "fen": format_fen(fen),
        "own": _weight(key, weight),
        "all": _weight(key, weights),
    }
    return str(PLAIN.key(key) % given)


def _of_one(rate: Rate, name: UUID, stake: Stake, fen: Fen) -> list[Promise]:
    if not stake.weight and fen:
        return [NEVER_CAME]
    if name not in rate.capped.keys:
        return [OPEN]
    return [CAPPED if rate.weights else ALL_CAPPED.key(rate.key)]


def _of_rounds(rate: Rate, name: UUID, stake: Stake, fen: Fen) -> list[Promise]:
    """First how what is shared by the rate comes from what all rounds share."""
    out = {(True, False): [OUT_CAPPED], (False, True): [OUT_KEPT], (True, True): [OUT_BOTH]}
    first = out.get((bool(rate.capped.keys), bool(rate.kept.keys)), [])
    if not stake.weight and fen:
        return [*first, NEVER_CAME_OF_ROUNDS]
    if name in rate.kept.keys and not fen:
        by_paid = not stake.weight and rate.never_paid
        return [*first, NEVER_CAME_HAS_MORE if by_paid else HAS_MORE]
    if name not in rate.capped.keys:
        return [*first, OPEN_OF_ROUNDS]
    return [*first, CAPPED_OF_ROUNDS if rate.weights else ALL_CAPPED_OF_ROUNDS.key(rate.key)]


def _given(rate: Rate, stake: Stake, fen: Fen) -> dict[str, Any]:
    most = Fen(stake.most - stake.own + stake.had)
    never_part = Fen(most * rate.never // rate.never_paid) if rate.never_paid else Fen(0)
    return {
        "basis": basis(rate.key),
        "rest": format_fen(rate.fen),
        "n": len(rate.capped.keys),
        "capped": format_fen(rate.capped.fen),
        "m": len(rate.kept.keys),
        "kept": format_fen(rate.kept.fen),
        "left": format_fen(rate.left),
        "own": _weight(rate.key, stake.weight),
        "all": _weight(rate.key, rate.weights),
        "part": format_fen(rate.part(stake.weight)),
        "before": format_fen(stake.had),
        "most": format_fen(most),
        "fen": format_fen(fen),
        "never": format_fen(rate.never),
        "never_paid": format_fen(Fen(rate.never_paid)),
        "never_part": format_fen(never_part),
    }


def _weight(key: str, weight: int) -> str:
    return f"{weight:,}" if key == SettlementKey.ATTENDED_MINUTES else format_fen(Fen(weight))
