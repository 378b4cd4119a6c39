"""An exit that the roll contradicts is corrected by the roll: then all is as if the child had left then (S36, S37)."""

from datetime import date, timedelta

import pytest

from schools.care.models import Session
from schools.enrolment import exit_actions, refusals
from schools.enrolment.models import Agreement, Application
from schools.finance import actions, exit_doubts, news, promises, queries, runs
from schools.finance.actions.exit_corrections import ExitOnTheWay
from schools.finance.models import Refund
from tenants.context import in_school
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
    days = [runs.days_charged(row) for row in family.charges.order_by("created_at", "pk")]
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
