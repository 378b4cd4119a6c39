"""An exit that the roll contradicts is corrected by the roll: then all is as if the child had left then (S36, S37)."""

from datetime import date, timedelta

import pytest

from schools.care.models import Session
from schools.enrolment import exit_actions, refusals
from schools.enrolment.models import Agreement, Application
from schools.finance import actions, charged_before, exit_doubts, news, promises, queries, rules
from schools.finance.actions.exit_corrections import ExitOnTheWay
from schools.finance.models import Refund
from tenants.context import in_school
from tenants.policies import ready
from tests import makers
from tests.city import NOON
from tests.schools.finance import stage
from tests.schools.finance.test_exit_before_cancelled import CASES, FEES, LAST, a_class, charged, in_all
from tests.undone import undone

WRITTEN = NOON.replace(month=9, day=18)
LATER = WRITTEN + timedelta(days=1)
SEEN = date(2026, 9, 17)


def leaves(family, on):
    """The office hears of it on the 18th."""
    family.refresh_from_db()
    family.state, family.ended_at, family.until_date = "ended", WRITTEN, on
    family.save()
    actions.after_exit(agreement=family, by=None, now=WRITTEN)
    family.refresh_from_db()


def is_there(family, *days):
    for session in Session.objects.filter(date__in=days):
        family.roll.create(session=session, pupil=family.pupil, state="present", arrived_at=WRITTEN)


def corrects(family, by):
    corrected = exit_actions.correct_exit(agreement=family, by=by, now=LATER)
    family.refresh_from_db()
    return corrected


def books_of(family):
    """What the family got, gets, is owed, and the days that its charges stand for."""
    drafts = Refund.objects.filter(agreement=family, state="draft").values_list("amount_fen", flat=True)
    days = [charged_before.days_charged(row) for row in family.charges.order_by("created_at", "pk")]
    return in_all(family), sum(drafts), queries.owed_by(queries.agreement(family.pk)), days


@pytest.mark.parametrize(("profile", "unit"), CASES)
@pytest.mark.parametrize("paid", [0, 1])
def test_it_is_as_if_the_child_had_left_on_the_day_that_the_roll_says(north, profile, unit, paid):
    """Under every ready profile; of two families with the same bill the second really left on the 17th."""
    stage.the_term(profile)
    with in_school(north):
        them = stage.people()
        found = []
        for wrongly in (True, False):
            with undone():
                plan, activity, _later = a_class(them, unit, profile)
                family = stage.a_family(plan, activity, school_signed_by=them.principal)
                charged(plan, them, unit)
                if paid:
                    stage.pays(family, FEES[unit] * 2)
                is_there(family, SEEN - timedelta(days=2), SEEN)
                leaves(family, LAST if wrongly else SEEN)
                if wrongly:
                    corrects(family, them.clerk)
                found.append(books_of(family))
                assert promises.broken_promise() is None
                assert exit_doubts.of([family]) == {}
        assert found[0] == found[1]


@pytest.fixture
def on(north):
    """Ezhou: 2.80 a class hour; the exit is of the 10th, the roll has the child until the 17th."""
    stage.the_term("ezhou")
    with in_school(north):
        them = stage.people()
        plan, activity, _later = a_class(them, "class_hour", "ezhou")
        family = stage.a_family(plan, activity, school_signed_by=them.principal)
        charged(plan, them, "class_hour")
        stage.pays(family, queries.owed_by(family))
        leaves(family, LAST)
        is_there(family, SEEN)
        yield family, them


def test_the_old_draft_is_void_told_and_never_sent(on):
    family, them = on
    old = Refund.objects.get(agreement=family)
    corrects(family, them.clerk)
    stale = Refund.objects.get(pk=old.pk)
    assert (stale.state, stale.voided_at) == ("void", LATER)
    with pytest.raises(Exception, match="已作废"):
        actions.issue_refund(refund=stale, by=them.principal, now=LATER)
    with pytest.raises(Exception, match="已作废"):
        actions.issue_refund(refund=old, by=them.principal, now=LATER)
    told = {each.title for each in news.news([family.pupil_id]) if each.at == LATER}
    assert any("已作废" in title for title in told)
    assert any("应缴增加" in title or "等待发放" in title for title in told)
    new = Refund.objects.get(agreement=family, state="draft")
    assert new.amount_fen < old.amount_fen
    assert "退出日期按点名册更正为 2026-09-17" in new.explanation
    actions.issue_refund(refund=new, by=them.principal, now=LATER)
    assert promises.broken_promise() is None


def test_once_and_only_where_the_roll_contradicts(on):
    family, them = on
    read_before = Agreement.objects.get(pk=family.pk)
    corrects(family, them.clerk)
    with pytest.raises(refusals.NotSeenAfter):
        exit_actions.correct_exit(agreement=read_before, by=them.clerk, now=LATER)
    family.roll.update(state="absent", arrived_at=None)
    with pytest.raises(refusals.NotSeenAfter):
        corrects(family, them.clerk)


