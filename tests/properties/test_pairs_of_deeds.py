"""Any two deeds of a school at the same moment: each is done or refused in words, and what can be verified holds.

Two deeds that write no table in common, and hold nothing firmly that the other's rows point to, can't meet; they are
left out.
"""

import importlib
import inspect
import pkgutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import combinations_with_replacement

import pytest
from django.db import connection, transaction

import schools
from afterbell.audit import queries as audit
from afterbell.kernel.errors import Refused
from oversight.facts import actions as facts
from schools.finance import promises
from tenants import context
from tests.breadth import todays
from tests.properties import deeds_of_money, school_of_deeds
from tests.properties.deeds import DEEDS, name_of
from tests.properties.school_of_deeds import NOW, Snapshot, Touched, World, watched
from tests.undone import undone

EXCEPTIONS = {
    "schools.care.room_actions.refuse_unfit": "writes nothing",
    "schools.committee.actions.digest": "writes nothing",
    "schools.care.actions.cancel_after": "only within end_service",
    "schools.care.alarm_actions.outdated": "only within the roll's deeds",
    "schools.care.alarm_actions.of_incident": "only within report_incident",
    "schools.care.alarm_actions.sent_and_not_there": "only within the roll's deeds",
    "schools.notices.dispatch_actions.prepare": "only within publish",
    "schools.care.room_actions.fit_for": "only within make_sessions",
    "schools.care.duty_actions.release": "only within dismiss and record_check, under the person's lock",
    "schools.care.roll_actions.do": "any of the deeds above it, by its kind",
    "schools.people.account_actions.ended": "only within deactivate_user",
    "schools.people.account_actions.opened": "only within reactivate_user",
    "schools.people.adult_actions.refuse_anothers": "writes nothing",
    "schools.people.adult_actions.tie_adult": "only within the deeds that add an adult",
    "schools.people.adult_actions.widen_rights": "only within answer",
    "schools.people.lifting_actions.lift": "only within answer",
    "schools.people.staff_actions.add_or_ask": "ask_guardians or add_adult",
    "schools.people.staff_actions.change_or_ask": "ask_guardians or change_rights",
    "schools.planning.amendment_actions.locked_draft": "writes nothing",
    "schools.planning.consultation_actions.refuse_asked": "writes nothing",
    "schools.planning.consultation_actions.refuse_not_running": "writes nothing",
    "schools.people.correction_actions.number_changed": "only within accept_number",
    "schools.people.word_actions.wrote": "writes nothing",
    "schools.people.word_actions.ask_about_text": "ask, for each sentence under its writer",
    "schools.committee.actions.follow_seats": "only within the seats' own deeds",
    "schools.enrolment.actions.check_activities": "writes nothing",
    "schools.enrolment.actions.check_gates": "writes nothing",
    "schools.enrolment.actions.signing_guardian": "writes nothing",
    "schools.finance.actions.exit_corrections.exit_corrected": "only within correct_exit",
    "schools.finance.actions.closed.refuse_settled": "writes nothing",
    "schools.finance.actions.calculations.after_exit": "only within an exit",
    "schools.finance.actions.calculations.after_exits": "only within charge_period",
    "schools.finance.actions.calculations.credit": "writes nothing",
    "schools.finance.actions.calculations.refund_absences_of_all": "refund_absences of each plan",
    "schools.finance.actions.added_hours.charge_more": "only within charge_period",
    "schools.finance.actions.added_hours.follow": "only within charge_period and take_back",
    "schools.finance.actions.added_hours.take_off": "only within take_back",
    "schools.finance.actions.added_hours.held": "writes nothing",
    "schools.finance.actions.adjusting.exit_made_anew": "writes nothing",
    "schools.finance.actions.differences.coming": "writes nothing",
    "schools.finance.actions.differences.exits": "writes nothing",
    "schools.finance.actions.differences.change_of": "writes nothing",
    "schools.finance.actions.differences.carry_out": "only within what follows a waiver, a run or an exit",
    "schools.finance.actions.run_holders.held": "writes nothing",
    "schools.finance.actions.run_holders.holders": "writes nothing",
    "schools.finance.actions.months.to_close": "writes nothing",
    "schools.finance.actions.payments.is_known": "writes nothing",
    "schools.finance.actions.payments.refuse_impossible": "writes nothing",
    "schools.finance.actions.refunds.digest": "writes nothing",
    "schools.finance.actions.refunds.refuse_sent_since": "writes nothing",
    "schools.planning.actions.end_plan_early": "only within end_service",
    "schools.finance.actions.adjusting.follow": "only within the waivers' own deeds",
    "schools.finance.actions.differences.draft_own": "only within correct_exit and take_back",
    "schools.finance.actions.adjusting.follow_later": "only within correct_exit",
    "schools.finance.actions.undone_with.undo_with": "only within take_back",
    "schools.finance.actions.refunds_of_exits.void_open": "only within correct_exit and charge_period",
    "schools.finance.actions.refunds_of_exits.void": "only within void_open and reverse_transfer",
    "schools.finance.actions.drafts_anew.follow": "only within reverse_transfer and withdraw_waiver",
    "schools.finance.actions.drafts_anew.of_payment": "writes nothing",
    "schools.finance.actions.drafts_anew.of_waiver": "writes nothing",
    "schools.finance.actions.undone_with.take_off_all": "only within take_back_doubled",
    "schools.finance.actions.calculations.draft_refund": "only within calculations and what follows them",
    "schools.finance.actions.settlement.resolution_closed": "only within close_resolution",
    "schools.planning.actions.resolution_closed": "only within close_resolution",
    "schools.planning.amendment_actions.resolution_closed": "only within close_resolution",
    "schools.planning.consultation_actions.refuse_ended_term": "writes nothing",
    "schools.staffing.actions.resolution_closed": "only within close_resolution",
    "schools.staffing.clearance_actions.locked_contract": "writes nothing",
}
SAME, MORE, NOTHING = "says the same once more", "makes another one", "finds nothing left to do"
AGAIN = {
    "schools.care.room_actions.keep_room (changed)": SAME,
    "schools.care.actions.make_sessions": NOTHING,
    "schools.care.duty_actions.assign_series": NOTHING,
    "schools.care.duty_actions.substitute": "takes over from who is there now, whoever that is",
    "schools.care.incident_actions.report_incident": MORE,
    "schools.care.operations.apply": "answers each operation with what became of it",
    "schools.care.operations.apply (another phone)": "answers each operation with what became of it",
    "schools.care.alarm_actions.denied": "gives the one that waits",
    "schools.care.alarm_actions.escalate": NOTHING,
    "schools.care.alarm_actions.missing": "gives the one that waits",
    "schools.care.alarm_actions.notice_missing": NOTHING,
    "schools.care.alarm_actions.see": NOTHING,
    "schools.notices.dispatch_actions.send_due": NOTHING,
    "schools.care.roll_actions.see_late": NOTHING,
    "schools.committee.actions.end_expired": NOTHING,
    "schools.committee.actions.found_committee": "gives the one that is there",
    "schools.enrolment.actions.end_leavers": NOTHING,
    "schools.notices.actions.acknowledge": NOTHING,
    "schools.notices.actions.publish": MORE,
    "schools.notices.actions.read_news": NOTHING,
    "schools.notices.actions.write_draft": MORE,
    "schools.people.word_actions.ask": "gives the one that is there",
    "schools.people.word_actions.answer": SAME,
    "schools.people.word_actions.answer (the other way)": SAME,
    "schools.planning.actions.ask_about_words": NOTHING,
    "schools.planning.amendment_actions.add_cost": MORE,
    "schools.planning.amendment_actions.ask_about_words": NOTHING,
    "schools.planning.amendment_actions.change_numbers": SAME,
    "schools.planning.amendment_actions.take_out": NOTHING,
    "schools.planning.consultation_actions.answer": SAME,
    "schools.planning.consultation_actions.change_consultation": SAME,
    "schools.planning.consultation_actions.key_paper_answers": SAME,
    "schools.planning.drafting.add_cost_line": MORE,
    "schools.planning.drafting.change_plan": SAME,
    "schools.planning.drafting.remove_activity": NOTHING,
    "schools.planning.drafting.remove_cost_line": NOTHING,
    "schools.staffing.clearance_actions.clear": SAME,
    "schools.voice.complaint_actions.complain": "gives the one with this key",
    "schools.voice.complaint_actions.escalate_overdue": NOTHING,
    "schools.voice.survey_actions.close_due": NOTHING,
    **deeds_of_money.AGAIN,
}
"""Deeds that may be done again with what was read before."""
COMMON = frozenset({"audit_entry", "audit_head", "audit_seal", "outbox_mark"})
"""Written by every deed; the end of the audit chain is taken last by everybody, a seal only beside its own row."""
KEYS = """
SELECT child.relname, parent.relname FROM pg_constraint
JOIN pg_class AS child ON child.oid = conrelid JOIN pg_class AS parent ON parent.oid = confrelid
WHERE contype = 'f' AND connamespace = %s::regnamespace
"""


