"""A further activity and the books, through the real deeds: nobody pays twice, no fee is forgotten (S27, S36)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from schools.care import actions as care
from schools.committee.models import Subject
from schools.enrolment import actions as enrolment
from schools.enrolment import signing, supplement_actions, supplement_wording
from schools.enrolment.models import Agreement, ChosenActivity, Side, Supplement
from schools.enrolment.supplement_wording import Further
from schools.finance import actions, families, gathering, promises, queries, rules
from schools.finance.actions import charges
from schools.finance.models import Refund, Settlement
from schools.planning.models import Activity, FeeUnit
from tenants.context import in_school
from tenants.policies.documents import SettlementKey
from tests import makers
from tests.city import NOON
from tests.schools.enrolment import stage as enrolling
from tests.schools.finance import stage

OCTOBER, MINUTE = "2026-10", timedelta(minutes=1)
IN_OCTOBER = datetime(2026, 10, 13, 4, tzinfo=UTC)
"""A Tuesday at noon: of the four Tuesdays from the 6th on three are left, the day's own among them."""


class Month:
    """Two children have reading by their agreements; football came into the plan since. Four lessons of two hours each."""

    def __init__(self, school, unit=FeeUnit.CLASS_HOUR, *, places=9):
        self.school, self.them, self.now = school, stage.people(), NOON
        self.plan = stage.monthly_plan(300 if unit == FeeUnit.CLASS_HOUR else 13000, fee_unit=unit)
        self.reading = makers.an_activity(self.plan, title="阅读", weekday=1)
        self.families = [enrolling.a_family(name) for name in ("李小明", "王小红")]
        for family in self.families:
            row = enrolling.applied(school, family, self.reading, at=NOON)
            enrolling.approved(row, self.sides, at=NOON)
        self.football = makers.an_activity(self.plan, title="足球", weekday=2, capacity=places)
        for activity, first in ((self.reading, 5), (self.football, 6)):
            for week in range(4):
                day = date(2026, 10, first) + timedelta(weeks=week)
                makers.a_session(activity, day=day, state="closed", closed_at=NOON)

    @property
    def sides(self):
        return self.them.principal, self.them.chair

    def agreement(self, number=0):
        return Agreement.objects.get(pupil=self.families[number].pupil)

    def asks(self, number=0):
        family, agreement = self.families[number], self.agreement(number)
        text = supplement_wording.text(Further(self.school, agreement, family.guardian, self.football))
        return supplement_actions.submit_supplement(
            school=self.school, agreement=agreement, activity=self.football, read_sha256=text.sha256,
            signature=signing.drawn(enrolling.DRAWN), device=enrolling.DEVICE, by=family.user, now=self.tick(),
        )  # fmt: skip

    def gets(self, number=0):
        row = self.asks(number)
        for side, by in zip(Side, self.sides, strict=True):
            row = supplement_actions.review_supplement(
                supplement=row, side=side, is_approval=True, by=by, now=self.tick()
            )
        return row

    def leaves(self, number=0):
        family = self.families[number]
        return enrolment.exit_agreement(
            agreement=self.agreement(number), reason="", by=family.user, now=self.tick()
        )

    def charge(self, period=OCTOBER):
        return actions.charge_period(plan=self.plan, period=period, by=self.them.clerk, now=self.tick())

    def tick(self):
        self.now += MINUTE
        return self.now

    def owed(self, number=0):
        agreement = self.agreement(number)
        return gathering.standings(makers.TERM, agreement.pk)[agreement.pk].due


@pytest.fixture
def national(north):
    stage.the_term("national-2024", caps=[])
    with in_school(north):
        yield north


def holds():
    assert promises.broken_promise() is None


@pytest.mark.parametrize("unit", [FeeUnit.MONTH, FeeUnit.TERM])
def test_by_the_month_and_by_the_term_it_costs_nothing_more(national, unit):
    """The fee is of the plan, a child: charged before the place or after it, waiting or given, it is the same."""
    on = Month(national, unit)
    periods = [makers.TERM] if unit == FeeUnit.TERM else [OCTOBER, "2026-11"]
    on.charge(periods[0])
    on.now = IN_OCTOBER
    assert on.gets().state == "placed"
    with pytest.raises(charges.AlreadyCharged):
        on.charge(periods[0])
    for period in periods[1:]:
        on.charge(period)
    assert on.owed(0) == on.owed(1) == sum(each.gross_fen for each in on.agreement().charges.all())
    assert on.agreement().charges.count() == len(periods)
    assert queries.not_charged_after(makers.TERM) == []
    holds()


