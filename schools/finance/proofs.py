"""The settlement in words: for the committee's vote, and for each family the way from the pool to its own sum."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple, Self
from uuid import UUID

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Least
from django.utils.translation import gettext as _

from afterbell.kernel.dates import local_date
from afterbell.kernel.money import Fen, format_fen
from schools.finance import ending, rules, share_words
from schools.finance.models import Settlement, Share
from schools.finance.settling import Stake
from schools.finance.share_words import Rate

NOT_BY_ONE_RATE: Final = (
    Q(before_fen__gt=0) | Q(weight__gt=0, amount_fen=F("cap_fen")) | Q(weight=0, amount_fen__gt=F("own_fen"))
)
"""Shares of later rounds, of families that have all that they paid, and of what these have left."""


class Part(NamedTuple):
    """As much of a share as its proof and its postings need: a settlement has thousands."""

    pk: UUID
    agreement_id: UUID
    cap_fen: int
    credit_fen: int
    own_fen: int
    weight: int
    before_fen: int
    amount_fen: int


@dataclass(frozen=True)
class Words:
    """What all proofs of one settlement share."""

    settlement: Settlement
    rest: Fen
    """What is shared by the key, after everybody's own money."""
    weights: int
    owns: Fen
    """What all families paid above what they owe, whether the pool has it or not."""
    rate: Rate | None = None
    """Where earlier rounds have shared something, or some have all that they paid; None says that nobody is taken out."""

    @cached_property
    def _books(self) -> str:
        return books_line(self.settlement)

    @classmethod
    def of(cls, settlement: Settlement, shares: Iterable[Share | Part]) -> Self:
        rows = list(shares)
        back = sum(min(share.own_fen, share.amount_fen) for share in rows)
        rest = Fen(max(0, settlement.pool_fen) - back)
        owns = Fen(sum(share.own_fen for share in rows))
        return cls(settlement, rest, sum(share.weight for share in rows), owns, rate_of(settlement, rows))

    @classmethod
    def read(cls, settlement: Settlement) -> Self:
        """One query, whatever the number of families."""
        return cls.read_all([settlement])[settlement.pk]

    @classmethod
    def read_all(cls, settlements: Collection[Settlement]) -> dict[UUID, Self]:
        """Of several terms; one query too, and one more for each later round, or where a family has all that it paid."""
        rows = Share.objects.filter(settlement__in=[each.pk for each in settlements]).values_list(
            "settlement"
        )
        sums = {
            pk: (back, owns, weights, out)
            for pk, back, owns, weights, out in rows.annotate(
                back=Sum(Least("own_fen", "amount_fen"), default=0),
                owns=Sum("own_fen", default=0),
                weights=Sum("weight", default=0),
                out=Count("pk", filter=NOT_BY_ONE_RATE),
            )
        }
        found = {}
        for settlement in settlements:
            back, owns, weights, out = sums.get(settlement.pk, (0, 0, 0, 0))
            rest = Fen(max(0, settlement.pool_fen) - back)
            rate = rate_of(settlement, settlement.shares.all()) if out else None
            found[settlement.pk] = cls(settlement, rest, weights, Fen(owns), rate)
        return found

    def lines(self, share: Share | Part) -> list[str]:
        """Step by step; everybody can redo the sum."""
        found = [self._books, self._paid % {"fen": _fen(share.cap_fen)}]
        if share.credit_fen:
            found.append(
                _("计划的课时没有全部开展，您家应缴费用减少 %(fen)s。") % {"fen": _fen(share.credit_fen)}
            )
        own = min(share.own_fen, share.amount_fen)
        if share.own_fen:
            found += self._of_own(Fen(share.own_fen), Fen(own))
        found += self._by_key(share, Fen(share.amount_fen - own))
        found.append(self._total % {"fen": _fen(share.amount_fen)})
        return found

    def proof(self, share: Share | Part) -> str:
        """As it is stored with the refund."""
        return "\n".join(self.lines(share))

    def _of_own(self, own: Fen, back: Fen) -> list[str]:
        """Where the pool is too small, with what it is divided by."""
        pool = Fen(max(0, self.settlement.pool_fen))
        if self.owns > pool:
            given = {
                "pool": _fen(pool), "own": _fen(own), "all": _fen(self.owns), "back": _fen(back),
                "missing": _fen(own - back),
            }  # fmt: skip
            said = [share_words.OWN_IN_PROPORTION % given]
            return said if own == back else [*said, share_words.OWN_MISSING % given]
        return [_("您家多缴 %(fen)s，这部分先行退还 %(own)s。") % {"fen": _fen(own), "own": _fen(back)}]

    def _by_key(self, share: Share | Part, fen: Fen) -> list[str]:
        """Nothing where the family has no part in it; where nothing is left to share, why who paid no more gets nothing."""
        has_rounds = self.rate is not None and self.rate.has_rounds
        if not (self.rest or has_rounds):
            return [] if share.own_fen else [self._nothing_left]
        if not (share.weight or share.before_fen or fen):
            return []
        if self.rate is not None:
            return share_words.lines(self.rate, share.agreement_id, _stake(share), fen)
        return [share_words.plain(self.settlement.key, self.rest, self.weights, share.weight, fen)]

    @cached_property
    def _nothing_left(self) -> str:
        if self.settlement.pool_fen <= 0:
            return _("没有结余可以分摊。")
        return _("结余全部用于退还多缴的家庭，没有其余可以分摊。")

    @cached_property
    def _paid(self) -> str:
        return _("您家实缴 %(fen)s（已扣除退费）。")

    @cached_property
    def _total(self) -> str:
        return _("合计退还 %(fen)s。")


