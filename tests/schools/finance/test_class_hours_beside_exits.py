"""Class hours are added to a charge beside an earlier exit of the child that is corrected: no order matters (S27, S36)."""

from contextlib import suppress
from datetime import date

import pytest

from schools.finance import actions, promises
from schools.finance.actions import charges, run_holders
from tenants.context import in_school
from tests import makers
from tests.schools.finance import stage
from tests.schools.finance.test_exit_corrected import corrects, is_there
from tests.schools.finance.test_exit_corrected_beside import a_class, at, joins_again, leaves, owes
from tests.schools.finance.test_exit_corrected_beside import charges as charge_month
from tests.undone import undone

SEPTEMBER = "2026-09"
CAPPED = [{"per": "month", "fen": 3000, "meaning": "ceiling"}]


class CameBack:
    """1.00 an hour, at most 30.00 a month: left on the 4th by the office's word, on the 17th by the roll; there again from
    a day of September on, with football by then or later."""

    def __init__(self, *, back, hours, wrongly=True):
        self.them = stage.people()
        self.plan, reading = a_class("class_hour", 100)
        self.football = makers.an_activity(self.plan, title="足球", weekday=3)
        stage.sessions(self.football, date(2026, 9, 29), 2, units=hours // 2, state="closed")
        self.first = stage.a_family(self.plan, reading, school_signed_by=self.them.principal)
        charge_month(self.plan, SEPTEMBER, self.them)
        is_there(self.first, date(2026, 9, 17))
        leaves(self.first, date(2026, 9, 4 if wrongly else 17), at(9, 18))
        self.second = joins_again(self.first, reading, date(2026, 9, back))
        charge_month(self.plan, SEPTEMBER, self.them, at(9, 21))

    def gets_football(self):
        makers.a_place(self.second, self.football, placed_from=date(2026, 9, 21), placed_at=at(9, 22))

    def is_corrected(self):
        corrects(self.first, self.them.clerk)

    def charged_more(self, day=23):
        self.run = charge_month(self.plan, SEPTEMBER, self.them, at(9, day))

    def takes_back(self):
        actions.take_back(run=self.run, reason="点错了", by=self.them.clerk, now=at(9, 25))

    @property
    def owed(self):
        assert promises.broken_promise() is None
        return owes(self.first, self.second)


@pytest.mark.parametrize(("back", "hours"), [(21, 8), (29, 8), (29, 20)])
def test_a_corrected_exit_beside_it_hangs_on_no_order(north, back, hours):
    """What is charged of the month is what the cap leaves beside the days of the roll, whoever did what first."""
    stage.the_term("wuhan", caps=CAPPED)
    with in_school(north):
        with undone():
            right = CameBack(back=back, hours=hours, wrongly=False)
            without = right.owed
            right.gets_football()
            with suppress(charges.AlreadyCharged):  # the cap leaves nothing
                right.charged_more()
            whole = right.owed
        with undone():
            late = CameBack(back=back, hours=hours)
            late.is_corrected()
            assert late.owed == without
            late.gets_football()
            with suppress(charges.AlreadyCharged):
                late.charged_more()
            assert late.owed == whole
        early = CameBack(back=back, hours=hours)
        early.gets_football()
        early.charged_more()
        early.is_corrected()
        assert early.owed == whole
        assert run_holders.holders(early.run).count == 0
        early.takes_back()
        assert early.owed == without
        with suppress(charges.AlreadyCharged):
            early.charged_more(26)
        assert early.owed == whole
