"""Reads what an earlier exit no longer says truly: lessons kept and not marked so, days attended after it (S36).

Exits from before 27 November 2026 cut a charge's days at the exit, also where nothing came back for the lessons after it.
What they stood for depends on the rule, the timetable and the waivers of that day, which no migration knows; so nothing
is filled in, and the pages say it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from hashlib import sha256
from typing import Final, NamedTuple, Protocol
from uuid import UUID

from django.db.models import Exists, F, Max, OuterRef, Q
from django.utils.translation import gettext as _

from schools.care.models import RollEntry
from schools.care.states import CAME
from schools.enrolment.models import Agreement
from schools.enrolment.states import AgreementState
from schools.finance import refunding
from schools.finance.models import Calculation, Charge, Refund, RefundCause
from schools.finance.timetable import last_day
from schools.planning.models import FeeUnit

IS_AFTER: Final = Q(session__date__gt=F("agreement__until_date")) | Q(agreement__state=AgreementState.VOID)
"""Of roll entries: on a day after the last one of their agreement, if that has ended."""


class Going(Protocol):
    """A refund, or as much of it as is decided on."""

    @property
    def pk(self) -> UUID: ...
    @property
    def cause(self) -> str: ...
    @property
    def agreement_id(self) -> UUID: ...


class Doubt(NamedTuple):
    """What the roll has after an exit's last day; as text it is the sentence."""

    last: date
    days: Sequence[date]
    """Attended after it, in order."""

    @property
    def seen(self) -> str:
        """Of each of the days: 16 hexadecimal digits, given out with the sentence and asked back by whoever looked at it."""
        return sha256(" ".join(map(str, (self.last, *self.days))).encode()).hexdigest()[:16]

    def __str__(self) -> str:
        said = _(
            "%(last)s 退出之后，点名册上还有 %(n)s 天到课（最后一次 %(date)s），这笔退费按 %(last)s 计算。"
            "请先核对，再决定是否发放。"
        )
        return said % {"last": self.last, "n": len(self.days), "date": self.days[-1]}


class _Exit(NamedTuple):
    state: str
    from_date: date
    until_date: date


def kept_sentence(agreement: Agreement, charges: Sequence[Charge]) -> str:
    """Empty where every charge stands for the days that the family paid for. Asks only for an exit by the class hour.

    After an early end there are no lessons to keep; nor are those told that came off a later agreement's charge
    (charged_again.py).
    """
    if agreement.state != AgreementState.ENDED or not any(_is_cut(each, agreement) for each in charges):
        return ""
    reckoned = refunding.case_of(agreement)
    end = agreement.plan.ended_date or date.max
    late = {
        charge.pk: min(until, end)
        for charge, until in zip(
            reckoned.charges, reckoned.case.kept(left_on=last_day(agreement)), strict=True
        )
        if until is not None and _is_cut(charge, agreement) and min(until, end) > agreement.until_date
    }
    if not late or max(late.values()) <= _charged_again_until(agreement):
        return ""
    said = _(
        "%(date)s 之后到 %(last)s 的课时没有退费，已经包含在原来的收费里；孩子再报名时不应再收，请办公室核对。"
    )
    return said % {"date": agreement.until_date, "last": max(late.values())}


def _charged_again_until(agreement: Agreement) -> date:
    """The last day whose lessons came off what a later agreement was charged, because this one has paid for them."""
    rows = Charge.objects.filter(agreement__pupil=agreement.pupil_id, term_code=agreement.plan.term_code)
    until = rows.filter(taken_back_at=None).aggregate(last=Max("again_until"))["last"]
    return until or date.min


def open_of(refunds: Iterable[Going]) -> dict[UUID, Doubt]:
    """By refund, what is to be looked at before it goes; only of exits that the roll contradicts. One query or two.

    Also where the exit's money waited and comes with the settlement (decision 31): then its last day decides this sum.
    """
    rows = list(refunds)
    waited = _waited({refund.agreement_id for refund in rows if refund.cause == RefundCause.SETTLEMENT})
    exits = [refund for refund in rows if refund.cause == RefundCause.EXIT or refund.agreement_id in waited]
    said = _seen({refund.agreement_id for refund in exits}) if exits else {}
    return {refund.pk: said[refund.agreement_id] for refund in exits if refund.agreement_id in said}


def of(agreements: Iterable[Agreement]) -> dict[UUID, str]:
    """By agreement that has ended and that the roll contradicts, the days. One query."""
    return {pk: str(doubt) for pk, doubt in _seen({row.pk for row in agreements}).items()}


def of_term(term_code: str) -> list[tuple[Agreement, str]]:
    """Ended agreements with charges that the roll contradicts, each with the days. One query, three where there are any."""
    there = RollEntry.objects.filter(IS_AFTER, agreement__plan__term_code=term_code, state__in=CAME)
    standing = Charge.objects.filter(agreement=OuterRef("agreement"), taken_back_at=None)
    contradicted = there.filter(Exists(standing)).exclude(agreement__state=AgreementState.ACTIVE)
    keys = set(contradicted.values_list("agreement", flat=True))
    if not keys:
        return []
    rows = Agreement.objects.filter(pk__in=keys).select_related("pupil__school_class", "plan")
    said = _seen(keys)
    return [(row, str(said[row.pk])) for row in rows.order_by("number") if row.pk in said]


def _waited(agreements: Collection[UUID]) -> set[UUID]:
    """An exit lowered the fee, and no refund was made of it then."""
    if not agreements:
        return set()
    made = Refund.objects.filter(agreement=OuterRef("agreement"), cause=RefundCause.EXIT, voided_at=None)
    rows = Calculation.objects.filter(
        ~Exists(made), agreement__pk__among=list(agreements), cause=RefundCause.EXIT, credit_fen__gt=0,
        undone_at=None,
    )  # fmt: skip
    return set(rows.values_list("agreement", flat=True))


def _seen(agreements: Collection[UUID]) -> dict[UUID, Doubt]:
    """By agreement that has ended: the roll has the child on a day after the last one, so what it gave back was used."""
    rows = RollEntry.objects.filter(IS_AFTER, agreement__pk__among=list(agreements), state__in=CAME)
    there = rows.exclude(agreement__state=AgreementState.ACTIVE).values_list(
        "agreement", "session__date", "agreement__state", "agreement__from_date", "agreement__until_date"
    )
    days: dict[UUID, set[date]] = defaultdict(set)
    last: dict[UUID, date] = {}
    for agreement, day, state, first, until in there:
        days[agreement].add(day)
        last[agreement] = last_day(_Exit(state, first, until))
    return {agreement: Doubt(last[agreement], sorted(found)) for agreement, found in days.items()}


def _is_cut(charge: Charge, agreement: Agreement) -> bool:
    unit = charge.unit or agreement.plan.fee_unit
    is_standing = charge.taken_back_at is None and not charge.covers.isempty
    return is_standing and unit == FeeUnit.CLASS_HOUR and charge.last_date == agreement.until_date