@dataclass
class Stage:
    """The school with its snapshot, what each deed touches alone, and two people who act at once."""

    world: World
    snapshot: Snapshot
    touched: dict[str, Touched] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    """Of a deed that was done alone."""
    points_to: dict[str, set[str]] = field(default_factory=dict)

    def may_meet(self, one: str, other: str) -> bool:
        """They write one table, or one holds firmly what the other's rows point to."""
        mine, yours = self.touched[one], self.touched[other]
        return bool(
            mine.tables & yours.tables - COMMON
            or mine.firmly & self._seen(yours.tables)
            or yours.firmly & self._seen(mine.tables)
        )

    def _seen(self, tables: set[str]) -> set[str]:
        return {parent for table in tables for parent in self.points_to.get(table, ())}


@pytest.fixture(scope="module")
def stage(django_db_setup, django_db_blocker) -> Iterator[Stage]:
    with django_db_blocker.unblock(), school_of_deeds.own_database() as school:
        world = school_of_deeds.build(school)
        deeds_of_money.build(world)
        made = Stage(world, Snapshot(school))
        with context.as_owner(school.schema_name), connection.cursor() as cursor:
            cursor.execute(KEYS, [school.schema_name])
            for child, parent in cursor.fetchall():
                made.points_to.setdefault(child, set()).add(parent)
        for name in DEEDS:
            made.touched[name] = touched = Touched()
            with context.in_school(school), watched(touched):
                try:
                    act = DEEDS[name](world)
                    with transaction.atomic():
                        act()
                    made.faults[name] = _broken(made, name, name) or ""
                except Exception as error:  # noqa: BLE001  (told by the test that asks for it)
                    made.faults[name] = f"{type(error).__name__}: {error}"
            made.snapshot.put_back(touched.tables)
        yield made
        made.snapshot.close()


