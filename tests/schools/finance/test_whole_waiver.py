"""A waiver of the whole fee that is withdrawn leaves the family what it would have without it (S27, S36, decision 37)."""

from datetime import date, timedelta

import pytest

from schools.care.models import RollEntry, Session
from schools.finance import absences, actions, families, promises
from schools.finance.models import Refund
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.finance import stage
from tests.schools.finance.test_exit_corrected_beside import a_class, charges, owes

DAY = timedelta(days=1)
SEPTEMBER = "2026-09"
CASES = {
    "ezhou": ("month", 7000, "poor", None, SEPTEMBER, (date(2026, 9, 1), date(2026, 9, 7)), 5320),
    "wuzhou": ("month", 12000, "hardship", 12000, SEPTEMBER, (date(2026, 9, 1), date(2026, 9, 20)), 6000),
    "haikou": (
        "class_hour", 300, "hardship", 54000, makers.TERM, (date(2026, 10, 12), date(2026, 11, 20)), 40200,
    ),
}  # fmt: skip
"""Unit and fee, reason and sum waived, period, days away, and what is owed after them."""


class Family:
    """Charged, away, waived, not waived any more."""

    def __init__(self, profile):
        unit, fee, self.reason, self.waived, self.period, self.away, self.right = CASES[profile]
        self.them = stage.people()
        self.plan, self.activity = a_class(unit, fee)
        self.row = stage.a_family(self.plan, self.activity, school_signed_by=self.them.principal)
        charges(self.plan, self.period, self.them)
        self.now = stage.OVER if self.period == makers.TERM else stage.NEXT

    def is_away(self):
        for session in Session.objects.filter(date__range=self.away, state="closed"):
            RollEntry.objects.create(
                session=session, agreement=self.row, pupil=self.row.pupil, state="absent"
            )

    def looks_at_absences(self):
        self.now += DAY
        actions.refund_absences(plan=self.plan, period=self.period, by=self.them.clerk, now=self.now)

    def is_waived(self):
        self.now += DAY
        charge = self.row.charges.get()
        self.waiver = stage.waives(charge, self.them, self.reason, fen=self.waived, now=self.now)
        assert owes(self.row) == -self.paid

    def is_not_waived(self):
        self.now += DAY
        deputy = makers.a_user("deputy")
        actions.withdraw_waiver(waiver=self.waiver, reason="证明有误", by=deputy, now=self.now)

    paid = 0

    def pays(self):
        self.paid = owes(self.row)
        stage.pays(self.row, self.paid, at=NOON)


@pytest.mark.parametrize("profile", list(CASES))
@pytest.mark.parametrize("order", ["absences first", "waiver first"])
def test_absences_give_what_they_give_without_it(north, profile, order):
    stage.the_term(profile)
    with in_school(north):
        family = Family(profile)
        family.is_away()
        deeds = [family.looks_at_absences, family.is_waived]
        for deed in deeds if order == "absences first" else reversed(deeds):
            deed()
        family.is_not_waived()
        if absences.periods_waiting(makers.TERM):  # where 0.00 of a fee that was waived is not kept, it waits
            assert order == "waiver first"
            family.looks_at_absences()
        assert owes(family.row) == family.right
        assert absences.periods_waiting(makers.TERM) == []
        assert promises.broken_promise() is None


def test_who_had_paid_gets_it_back_once(north):
    """70.00 paid, 16.80 for the days away."""
    stage.the_term("ezhou")
    with in_school(north):
        family = Family("ezhou")
        family.pays()
        family.is_away()
        family.looks_at_absences()
        family.now += DAY
        charge = family.row.charges.get()
        family.waiver = stage.waives(charge, family.them, "poor", now=family.now)
        family.is_not_waived()
        waiting = Refund.objects.filter(agreement=family.row, state="draft")
        assert owes(family.row) == 5320 - 7000
        assert sum(row.amount_fen for row in waiting) == 7000 - 5320
        assert promises.broken_promise() is None


def test_lessons_that_were_cancelled_beside_it_come_back_too(north):
    """Beside a twin whose fee nobody waived."""
    stage.the_term("wuzhou")
    with in_school(north):
        family = Family("wuzhou")
        twin = stage.a_family(family.plan, family.activity, school_signed_by=family.them.principal)
        charges(family.plan, SEPTEMBER, family.them)
        days = [date(2026, 9, 29), date(2026, 9, 30)]
        family.activity.sessions.filter(date__in=days).update(
            state="cancelled", closed_at=None, cancel_reason="台风"
        )
        family.is_away()
        for session in Session.objects.filter(date__range=family.away, state="closed"):
            RollEntry.objects.create(session=session, agreement=twin, pupil=twin.pupil, state="absent")
        family.looks_at_absences()
        family.is_waived()
        family.is_not_waived()
        assert owes(family.row) == owes(twin)
        assert families.to_come(family.plan).get(family.row.pk) == families.to_come(family.plan).get(twin.pk)
        assert promises.broken_promise() is None