def test_not_while_it_runs_nor_by_a_parent_nor_over_a_second_agreement(on):
    family, them = on
    running = makers.an_agreement(plan=family.plan, school_signed_by=them.principal)
    with pytest.raises(refusals.StillRuns):
        corrects(running, them.clerk)
    makers.a_tie(makers.a_guardian(user=them.clerk), family.pupil)
    with pytest.raises(refusals.OwnChild):
        corrects(family, them.clerk)
    Application.objects.filter(pk=family.application_id).update(state="withdrawn")  # as the exit does
    makers.an_agreement(plan=family.plan, pupil=family.pupil, from_date=SEEN, school_signed_by=them.principal)
    with pytest.raises(refusals.JoinedAgain):
        corrects(family, them.principal)


def test_money_on_its_way_is_waited_for_and_what_arrived_stays(on):
    family, them = on
    refund = Refund.objects.get(agreement=family)
    looked = exit_doubts.open_of([refund])[refund.pk].seen
    actions.issue_refund(refund=refund, by=them.principal, now=WRITTEN, looked=looked)
    with pytest.raises(ExitOnTheWay):
        corrects(family, them.clerk)
    assert Agreement.objects.get(pk=family.pk).until_date == LAST
    actions.confirm_refund(refund=refund, by=them.principal, now=WRITTEN)
    corrects(family, them.clerk)
    assert queries.owed_by(queries.agreement(family.pk)) > 0
    assert promises.broken_promise() is None


def test_an_agreement_that_never_began_began(on):
    family, them = on
    Agreement.objects.filter(pk=family.pk).update(state="void", until_date=date(2027, 1, 22))
    corrects(family, them.clerk)
    assert (family.state, family.until_date) == ("ended", SEEN)


def test_a_settled_term_stays_as_it_was_shared(on, monkeypatch):
    family, them = on
    monkeypatch.setattr("schools.finance.actions.closed.queries.is_settled", lambda _term: True)
    with pytest.raises(Exception, match="结算"):
        corrects(family, them.clerk)


ABSENT, OCTOBER = date(2026, 9, 3), NOON.replace(month=10, day=12)
GIVES = [each for each in ready.codes() if ready.document(each)["refund"]["kind"] != "none"]
MONTHLY = [each for each in GIVES if each != "haikou"]


def a_month_and_a_half(them):
    """September and the first days of October were held, paid well ahead; one day was missed and looked at."""
    collector = rules.policy_on(date(2026, 9, 1)).policy.collector
    plan = makers.a_plan(fee_unit="month", fee_fen=FEES["month"], collector=collector)
    activity = makers.an_activity(plan)
    stage.sessions(activity, date(2026, 9, 1), 30, state="closed")
    stage.sessions(activity, date(2026, 10, 19), 60)
    family = stage.a_family(plan, activity, school_signed_by=them.principal)
    actions.charge_period(plan=plan, period="2026-09", by=them.clerk, now=NOON)
    stage.pays(family, 30000)
    for session in Session.objects.filter(date=ABSENT):
        family.roll.create(session=session, pupil=family.pupil, state="absent")
    actions.refund_absences(plan=plan, period="2026-09", by=them.clerk, now=NOON.replace(month=10, day=6))
    return family


def lives(them, profile, story, *, wrongly):
    """Left on the 5th, as the office has it, corrected to the 7th and the 9th as the roll comes in; or really on the 9th."""
    family = a_month_and_a_half(them)
    plan, by = family.plan, {"by": them.clerk, "now": OCTOBER}
    late = story in ("charged after the exit", "charged and taken back")
    if not late:
        actions.charge_period(plan=plan, period="2026-10", **by)
    if story == "waived":
        rule = ready.document(profile)["waivers"][0]
        part = None if rule["reduction_percent"] else 1000
        stage.waives(family.charges.get(period="2026-10"), them, rule["code"], fen=part)
    is_there(family, date(2026, 10, 7))
    family.state, family.ended_at = "ended", OCTOBER
    family.until_date = date(2026, 10, 5 if wrongly else 9)
    family.save()
    actions.after_exit(agreement=family, by=None, now=OCTOBER)
    run = None
    if late:
        run = actions.charge_period(
            plan=plan, period="2026-10", by=them.clerk, now=OCTOBER + timedelta(hours=1)
        )
    if wrongly:
        exit_actions.correct_exit(agreement=family, **by)
    is_there(family, date(2026, 10, 9))
    if wrongly:
        exit_actions.correct_exit(agreement=family, **by)
    if story == "charged and taken back":
        actions.take_back(run=run, reason="月份选错了", by=them.clerk, now=OCTOBER + timedelta(hours=2))
    assert promises.broken_promise() is None
    gave, drafted, owed, days = books_of(family)
    if late:
        drafted = None  # what was drafted before the charge stays, and the family owes the rest; a correction drafts anew
    return (gave, drafted, owed, days), family.calculations.filter(cause="absence", credit_fen__gt=0).exists()


@pytest.mark.parametrize("story", ["plain", "waived", "charged after the exit", "charged and taken back"])
@pytest.mark.parametrize("profile", MONTHLY)
def test_what_came_before_and_after_it_is_the_same_as_for_who_left_then(north, profile, story):
    """An absence that was paid for, a waiver, a charge that comes after the exit; two corrections."""
    stage.the_term(profile)
    found = []
    with in_school(north):
        them = stage.people()
        for wrongly in (True, False):
            with undone():
                found.append(lives(them, profile, story, wrongly=wrongly))
    assert found[0] == found[1]
    assert found[0][1] or profile != "ezhou"  # paid by the day: the absence gave something