def test_every_writing_action_of_a_school_is_a_deed_or_an_exception():
    known = {name.split(" (")[0] for name in DEEDS} | EXCEPTIONS.keys()
    there = set(actions_of_the_rooms())
    assert there - known == set()
    assert EXCEPTIONS.keys() - there == set()


def actions_of_the_rooms() -> Iterator[str]:
    for found in pkgutil.walk_packages(schools.__path__, "schools."):
        parts = found.name.split(".")
        if not any(part == "actions" or part.endswith("_actions") for part in parts):
            continue
        module = importlib.import_module(found.name)
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if not name.startswith("_") and inspect.unwrap(function).__module__ == found.name:
                yield name_of(function)


def test_alone_each_deed_is_done_and_what_can_be_verified_holds(stage):
    """Otherwise the pairs would prove nothing: where one of two is refused, the other did what it does alone."""
    assert {name: fault for name, fault in stage.faults.items() if fault} == {}


def test_no_deed_forgets_to_mark_what_it_changes(stage, settings):
    """Once the marks are taken, what is kept of the school is what a recomputation gives (S40)."""
    settings.WATCH_LOCKS, settings.AFTER_ROLL_UP = False, []  # all of it in one transaction, and undone
    school, forgotten = stage.world.school, {}
    with undone():
        facts.recompute(school=school, now=NOW)
        facts.drain(school=school, now=NOW)  # what the building marked would hide what a deed forgets
        for name, prepare in todays(DEEDS.items(), parts=3):
            with undone():
                with context.in_school(school):
                    prepare(stage.world)()
                facts.drain(school=school, now=NOW)
                if drift := facts.drift(school=school, now=NOW):
                    forgotten[name] = drift
    assert forgotten == {}


def test_what_was_read_before_decides_nothing(stage):
    """Each deed once more with objects that were read before it was done: refused, or a deed that may be done again."""
    again = set()
    for name, prepare in DEEDS.items():
        touched = Touched()
        with context.in_school(stage.world.school), watched(touched):
            first, second = prepare(stage.world), prepare(stage.world)
            _do(first)
            with suppress(Refused):
                _do(second)
                again.add(name)
        stage.snapshot.put_back(touched.tables)
    assert again == AGAIN.keys()


def test_any_two_deeds_at_once(stage):
    meeting = (pair for pair in combinations_with_replacement(DEEDS, 2) if stage.may_meet(*pair))
    pairs = todays(meeting, parts=3)
    broken = []
    with ThreadPoolExecutor(2) as people:
        for one, other in pairs:
            errors, written, done = _at_once(stage, one, other, people)
            found = errors or (_broken(stage, one, other) if done == 2 else None)
            stage.snapshot.put_back(written)
            if found:
                broken.append(f"{one} + {other}: {found}")
        for _person in range(2):
            people.submit(_leave).result()
    assert broken == []


def _at_once(
    stage: Stage, one: str, other: str, people: ThreadPoolExecutor
) -> tuple[list[str], set[str], int]:
    """What reached a person, the tables that were written, and how many of the two were done.

    One that is refused leaves nothing: what the other did alone is looked at once, by itself.
    """
    errors: list[str] = []
    written: set[str] = set()
    done: list[str] = []
    start = threading.Barrier(2, timeout=30)

    def does(name: str) -> None:
        touched = Touched()
        try:
            with context.in_school(stage.world.school), watched(touched, uneven=0.001):
                act = DEEDS[name](stage.world)
                start.wait()
                _do(act)
                done.append(name)
        except Refused:
            pass
        except Exception as error:  # noqa: BLE001  (whatever reaches a person is what this test is about)
            errors.append(f"{type(error).__name__}: {error} ({name})")
        finally:
            written.update(touched.tables)

    for person in [people.submit(does, name) for name in (one, other)]:
        person.result(60)
    return errors, written, len(done)


def _do(act: Callable[[], object]) -> None:
    """As a request: one transaction."""
    with transaction.atomic():
        act()


def _broken(stage: Stage, one: str, other: str) -> str | None:
    with context.in_school(stage.world.school):
        found = audit.broken_promise()
        tables = stage.touched[one].tables | stage.touched[other].tables
        is_money = any(table.startswith("finance") for table in tables)
        return found or (promises.broken_promise() if is_money else None)


def _leave() -> None:
    connection.close()