def test_by_the_class_hour_its_hours_are_added_once_and_only_from_its_place_on(national):
    """8 hours of reading are charged, 24.00; from the 13th on football has 6 more, 18.00."""
    on = Month(national)
    on.charge()
    on.now = IN_OCTOBER
    row = on.gets()
    assert row.choices.get().placed_from == date(2026, 10, 13)
    assert "该期自有名额之日起的课时补收一次" in row.text  # as it was signed
    assert [each.fen for each in queries.not_charged_after(makers.TERM)] == [1800]  # the clerk is told
    run = on.charge()
    assert (run.families, run.total_fen, on.owed(0), on.owed(1)) == (1, 1800, 4200, 2400)
    with pytest.raises(charges.AlreadyCharged):
        on.charge()
    assert queries.not_charged_after(makers.TERM) == []
    holds()
    actions.take_back(run=run, reason="点错了", by=on.them.clerk, now=on.tick())
    assert on.owed() == 2400
    on.charge()
    assert on.owed() == 4200
    holds()


def test_given_before_the_charge_it_is_in_it(national):
    """What one run charges with it is what two runs charge, before it and after it."""
    on = Month(national)
    on.now = IN_OCTOBER
    on.gets()
    assert on.charge().families == 2
    assert (on.owed(0), on.owed(1)) == (4200, 2400)
    with pytest.raises(charges.AlreadyCharged):
        on.charge()
    holds()


def test_while_it_waits_or_after_it_was_taken_back_nothing_is_charged_for_it(national):
    on = Month(national, places=1)
    on.now = IN_OCTOBER
    on.gets(1)
    waiting = on.gets(0)
    assert waiting.state == "waiting"
    on.charge()
    assert (on.owed(0), on.owed(1)) == (2400, 4200)
    supplement_actions.withdraw_supplement(supplement=waiting, by=on.families[0].user, now=on.tick())
    with pytest.raises(charges.AlreadyCharged):
        on.charge()
    assert (on.owed(0), Refund.objects.count(), queries.not_charged_after(makers.TERM)) == (2400, 0, [])
    holds()


def test_who_moves_up_after_the_charge_pays_from_the_day_after_alone(national):
    """The other child leaves on the 13th: the 20th and the 27th are left, 4 hours, 12.00."""
    on = Month(national, places=1)
    on.now = IN_OCTOBER
    on.gets(1)
    waiting = on.gets(0)
    on.charge()
    on.leaves(1)
    waiting.refresh_from_db()
    assert waiting.state == "placed"
    assert waiting.choices.get().placed_from == date(2026, 10, 14)
    assert on.charge().total_fen == 1200
    assert on.owed() == 3600
    holds()


def test_an_exit_gives_back_of_what_the_supplement_brought_too(north):
    """Paid 42.00 for 14 hours; left on the 13th, 8 of them are to come: 24.00 go back, once."""
    stage.the_term("national-2024", caps=[], refund={"kind": "class_hours"})
    with in_school(north):
        on = Month(north)
        on.charge()
        on.now = IN_OCTOBER
        on.gets()
        on.charge()
        stage.pays(on.agreement(), 4200, at=on.tick())
        on.leaves()
        assert Supplement.objects.get().state == "ended"
        assert [each.amount_fen for each in Refund.objects.all()] == [2400]
        assert Activity.objects.get(pk=on.football.pk).taken == 0
        stage.sessions(on.reading, date(2026, 11, 2), 1)
        on.charge("2026-11")  # of the other child alone
        assert on.agreement().charges.count() == 1
        holds()