def rate_of(settlement: Settlement, shares: Iterable[Share | Part]) -> Rate:
    """From the shares alone."""
    stakes = {share.agreement_id: _stake(share) for share in shares}
    return share_words.rate_of(settlement.key, stakes, Fen(settlement.pool_fen))


def _stake(share: Share | Part) -> Stake:
    return Stake(Fen(share.own_fen), share.weight, Fen(share.cap_fen), Fen(share.before_fen))


def rounds_sentence(settlement: Settlement) -> str:
    """How a later round shares, for the vote and the page; empty for a first one. One query, or two."""
    before = Fen(settlement.shares.aggregate(fen=Sum("before_fen", default=0))["fen"])
    if not before:
        return ""
    said = _(
        "这是第 %(n)s 次结算：此前各次已分摊 %(before)s，与这次合在一起，按现在的%(basis)s重新分摊，减去各家已得，只补不退。"
    ) % {"n": settlement.round, "before": format_fen(before), "basis": basis_word(settlement)}
    have_more = len(rate_of(settlement, settlement.shares.all()).kept.keys)
    if not have_more:
        return said
    more = _("%(n)s 户此前已多得，不用退回；其余各家因此少分的部分，按同一比例分担。")
    return said + more % {"n": have_more}


def basis_word(settlement: Settlement) -> str:
    """By what the rest is shared."""
    return share_words.basis(settlement.key)


def books_line(settlement: Settlement) -> str:
    """The pool, and how it came about."""
    return _(
        "全校本学期收入 %(received)s，允许的支出 %(spent)s，已退和在退 %(refunded)s，结余 %(pool)s。"
    ) % {
        "received": _fen(settlement.received_fen),
        "spent": _fen(settlement.spent_fen),
        "refunded": _fen(settlement.refunded_fen),
        "pool": _fen(settlement.pool_fen),
    }


class Owed(NamedTuple):
    """Families' own money in a settlement: what is theirs, and what of it the pool has."""

    fen: Fen
    back: Fen

    @property
    def missing(self) -> Fen:
        """What families paid above what they owe and the pool has not: a cancelled hour is at nobody's cost (S33)."""
        return Fen(self.fen - self.back)


def owed(settlement: Settlement) -> Owed:
    """Over all families. One query."""
    back = Sum(Least("own_fen", "amount_fen"), default=0)
    sums = settlement.shares.aggregate(fen=Sum("own_fen", default=0), back=back)
    return Owed(Fen(sums["fen"]), Fen(sums["back"]))


def missing_sentence(own: Owed) -> str:
    """Where the pool does not reach for what is the families' own. Said before the vote, in it, and to whoever batches."""
    return _("各家多缴共 %(own)s，结余只够退还 %(back)s，还差 %(missing)s，按比例退还。") % {
        "own": _fen(own.fen),
        "back": _fen(own.back),
        "missing": _fen(own.missing),
    }


def resolution_text(settlement: Settlement) -> str:
    """What the committee votes on: sums, the key, the place of the books, and what it makes final."""
    rows = list(settlement.shares.values_list("amount_fen", flat=True))
    key = basis_word(settlement)
    own = owed(settlement)
    how = (
        _("退还 %(families)s 个家庭共 %(fen)s，只够退还各家多缴的一部分。")
        if own.missing
        else _("退还 %(families)s 个家庭共 %(fen)s，先退各家多缴，其余按%(key)s分摊，到分为止。")
    )
    back = how % {"families": sum(1 for fen in rows if fen), "fen": _fen(sum(rows)), "key": key}
    place = _("依据账簿第 %(position)s 笔止的记账。账目再有变动，本结算作废。") % {
        "position": settlement.ledger_position
    }
    lines = [books_line(settlement), back, place]
    if own.missing:
        lines.insert(1, missing_sentence(own))
    if again := rounds_sentence(settlement):
        lines.insert(len(lines) - 1, again)
    if settlement.round == 1:
        day = local_date(settlement.previewed_at)
        lines[1:1] = ending.said_before(rules.term(settlement.term_code), day)
    if settlement.pay_note:
        lines.insert(1, _("应付报酬没有全部列支，原因：%(note)s。") % {"note": settlement.pay_note})
    return "\n".join(lines)


def _fen(amount: int) -> str:
    return format_fen(Fen(amount))
