"""Class hours that came after their period was charged: its next run adds them to the charge, once (S27, S36)."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from afterbell.kernel.money import Fen
from schools.care.models import RollEntry
from schools.finance import (
    absences,
    actions,
    explaining,
    families,
    gathering,
    news,
    promises,
    queries,
    reached,
    runs,
)  # fmt: skip
from schools.finance.actions import charges, run_holders
from schools.finance.models import AddedHours, Waiver
from schools.planning.models import FeeUnit
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.finance import stage
from tests.undone import undone

OCTOBER, MINUTE = "2026-10", timedelta(minutes=1)


@pytest.fixture
def on(north):
    """3.00 an hour by the month; reading and football have two lessons of two hours each in October. Two have reading."""
    stage.the_term("national-2024", caps=[])
    with in_school(north):
        yield Month(cap=None)


class Month:
    """A month that was charged, and what came after it."""

    def __init__(self, *, cap):
        self.them = stage.people()
        self.plan = stage.monthly_plan(300, fee_unit=FeeUnit.CLASS_HOUR, cap_fen=cap) if cap else stage.monthly_plan(
            300, fee_unit=FeeUnit.CLASS_HOUR
        )  # fmt: skip
        self.reading, self.football = (
            makers.an_activity(self.plan, title=name, weekday=day) for day, name in ((1, "阅读"), (2, "足球"))
        )
        for activity in (self.reading, self.football):
            stage.sessions(activity, date(2026, 10, 12), 2, state="closed")
        self.family, self.other = (
            stage.a_family(self.plan, self.reading, school_signed_by=self.them.principal) for _ in "ab"
        )
        self.now = NOON
        self.first = self.charge()

    def charge(self, **more):
        self.now += MINUTE
        return actions.charge_period(plan=self.plan, period=OCTOBER, by=self.them.clerk, now=self.now, **more)

    def takes_back(self, run):
        self.now += MINUTE
        actions.take_back(run=run, reason="点错了", by=self.them.clerk, now=self.now)

    def gets_football(self, family=None, **more):
        self.now += MINUTE
        given = {"placed_from": date(2026, 10, 1), "placed_at": self.now, **more}
        return makers.a_place(family or self.family, self.football, **given)

    def roll(self, session, state):
        arrived = self.now if state == "present" else None
        RollEntry.objects.create(
            session=session, agreement=self.family, pupil=self.family.pupil, state=state, arrived_at=arrived
        )

    def absences(self):
        self.now += MINUTE
        return actions.refund_absences(plan=self.plan, period=OCTOBER, by=self.them.clerk, now=self.now)

    def row(self):
        return self.family.charges.get(taken_back_at=None)

    def owed(self):
        return gathering.standings(makers.TERM, self.family.pk)[self.family.pk].due


def hours_and_fen(charge):
    return charge.units, charge.gross_fen, charge.waived_fen


def holds():
    assert promises.broken_promise() is None


def test_the_next_run_of_the_period_charges_only_what_came_after_it_and_only_once(on):
    """4 hours 12.00 each; football is 4 more for one: 12.00 in one line, the other family nothing."""
    assert hours_and_fen(on.row()) == (4, 1200, 0)
    on.gets_football()
    draft = runs.draft(on.plan, OCTOBER)
    assert (draft.lines, draft.families, draft.total, draft.charged_before) == ([], 1, 1200, 1)
    run = on.charge(shown=draft.digest)
    assert (run.families, run.total_fen) == (1, 1200)
    assert (hours_and_fen(on.row()), on.owed()) == ((8, 2400, 0), 2400)
    assert hours_and_fen(on.other.charges.get()) == (4, 1200, 0)
    assert queries.not_charged_after(makers.TERM) == []
    with pytest.raises(charges.AlreadyCharged):
        on.charge()
    holds()


def test_a_preview_of_before_the_place_is_not_what_is_charged(on):
    digest = runs.draft(on.plan, OCTOBER).digest
    on.gets_football()
    with pytest.raises(charges.PreviewMoved):
        on.charge(shown=digest)


def test_a_place_that_is_given_while_a_run_waits_is_charged_by_the_next_one_and_once(on):
    """The run's request began before the place was given, and reads it: it is for the places of its moment."""
    on.gets_football(placed_at=on.now + 3 * MINUTE)
    with pytest.raises(charges.AlreadyCharged):
        on.charge()
    on.now += 3 * MINUTE
    on.charge()
    assert (hours_and_fen(on.row()), queries.not_charged_after(makers.TERM)) == ((8, 2400, 0), [])


