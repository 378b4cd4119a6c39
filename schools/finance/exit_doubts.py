"""Reads what an earlier exit no longer says truly: lessons kept and not marked so, days attended after it (S36).

Exits from before 27 November 2026 cut a charge's days at the exit, also where nothing came back for the lessons after it.
What they stood for depends on the rule, the timetable and the waivers of that day, which no migration knows; so nothing
is filled in, and the pages say it.
"""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _

from schools.care.models import RollEntry
from schools.care.states import CAME
from schools.enrolment.models import Agreement
from schools.enrolment.states import AgreementState
from schools.finance import refunding
from schools.finance.models import Charge
from schools.finance.timetable import last_day
from schools.planning.models import FeeUnit


def kept_sentence(agreement: Agreement, charges: Sequence[Charge]) -> str:
    """Empty where every charge stands for the days that the family paid for. Asks only for an exit by the class hour."""
    if agreement.state != AgreementState.ENDED or not any(_is_cut(each, agreement) for each in charges):
        return ""
    case, rows = refunding.case_of(agreement)
    kept = case.kept(left_on=last_day(agreement))
    late = [
        until
        for charge, until in zip(rows, kept, strict=True)
        if until is not None and _is_cut(charge, agreement) and until > agreement.until_date
    ]
    if not late:
        return ""
    said = _(
        "%(date)s 之后到 %(last)s 的课时没有退费，已经包含在原来的收费里；孩子再报名时不应再收，请办公室核对。"
    )
    return said % {"date": agreement.until_date, "last": max(late)}


def seen_sentence(agreement: Agreement) -> str:
    """Of an exit whose last day is before a day on which the roll has the child: what it gave back was used. One query."""
    if agreement.state == AgreementState.ACTIVE:
        return ""
    there = RollEntry.objects.filter(
        agreement=agreement, state__in=CAME, session__date__gt=last_day(agreement)
    )
    days: list[date] = sorted(set(there.values_list("session__date", flat=True)))
    if not days:
        return ""
    said = _(
        "%(last)s 退出之后，点名册上还有 %(n)s 天到课（最后一次 %(date)s），这笔退费按 %(last)s 计算。"
        "请先核对，再决定是否发放。"
    )
    return said % {"last": last_day(agreement), "n": len(days), "date": days[-1]}


def _is_cut(charge: Charge, agreement: Agreement) -> bool:
    unit = charge.unit or agreement.plan.fee_unit
    is_standing = charge.taken_back_at is None and not charge.covers.isempty
    return is_standing and unit == FeeUnit.CLASS_HOUR and charge.last_date == agreement.until_date
