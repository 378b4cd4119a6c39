"""The filled demo city: its promises hold, a kill leaves nothing half, and filling again changes nothing."""

import pytest

from afterbell.audit import queries as audit
from afterbell.audit.models import Entry
from infra.demo import fill, stories
from oversight.facts import actions as facts
from oversight.facts import rollups
from oversight.facts.models import DayFact, TermFact
from schools.care.models import Handover, Operation, RollEntry
from schools.enrolment.models import Agreement
from schools.finance import promises
from schools.finance.models import Transfer
from schools.planning.models import Plan
from tenants import context
from tests.demo import stage

ALL = (stage.FORCED, stage.KEPT, stage.WALKED, stage.CLEAN, stage.CHEAP)
COUNTED = (Entry, Agreement, RollEntry, Handover, Transfer)


def test_demo_json_names_schools_accounts_and_terms(demo):
    assert (demo["term"], demo["past_term"]) == ("2026-2027-1", "2025-2026-2")
    assert [school["code"] for school in demo["schools"]] == list(ALL)
    roles = {account["role"] for account in demo["accounts"]}
    assert {"principal", "guardian", "care_staff", "committee_chair", "bureau_supervisor"} <= roles


@pytest.mark.parametrize("code", ALL)
def test_books_chains_and_facts_keep_their_promises(demo, code):
    school = stage.school(code)
    with context.in_school(school):
        assert promises.broken_promise() is None
        assert audit.broken_promise() is None
    assert facts.drift(school=school, now=stage.NOW) == 0


def test_the_citys_chain_and_roll_ups_keep_their_promises(demo):
    with context.in_city():
        assert audit.broken_promise() is None
        assert rollups.broken_promise() is None


def test_filling_again_changes_nothing(demo):
    def rows():
        return {code: _counts(code) for code in ALL}

    before = rows()
    again = fill.fill(schools=5, now=stage.NOW)
    assert again == demo
    assert rows() == before


def test_what_a_kill_interrupted_was_done_once(demo):
    """The first school's books broke off after the gates of its first term."""
    with context.in_school(stage.school(stage.FORCED)):
        loads = Entry.objects.filter(verb__startswith="demo.load").order_by("position")
        steps = list(loads.values_list("verb", "target"))
    assert steps == [
        (f"demo.load.{step}", f"demo.term:{term}")
        for term in (stories.PAST, stories.RUNNING)
        for step in ("gates", "service")
    ]


def test_one_school_went_through_the_actions_alone(demo):
    with context.in_school(stage.school(stage.WALKED)):
        assert not Entry.objects.filter(verb__startswith="demo.load").exists()
        given = Operation.objects.filter(kind__in=["handover", "alone"], result="applied").count()
        assert given == Handover.objects.count() > 1000
        submitted = Entry.objects.filter(verb="enrolment.application.submit").count()
        assert submitted == Agreement.objects.count() >= 60


@pytest.mark.parametrize("code", ALL)
def test_each_school_has_a_past_term_and_the_running_one_until_now(demo, code):
    with context.in_school(stage.school(code)):
        assert set(Plan.objects.values_list("term_code", "state")) == {
            (stories.PAST, "published"),
            (stories.RUNNING, "published"),
        }
    with context.in_city():
        days = DayFact.objects.filter(school__code=code, sessions_held__gt=0).order_by("date")
        assert str(days.first().date) < "2026-03-20"
        assert str(days.last().date) >= "2026-11-20"
        assert all(day.present == day.handed_over for day in days)
        terms = TermFact.objects.filter(school__code=code)
        assert all(0.6 < term.participants / term.pupils_on_roll < 0.8 for term in terms)


def _counts(code):
    with context.in_school(stage.school(code)):
        return [model.objects.count() for model in COUNTED]