def test_the_first_run_of_a_period_is_for_the_places_of_its_moment_too(on):
    on.gets_football()
    on.takes_back(on.first)
    later = on.now + 9 * MINUTE
    makers.a_place(on.other, on.football, placed_from=date(2026, 10, 1), placed_at=later)
    on.charge()
    assert (on.row().units, on.other.charges.get(taken_back_at=None).units) == (8, 4)
    on.now = later
    on.charge()
    assert on.other.charges.get(taken_back_at=None).units == 8
    holds()


def test_of_chosen_agreements_only_theirs_are_charged(on):
    on.gets_football()
    on.gets_football(on.other)
    on.charge(agreements=[on.other.pk])
    assert (hours_and_fen(on.row()), on.other.charges.get().units) == ((4, 1200, 0), 8)
    holds()


def test_a_second_place_is_added_beside_the_first_one(on):
    chess = makers.an_activity(on.plan, title="象棋", weekday=3)
    stage.sessions(chess, date(2026, 10, 14), 1, state="closed")
    on.gets_football()
    second = on.charge()
    on.now += MINUTE
    makers.a_place(on.family, chess, placed_from=date(2026, 10, 1), placed_at=on.now)
    third = on.charge()
    assert hours_and_fen(on.row()) == (10, 3000, 0)
    with pytest.raises(charges.MoneyCame, match="之后补收课时 1 户"):
        on.takes_back(second)
    on.takes_back(third)
    on.takes_back(second)
    on.takes_back(on.first)
    assert on.owed() == 0
    holds()


def test_it_goes_with_its_run_and_can_be_charged_again(on):
    on.gets_football()
    for _twice in range(2):
        run = on.charge()
        assert run_holders.holders(run).count == 0
        with pytest.raises(charges.MoneyCame, match="之后补收课时 1 户"):
            on.takes_back(on.first)
        on.takes_back(run)
        assert (hours_and_fen(on.row()), on.owed()) == ((4, 1200, 0), 1200)
        assert [row.fen for row in queries.not_charged_after(makers.TERM)] == [1200]
        holds()
    on.takes_back(on.first)
    on.charge()
    assert hours_and_fen(on.row()) == (8, 2400, 0)
    holds()


def test_once_money_came_for_it_it_stays_and_money_for_the_rest_does_not_hold_it(on):
    on.gets_football()
    run = on.charge()
    stage.pays(on.family, 1200, at=on.now + MINUTE)
    assert run_holders.holders(run).count == 0
    stage.pays(on.family, 1, at=on.now + MINUTE)
    assert run_holders.holders(run).paid == {on.family.pk}


def test_the_share_that_was_waived_is_waived_of_it_too_and_goes_with_the_waiver(on):
    """Half of 12.00 is waived: of 12.00 more 6.00; withdrawn, all of it is owed."""
    stage.waives(on.row(), on.them, fen=600, now=on.now)
    on.gets_football()
    run = on.charge()
    assert (hours_and_fen(on.row()), on.owed(), run.total_fen) == ((8, 2400, 1200), 1200, 600)
    holds()
    on.takes_back(run)
    assert (hours_and_fen(on.row()), on.owed()) == ((4, 1200, 600), 600)
    run = on.charge()
    deputy = makers.a_user("deputy")
    actions.withdraw_waiver(waiver=Waiver.objects.get(), reason="办错了", by=deputy, now=on.now + MINUTE)
    assert (hours_and_fen(on.row()), on.owed()) == ((8, 2400, 0), 2400)
    assert run_holders.holders(run).count == 0  # withdrawn it holds nothing, and took its share along
    on.now += 2 * MINUTE
    on.takes_back(run)
    assert (hours_and_fen(on.row()), on.owed()) == ((4, 1200, 0), 1200)
    holds()


