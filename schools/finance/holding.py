"""Whose money it is, and who acts on it: what goes in or out of the cash account goes by somebody of its holder (S3, S7).

The holder is the collector that the account was opened for. By fact, as collectors.acts_for says it: a seat or a post.
The other side prepares, votes, asks for money, refuses and undoes what was spent by mistake; it never pays.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.kernel.dates import local_date
from afterbell.kernel.errors import Refused
from schools.finance import accounts, collectors
from schools.finance.models import Account, TransferKind
from tenants.policies.documents import Collector


class NotTheHolder(Refused):
    """Only the profile's collector receives (S3, S27): the right lies on the account, whatever the way to it."""

    code = "finance.not_the_collector"
    message = _("本学期由%(holder)s收款。您不代表%(holder)s，不能登记收款。")


class OthersMoney(Refused):
    """Who holds the money pays it out, and nobody else; a second person stays a second person (S3, S7)."""

    code = "finance.not_the_holder"
    message = _(
        "本学期的款项由%(holder)s收取和保管。您不代表%(holder)s，不能批准支出、生成或办理退费、冲正收款，"
        "请由%(holder)s有权的人办理。"
    )


class Move(Protocol):
    """As much of a posting as is asked for."""

    @property
    def kind(self) -> TransferKind: ...
    @property
    def debit(self) -> str: ...
    @property
    def credit(self) -> str: ...


def of_term(term_code: str) -> Collector:
    """The holder of the term's cash; before there is an account, whoever the policy says."""
    cash = Account.objects.filter(term_code=term_code, code=accounts.CASH)
    held_by = cash.values_list("holder", flat=True).first()
    return Collector(held_by) if held_by else collectors.of_term(term_code)


def acts(user: User, term_code: str, now: datetime) -> bool:
    """Whether this person may move the term's money; pages show the buttons by it. Three queries."""
    return of_term(term_code) in collectors.acts_for(user, local_date(now))


def terms_of_others(user: User, now: datetime) -> list[str]:
    """Terms whose money this person does not act on: nothing of them waits for him or her."""
    own = collectors.acts_for(user, local_date(now))
    rows = Account.objects.filter(code=accounts.CASH).exclude(holder__in=own)
    return list(rows.values_list("term_code", flat=True))


def refuse_receiver(term_code: str, by: User | None, now: datetime) -> None:
    """Before anything is said about a payment, also about one that is booked already. Raises NotTheHolder."""
    _refuse_receiver(of_term(term_code), by, now)


def refuse_payer(term_code: str, by: User, now: datetime) -> None:
    """Before anything is said about money that is to go out, or has. Raises OthersMoney."""
    _refuse_payer(of_term(term_code), by, now)


def refuse_strangers(holder: Collector, moves: Iterable[Move], by: User | None, now: datetime) -> None:
    """Of whatever is posted to the cash account. Raises NotTheHolder, OthersMoney.

    A reversal that brings money back needs no right on the account: a refund's is asked for beside its action, and
    what was spent by mistake may be undone by whoever supervises.
    """
    moves = list(moves)
    if any(move.credit == accounts.CASH for move in moves):
        _refuse_payer(holder, by, now)
    if any(move.debit == accounts.CASH and move.kind != TransferKind.REVERSAL for move in moves):
        _refuse_receiver(holder, by, now)


def _refuse_receiver(holder: Collector, by: User | None, now: datetime) -> None:
    """A provider's notice comes from nobody."""
    if by is not None and holder not in collectors.acts_for(by, local_date(now)):
        raise NotTheHolder(holder=collectors.NAMES[holder])


def _refuse_payer(holder: Collector, by: User | None, now: datetime) -> None:
    """Money leaves by a person's hand: nothing that runs by itself pays."""
    if by is None or holder not in collectors.acts_for(by, local_date(now)):
        raise OthersMoney(holder=collectors.NAMES[holder])