def test_an_exit_while_it_waits_gives_back_as_if_it_had_never_been_asked_for(north):
    """Both paid 24.00 for 8 hours and leave on the 13th: 4 hours are to come, 12.00."""
    stage.the_term("national-2024", caps=[], refund={"kind": "class_hours"})
    with in_school(north):
        on = Month(north)
        on.charge()
        for number in range(2):
            stage.pays(on.agreement(number), 2400, at=on.tick())
        on.now = IN_OCTOBER
        row = on.asks()
        for number in range(2):
            on.leaves(number)
        row.refresh_from_db()
        assert row.state == "ended"
        assert [each.amount_fen for each in Refund.objects.all()] == [1200, 1200]
        assert not ChosenActivity.objects.filter(ended_at=None).exists()
        holds()


def test_the_settlement_counts_its_hours_as_all_others(national):
    """Of football's 6 hours charged two are cancelled: 6.00 come back at the end, and nothing is forgotten."""
    on = Month(national)
    on.charge()
    on.now = IN_OCTOBER
    on.gets()
    on.charge()
    for number, fen in enumerate((4200, 2400)):
        stage.pays(on.agreement(number), fen, at=on.tick())
    on.football.sessions.filter(date=date(2026, 10, 27)).update(
        state="cancelled", closed_at=None, cancel_reason="台风"
    )
    standings = gathering.standings(makers.TERM)
    ends = families.ends(rules.term(makers.TERM), SettlementKey.PAID, stage.OVER.date(), standings)
    assert sorted(end.credit for end in ends) == [0, 600]
    stage.closes_the_term(on.them)
    made = actions.preview_settlement(term_code=makers.TERM, by=on.them.treasurer, now=stage.OVER)
    assert (made.received_fen, made.pool_fen) == (6600, 6600)
    passed = makers.a_passed_resolution(Subject.SETTLEMENT, object_id=made.pk)
    actions.resolution_closed(resolution=passed, by=on.them.chair, now=stage.OVER)
    given = actions.batch_settlement(
        settlement=Settlement.objects.get(), by=on.them.principal, now=stage.OVER
    )
    assert sum(each.amount_fen for each in given) == 6600
    holds()


def test_a_place_that_waited_for_a_charge_run_comes_after_it(north):
    """The last yes began a minute before the run, and commits after it, and is later."""
    stage.the_term(caps=[])
    with in_school(north):
        on = Month(north)
        row = on.asks()
        first, second = zip(Side, on.sides, strict=True)
        supplement_actions.review_supplement(
            supplement=row, side=first[0], is_approval=True, by=first[1], now=on.tick()
        )
        began = on.tick()
        on.charge()
        supplement_actions.review_supplement(
            supplement=row, side=second[0], is_approval=True, by=second[1], now=began
        )
        assert [each.hours for each in queries.not_charged_after(makers.TERM)] == [8]
        more = on.charge()
        assert (more.families, more.total_fen) == (1, 8 * 300)
        assert promises.broken_promise() is None


def test_lessons_that_waited_for_a_charge_run_come_after_it(north):
    stage.the_term(caps=[])
    with in_school(north):
        on = Month(north)
        began = on.tick()
        on.charge()
        makers.a_room()
        care.make_sessions(plan=on.plan, school=north, by=on.them.clerk, now=began)
        made_at = set(on.reading.sessions.filter(made_at__isnull=False).values_list("made_at", flat=True))
        assert made_at == {on.agreement().charges.get().created_at + timedelta(microseconds=1)}


def test_a_run_that_began_earlier_moves_no_moment_back(north):
    stage.the_term(caps=[])
    with in_school(north):
        on = Month(north)
        began = on.tick()
        run = on.charge()
        late = on.now
        actions.take_back(run=run, reason="点错了", by=on.them.clerk, now=on.tick())
        on.now = began - MINUTE
        on.charge()
        on.plan.refresh_from_db()
        assert on.plan.last_moment > late


@pytest.mark.parametrize(("hours", "lessons"), [(0, 3), (3, 3), (5, 2), (8, 2)])
def test_a_lesson_that_had_begun_before_the_place_came_is_not_charged(north, hours, lessons):
    """At noon and at three the child can come to the lesson of four; at five and in the evening from next week on."""
    stage.the_term(caps=[])
    with in_school(north):
        on = Month(north)
        on.charge()
        on.now = IN_OCTOBER + timedelta(hours=hours)
        on.gets()
        first = ChosenActivity.objects.get(supplement__isnull=False).placed_from
        assert first == date(2026, 10, 13 if lessons == 3 else 14)
        assert on.charge().total_fen == lessons * 2 * 300
