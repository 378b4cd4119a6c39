"""The ledger's chain on paper: the text of a transfer that is hashed, and the walk that verifies it. Pure.

Text of format 1, UTF-8, one line each, every line ended by LF; its SHA-256 in small hex is the transfer's hash:

    afterbell-ledger 1
    schema: s_3301020001
    position: 12
    kind: payment
    key: payment:wx-4200001234
    term: 2026-2027-1
    month: 2026-09
    debit: cash
    credit: family:0198f1f6-…
    amount_fen: 13000
    cost_kind: -              (staff, materials or other for an expenditure and its reversal)
    reverses: -               (the id of the reversed transfer, for a reversal)
    posted_at: 2026-09-01T04:00:00.000000+00:00
    by: 0198f1f7-…            (or - for the system)
    reason: bounced           (of a reversal that has one; no line otherwise)
    note: 银行 9 月 3 日退回    (the same)
    before: the hash of position 11, 64 zeros before the first
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

FORMAT = 1
ZEROS = "0" * 64


class Line(NamedTuple):
    """A transfer as the chain sees it: accounts by their codes."""

    position: int
    kind: str
    key: str
    term: str
    month: str
    debit: str
    credit: str
    amount_fen: int
    cost_kind: str
    reverses: UUID | None
    posted_at: datetime
    by: UUID | None
    reason: str = ""
    note: str = ""

    def columns(self, moved: tuple[str, str]) -> tuple[object, ...]:
        """The row of the transfer: the same in the same order, with the accounts (debit, credit) by their ids."""
        return (*self[:5], *moved, *self[7:])


def text_of(schema: str, line: Line, before: str) -> str:
    """The text of format 1."""
    said = "".join(
        f"{name}: {text}\n" for name, text in (("reason", line.reason), ("note", line.note)) if text
    )
    return (
        f"afterbell-ledger {FORMAT}\n"
        f"schema: {schema}\n"
        f"position: {line.position}\n"
        f"kind: {line.kind}\n"
        f"key: {line.key}\n"
        f"term: {line.term}\n"
        f"month: {line.month}\n"
        f"debit: {line.debit}\n"
        f"credit: {line.credit}\n"
        f"amount_fen: {line.amount_fen}\n"
        f"cost_kind: {line.cost_kind or '-'}\n"
        f"reverses: {line.reverses or '-'}\n"
        f"posted_at: {line.posted_at.astimezone(UTC).isoformat(timespec='microseconds')}\n"
        f"by: {line.by or '-'}\n"
        f"{said}"
        f"before: {before}\n"
    )


def digest(schema: str, line: Line, before: str) -> str:
    """SHA-256 of a transfer's text."""
    return hashlib.sha256(text_of(schema, line, before).encode()).hexdigest()


@dataclass
class Walk:
    """What a walk along the chain has seen: where it stands, and the balances so far."""

    schema: str
    position: int = 0
    hash: str = ZEROS

    def __post_init__(self) -> None:
        self.balances: dict[tuple[str, str], int] = {}
        """By term and account code: debits − credits."""

    def along(self, rows: Iterable[tuple[Line, str, str]]) -> Iterator[str]:
        """Each row is a line, its stored predecessor's hash and its own; every flaw, each in the place where it is."""
        for line, before, own in rows:
            flaw = self._flaw_of(line, before, own)
            if flaw is not None:
                yield flaw
            self._take(line, own)

    def differences(self, stored: Mapping[tuple[str, str], int]) -> Iterator[str]:
        """Accounts whose stored balance is not the sum of their transfers."""
        for key in sorted({*stored, *self.balances}):
            if stored.get(key, 0) != self.balances.get(key, 0):
                term, code = key
                yield (
                    f"account {code} of {term} holds {stored.get(key, 0)} fen, "
                    f"its transfers make {self.balances.get(key, 0)}"
                )

    def _flaw_of(self, line: Line, before: str, own: str) -> str | None:
        if line.position != self.position + 1:
            return f"transfer {self.position + 1} is missing"
        if before != self.hash:
            return f"transfer {line.position} does not follow the one before it"
        if digest(self.schema, line, before) != own:
            return f"transfer {line.position} was changed: its hash is not the hash of its text"
        return None

    def _take(self, line: Line, own: str) -> None:
        self.position, self.hash = line.position, own
        for code, amount in ((line.debit, line.amount_fen), (line.credit, -line.amount_fen)):
            key = (line.term, code)
            self.balances[key] = self.balances.get(key, 0) + amount
