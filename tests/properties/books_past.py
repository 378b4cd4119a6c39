"""What happened, as the oracle reads it: families with their agreements, lessons and roll; no row of money among it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction
from uuid import UUID

from schools.care.models import RollEntry, Session
from schools.enrolment.models import Agreement, ChosenActivity
from tests.properties.books_months import ONE_DAY, first_of, later, months_between
from tests.properties.books_rules import Bill, Lesson, in_gross, per_charge, rounded, within


@dataclass(frozen=True)
class Family:
    """One agreement. `first` and `plan_last` are the days that it would have had; `until` is its last one."""

    pk: UUID
    pupil: UUID
    state: str
    first: date
    plan_last: date
    until: date
    ended_at: datetime | None
    lessons: Sequence[Lesson]
    missed: frozenset[date]

    @property
    def last(self) -> date:
        """One that never began has none."""
        return self.first - ONE_DAY if self.state == "void" else self.until

    @property
    def left(self) -> date | None:
        """Of a written exit; who stayed to the end did not leave."""
        return self.last if self.state != "active" and self.last < self.plan_last else None

    def overpaid(self, bills: Sequence[Bill], today: date, gave: Mapping[str, int]) -> int:
        """Above what the hours held cost (多退少不补), less what calculations gave of it; each bill by its own share."""
        lost = self._lost(bills, today)
        had = [in_gross(gave.get(bill.period, 0), bill, self._lost([bill], today)[0]) for bill in bills]
        rest = [max(Fraction(0), fen - own) for fen, own in zip(lost, had, strict=True)]
        left = within(rest, sum(lost, Fraction(0)) - sum(had, Fraction(0)))
        off = sum(
            (fen * bill.net / bill.gross for fen, bill in zip(left, bills, strict=True) if bill.gross),
            Fraction(0),
        )
        net = sum(bill.net for bill in bills)
        return net - rounded(net - off)

    def _lost(self, bills: Sequence[Bill], today: date) -> list[Fraction]:
        gross = sum(bill.gross for bill in bills)
        held = [self._cost(bill, today) for bill in bills]
        full = [Fraction(max(bill.gross, bill.units * bill.fee)) if bill.unit == "class_hour" else Fraction(bill.gross)
                for bill in bills]  # fmt: skip
        kept = [min(Fraction(gross), sum(held[:n] + full[n:], Fraction(0))) for n in range(len(bills) + 1)]
        return per_charge(kept, [bill.gross for bill in bills])

    def _cost(self, bill: Bill, today: date) -> Fraction:
        first, last = self._days(bill)
        if bill.unit == "class_hour":
            held = sum(
                lesson.units for lesson in self.lessons if first <= lesson.day <= last and lesson.was_charged_by(bill)
                and (lesson.state == "closed" or (lesson.state != "cancelled" and lesson.day > today))
            )  # fmt: skip
            return Fraction(min(bill.units, held) * bill.fee)
        months = months_between(first, last) if bill.unit == "month" else []
        if len(months) != bill.units:
            return bill.gross * self._held(first, last, none=Fraction(1))
        ends = [rounded(Fraction(bill.gross * n, len(months))) for n in range(len(months) + 1)]
        none = (
            Fraction(0) if any(self.first <= each.day <= self.until for each in self.lessons) else Fraction(1)
        )
        return sum(
            ((ends[n + 1] - ends[n]) * self._held(max(first, first_of(month)), min(last, _end(month)), none=none)
             for n, month in enumerate(months)), Fraction(0),
        )  # fmt: skip

    def _held(self, first: date, last: date, *, none: Fraction) -> Fraction:
        """Of planned hours those that were not cancelled."""
        own = [lesson for lesson in self.lessons if first <= lesson.day <= min(last, self.until)]
        planned = sum(lesson.units for lesson in own)
        gone = sum(lesson.units for lesson in own if lesson.state == "cancelled")
        return Fraction(planned - gone, planned) if planned else none

    def _days(self, bill: Bill) -> tuple[date, date]:
        first, last = self.first, max(self.first, self.until)
        if len(bill.period) == 7:
            first, last = max(first, first_of(bill.period)), min(last, _end(bill.period))
        return first, last


def families(keys: Iterable[UUID]) -> list[Family]:
    """By key; lessons by day."""
    wanted = list(keys)
    lessons: dict[UUID, list[Lesson]] = defaultdict(list)
    for activity, day, units, state, *off in Session.objects.order_by("date", "pk").values_list(
        "activity_id", "date", "planned_units", "state", "cancelled_at", "restored_at"
    ):
        lessons[activity].append(Lesson(day, units, state, None, *off))
    own: dict[UUID, list[Lesson]] = defaultdict(list)
    given = ChosenActivity.objects.filter(application__agreement__in=wanted).exclude(placed_from=None)
    for agreement, activity, first, at in given.values_list(
        "application__agreement", "activity_id", "placed_from", "placed_at"
    ):
        own[agreement] += [replace(each, placed_at=at) for each in lessons[activity] if each.day >= first]
    came: dict[UUID, dict[date, bool]] = defaultdict(dict)
    roll = RollEntry.objects.filter(agreement__in=wanted, session__state="closed").exclude(state="expected")
    for agreement, day, state in roll.values_list("agreement_id", "session__date", "state"):
        came[agreement][day] = came[agreement].get(day, False) or state in ("present", "left")
    rows = Agreement.objects.filter(pk__in=wanted).select_related("plan").order_by("pk")
    return [
        Family(
            row.pk, row.pupil_id, row.state, max(row.from_date, row.plan.first_date), row.plan.last_date, row.until_date,
            row.ended_at, sorted(own[row.pk], key=lambda lesson: lesson.day),
            frozenset(day for day, was_there in came[row.pk].items() if not was_there),
        )
        for row in rows
    ]  # fmt: skip


def _end(month: str) -> date:
    return later(first_of(month), 1) - ONE_DAY
