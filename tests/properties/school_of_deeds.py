"""A small school in which every deed has something to do: read by name, and put back as it was after each pair."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from random import random
from time import sleep
from typing import Any, Final

from django.conf import settings
from django.db import connection, connections
from django.test import override_settings
from psycopg import connect

from schools.care.models import Alarm, DutyRole, Incident, LateDeed, Operation
from schools.committee.models import Choice, Office, Subject, Vote
from schools.enrolment.models import ChosenActivity, Placing, Review, Side, Supplement
from schools.enrolment.states import ApplicationState
from schools.notices.models import Delivery, Draft, Notice, NoticeKind
from schools.people import word_actions
from schools.people.models import AdultQuestion, Guardian, Pupil
from schools.people.words import Doubt
from schools.planning.amending import Content
from schools.planning.models import Amendment, Answer, CostKind, CostLine, FeeUnit
from schools.planning.states import PlanState
from schools.staffing.models import Candidate, Check, Origin
from schools.voice.models import Complaint, Invitation, Survey
from tenants import context, provisioning
from tenants.exchange.models import Envelope
from tenants.letterbox.models import ComplaintKind
from tenants.models import District, School
from tenants.policies import ready
from tenants.policies.documents import Policy
from tests import city, databases, makers

NOW: Final = datetime(2026, 10, 12, 8, 0, tzinfo=UTC)
"""16:00 of a Monday in the middle of the term."""
WORDS: Final = Doubt("name", "安康", "安康路校区的开放日")
TODAY, NEXT_WEEK = date(2026, 10, 12), date(2026, 10, 19)
PAST: Final = (
    ("2025-2026-2", date(2026, 2, 20), date(2026, 7, 1)),
    ("2025-2026-1", date(2025, 9, 1), date(2026, 1, 22)),
    ("2024-2025-2", date(2025, 2, 20), date(2025, 7, 1)),
    ("2024-2025-1", date(2024, 9, 1), date(2025, 1, 20)),
)
RULES: Final = "national-2024"
BY_COPY: Final = frozenset(
    {"finance_transfer", "finance_account", "finance_charge", "finance_share", "finance_refund"}
)
"""Rows of the books go in by COPY, which no wrapper of statements sees: whoever moves their end may write them."""
ROSTER: Final = "care_duty"
WRITES: Final = re.compile(r'^\s*(?:INSERT INTO|UPDATE|DELETE FROM) "?(\w+)"?')
LOCKS: Final = re.compile(r'FROM "(\w+)" .* FOR (?:NO KEY )?UPDATE', re.DOTALL)


class World:
    """Rows by the names that the deeds call them by; each thread reads its own objects."""

    def __init__(self, school: School) -> None:
        self.school, self._keys = school, dict[str, tuple[type[Any], Any]]()

    def keep(self, name: str, row: Any) -> Any:
        self._keys[name] = (type(row), row.pk)
        return row

    def the(self, name: str) -> Any:
        """As it stands now."""
        model, pk = self._keys[name]
        return model.objects.get(pk=pk)

    def key(self, name: str) -> Any:
        return self._keys[name][1]

    @property
    def policy(self) -> Policy:
        return Policy.from_document(ready.document(RULES))


@contextmanager
def own_database() -> Iterator[School]:
    """One school in a database of its own, with commits that stay."""
    name = f"test_deeds_{city.os_worker()}"
    before = connections["default"].settings_dict["NAME"]
    databases.drop(name)
    databases.create_installed(name)
    databases.go_to(name)
    try:
        with override_settings(OUTBOX_WAKE="tests.properties.school_of_deeds.nobody_is_woken"):
            provisioning.install()
            district = District.objects.create(code="330102", name="湖滨区", position=1)
            yield provisioning.open_school(
                code=city.NORTH, name="湖滨区第一小学", district=district, stage="primary", kind="urban",
                size_class="small", now=city.NOON,
            )  # fmt: skip
    finally:
        databases.go_to(before)
        databases.drop(name)


def nobody_is_woken(school_id: str) -> None:
    """No worker runs here."""


class Snapshot:
    """The school's tables as they are now. What a deed changes is put back as it was, in one transaction, at the end of
    which the keys between tables hold again. The roster's own keys don't wait that long: it goes first and comes last."""

    def __init__(self, school: School) -> None:
        self.schema = school.schema_name
        self._server = connect(
            f"{settings.DATABASE_URL.rsplit('/', 1)[0]}/{connection.settings_dict['NAME']}", autocommit=True
        )
        self._run("CREATE SCHEMA kept")
        for (table,) in self._run(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = %s", [self.schema]
        ).fetchall():
            self._run(f'CREATE TABLE kept."{table}" AS TABLE "{self.schema}"."{table}"')

    def put_back(self, tables: set[str]) -> None:
        last = {ROSTER} if tables & {ROSTER, "care_session", "staffing_clearance"} else set()
        first = sorted(tables - last)
        parts = [f'DELETE FROM "{self.schema}"."{table}"' for table in (*last, *first)]
        parts += [
            f'INSERT INTO "{self.schema}"."{table}" SELECT * FROM kept."{table}"' for table in (*first, *last)
        ]
        self._run(f"BEGIN; {'; '.join(parts)}; COMMIT")

    def close(self) -> None:
        self._server.close()

    def _run(self, text: str, values: Any = None) -> Any:
        return self._server.execute(text, values)  # type: ignore[call-overload]  # the schema's own names only


@dataclass
class Touched:
    """Tables that a deed writes or locks rows of; `firmly`: so that nobody can point to these rows meanwhile."""

    tables: set[str] = field(default_factory=set)
    firmly: set[str] = field(default_factory=set)

    def note(self, statement: str) -> None:
        found = WRITES.match(statement) or (LOCKS.search(statement) if " UPDATE" in statement else None)
        if found:
            self.tables.add(found[1])
            self.tables |= BY_COPY if found[1] == "finance_books" else set()
            if statement.startswith("DELETE") or " FOR UPDATE" in statement:
                self.firmly.add(found[1])


@contextmanager
def watched(touched: Touched, *, uneven: float = 0) -> Iterator[None]:
    """Note what is written and locked. `uneven` is the longest pause before a statement, in seconds: two who walk in
    step meet in one way only, two who stumble meet in many."""

    def note(execute: Callable[..., Any], statement: Any, params: Any, many: Any, around: Any) -> Any:
        sleep(uneven * random())
        touched.note(str(statement))
        return execute(statement, params, many, around)

    with connection.execute_wrapper(note):
        yield


def build(school: School) -> World:
    """Rows below the actions, as makers has it; the money comes from deeds_of_money."""
    makers.a_term()
    for year in range(2030, 2046):
        makers.a_term(
            code=f"{year}-{year + 1}-1", first_date=date(year, 9, 1), last_date=date(year + 1, 1, 20)
        )
    for code, first, last in PAST:
        makers.a_term(code=code, first_date=first, last_date=last)
    makers.a_policy(ready.document(RULES))
    world = World(school)
    with context.in_school(school):
        for part in (_people, _committee, _notices, _planning, _enrolment, _staffing, _care, _voice):
            part(world)
    return world


def _people(world: World) -> None:
    for role in ("clerk", "principal", "treasurer", "committee_chair"):
        world.keep(role, makers.a_user(role))
    world.keep("class", makers.a_class(grade=1))
    world.keep("other_class", makers.a_class(grade=1))
    for name in ("child", "second_child"):
        a_child(world, name)
    for name in ("gone", "gone_today"):
        world.keep(name, makers.a_pupil(left_date=date(2026, 10, 1)))
    child = world.the("child")
    world.keep("word_question", word_actions.ask(doubts=[WORDS], by=world.the("clerk"), now=NOW)[0])
    world.keep("adult_question", AdultQuestion.objects.create(
        pupil=child, name="韩老师", phone="+8613700008888", relation="other", may_sign=True, by=world.the("clerk"), at=NOW,
    ))  # fmt: skip
    world.keep("collector", makers.a_tie(makers.a_guardian(name="赵奶奶"), child, may_sign=False))
    world.keep("other_tie", makers.a_tie(makers.a_guardian(name="李静"), child))
    world.keep("denied", makers.a_tie(makers.a_guardian(name="王强"), child, is_denied=True, denied_reason="法院裁定",
               may_sign=False, may_collect=False))  # fmt: skip
    asked_about = makers.a_tie(makers.a_guardian(name="赵刚"), child, is_denied=True, denied_reason="法院裁定",
                               may_sign=False, may_collect=False)  # fmt: skip
    world.keep("lifting", AdultQuestion.objects.create(
        pupil=child, tie=asked_about, name="赵刚", phone=asked_about.guardian.phone, relation="other", why="法院撤销",
        by=world.the("clerk"), at=NOW,
    ))  # fmt: skip


def a_child(world: World, name: str) -> Pupil:
    """`name` with its guardian `name`_guardian and the login `name`_parent."""
    user = world.keep(f"{name}_parent", makers.a_user("guardian"))
    pupil = world.keep(name, makers.a_pupil(school_class=world.the("class")))
    world.keep(f"{name}_guardian", makers.a_guardian(pupil, user=user))
    return pupil


def _committee(world: World) -> None:
    committee = world.keep("committee", makers.a_committee())
    for name, office in (("seat", Office.CHAIR), ("expired", Office.MEMBER)):
        a_child(world, f"{name}_child")
        more = {"until_date": date(2026, 10, 1)} if name == "expired" else {}
        guardian = world.the(f"{name}_child_guardian")
        world.keep(name, makers.a_seat(committee, office, guardian=guardian, **more))
    makers.Seat.objects.filter(pk=world.key("seat")).update(from_date=date(2026, 9, 2))
    world.keep(
        "vote_on_rules", makers.a_passed_resolution(Subject.RULES, state="open", closed_at=None, title="制度")
    )


def an_open_vote(world: World, name: str, subject: Subject, object_id: Any) -> None:
    """With the one vote that carries it."""
    found = world.keep(
        name, makers.a_passed_resolution(subject, object_id=object_id, state="open", closed_at=None)
    )
    Vote.objects.create(resolution=found, seat=world.the("seat"), choice=Choice.YES, at=NOW)


def _notices(world: World) -> None:
    for name in ("draft", "second_draft"):
        world.keep(name, Draft.objects.create(
            kind=NoticeKind.LETTER, title="告家长书", body="请查收。", by=world.the("clerk"), written_at=NOW
        ))  # fmt: skip
    notice = Notice.objects.create(
        kind=NoticeKind.LETTER, title="通知", body="请查收。", body_sha256="0" * 64, published_at=NOW
    )
    guardian = world.the("child_guardian")
    world.keep("delivery", Delivery.objects.create(notice=notice, guardian=guardian, sent_at=NOW))


def _planning(world: World) -> None:
    term = "2030-2031-1"
    world.keep("draft_consultation", makers.a_consultation(
        term_code="2031-2032-1", state="draft", closed_at=None, opened_at=None, closes_at=NOW + timedelta(days=9),
        asked=0, yes=0, no=0, undecided=0,
    ))  # fmt: skip
    for name, code, ends in (("open_consultation", "2032-2033-1", 9), ("over_consultation", term, -1)):
        world.keep(name, makers.a_consultation(
            term_code=code, state="open", closed_at=None, closes_at=NOW + timedelta(days=ends), asked=0, yes=0, no=0,
            undecided=0,
        ))  # fmt: skip
    closed = world.keep("closed_consultation", makers.a_consultation(term_code="2033-2034-1"))
    Answer.objects.create(consultation=closed, pupil=world.the("child"), wish="yes", channel="paper",
                          school_class=world.the("child").school_class,
                          keyed_by=world.the("clerk"), at=NOW)  # fmt: skip
    for version, state in enumerate((*PlanState, "voted", "empty"), start=1):
        if state in (PlanState.PUBLISHED, PlanState.ENDED):
            continue
        known = state in set(PlanState)
        a_plan(world, f"{state}_plan", term, version, state=state if known else PlanState.DRAFT)
    a_plan(world, "over_plan", "2025-2026-2", 1, state=PlanState.PUBLISHED, first_date=date(2026, 2, 20),
           last_date=date(2026, 7, 1))  # fmt: skip
    for day in range(2, 6):  # a whole week, as the policy asks for before a vote
        makers.an_activity(world.the("draft_plan"), weekday=day, ends=time(18))
    an_open_vote(world, "vote_on_plan", Subject.PLAN, world.key("voted_plan"))
    world.keep(
        "plan", makers.a_plan(consultation=makers.a_consultation(), fee_unit=FeeUnit.MONTH, fee_fen=13000)
    )
    _amendments(world)
    world.keep("activity", makers.an_activity(world.the("plan"), capacity=30))
    world.keep("second_activity", makers.an_activity(world.the("plan"), capacity=1))
    world.keep("third_activity", makers.an_activity(world.the("plan"), capacity=30, starts=time(17, 30),
               ends=time(18, 10)))  # fmt: skip


def _amendments(world: World) -> None:
    """Of plans of their own: one change at a time, each in another state."""
    for number, state in enumerate(("draft", "resolved", "filed", "returned", "accepted"), start=2):
        plan = makers.a_plan(
            consultation=makers.Consultation.objects.get(term_code="2033-2034-1"),
            term_code=f"{2039 + number}-{2040 + number}-1", fee_unit=FeeUnit.MONTH,
            first_date=date(2026, 9, 1), last_date=date(2027, 1, 20),
        )  # fmt: skip
        world.keep(f"{state}_amended", makers.an_activity(plan, capacity=30, ends=time(18)))
        for day in range(2, 6):
            makers.an_activity(plan, weekday=day, ends=time(18))
        line = CostLine.objects.create(plan=plan, kind=CostKind.STAFF, title="报酬", amount_fen=900)
        content = Content.of(plan)
        after = replace(content, participants=content.participants + 9).kept()
        row = Amendment(plan=plan, version=2, state=state, reason="增加人数", before=content.kept(), after=after,
                        created_at=NOW)  # fmt: skip
        passed = makers.a_passed_resolution(Subject.PLAN, object_id=row.pk)
        envelope = Envelope.objects.create(
            kind="plan_filing", direction="up", school_id=world.school.pk, subject="变更", payload={},
            payload_sha256="0" * 64, sent_at=NOW, state="answered", answer="accepted", answered_at=NOW,
        )  # fmt: skip
        row.resolution_id, row.filing_id = passed.pk, envelope.pk
        row.save()
        world.keep(f"{state}_amendment", row)
        world.keep(f"{state}_amendment_filing", envelope)
        world.keep(f"{state}_amendment_cost", line)


def a_plan(world: World, name: str, term: str, version: int, **more: Any) -> None:
    """With an activity, a cost line and, where it is further than a draft, the resolution that carried it."""
    given = {"first_date": date(2030, 9, 1), "last_date": date(2031, 1, 20), **more}
    plan = world.keep(
        name,
        makers.a_plan(
            consultation=makers.Consultation.objects.get(term_code="2033-2034-1"),
            term_code=term,
            version=version,
            **given,
        ),
    )
    world.keep(f"{name}_activity", makers.an_activity(plan, title="阅读", ends=time(18)))
    world.keep(
        f"{name}_cost", CostLine.objects.create(plan=plan, kind=CostKind.STAFF, title="报酬", amount_fen=900)
    )
    passed = makers.a_passed_resolution(Subject.PLAN, object_id=plan.pk)
    envelope = Envelope.objects.create(
        kind="plan_filing", direction="up", school_id=world.school.pk, subject="方案", payload={}, payload_sha256="0" * 64,
        sent_at=NOW, state="answered", answer="accepted", answered_at=NOW,
    )  # fmt: skip
    world.keep(f"{name}_filing", envelope)
    plan.resolution_id, plan.filing_id = passed.pk, envelope.pk
    plan.save()


def _enrolment(world: World) -> None:
    for name in ("new", "submitted", "half", "waiting", "partly", "leaving", "leaver"):
        a_child(world, f"{name}_child")
    for name in ("submitted", "half", "waiting"):
        an_application(world, name)
    Review.objects.create(
        application=world.the("half"), side=Side.SCHOOL, is_approval=True, by=world.the("principal"), at=NOW
    )
    for side in Side:
        Review.objects.create(
            application=world.the("waiting"), side=side, is_approval=True, at=NOW,
            by=world.the("principal" if side == Side.SCHOOL else "committee_chair"),
        )  # fmt: skip
    makers.Application.objects.filter(pk=world.key("waiting")).update(
        state=ApplicationState.WAITING, waiting_since=NOW
    )
    for name in ("leaving", "leaver"):
        an_agreement(
            world, name, world.the(f"{name}_child"), "second_activity" if name == "leaving" else "activity"
        )
    Pupil.objects.filter(pk=world.key("leaver_child")).update(left_date=date(2026, 10, 5))
    partly = an_agreement(world, "partly", world.the("partly_child"), "third_activity").application
    partly.placing, partly.submitted_at = Placing.EACH, NOW + timedelta(minutes=1)  # behind who waits for all
    partly.save()
    world.keep("partly", partly)
    ChosenActivity.objects.create(application=partly, activity=world.the("second_activity"))
    a_child(world, "further_child")
    a_supplement(world, an_agreement(world, "further", world.the("further_child")).application)


def a_supplement(world: World, application: Any) -> None:
    """That the school has said yes to, for an activity beside the one that the child has."""
    row = world.keep("supplement", Supplement.objects.create(
        number=f"B{makers.number():06d}", application=application, guardian=application.guardian, text="补充申请表",
        text_sha256=makers.digest("补充申请表"), signature="M 1 1 L 9 9", device="d" * 64, submitted_at=NOW,
    ))  # fmt: skip
    ChosenActivity.objects.create(
        application=application, supplement=row, activity=world.the("third_activity")
    )
    Review.objects.create(
        application=application, supplement=row, side=Side.SCHOOL, is_approval=True, by=world.the("principal"), at=NOW
    )  # fmt: skip


def an_application(world: World, name: str) -> None:
    child = world.the(f"{name}_child")
    row = world.keep(name, makers.Application.objects.create(
        number=f"A{makers.number():06d}", plan=world.the("plan"), pupil=child,
        guardian=Guardian.objects.get(ties__pupil=child), text="申请表", text_sha256=makers.digest("申请表"),
        signature="M 1 1 L 9 9", device="d" * 64, submitted_at=NOW,
    ))  # fmt: skip
    wanted = "second_activity" if name == "waiting" else "activity"
    ChosenActivity.objects.create(application=row, activity=world.the(wanted))


def an_agreement(world: World, name: str, pupil: Pupil, activity: str = "activity", **more: Any) -> Any:
    """With a place that is counted."""
    guardian = Guardian.objects.get(ties__pupil=pupil)
    found = world.keep(
        f"{name}_agreement", makers.an_agreement(pupil, plan=world.the("plan"), guardian=guardian, **more)
    )
    held = world.the(activity)
    makers.a_place(found, held)
    held.taken += 1
    held.save()
    return found


def _staffing(world: World) -> None:
    for name in ("proposed", "approved", "voted"):
        state = "approved" if name == "approved" else "proposed"
        person = world.keep(f"{name}_person", Candidate.objects.create(
            name="陈静", phone=f"+86137{makers.number():08d}", origin=Origin.SCHOOL, state=state, proposed_at=NOW,
            resolution_id=makers.a_passed_resolution(Subject.HIRE).pk if state == "approved" else None,
        ))  # fmt: skip
        if name == "voted":
            an_open_vote(world, "vote_on_person", Subject.HIRE, person.pk)
        else:
            makers.a_passed_resolution(Subject.HIRE, object_id=person.pk)
    for name in ("teacher", "second_teacher", "third_teacher"):
        user = world.keep(name, makers.a_user("care_staff"))
        contract = world.keep(f"{name}_contract", makers.a_contract(user=user))
        for kind in ("identity", "qualification", "health", "criminal_record"):
            Check.objects.create(
                candidate=contract.candidate, kind=kind, passed=True, checked_date=date(2026, 8, 20),
                expires_date=date(2027, 8, 1), document_number="1", consent_at=NOW, by=user, recorded_at=NOW,
            )  # fmt: skip
    world.keep("over_contract", makers.a_contract(until_date=date(2026, 9, 30)))


def _care(world: World) -> None:
    activity, contract = world.the("activity"), world.the("teacher_contract")
    planned = world.keep("planned_session", makers.a_session(activity, day=TODAY, contract=contract))
    world.keep("duty", planned.duties.get())
    later = world.keep(
        "later_session",
        makers.a_session(activity, day=NEXT_WEEK, contract=world.the("second_teacher_contract")),
    )
    world.keep("later_duty", later.duties.get())
    off = world.keep("called_off_session", makers.a_session(activity, day=date(2026, 10, 27)))
    makers.Session.objects.filter(pk=off.pk).update(state="cancelled", cancel_reason="台风", cancelled_at=NOW)
    world.keep("empty_session", makers.a_session(activity, day=date(2026, 10, 26)))
    third = world.the("third_activity")
    for name in ("open_session", "done_session", "old_session"):
        day = date(2026, 10, 5) if name == "old_session" else TODAY
        if name == "done_session":
            third = makers.an_activity(world.the("plan"), starts=time(18, 20), ends=time(19, 0))
        world.keep(name, makers.a_session(third, day=day, contract=contract, state="open", opened_at=NOW))
    for name, state in (
        ("expected", "expected"),
        ("present", "present"),
        ("alone", "present"),
        ("done", "left"),
    ):
        child = a_child(world, f"{name}_child")
        agreement = an_agreement(world, name, child, "third_activity", goes_home_alone=name == "alone")
        times = {"arrived_at": NOW} if state != "expected" else {}
        if name == "done":
            times["left_at"] = NOW
        session = world.the("done_session" if name == "done" else "open_session")
        makers.a_roll_entry(session, agreement, state=state, **times)
    signer = Guardian.objects.get(ties__pupil=world.the("alone_child"))
    signer.user = world.keep("alone_parent", makers.a_user("guardian"))
    signer.save()
    makers.a_roll_entry(
        world.the("done_session"), world.the("present_agreement"), state="absent"
    )  # it may come later
    makers.Session.objects.filter(pk=world.key("done_session")).update(unaccounted=0)
    makers.a_roll_entry(world.the("old_session"), world.the("expected_agreement"))
    unopened = makers.an_activity(world.the("plan"), starts=time(15, 20), ends=time(15, 50))
    world.keep("unopened_session", makers.a_session(unopened, day=date(2026, 10, 5), contract=contract))
    sent = Operation.objects.create(
        kind="present", payload_sha256="0" * 64, result="refused", reason="care.session_not_open",
        by=world.the("teacher"), said_at=NOW, received_at=NOW,
    )  # fmt: skip
    LateDeed.objects.create(operation=sent, session=world.the("old_session"))
    world.keep("alarm", Alarm.objects.create(
        kind="missing", session=world.the("old_session"), at=NOW, told_at=NOW, level_at=NOW,
    ))  # fmt: skip
    world.keep("incident", Incident.objects.create(
        session=world.the("open_session"), summary="擦伤", happened_at=NOW, by=world.the("teacher")
    ))  # fmt: skip
    world.keep("room", makers.a_room())
    world.keep("free_room", makers.a_room(places=400))
    leader = makers.a_duty(
        world.the("empty_session"), world.the("third_teacher_contract"), role=DutyRole.LEADER
    )
    world.keep("leader_duty", leader)


def _voice(world: World) -> None:
    for name, closes in (("survey", 9), ("over_survey", -1)):
        contract = world.the("second_teacher_contract" if name == "survey" else "third_teacher_contract")
        survey = world.keep(name, Survey.objects.create(
            term_code=makers.TERM, contract=contract, opened_at=NOW - timedelta(days=9),
            closes_at=NOW + timedelta(days=closes), invited=1,
        ))  # fmt: skip
        invitation = Invitation.objects.create(survey=survey, guardian=world.the("child_guardian"))
        world.keep(f"{name}_invitation", invitation)
    for name, state in (
        ("complaint", "open"),
        ("answered_complaint", "answered"),
        ("late_complaint", "open"),
    ):
        answer = {"answer": "已处理", "answered_at": NOW} if state == "answered" else {}
        due = NOW - timedelta(days=1) if name == "late_complaint" else NOW + timedelta(days=9)
        world.keep(name, Complaint.objects.create(
            number=f"T{makers.number():06d}", term_code=makers.TERM, kind=ComplaintKind.FEE, addressee="school",
            guardian=world.the("child_guardian"), text="请说明", state=state, due_at=due,
            submitted_at=NOW - timedelta(days=9), **answer,
        ))  # fmt: skip
