"""The books once more, beside the school's: what each deed must have done to them, and what they must say now.

Money is reckoned by books_rules. Of the product the oracle knows rows of what happened (agreements, lessons, the roll, who
asked for what), and its rows of money to be compared with its own.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from schools.enrolment.models import Agreement
from schools.finance.models import Calculation, Charge, Refund
from schools.planning.models import Plan
from tests.properties import books_added
from tests.properties.books_charging import drafted
from tests.properties.books_corrected import corrected
from tests.properties.books_months import first_of, later, month_of
from tests.properties.books_past import Family
from tests.properties.books_rules import Bill, Case, Text, evened, rounded, shared
from tests.properties.books_sums import Given, Made, Sums

ABSENCE, EXIT = "absence", "exit"


@dataclass
class Oracle(Sums):
    """Deeds, in their order."""

    text: Text = field(default_factory=lambda: Text({}))

    # --- fees -------------------------------------------------------------------------------------------------------

    def charged(self, run: Any) -> None:
        books_added.add(self, run)
        rows = Charge.objects.filter(run=run).select_related("agreement").order_by("created_at", "pk")
        lines = drafted(self, run.plan, run.period)
        found = {
            row.agreement_id: (row.first_date, row.last_date, row.units, row.gross_fen, row.waived_fen)
            for row in rows
        }
        assert found == {line.agreement: (*line.days, line.units, line.gross, line.waived) for line in lines}
        for row in rows:
            line = next(line for line in lines if line.agreement == row.agreement_id)
            line.pk, line.run, line.made = row.pk, run.pk, row.created_at
            line.began, line.last = line.days
            self.bills[row.pk] = line
            self.accounts |= {row.agreement_id} if row.gross_fen else set()
        self.runs[run.pk] = self.numbers
        left = [
            each
            for each in self.families(row.agreement_id for row in rows)
            if each.state == "ended" and each.left
        ]
        made = [self._exit(family, run.pk) for family in left]
        self.check_made([*made, *books_added.followed(self, run)])

    def taken_back(self, run: Any) -> None:
        """What the run gave back at once goes with it; of other bills where it was more than its own could give.

        So do absences of its period. Who left since got nothing of it, and gets what is left of what was paid.
        """
        books_added.take_off(self, run)
        own = {pk: bill for pk, bill in self.bills.items() if bill.run == run.pk}
        self.bills = {pk: bill for pk, bill in self.bills.items() if pk not in own}
        gone = {(bill.agreement, bill.period) for bill in own.values()}
        self.absences -= gone
        self.absences_again -= gone
        self.given = [
            each for each in self.given if each.cause != ABSENCE or (each.agreement, each.period) not in gone
        ]
        gone_bills, at_once = list(own.values()), set()
        for given in [given for given in self.given if given.run == run.pk]:
            self.given.remove(given)
            at_once |= {given.agreement}
            beside = given.fen - sum(
                bill.credited for bill in gone_bills if bill.agreement == given.agreement
            )
            for bill in reversed(self.of(given.agreement)):
                part = min(beside, bill.credited)
                if part > 0:
                    bill.credited, beside = bill.credited - part, beside - part
        made = []
        again = {pk for pk, by in self.voided if by == run.pk}
        since = {
            each.agreement for each in self.given if each.cause == EXIT and each.number > self.runs[run.pk]
        }
        without = since & {bill.agreement for bill in gone_bills} & self.accounts - at_once
        for family in self.families(again | without):
            own = max(0, self.net_paid()[family.pk] - self.due()[family.pk])
            if own:
                waits = self._waits(family, own)
                made.append(self.gives(Given(family.pk, EXIT, "", 0), 0 if waits else own))
        made += books_added.followed(self, run)
        self.added = [each for each in self.added if each.run != run.pk]
        self.check_made(made)

    def granted(self, waivers: list[Any]) -> None:
        before = {}
        for waiver in waivers:
            bill = self.bills[waiver.charge_id]
            percent = self.text.percent
            assert not bill.waived
            bill.waived = waiver.asked_fen if percent is None else rounded(bill.gross * Made.share(percent))
            bill.reason = waiver.reason
            self.waivers[waiver.pk] = (bill.pk, bill.pupil, waiver.decided_at)
            before[bill.pk], bill.credited = bill.credited, 0
        self._follow(before)

    def withdrawn(self, waiver: Any) -> None:
        """With the bills that carried it on, while no other decision stood for them."""
        own, pupil, at = self.waivers.pop(waiver.pk)
        others = {pk: when for pk, child, when in self.waivers.values() if child == pupil}
        before = {}
        for bill in self.bills.values():
            carried = (
                bill.pk not in others
                and bill.made >= at
                and not any(when <= bill.made for when in others.values())
            )
            if bill.pupil == pupil and bill.waived and (bill.pk == own or carried):
                bill.waived, bill.reason = 0, ""
                before[bill.pk], bill.credited = bill.credited, 0
        made = self.followed(before)
        families = {self.bills[pk].agreement for pk in before}
        since = Refund.objects.filter(pk__in=self.refunds, agreement__in=families, created_at__gte=at)
        waits = {row.agreement_id for row in since if self.refunds[row.pk].state != "void"}
        self.check_made(made, [each for agreement in sorted(waits) for each in self.anew(agreement)])

    def _follow(self, before: dict[UUID, int]) -> None:
        self.check_made(self.followed(before))

    def followed(self, before: dict[UUID, int]) -> list[Made]:
        """What was given back of a fee follows the fee, exits and absences each by their rule as things stand."""
        touched: dict[UUID, list[Bill]] = defaultdict(list)
        for pk, credited in before.items():
            bill = self.bills[pk]
            if credited or self.has_exit(bill.agreement) or self.was_looked_at(bill):
                touched[bill.agreement].append(bill)
        made = []
        for family in self.families(touched):
            bills = sorted(touched[family.pk], key=lambda bill: list(self.bills).index(bill.pk))
            for cause, period, changed, amounts in self._again(family, bills):
                made += self._changed(family, cause, period, changed, amounts, before)
        return made

    def was_looked_at(self, bill: Bill) -> bool:
        """Whether absences of its period stand, be it with 0.00 of a fee that was waived."""
        return (bill.agreement, bill.period) in self.absences | self.absences_again

    def _again(self, family: Family, bills: list[Bill]) -> list[Any]:
        every, given = self.of(family.pk), self.given_for(family.pk)
        if self.has_exit(family.pk):
            amounts = self.case(family, leaves=True).amounts(every, every, given)
            return [(EXIT, "", bills, dict(zip((bill.pk for bill in every), amounts, strict=True)))]
        found = []
        for bill in bills:
            spans = set(given) if self.text.refund["kind"] == "continuous_months" else set()
            looked_at = [each for each in every if each.period in {bill.period} | spans]
            amounts = self.case(family).amounts(looked_at, every, given)
            found.append(
                (
                    ABSENCE,
                    bill.period,
                    [bill],
                    dict(zip((each.pk for each in looked_at), amounts, strict=True)),
                )
            )
        return found

    def _changed(
        self,
        family: Family,
        cause: str,
        period: str,
        bills: list[Bill],
        amounts: dict[UUID, int],
        before: dict[UUID, int],
    ) -> list[Made]:
        targets = [min(amounts[bill.pk], bill.net) for bill in bills]
        fen = sum(targets) - sum(before[bill.pk] for bill in bills)
        for bill, target in zip(bills, targets, strict=True):
            bill.credited = target
        own = max(0, self.net_paid()[family.pk] - (self.due()[family.pk] - fen))
        over = max(0, min(own, fen)) if cause == ABSENCE else own
        if not (fen or over):
            return []
        if cause == ABSENCE:
            self.absences_again.add((family.pk, period))
        return [self.gives(Given(family.pk, cause, period, fen), 0 if self._waits(family, own) else over)]

    # --- exits and absences -----------------------------------------------------------------------------------------

    def ended(self) -> None:
        """Agreements that a deed has ended: their days end, and what was charged for them is looked at."""
        made = []
        rows = Agreement.objects.exclude(state="active").exclude(pk__in=self.over).order_by("ended_at", "pk")
        for family in self.families(rows.values_list("pk", flat=True)):
            self.over.add(family.pk)
            case = self.case(family, leaves=True)
            for bill in self.of(family.pk):
                last = case.kept(bill) if bill.unit == "class_hour" and case.left is not None else family.last
                bill.days = None if bill.days is None or last is None or last < bill.days[0] else (
                    bill.days[0], min(bill.days[1], last)
                )  # fmt: skip
                bill.last = bill.days[1] if bill.days else bill.last
            if self.of(family.pk) and not self.batches:
                made.append(self._exit(family))
        self.check_made(made)

    def corrected(self, agreement: Any) -> None:
        self.check_made(corrected(self, agreement))

    def exit_reckoned(self, agreement: Any) -> None:
        self.check_made([self._exit(family) for family in self.families([agreement.pk])])

    def _exit(self, family: Family, run: UUID | None = None) -> Made:
        bills, given = self.of(family.pk), self.given_for(family.pk)
        amounts = self.case(family, leaves=True).amounts(bills, bills, given)
        return self._give_back(family, EXIT, "", bills, amounts, before=sum(given.values()), run=run)

    def missed(self, plan: Any, period: str) -> None:
        """Of everybody who has not left; once for each period."""
        due = []
        spans = self.text.refund["kind"] == "continuous_months"
        rows = Agreement.objects.filter(plan=plan, state="active").order_by("pk").values_list("pk", flat=True)
        for family in self.families(rows):
            every, given = self.of(family.pk), self.given_for(family.pk)
            if (family.pk, period) in self.absences or period not in {bill.period for bill in every}:
                continue
            before = {label: fen for label, fen in given.items() if spans and label != period}
            bills = [bill for bill in every if bill.period in {period, *before}]
            amounts = self.case(family).amounts(bills, every, given)
            if spans or sum(amounts) - sum(before.values()) > 0:
                due.append((family, bills, amounts, sum(before.values())))
        coming = {family.pk: max(0, sum(amounts) - fen) for family, _bills, amounts, fen in due}
        made = []
        for family, bills, amounts, fen in due:
            del coming[family.pk]
            self.absences.add((family.pk, period))
            made.append(
                self._give_back(
                    family, ABSENCE, period, bills, amounts, before=fen, coming=sum(coming.values())
                )
            )
        self.check_made(made)

    def _give_back(
        self, family: Family, cause: str, period: str, bills: list[Bill], amounts: list[int], *, before: int,
        run: UUID | None = None, coming: int = 0,
    ) -> Made:  # fmt: skip
        """Less what was given before, no more than is due, each bill no more than it was."""
        due = self.due()[family.pk]
        left = max(0, min(due, sum(amounts) - before))
        given = 0
        for bill, amount in zip(bills, amounts, strict=True):
            part = min(min(amount, bill.net) - bill.credited, left - given)
            if part > 0:
                bill.credited, given = bill.credited + part, given + part
        if run is not None and self.net_paid()[family.pk] < due - given:
            self.void_exits(family.pk, run)
        own = max(0, self.net_paid()[family.pk] - (due - given))
        over = min(own, given) if cause == ABSENCE else own
        return self.gives(
            Given(family.pk, cause, period, given, run), 0 if self._waits(family, own + coming) else over
        )

    def _waits(self, family: Family, own: int) -> bool:
        """Where what is held after an early end is too little for all, nobody's money goes before the settlement."""
        if not Plan.objects.filter(ended_date__isnull=False).exists():
            return False
        paid, due = self.net_paid(), self.due()
        told = 0
        for each in self.families(self.accounts - {family.pk}):
            then = each
            if each.state == "ended" and each.pk not in self.over:  # by the deed at hand, after this one
                then = replace(each, state="active", until=each.plan_last)
            off = 0 if then.state == "void" else self._credit(then, due[then.pk], date.min)
            told += max(0, paid[then.pk] - (due[then.pk] - off))
        return self.pool() - sum(fen for _pk, fen in self.promised) - told < own

    def case(self, family: Family, *, leaves: bool = False) -> Case:
        late = {
            bill.pk: self._paid_to(bill, family) for bill in self.of(family.pk)
            if family.state == "ended" and family.ended_at and bill.made > family.ended_at and bill.unit != "term"
        }  # fmt: skip
        return Case(
            self.text, family.lessons, family.first, family.plan_last, family.missed,
            family.last if leaves else None, late,
        )  # fmt: skip

    def _paid_to(self, bill: Bill, family: Family) -> date:
        """Made after the exit: hours up to it, or as many months; also where it was corrected since."""
        if bill.unit == "month":
            return later(first_of(month_of(bill.began)), max(1, bill.units) - 1)
        return min(family.until, bill.last)

    # --- settlement -------------------------------------------------------------------------------------------------

    def previewed(self, settlement: Any, today: date) -> None:
        """Own money first; the rest of all rounds by what each has paid, less what it had; for who has an account."""
        pool = self.pool()
        assert settlement.pool_fen == pool
        paid, due = self.net_paid(), self.due()
        rows = {row.agreement_id: row for row in settlement.shares.all()}
        taken_off = {family.pk: self._credit(family, due[family.pk], today) for family in self.families(rows)}
        assert rows.keys() == self.accounts
        assert {pk: row.credit_fen for pk, row in rows.items()} == taken_off
        own = {pk: max(0, min(paid[pk], paid[pk] - (due[pk] - taken_off[pk]))) for pk in rows}
        first = shared(max(0, pool), own)
        had = {pk: self.had.get(pk, 0) for pk in rows}
        weights = {pk: max(0, paid[pk] - own[pk] + had[pk]) for pk in rows}
        most = {pk: max(0, max(0, paid[pk]) - own[pk]) + had[pk] for pk in rows}
        everything = max(0, pool) - sum(first.values()) + sum(had.values())
        parts = evened(everything, weights, had, most)
        more = {pk: first[pk] + parts[pk] - had[pk] for pk in rows}
        assert {pk: row.amount_fen for pk, row in rows.items()} == more
        assert {pk: row.before_fen for pk, row in rows.items()} == had

    def _credit(self, family: Family, due: int, today: date) -> int:
        """What hours not held give back to who stayed, the rule to who left less what the exit gave; once for a term."""
        if family.pk in self.settled:
            return 0
        bills, given = self.of(family.pk), self.given_for(family.pk)
        if family.left is not None:
            amounts = self.case(family, leaves=True).amounts(bills, bills, given)
            fen = max(0, sum(amounts) - sum(given.values()) - self.exits_gave(family.pk))
        elif bills:
            fen = self._true_up(family, bills, given, today)
        else:
            fen = 0
        return max(0, min(fen, due))

    def _true_up(self, family: Family, bills: list[Bill], given: dict[str, int], today: date) -> int:
        hourly = bills[0].unit == "class_hour"
        looked_at = [bill for bill in bills if hourly or bill.period not in given]
        return family.overpaid(looked_at, today, given)

    def batched(self, settlement: Any) -> None:
        assert settlement.pk not in self.batches
        self.batches[settlement.pk] = self.pool()
        made = {
            refund.agreement_id: refund.amount_fen for refund in Refund.objects.filter(settlement=settlement)
        }
        assert sum(made.values()) == max(0, self.batches[settlement.pk])
        for share in settlement.shares.all():
            fen = share.credit_fen + max(0, share.amount_fen - share.own_fen)
            self.given.append(Given(share.agreement_id, "share", "", fen))
            self.settled.add(share.agreement_id)
            beside = share.amount_fen - min(share.own_fen, share.amount_fen)
            self.had[share.agreement_id] = self.had.get(share.agreement_id, 0) + beside
            assert made.get(share.agreement_id, 0) == share.amount_fen
        self.know_refunds()

    # --- what was made ----------------------------------------------------------------------------------------------

    def check_made(self, made: Iterable[Made], anew: Iterable[tuple[UUID, str, int]] = ()) -> None:
        """Calculations and refunds that are new are these, and no others; `anew`: drafts that wait made anew."""
        wanted, again = list(made), list(anew)
        rows = Calculation.objects.exclude(pk__in=self.calculations)
        found = list(rows.values_list("pk", "agreement_id", "cause", "period", "credit_fen"))
        others = Counter(row[1:] for row in found)
        others.subtract(Counter(each.calculation for each in wanted))
        assert min(others.values(), default=0) >= 0
        left = Counter((of, cause, credit) for of, cause, _period, credit in others.elements())
        assert left == Counter((of, cause, 0) for of, cause, _fen in again)
        self.calculations |= {row[0] for row in found}
        refunds = Counter(self.know_refunds())
        assert refunds == Counter(
            [*(each.refund for each in wanted if each.over), *((of, fen) for of, _cause, fen in again)]
        )
