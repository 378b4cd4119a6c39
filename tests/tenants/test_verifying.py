"""A verification begun from a page: in the background, chain by chain, one at a time, each trouble one chain's."""

from datetime import timedelta

import pytest
from django.db import connection
from kombu.exceptions import OperationalError

from afterbell.accounts.roles import Role
from afterbell.audit import findings
from afterbell.audit.models import Entry
from tenants.anchors import actions, queries, tasks, verifying
from tenants.anchors.models import ChainState, Verification
from tenants.context import as_owner, in_city, in_school
from tenants.models import School
from tenants.states import SchoolState
from tests.accounts.makers import a_user
from tests.city import NOON
from tests.tenants.chains import deeds, end_cut_off, one_entry_changed, past_written_anew

HOUR = timedelta(hours=1)


@pytest.fixture
def auditor(db):
    with in_city():
        return a_user(role=Role.AUDIT_ADMIN)


def run(auditor, school=None, now=NOON):
    made = verifying.begin(school=school, by=auditor, now=now)
    tasks.verify(verification_id=str(made.pk))
    with in_city():
        return Verification.objects.get(pk=made.pk)


def state_of(school):
    with in_city():
        return ChainState.objects.get(school=school)


def verbs():
    with in_city():
        rows = Entry.objects.filter(verb__startswith="anchors.verification").order_by("position")
        return [(row.verb.rpartition(".")[2], row.by_id, row.details) for row in rows]


def test_all_chains_are_verified_and_the_entry_says_what_came_out(north, south, island, auditor):
    deeds(north, 3)
    done = run(auditor)
    assert (done.chains, done.broken, done.unread) == (4, 0, 0)
    assert done.done_at is not None
    with in_city():
        assert queries.verified(done) == 4
    assert {state_of(school).verdict for school in (None, north, south, island)} == {"holds"}
    assert verbs() == [
        ("begin", auditor.pk, {"chains": 4}),
        ("end", None, {"broken": 0, "unread": 0}),
    ]


@pytest.mark.parametrize(
    ("harm", "found"),
    [
        (past_written_anew, {"code": "anchor_rewritten", "position": 3, "row": ""}),
        (one_entry_changed, {"code": "chain_changed", "position": 2, "row": ""}),
        (lambda school: end_cut_off(school, 2), {"code": "anchor_cut", "position": 3, "row": ""}),
    ],
)
def test_what_is_broken_is_named_and_the_other_chains_hold(north, south, auditor, harm, found):
    deeds(north, 3)
    deeds(south, 3)
    actions.anchor_all(now=NOON)
    harm(north)
    done = run(auditor)
    assert (done.broken, done.unread) == (1, 0)
    assert state_of(north).verdict == "broken"
    assert found in state_of(north).findings
    assert state_of(south).findings == []


def test_a_row_that_was_changed_behind_the_program_is_named_by_table_and_key(north, auditor):
    with in_school(north):
        user = a_user(role=Role.PRINCIPAL, name="王校长")
    with as_owner(north.schema_name), connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_user SET name = 'x' WHERE id = %s", [user.pk])
    run(auditor, north)
    rows = [one["row"] for one in state_of(north).findings if one["code"] == "seal_changed"]
    assert rows == [f"accounts.user {user.pk}"]


def test_one_school_alone(north, south, auditor):
    done = run(auditor, north)
    assert (done.chains, done.school_id, done.broken) == (1, north.pk, 0)
    assert state_of(north).verdict == "holds"
    with in_city():
        assert not ChainState.objects.filter(school=south).exclude(verdict="").exists()


def test_a_second_one_is_refused_with_how_far_the_first_is(north, south, auditor):
    first = verifying.begin(by=auditor, now=NOON)
    verifying.verify(first, north, now=NOON)
    with pytest.raises(verifying.AlreadyRunning, match=r"4 条审计链已完成 1 条"):
        verifying.begin(school=south, by=auditor, now=NOON + timedelta(minutes=5))
    tasks.verify(verification_id=str(first.pk))
    run(auditor, south, NOON + HOUR)


def test_one_that_stands_still_is_given_up_and_its_worker_changes_nothing_any_more(north, auditor):
    lost = verifying.begin(by=auditor, now=NOON)
    done = run(auditor, north, NOON + HOUR)
    verifying.finish(lost, now=NOON + 2 * HOUR)
    tasks.verify(verification_id=str(lost.pk))
    with in_city():
        given_up = Verification.objects.get(pk=lost.pk)
        assert (given_up.done_at, given_up.broken) == (NOON + HOUR, None)
        assert ChainState.objects.filter(verification=lost).count() == 0
    assert state_of(north).verification_id == done.pk
    assert [verb for verb, _by, _details in verbs()] == ["begin", "give_up", "begin", "end"]


def test_a_lost_wake_up_is_made_up_for_by_the_hours_pass(auditor, monkeypatch):
    sent = []
    monkeypatch.setattr(verifying.wake, "verification", sent.append)
    made = verifying.begin(by=auditor, now=NOON)
    verifying.wake_still(now=NOON + timedelta(minutes=5))
    assert sent == []
    verifying.wake_still(now=NOON + timedelta(minutes=20))
    assert sent == [made.pk]


def test_without_redis_it_begins_and_waits(auditor, monkeypatch, django_capture_on_commit_callbacks):
    def gone(*_, **__):
        raise OperationalError

    monkeypatch.setattr("afterbell.celery.app.send_task", gone)
    with django_capture_on_commit_callbacks(execute=True):
        made = verifying.begin(by=auditor, now=NOON)
    with in_city():
        assert queries.running() == made


def test_a_chain_that_breaks_its_worker_or_cant_be_read_keeps_nobody_from_a_turn(
    north, south, auditor, monkeypatch
):
    found = findings.found
    here = []

    def broken_once(anchors):
        here.append(1)
        if len(here) == 2:
            raise RuntimeError("no")
        return found(anchors)

    monkeypatch.setattr(findings, "found", broken_once)
    done = run(auditor)
    assert (done.broken, done.unread) == (0, 1)
    again = run(auditor, now=NOON + HOUR)
    assert (again.broken, again.unread) == (0, 0)


def test_it_goes_on_in_another_task(north, south, island, auditor, monkeypatch):
    monkeypatch.setattr(tasks, "AT_A_TIME", 3)
    sent = []
    monkeypatch.setattr(tasks.verify, "apply_async", lambda **more: sent.append(more["kwargs"]))
    made = verifying.begin(by=auditor, now=NOON)
    tasks.verify(verification_id=str(made.pk))
    assert len(sent) == 1
    with in_city():
        assert queries.verified(made) == 3
    tasks.verify(**sent[0])
    assert len(sent) == 1
    with in_city():
        assert Verification.objects.get(pk=made.pk).done_at is not None


def test_a_task_that_came_twice_changes_nothing(north, auditor):
    done = run(auditor)
    tasks.verify(verification_id=str(done.pk))
    assert [verb for verb, _by, _details in verbs()] == ["begin", "end"]


def test_a_school_out_of_service_is_refused_and_leaves_a_run_in_peace(north, south, auditor):
    made = verifying.begin(by=auditor, now=NOON)
    School.objects.filter(pk=north.pk).update(state=SchoolState.ARCHIVED, archived_at=NOON)
    tasks.verify(verification_id=str(made.pk))
    with in_city():
        assert Verification.objects.get(pk=made.pk).unread == 0
    with pytest.raises(verifying.NotInService, match="不在服务中"):
        verifying.begin(school=north, by=auditor, now=NOON)