def test_a_waiver_that_came_after_it_holds_its_run(on):
    on.gets_football()
    run = on.charge()
    stage.waives(on.row(), on.them, fen=600, now=on.now + MINUTE)
    assert run_holders.holders(run).waived == {on.family.pk}
    holds()


def test_under_the_childs_cap_only_what_is_left_of_it(north):
    """At most 15.00 a month: 12.00 are charged, 3.00 are left for four hours more."""
    stage.the_term("national-2024", caps=[{"per": "month", "fen": 1500, "meaning": "ceiling"}])
    with in_school(north):
        on = Month(cap=None)
        on.gets_football()
        assert on.charge().total_fen == 300
        assert (hours_and_fen(on.row()), on.row().cap_fen) == ((8, 1500, 0), 1500)
        holds()


def test_lessons_that_are_cancelled_later_come_off_it_as_off_any_other(on):
    """Two of the football's hours were cancelled before, and are not charged; the other two come back at the settlement."""
    on.gets_football()
    on.football.sessions.filter(date=date(2026, 10, 12)).update(
        state="cancelled", closed_at=None, cancel_reason="台风"
    )
    on.charge()
    assert hours_and_fen(on.row()) == (6, 1800, 0)
    on.football.sessions.update(state="cancelled", closed_at=None, cancel_reason="台风")
    assert families.to_come(on.plan) == {on.family.pk: Fen(600)}
    holds()


def test_who_has_left_since_is_told_and_not_charged(on):
    """What the exit gave back stands as it was given."""
    on.gets_football()
    on.now += MINUTE
    on.family.state, on.family.ended_at, on.family.until_date = "ended", on.now, date(2026, 10, 20)
    on.family.save()
    actions.after_exit(agreement=on.family, by=None, now=on.now)
    (row,) = queries.not_charged_after(makers.TERM)
    assert (row.by_a_run, runs.draft(on.plan, OCTOBER).more) == (False, [])


RULES = {
    "per_day": {
        "kind": "per_day", "amounts": [{"stages": ["primary"], "fen": 100}], "whole_month_returns_fee": True,
    },
    "half_month": {"kind": "half_month_threshold", "exactly_half": "none"},
    "month_parts": {"kind": "continuous_months", "month": "calendar", "half_month_returns_half": True},
}  # fmt: skip


@pytest.mark.parametrize("rule", list(RULES))
@pytest.mark.parametrize("is_taken_back", [False, True])
def test_absences_give_the_same_before_and_after_hours_are_added(north, rule, is_taken_back):
    """All of reading missed, all of football there: what a rule makes of it hangs on no order."""

    def owed(*, adds_first):
        on = Month(cap=None)
        on.football.sessions.all().delete()
        stage.sessions(on.football, date(2026, 10, 19), 4, state="closed")
        for session in on.reading.sessions.all():
            on.roll(session, "absent")
        on.gets_football(placed_from=date(2026, 10, 16))
        for session in on.football.sessions.all():
            on.roll(session, "present")
        on.now = stage.NEXT + timedelta(days=40)
        if not adds_first:
            on.absences()
        if adds_first or is_taken_back:
            run = on.charge()
        if is_taken_back:
            on.takes_back(run)
        if not adds_first or is_taken_back:
            on.charge()
        if adds_first:
            on.absences()
        assert absences.periods_waiting(makers.TERM) == []
        holds()
        return on.owed()

    stage.the_term("national-2024", caps=[], refund=RULES[rule])
    with in_school(north):
        with undone():
            first = owed(adds_first=True)
        assert owed(adds_first=False) == first


