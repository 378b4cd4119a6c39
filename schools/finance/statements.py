"""The monthly statement as text that anybody can recompute the hash of. Pure (S36, S43).

Text of format 1, UTF-8, one line each, every line ended by LF, amounts in fen; its SHA-256 in small hex is published:

    afterbell-statement 1
    school: 3301020001
    term: 2026-2027-1
    month: 2026-09
    opening: 0                      money held when the month began: the closing of the month before
    received: 1300000               payments of families, less reversed ones
    spent: 250000                   the sum of the three kinds below
    spent_staff: 240000
    spent_materials: 10000
    spent_other: 0
    refunded: 0                     money returned to families, less what came back
    closing: 1050000                opening + received − spent − refunded
    payments: 100                   how many payments were booked
    refunds: 0                      how many refunds were booked
    expenditures: 2                 how many lines follow, in the order of booking
    expenditure: 2026-09-20 staff 240000 九月服务人员报酬
    expenditure: 2026-09-22 materials 10000 美工材料
    ledger: 412 9f86d081…           last position of the books and its hash when the month was closed

An expenditure that was undone stands as one more line with a minus before its amount. `sha256sum` on the downloaded
file gives the published hash.
"""

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Final

from afterbell.kernel.money import Fen
from schools.planning.models import CostKind

FORMAT: Final = 1
KINDS: Final = ("staff", "materials", "other")


@dataclass(frozen=True)
class Spent:
    """One expenditure, or its reversal below zero."""

    date: date
    kind: str
    fen: Fen
    title: str

    @property
    def word(self) -> str:
        """The kind for people."""
        return str(CostKind(self.kind).label)


@dataclass(frozen=True)
class Month:
    """Everything that a statement says."""

    school: str
    term: str
    month: str
    opening: Fen
    received: Fen
    refunded: Fen
    payments: int
    refunds: int
    spent: tuple[Spent, ...]
    position: int
    hash: str

    def spent_on(self, kind: str) -> Fen:
        return Fen(sum(line.fen for line in self.spent if line.kind == kind))

    @property
    def spent_all(self) -> Fen:
        return Fen(sum(line.fen for line in self.spent))

    @property
    def closing(self) -> Fen:
        return Fen(self.opening + self.received - self.spent_all - self.refunded)


def text_of(month: Month) -> str:
    """The text of format 1."""
    lines = [
        f"afterbell-statement {FORMAT}",
        f"school: {month.school}",
        f"term: {month.term}",
        f"month: {month.month}",
        f"opening: {month.opening}",
        f"received: {month.received}",
        f"spent: {month.spent_all}",
        *(f"spent_{kind}: {month.spent_on(kind)}" for kind in KINDS),
        f"refunded: {month.refunded}",
        f"closing: {month.closing}",
        f"payments: {month.payments}",
        f"refunds: {month.refunds}",
        f"expenditures: {len(month.spent)}",
        *(f"expenditure: {each.date} {each.kind} {each.fen} {one_line(each.title)}" for each in month.spent),
        f"ledger: {month.position} {month.hash}",
    ]
    return "".join(f"{line}\n" for line in lines)


def sha256_of(text: str) -> str:
    """What is published, and what `sha256sum` prints."""
    return hashlib.sha256(text.encode()).hexdigest()


def spent_in(text: str) -> list[Spent]:
    """The expenditures of a published text: what the page shows is what was hashed."""
    lines = [line.split(" ", 4) for line in text.splitlines() if line.startswith("expenditure: ")]
    return [
        Spent(date.fromisoformat(day), kind, Fen(int(fen)), title) for _name, day, kind, fen, title in lines
    ]


def one_line(text: str) -> str:
    """A title can't make a line of its own."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def reason(text: str) -> str:
    """One line of what somebody gives as a reason, 200 signs at most; empty where no letter and no number is in it."""
    said = one_line(text)[:200]
    return said if any(sign.isalnum() for sign in said) else ""
