"""Evaluations at once, and the hook of the roll-up: real transactions, a real school."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from afterbell.kernel.money import Fen
from afterbell.outbox import actions as outbox
from oversight.facts import actions as facts
from oversight.facts.models import AreaMark, AreaPulse, Pulse, SchoolMonth, SchoolTerm, TermFact
from oversight.redlines import actions
from oversight.redlines.models import Alert, AlertEvent
from schools.finance import accounts, ledger
from schools.finance import actions as finance
from schools.finance.models import Charge, ChargeRun, TransferKind
from tenants.context import in_school
from tests import city
from tests import makers as people
from tests.city import NOON, NORTH
from tests.makers import TERM
from tests.oversight import makers
from tests.oversight.redlines.conftest import NOW
from tests.schools.finance import stage


def test_a_roll_up_of_a_school_raises_its_alerts(north):
    """From the plan in the school to the alert in the city, in one transaction (settings.AFTER_ROLL_UP)."""
    people.a_term()
    with in_school(north):
        people.a_plan(fee_fen=420, cap_fen=350)
        outbox.mark(now=NOW, terms=[TERM])
    facts.drain(school=north, now=NOW)
    alert = Alert.objects.get()
    assert (alert.rule, alert.school_id, alert.numbers["fee_fen"]) == ("over_cap", north.pk, 420)


def test_a_doubled_charge_is_raised_by_its_mark_and_ends_when_it_is_taken_back(north):
    """S27, S46: planted below the application; incremental and full pass agree before and after."""
    stage.the_term("seed", collector="school")
    with in_school(north):
        them = stage.people()
        plan = stage.monthly_plan()
        family = stage.a_family(plan)
        finance.charge_period(plan=plan, period=TERM, by=them.clerk, now=NOON)
    facts.recompute(school=north, now=NOON)
    assert not Alert.objects.filter(rule="double_charge").exists()
    with in_school(north):
        run = ChargeRun.objects.create(
            plan=plan,
            term_code=TERM,
            period="2026-10",
            families=1,
            total_fen=100,
            posted_at=NOON,
            posted_by=them.clerk,
        )
        planted = Charge.objects.create(
            run=run, agreement=family, term_code=TERM, period="2026-10", units=1, gross_fen=100, collector="school",
            created_at=NOON,
        )  # fmt: skip
        posted = ledger.Posting(
            TransferKind.CHARGE, f"charge:{planted.pk}", accounts.family(family.pk), accounts.FEES, Fen(100)
        )
        ledger.post_all([posted], term_code=TERM, by=them.clerk, now=NOON)
    facts.drain(school=north, now=NOW)
    alert = Alert.objects.get(rule="double_charge")
    assert (alert.level, alert.state, alert.numbers) == ("red", "open", {"children": 1})
    assert facts.drift(school=north, now=NOW + timedelta(seconds=1)) == 0
    with in_school(north):
        finance.take_back(run=run, reason="重复开具", by=them.principal, now=NOW)
    facts.drain(school=north, now=NOW + timedelta(seconds=2))
    alert.refresh_from_db()
    assert (alert.holds, alert.state) == (False, "closed")
    assert facts.drift(school=north, now=NOW + timedelta(seconds=3)) == 0


def test_the_full_pass_looks_at_everything_again(north):
    """settings.AFTER_FULL_PASS."""
    people.a_term()
    makers.a_known_school(north, fee_fen=20_000)
    makers.rolled(NOW)
    facts.after_full_pass(now=NOW)
    assert Alert.objects.get().rule == "over_cap"


@pytest.fixture
def real_commits(django_db_setup, django_db_blocker):
    """A school over its cap, with transactions that really end; everything is taken away afterwards."""
    with django_db_blocker.unblock(), city.real_commits():
        term, north = people.a_term(), people.school(NORTH)
        makers.a_term_fact(north, fee_fen=20_000)
        makers.rolled(NOW)
        try:
            yield north
        finally:
            for model in (AlertEvent, Alert, SchoolTerm, SchoolMonth, TermFact, AreaMark, Pulse, AreaPulse):
                model.objects.all().delete()
            connection.cursor().execute("DELETE FROM oversight_areaterm")
            term.delete()


def test_two_evaluations_at_once_raise_an_alert_once(real_commits):
    """The second waits for the school's pulse, and finds what the first has raised."""
    has_raised, may_commit = threading.Event(), threading.Event()
    changed, errors = [], []

    def first():
        with transaction.atomic():
            changed.append(actions.evaluate(school=real_commits, terms={TERM}, now=NOW))
            has_raised.set()
            may_commit.wait(10)

    def second():
        has_raised.wait(10)
        threading.Timer(0.3, may_commit.set).start()
        changed.append(actions.evaluate(school=real_commits, terms={TERM}, now=NOW))

    def on_its_own(work):
        try:
            work()
        except Exception as error:  # noqa: BLE001  (a thread has nobody above it: the test asserts on it)
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=on_its_own, args=[work]) for work in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert errors == []
    assert sorted(changed) == [0, 1]
    assert AlertEvent.objects.count() == 1
