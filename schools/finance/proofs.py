"""The settlement in words: for the committee's vote, and for each family the way from the pool to its own sum."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Self
from uuid import UUID

from django.db.models import Sum
from django.db.models.functions import Least
from django.utils.translation import gettext as _

from afterbell.kernel.money import Fen, format_fen
from schools.finance.models import Settlement, Share
from schools.finance.settling import Stake, rate
from tenants.policies.documents import SettlementKey


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


class Rounds(NamedTuple):
    """How several rounds share together."""

    shared: Fen
    """By all of them, with those who have less than their part."""
    weights: int
    have_more: int
    """Families that keep more than their part."""

    def part(self, weight: int) -> Fen:
        """Whole fen, down: what the rate gives."""
        return Fen(weight * self.shared // self.weights) if self.weights else Fen(0)


@dataclass(frozen=True)
class Words:
    """What all proofs of one settlement share."""

    settlement: Settlement
    rest: Fen
    """What is shared by the key, after everybody's own money."""
    weights: int
    rounds: Rounds | None = None
    """Where earlier rounds have shared something."""

    @cached_property
    def _books(self) -> str:
        return books_line(self.settlement)

    @classmethod
    def of(cls, settlement: Settlement, shares: Iterable[Share | Part]) -> Self:
        rows = list(shares)
        owns = sum(min(share.own_fen, share.amount_fen) for share in rows)
        rest = Fen(max(0, settlement.pool_fen) - owns)
        return cls(settlement, rest, sum(share.weight for share in rows), together(settlement, rows))

    @classmethod
    def read(cls, settlement: Settlement) -> Self:
        """One query, whatever the number of families."""
        return cls.read_all([settlement])[settlement.pk]

    @classmethod
    def read_all(cls, settlements: Collection[Settlement]) -> dict[UUID, Self]:
        """Of several terms; one query too, and one more for each later round."""
        rows = Share.objects.filter(settlement__in=[each.pk for each in settlements]).values_list(
            "settlement"
        )
        sums = {
            pk: (owns, weights, before)
            for pk, owns, weights, before in rows.annotate(
                owns=Sum(Least("own_fen", "amount_fen"), default=0),
                weights=Sum("weight", default=0),
                before=Sum("before_fen", default=0),
            )
        }
        found = {}
        for settlement in settlements:
            owns, weights, before = sums.get(settlement.pk, (0, 0, 0))
            rest = Fen(max(0, settlement.pool_fen) - owns)
            rounds = together(settlement, settlement.shares.all()) if before else None
            found[settlement.pk] = cls(settlement, rest, weights, rounds)
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
            found.append(
                _("您家多缴 %(fen)s，这部分先行退还 %(own)s。")
                % {"fen": _fen(share.own_fen), "own": _fen(own)}
            )
        if share.own_fen > own:
            found.append(
                _("结余不够退还各家多缴，按比例退还；您家还差 %(fen)s，有新的收入时补充结算。")
                % {"fen": _fen(share.own_fen - own)}
            )
        if self.rounds is not None and (share.weight or share.before_fen):
            found.append(self._line_of_rounds(self.rounds, share, Fen(share.amount_fen - own)))
        elif self.rest and share.weight:
            found.append(self._share_line(share, Fen(share.amount_fen - own)))
        found.append(self._total % {"fen": _fen(share.amount_fen)})
        return found

    def proof(self, share: Share | Part) -> str:
        """As it is stored with the refund."""
        return "\n".join(self.lines(share))

    def _line_of_rounds(self, rounds: Rounds, share: Share | Part, fen: Fen) -> str:
        """What all rounds give the family, what it had, and what it gets now; nobody gives anything back."""
        is_minutes = self.settlement.key == SettlementKey.ATTENDED_MINUTES
        part = rounds.part(share.weight)
        given = {
            "sum": format_fen(rounds.shared),
            "own": f"{share.weight:,}" if is_minutes else _fen(share.weight),
            "all": f"{rounds.weights:,}" if is_minutes else _fen(rounds.weights),
            "basis": self._basis,
            "part": format_fen(part),
            "before": _fen(share.before_fen),
            "fen": format_fen(fen),
        }
        if share.before_fen > part and not fen:
            return (
                _(
                    "各次结算合在一起，按%(basis)s您家应分到 %(part)s；此前已分到 %(before)s，多得的不用退回，这次不再分。"
                )
                % given
            )
        return (
            _(
                "各次结算合在一起，按%(basis)s重新分摊：%(sum)s × %(own)s ÷ %(all)s = %(part)s；此前已分到 %(before)s，"
                "这次分到 %(fen)s（最大余数法，分到分为止，不超过实缴）。"
            )
            % given
        )

    @cached_property
    def _basis(self) -> str:
        return basis_word(self.settlement)

    @cached_property
    def _share_words(self) -> str:
        if self.settlement.key == SettlementKey.ATTENDED_MINUTES:
            return _(
                "其余 %(rest)s 按出勤分钟分摊：%(rest)s × %(own)s ÷ %(all)s，"
                "分到 %(fen)s（最大余数法，分到分为止，不超过实缴）。"
            )
        return _(
            "其余 %(rest)s 按实缴金额分摊：%(rest)s × %(own)s ÷ %(all)s，"
            "分到 %(fen)s（最大余数法，分到分为止，不超过实缴）。"
        )

    def _share_line(self, share: Share | Part, fen: Fen) -> str:
        is_minutes = self.settlement.key == SettlementKey.ATTENDED_MINUTES
        own, all_weights = (
            (f"{share.weight:,}", f"{self.weights:,}")
            if is_minutes
            else (_fen(share.weight), _fen(self.weights))
        )
        given = {"rest": format_fen(self.rest), "fen": format_fen(fen), "own": own, "all": all_weights}
        return self._share_words % given

    @cached_property
    def _paid(self) -> str:
        return _("您家实缴 %(fen)s（已扣除退费）。")

    @cached_property
    def _total(self) -> str:
        return _("合计退还 %(fen)s。")