def test_a_day_away_from_what_was_added_waits_where_absences_had_given_nothing(north):
    """A day away from all gives 1.00; a calculation of before the football gave nothing, and is made again."""
    rule = {"kind": "per_day", "amounts": [{"stages": ["primary"], "fen": 100}]}
    stage.the_term("national-2024", caps=[], refund=rule)
    with in_school(north):
        on = Month(cap=None)
        on.now = stage.NEXT + timedelta(days=40)
        on.absences()
        on.gets_football()
        on.roll(on.football.sessions.order_by("date").last(), "absent")
        on.charge()
        assert absences.periods_waiting(makers.TERM) == [OCTOBER]
        (found,) = on.absences()
        assert (found.credit, on.row().credited_fen) == (100, 100)
        assert absences.periods_waiting(makers.TERM) == []
        holds()


def test_the_family_hears_of_it_and_reads_how_it_came_about(on):
    on.gets_football()
    run = on.charge()
    lines = explaining.charge_lines(on.row())
    added = f"其中收费之后增加的 4 课时，{on.now.date()} 补收 ¥12.00"
    assert lines[:2] == ["8 课时 × ¥3.00 = ¥24.00", added]
    told = {row.title: row for row in news.news([on.family.pupil_id])}
    assert set(told) == {f"{OCTOBER} 应缴 ¥12.00", f"{OCTOBER} 补收课时，另应缴 ¥12.00"}
    more = told[f"{OCTOBER} 补收课时，另应缴 ¥12.00"]
    assert (more.at, more.lines()[:2]) == (on.now, lines[:2])
    first = told[f"{OCTOBER} 应缴 ¥12.00"].lines()
    assert first[:3] == ["之后又增加了课时，现在的账单是：", *lines[:2]]
    on.takes_back(run)
    told = {row.title: row.at for row in news.news([on.family.pupil_id])}
    assert told[f"{OCTOBER} 补收的课时已撤回，少缴 ¥12.00"] == on.now
    assert f"{OCTOBER} 应缴 ¥12.00" in told


def test_a_withdrawn_waiver_leaves_no_sum_that_nobody_was_asked_for(on):
    """Half was waived of both, then of neither: 12.00 at first, 12.00 more, and the bill can be redone."""
    stage.waives(on.row(), on.them, fen=600, now=on.now)
    on.gets_football()
    on.charge()
    halves = {f"{OCTOBER} 应缴 ¥6.00", f"{OCTOBER} 补收课时，另应缴 ¥6.00"}
    assert halves <= {row.title for row in news.news([on.family.pupil_id])}
    assert any("补收 ¥12.00，减免 ¥6.00" in line for line in explaining.charge_lines(on.row()))
    deputy = makers.a_user("deputy")
    actions.withdraw_waiver(waiver=Waiver.objects.get(), reason="办错了", by=deputy, now=on.now + MINUTE)
    titles = {row.title for row in news.news([on.family.pupil_id])}
    assert {f"{OCTOBER} 应缴 ¥12.00", f"{OCTOBER} 补收课时，另应缴 ¥12.00"} <= titles
    assert not titles & halves
    assert explaining.charge_lines(on.row())[1].endswith("补收 ¥12.00")


@pytest.mark.parametrize(
    "planted", ["UPDATE finance_addedhours SET gross_fen = 1300", "UPDATE finance_addedhours SET units = 90",
                "DELETE FROM finance_addedhours"],
)  # fmt: skip
def test_verify_names_one_that_is_not_what_was_posted(on, planted):
    on.gets_football()
    on.charge()
    holds()
    with connection.cursor() as cursor:
        cursor.execute(planted)
    assert promises.broken_promise() is not None


def test_the_database_takes_none_that_adds_nothing(on):
    row = AddedHours(run=on.first, charge=on.row(), units=0, gross_fen=0)
    with pytest.raises(IntegrityError, match="added_hours_add_something"), transaction.atomic():
        row.save()


def test_the_office_sees_how_many_families_a_run_of_added_hours_reaches(on):
    """Of the one family whose charge grew; both of the first run. Who has no login is told on paper."""
    on.gets_football()
    run = on.charge()
    found = reached.by_run([on.first, run])
    assert (found[on.first.pk].families, found[run.pk].families) == (2, 1)
    assert found[run.pk].nobody == 1