def together(settlement: Settlement, shares: Iterable[Share | Part]) -> Rounds | None:
    """None where no earlier round has shared anything. From the shares alone."""
    rows = list(shares)
    if not any(share.before_fen for share in rows):
        return None
    stakes = {
        share.agreement_id: Stake(Fen(share.own_fen), share.weight, Fen(share.cap_fen), Fen(share.before_fen))
        for share in rows
    }
    found = rate(stakes, Fen(settlement.pool_fen))
    return Rounds(Fen(found.left), found.weight, len(found.kept))


def rounds_sentence(settlement: Settlement) -> str:
    """How a later round shares, for the vote and the page; empty for a first one. One query, or two."""
    before = Fen(settlement.shares.aggregate(fen=Sum("before_fen", default=0))["fen"])
    rounds = together(settlement, settlement.shares.all()) if before else None
    if rounds is None:
        return ""
    said = _(
        "这是第 %(n)s 次结算：此前各次已分摊 %(before)s，与这次合在一起，按现在的%(basis)s重新分摊，减去各家已得，只补不退。"
    ) % {"n": settlement.round, "before": format_fen(before), "basis": basis_word(settlement)}
    if not rounds.have_more:
        return said
    more = _("%(n)s 户此前已多得，不用退回；其余各家因此少分的部分，按同一比例分担。")
    return said + more % {"n": rounds.have_more}


def basis_word(settlement: Settlement) -> str:
    """By what the rest is shared."""
    return _("出勤分钟") if settlement.key == SettlementKey.ATTENDED_MINUTES else _("实缴金额")


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
    """What the committee votes on: sums, the key, the place of the books. Two queries."""
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
    if settlement.pay_note:
        lines.insert(1, _("应付报酬没有全部列支，原因：%(note)s。") % {"note": settlement.pay_note})
    return "\n".join(lines)


def _fen(amount: int) -> str:
    return format_fen(Fen(amount))
